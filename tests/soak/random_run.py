"""One random copy, made of a seed: attempt after attempt on the rig, until it ends whole. What breaks is drawn too.

Kills, refusals, lost answers, throttling, pages of any size, markers, large objects, what is there already: whatever
is drawn, in the end everything is at the destination once, is counted once, and has one row in the report.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any, NamedTuple

from s3_crosscopy.errors import ListingBroken, RetryableFailure
from s3_crosscopy.model.checkpoint import CheckpointState
from s3_crosscopy.model.report import Report
from s3_crosscopy.report.report_reader import read_rows
from s3_crosscopy.report.report_writer import StoredReport
from s3_crosscopy.testing import Counting, Fault, Faulty, MemoryS3, sparse
from tests.engine.harness import Rig
from tests.engine.test_resume import Killed, dying_rig
from tests.memory_files import MemoryFiles
from tests.soak.doubles import Applied, Remembering

MIB = 2**20
MOST_ATTEMPTS = 40
REFUSALS = (
    ("CopyObject", "InternalError", 500),
    ("CopyObject", "ServiceUnavailable", 503),
    ("CopyObject", "SlowDown", 503),
    ("CopyObject", "RequestTimeout", 400),
    ("CopyObject", "PreconditionFailed", 412),
    ("CopyObject", "ConditionalRequestConflict", 409),
    ("CopyObject", "NotImplemented", 501),
    ("CompleteMultipartUpload", "PreconditionFailed", 412),
    ("CompleteMultipartUpload", "ConditionalRequestConflict", 409),
    ("CompleteMultipartUpload", "NotImplemented", 501),
    ("UploadPartCopy", "InternalError", 500),
    ("CreateMultipartUpload", "InternalError", 500),
    ("HeadObject", "", 503),
    ("ListObjectsV2", "InternalError", 500),
    ("ListObjectsV2", "SlowDown", 503),
)
LOST = ("CopyObject", "UploadPartCopy", "CompleteMultipartUpload", "CreateMultipartUpload")


class Drawn(NamedTuple):
    """What a seed came to, for the message of a run that fails."""

    keys: int
    large: int
    markers: int
    there: int
    page: int
    options: dict[str, Any]


class RandomRun:
    """A source, a destination, and the attempts to copy one to the other."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.done: Counter[str] = Counter()
        self.lost = 0
        self.may_be_again = 0
        self.kills = 0
        self._copies_saved = 0
        self._seed = seed
        self._rig = Rig(seed=seed)
        self._files = MemoryFiles() if self.dice.random() < 0.5 else None
        self._page = self.dice.choice((1, 2, 7, 100, 1000))
        self._names = self._fill()
        self._there = self._put_some_there()
        self._options = self._drawn_options()
        self._bad = self._drawn_bad()
        self.drawn = Drawn(
            len(self._names), sum(name.endswith("big") for name in self._names),
            sum(name.endswith("_SUCCESS") for name in self._names), len(self._there), self._page, self._options,
        )  # fmt: skip

    def run(self) -> None:
        """Attempts until one ends whole; asserts what must be true then."""
        state: CheckpointState | None = None
        for attempt in range(MOST_ATTEMPTS):
            calm = attempt >= MOST_ATTEMPTS // 2
            death = Remembering(self.done)
            death.copies_saved = self._copies_saved
            report = self._attempt(state, death, calm=calm)
            state = death.last() or state
            if report is not None and report.ok:
                self._must_be_whole(report)
                return
        raise AssertionError("it never came to its end")

    def _attempt(self, state: CheckpointState | None, death: Remembering, *, calm: bool) -> Report | None:
        """One attempt; None if it was killed or ended with an error."""
        rig = self._rig = self._revived([] if calm else self._drawn_faults())
        rig.checkpoint = death
        if self._files is not None:
            store = StoredReport(self._files)
            store.begin(resumed=state is not None)
            rig.report = store
        window = self._options["max_concurrency"]
        if not calm and self.dice.random() < 0.75:
            dying_rig(rig, death, self.dice.randint(1, 5 + len(self._names)))
        report = None
        try:
            report = rig.copy(resumed=state, keep_uploads=True, **self._options)
        except Killed:
            self.kills += 1
        except (RetryableFailure, ListingBroken):
            pass
        if report is None or not report.ok:
            # In flight, and what came since the newest state.
            self.may_be_again += window + self.done.total() - death.copies_saved
            self._bad = self._bad if self.dice.random() < 0.5 else ()
        self.lost += self._losing.met()
        self._copies_saved = death.copies_saved
        rig.clock.advance(self.dice.choice((0.0, 2.0, 60.0)))
        return report

    def _revived(self, faults: list[Fault]) -> Rig:
        """Another process over the same store and clock."""
        again = Rig(seed=self.dice.randrange(2**30) if self.dice.random() < 0.8 else None)
        again.clock, again.store = self._rig.clock, self._rig.store
        bad = [Fault("CopyObject", "InvalidRequest", 400, key=key, times=None) for key in self._bad]
        source, dest = (Applied(MemoryS3(again.store, who), self.done, self._page) for who in ("reader", "copier"))
        again.source = Counting(Faulty(source, faults))
        self._losing = Faulty(dest, [fault for fault in faults if fault.applied])
        again.dest = Counting(Faulty(self._losing, [*bad, *(fault for fault in faults if not fault.applied)]))
        return again

    def _fill(self) -> list[str]:
        dice, store = self.dice, self._rig.store
        number = dice.choice((1, 3, 20, 60, 150))
        folders = dice.choice((1, 3, 10))
        names = {f"{i % folders}/{dice.choice(('a', 'é', 'z z', '%2F'))}{i:04d}" for i in range(number)}
        names |= {f"{i}/_SUCCESS" for i in range(folders) if dice.random() < 0.6}
        for name in names:
            store.put("src", f"p/{name}", name.encode() * dice.choice((0, 1, 3)))
        large = {f"{dice.randrange(folders)}/{i}big" for i in range(dice.choice((0, 0, 1, 4)))}
        for name in large:
            store.put("src", f"p/{name}", sparse(dice.randint(6, 40) * MIB, name))
        self._rig.clock.advance(2)
        return sorted(names | large)

    def _put_some_there(self) -> list[str]:
        """Some are there, as they are at the source or otherwise."""
        share = self.dice.choice((0.0, 0.0, 0.3, 0.9))
        there = [name for name in self._names if not name.endswith("big") and self.dice.random() < share]
        for name in there:
            same = self._rig.store.read("src", f"p/{name}")
            self._rig.store.put("dst", f"q/{name}", same if self.dice.random() < 0.7 else b"another")
        self._rig.clock.advance(2)
        return there

    def _drawn_options(self) -> dict[str, Any]:
        dice = self.dice
        options: dict[str, Any] = {
            "batch_size": dice.choice((1, 2, 5, 25, 1000)),
            "max_concurrency": dice.choice((1, 2, 8, 64)),
            "overwrite": dice.choice(("if_changed", "if_changed", "always")),
            "verification": dice.choice(("responses", "responses", "listing")),
            "multipart_threshold": "5MiB",
            "part_size": "5MiB",
        }
        if self._files is not None:
            options |= {"report": "memory", "report_skipped": True}
        if dice.random() < 0.6:
            options["copy_last"] = dice.choice((["*_SUCCESS"], ["*a*", "*_SUCCESS"]))
        return options

    def _drawn_bad(self) -> tuple[str, ...]:
        """Keys that nobody may copy, until somebody mends that between two attempts."""
        if self.dice.random() < 0.7:
            return ()
        small = [name for name in self._names if not name.endswith("big")]
        return tuple(f"p/{name}" for name in self.dice.sample(small, min(3, len(small))))

    def _drawn_faults(self) -> list[Fault]:
        dice, faults = self.dice, []
        for _ in range(dice.choice((0, 1, 4))):
            call, code, status = dice.choice(REFUSALS)
            faults.append(Fault(call, code or str(status), status, times=dice.randint(1, 5), skip=dice.randrange(60)))
        for _ in range(dice.choice((0, 1, 3))):
            skip = dice.randrange(60)
            faults.append(Fault(dice.choice(LOST), "ReadTimeout", 0, times=1, skip=skip, applied=True))
        return faults

    def _must_be_whole(self, report: Report) -> None:
        counts, number = report.counts, len(self._names)
        assert counts["listed"] == number
        assert counts["copied"] + counts["skipped"] == number
        assert self._rig.same_on_both_sides()
        assert self._rig.store.open_uploads("dst") == {}
        again = sum(times - 1 for times in self.done.values())
        assert again <= self.may_be_again + self.lost, f"{again} again, {self.may_be_again} + {self.lost} may be"
        if self._files is not None:
            rows = [row.key for row in read_rows(self._files)]
            assert sorted(rows) == [f"p/{name}" for name in self._names]


def random_run(seed: int) -> RandomRun:
    """Run it; an AssertionError, with what was drawn, if something is not as it must be."""
    one = RandomRun(seed)
    try:
        one.run()
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}; {one.drawn}, {one.kills} kills") from error
    return one
