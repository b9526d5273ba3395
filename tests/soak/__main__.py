"""Random runs for as long as is said, random mirrors, random histories: `python -m tests.soak [--minutes 60]`."""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections import Counter

from tests.soak.random_mirror import random_mirror
from tests.soak.random_run import random_run
from tests.soak.random_since import random_since
from tests.soak.test_random_mirrors import SEEDS as MIRRORS
from tests.soak.test_random_runs import SEEDS
from tests.soak.test_random_since import STEPS

COUNTS = ("deleted", "undone", "kills", "attempts", "raced", "passed")


def random_mirrors(first: int, number: int) -> int:
    """Run so many random mirrors; returns how many failed."""
    failed, counts = 0, Counter[str]()
    for seed in range(first, first + number):
        try:
            mirror = random_mirror(seed)
            counts.update({name: getattr(mirror, name) for name in COUNTS})
        except Exception as error:  # noqa: BLE001 - the others shall run too
            failed += 1
            sys.stderr.write(f"random mirrors: {type(error).__name__}: {error}\n")
    numbers = ", ".join(f"{counts[name]:,} {name}" for name in COUNTS)
    sys.stdout.write(f"random mirrors: {number:,} from seed {first}, {failed} failed; {numbers}\n")
    return failed


def random_histories(steps: int) -> int:
    """Run random histories of so many steps behind those of the test; returns how many failed."""
    failed = 0
    for seed, since in itertools.product(range(1, 1 + -(-steps // STEPS // 2)), ("last_success", "key")):
        try:
            random_since(seed, since, STEPS)
        except Exception as error:  # noqa: BLE001 - the others shall run too
            failed += 1
            sys.stderr.write(f"random histories: seed {seed}, {since}: {type(error).__name__}: {error}\n")
    sys.stdout.write(f"random histories: {steps:,} steps, {failed} failed\n")
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(description="Random runs, one seed after the other.")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--from-seed", type=int, default=SEEDS)
    parser.add_argument("--mirrors", type=int, default=100_000)
    parser.add_argument("--from-mirror", type=int, default=MIRRORS)
    parser.add_argument("--since-steps", type=int, default=10_000)
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
    failed += random_mirrors(given.from_mirror, given.mirrors)
    failed += random_histories(given.since_steps)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
