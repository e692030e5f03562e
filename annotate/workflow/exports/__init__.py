"""What was labelled becomes files for trainers."""
