"""The command line as it is, in a process to be killed: `python -m bench.soak.copy_process SAVE_EVERY_S copy ...`."""

from __future__ import annotations

import sys

from s3_crosscopy.cli.main import main
from s3_crosscopy.engine import checkpointer as saving

if __name__ == "__main__":
    # A short soak is over before the ten seconds between two saves are.
    saving.EVERY_S = float(sys.argv[1])
    sys.exit(main(sys.argv[2:]))
