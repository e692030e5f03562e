"""`python -m app.cli` is `coannotate`."""

import sys

from app.cli import main

sys.exit(main())
