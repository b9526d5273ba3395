"""`python -m s3_crosscopy.cli`: the command where its script is not on the PATH."""

import sys

from s3_crosscopy.cli.main import main

sys.exit(main())
