"""Random runs for as long as is said: `python -m tests.soak [--minutes 60] [--from-seed 200]`, for `make soak`."""

from __future__ import annotations

import argparse
import sys
import time

from tests.soak.random_run import random_run
from tests.soak.test_random_runs import SEEDS


def main() -> int:
    parser = argparse.ArgumentParser(description="Random runs, one seed after the other.")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--from-seed", type=int, default=SEEDS)
    given = parser.parse_args()
    until = time.monotonic() + given.minutes * 60
    seed, failed = given.from_seed, 0
    while time.monotonic() < until:
        try:
            random_run(seed)
        except Exception as error:  # noqa: BLE001 - the others shall run too
            failed += 1
            sys.stderr.write(f"random runs: seed {seed}: {type(error).__name__}: {error}\n")
        seed += 1
    sys.stdout.write(f"random runs: {seed - given.from_seed:,} from seed {given.from_seed}, {failed} failed\n")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
