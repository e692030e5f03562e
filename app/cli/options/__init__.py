"""What each command takes, as `--help` tells it."""
