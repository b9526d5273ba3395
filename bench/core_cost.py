"""The core's own cost of an object, in CPU microseconds: all but S3 and its client, over a lane that answers at once.

`python -m bench.core_cost [--json]`: list, join, decide, settle, commit. A figure is the slope between two sizes, so
that start-up does not hide in it. What the lane takes to make its answers is taken off.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import threading
import time
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from hashlib import md5
from typing import Any, NamedTuple

from s3_crosscopy.adapters.checkpoint_file import NoCheckpoint
from s3_crosscopy.adapters.clock import SystemClock
from s3_crosscopy.adapters.sinks import NullSink
from s3_crosscopy.api.etag_indexes import index_pair
from s3_crosscopy.core.etag_index.pending_rows import PendingRows
from s3_crosscopy.core.spec import resolve_spec
from s3_crosscopy.core.state.batch import Batch
from s3_crosscopy.engine.run_config import Ports, RunConfig
from s3_crosscopy.engine.wiring import build_engine
from s3_crosscopy.etag_index.stored_index import StoredIndex
from s3_crosscopy.model.objects import KeyRange, Listed, Page
from s3_crosscopy.model.operations import Copied, Copy, Done, ListPage, Side, Throttled, TransportOp
from s3_crosscopy.report.local_files import FolderFiles
from s3_crosscopy.testing import MemoryS3, MemoryStore

FEW, MANY = 20_000, 100_000
RUNS = 3
DATE = "2026-11-01T10:00:00+00:00"
ETAG = "0123456789abcdef0123456789abcdef"


class InstantLane:
    """See `ports.Lane`. Both listings are ready, and every copy has the same answer. `spent_s`: the lane's own time."""

    capacity = 1024

    def __init__(self, sides: Mapping[Side, Sequence[Listed]]) -> None:
        self.spent_s = 0.0
        self._sides = sides
        self._keys = {side: [one.key for one in objects] for side, objects in sides.items()}
        self._waiting: list[tuple[TransportOp, object]] = []

    def submit(self, op: TransportOp, token: object) -> None:
        self._waiting.append((op, token))

    def reap(self, timeout_s: float) -> Sequence[Done | Throttled]:
        began = time.process_time()
        due, self._waiting = self._waiting, []
        ended = [Done(token, self._answer(op), None) for op, token in due]
        self.spent_s += time.process_time() - began
        return ended

    def in_flight(self) -> int:
        return len(self._waiting)

    def wake(self) -> None:
        pass

    def close(self, grace_s: float) -> Sequence[object]:
        return [token for _, token in self._waiting]

    def _answer(self, op: TransportOp) -> Any:
        if isinstance(op, ListPage):
            objects = self._sides[op.side]
            after = op.start_after if op.token is None else op.token
            first = bisect_right(self._keys[op.side], after)
            page = list(objects[first : first + op.max_keys])
            more = first + op.max_keys < len(objects)
            return Page(page, page[-1].key if more else None, DATE)
        assert isinstance(op, Copy)
        return Copied(op.if_match)


class Case(NamedTuple):
    """What is measured: the options, and whether the destination has every object already.

    `indexed`: the ETags of both sides differ, and are read from an ETag index and written to the next one.
    """

    name: str
    there: bool
    options: Mapping[str, object]
    indexed: bool = False


CASES = (
    Case("copy, empty destination", False, {}),
    Case("copy, window of 512", False, {"max_concurrency": 512}),
    Case("unchanged, both sides listed", True, {}),
    Case("unchanged, with an ETag index", True, {"etag_index": "here"}, indexed=True),
    Case("dry run, empty destination", False, {"dry_run": True}),
    Case("dry run, both sides listed", True, {"dry_run": True}),
)


def objects(number: int, prefix: str, *, own_etags: bool = False) -> list[Listed]:
    etags = [md5(f"{prefix}{i}".encode()).hexdigest() if own_etags else ETAG for i in range(number)]
    return [Listed(f"{prefix}part-{i:09d}.parquet", 1000 + i, etags[i], DATE) for i in range(number)]


def index_in(folder: str, sides: Mapping[Side, Sequence[Listed]]) -> StoredIndex:
    """An index that has every pair, as a run leaves it."""
    spec = resolve_spec("s3://src/p/", "s3://dst/q/", {})
    rows = PendingRows()
    pairs = zip(sides[Side.SOURCE], sides[Side.DEST], strict=True)
    rows.add_all(Batch(1, "", []), [(source.key, source.etag, dest.etag) for source, dest in pairs])
    rows.complete()
    index = StoredIndex(FolderFiles(folder), index_pair(spec, ()))
    for blocks in rows.ready:
        index.write(blocks)
    index.finish("")
    index = StoredIndex(FolderFiles(folder), index_pair(spec, ()))
    index.open()
    return index


def cpu_s(case: Case, number: int) -> float:
    """CPU seconds of one run without the lane's own."""
    own = case.indexed
    there = objects(number, "q/", own_etags=own) if case.there else []
    sides = {Side.SOURCE: objects(number, "p/", own_etags=own), Side.DEST: there}
    with tempfile.TemporaryDirectory() as folder:
        index = index_in(folder, sides) if case.indexed else None
        return _run_s(case, number, InstantLane(sides), index)


def _run_s(case: Case, number: int, lane: InstantLane, index: StoredIndex | None) -> float:
    spec = resolve_spec("s3://src/p/", "s3://dst/q/", case.options)
    s3 = MemoryS3(MemoryStore(), "one")
    ports = Ports(lane, s3, s3, SystemClock(), NullSink(), NoCheckpoint(), threading.Event(), etag_index=index)
    engine = build_engine(RunConfig(spec, [KeyRange()]), ports)
    began = time.process_time()
    report = engine.run()
    spent = time.process_time() - began - lane.spent_s
    if report.counts["listed"] != number or (index is not None and report.decisions["same as indexed"] != number):
        raise SystemExit(f"bench: {report.counts}")
    return spent


def us_per_object(case: Case) -> float:
    """The median slope of some runs."""
    slopes = [(cpu_s(case, MANY) - cpu_s(case, FEW)) / (MANY - FEW) * 1e6 for _ in range(RUNS)]
    return statistics.median(slopes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    figures = {case.name: round(us_per_object(case), 2) for case in CASES}
    if as_json:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        print(f"{figure:7.2f} us an object  {name}")


if __name__ == "__main__":
    main()
