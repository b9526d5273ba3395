"""`make soak`: a hundred million keys, killed every minute, through three outages; writes docs/endurance.md anew."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import signal
import tempfile
from pathlib import Path

from bench import machine
from bench.soak.judge import broken
from bench.soak.results_page import PICTURE, block, picture, put_in
from bench.soak.run_shape import Shape
from bench.soak.script import Result, soak

ROOT = Path(__file__).parents[2]
KEPT, DOCS, TRIED = ROOT / "bench" / "results" / "soak.json", ROOT / "docs", ROOT / ".bench"
MOST_SAMPLES = 2000


def main() -> None:
    given = _arguments()
    if len(os.sched_getaffinity(0)) < 2:
        raise SystemExit("soak: needs two cores, one for the client and one for the server")
    # Ended by another, it ends its processes too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    shape = Shape(
        given.keys, minutes=given.minutes, kill_every_s=given.kill_every, outage_s=given.outage,
        sts_outage_s=given.sts_outage, store_outage_s=given.store_outage,
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="s3-soak-") as home:
        result = soak(shape, Path(home), lambda line: print(f"soak: {line}", flush=True))
    _keep(result, kept=not given.try_out)
    wrong = broken(result)
    print("\n".join(["", *(f"soak: {line}" for line in wrong), f"soak: {len(wrong)} bounds did not hold"]))
    raise SystemExit(bool(wrong))


def _keep(result: Result, *, kept: bool) -> None:
    """As JSON, and on the page; of a try-out only the JSON, elsewhere."""
    date = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    step = max(1, len(result.samples) // MOST_SAMPLES)
    plain = {name: getattr(value, "_asdict", lambda value=value: value)() for name, value in result._asdict().items()}
    raw = {"date": date, "machine": machine.facts(), **plain, "samples": result.samples[::step]}
    place = KEPT if kept else TRIED / "soak.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(raw) + "\n", encoding="utf-8")
    if kept:
        (DOCS / PICTURE).write_text(picture(result.samples), encoding="utf-8")
        put_in(DOCS / "endurance.md", block(result, date, machine.facts()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="soak", description="Copy computed keys for long, killed again and again.")
    parser.add_argument("--keys", type=int, default=100_000_000, help="how many (default: 100,000,000)")
    parser.add_argument("--minutes", type=float, default=180, help="give up after so long (default: 180)")
    parser.add_argument("--kill-every", type=float, default=60, help="seconds between two kills (default: 60)")
    parser.add_argument("--outage", type=float, default=300, help="seconds of 503 by S3 (default: 300)")
    parser.add_argument("--sts-outage", type=float, default=180, help="seconds of 503 by STS (default: 180)")
    parser.add_argument("--store-outage", type=float, default=120, help="seconds without a checkpoint (default: 120)")
    parser.add_argument("--try-out", action="store_true", help="leave docs and bench/results as they are")
    return parser.parse_args()


if __name__ == "__main__":
    main()
