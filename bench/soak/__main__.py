"""`make soak`: a hundred million keys, killed every minute, through three outages; writes docs/endurance.md anew."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from bench.soak.shape import Shape
from bench.soak.story import soak


def main() -> None:
    given = _arguments()
    shape = Shape(given.keys, minutes=given.minutes, kill_every_s=given.kill_every)
    with tempfile.TemporaryDirectory(prefix="s3-soak-") as home:
        result = soak(shape, Path(home), lambda line: print(f"soak: {line}", flush=True))
    print(json.dumps(result._asdict(), default=str)[:2000])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="soak", description="Copy computed keys for long, killed again and again.")
    parser.add_argument("--keys", type=int, default=100_000_000, help="how many (default: 100,000,000)")
    parser.add_argument("--minutes", type=float, default=180, help="give up after so long (default: 180)")
    parser.add_argument("--kill-every", type=float, default=60, help="seconds between two kills (default: 60)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
