"""Runs the command as `python -m s3_crosscopy`, for where its script is not on the PATH."""

import sys

from s3_crosscopy.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
