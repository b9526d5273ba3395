"""Runs the command as `python -m s3_crosscopy.cli`, for where its script is not on the PATH."""

import sys

from s3_crosscopy.cli.main import main

sys.exit(main())
