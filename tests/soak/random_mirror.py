"""One random mirror, made of a seed: writers on both sides between any two requests, kills, failures and lost answers.

Whatever is drawn: no key goes that the source had when it was asked, none that a filter protects, none that was not
judged, and not more than `max_delete`; every delete marker that is still the newest of its key is in the report; and
`undelete` restores exactly what was there, versions included. Two things no request can rule out, and are counted: a
key that came to the source between the question and the delete (`raced`), and one that came and left again between
the listing and the question (`passed`).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, TypeVar
from unittest.mock import patch

from s3_crosscopy.errors import CrossCopyError
from s3_crosscopy.model.events import Event, PhaseStarted
from s3_crosscopy.model.report import Report, allowed_failures
from s3_crosscopy.report import report_writer
from s3_crosscopy.report.jsonl import rows_of
from s3_crosscopy.report.report_reader import read_rows
from s3_crosscopy.report.report_writer import StoredReport
from s3_crosscopy.testing import Counting, Fault, Faulty, MemoryS3
from s3_crosscopy.testing.port_wrapper import Wrapped
from tests.engine.harness import Rig
from tests.engine.mirrors import history, mirror_rig, take_back
from tests.engine.test_resume import Death, Killed
from tests.memory_files import MemoryFiles
from tests.soak.inline_pool import without_threads

T = TypeVar("T")
History = dict[str, list[tuple[str, bytes | None]]]
MOST_ATTEMPTS = 12
FAULTS = (
    ("DeleteObject", "InternalError", 500, False),
    ("DeleteObject", "AccessDenied", 403, False),
    ("DeleteObject", "ReadTimeout", 0, True),
    ("DeleteObject", "SlowDown", 503, False),
    ("HeadObject", "503", 503, False),
    ("HeadObject", "404", 404, False),
    ("ListObjectsV2", "InternalError", 500, False),
    ("ListObjectVersions", "InternalError", 500, False),
    ("GetBucketVersioning", "AccessDenied", 403, False),
    ("CopyObject", "InternalError", 500, False),
)


class Watched(Wrapped):
    """Lets others act before each request, and tells what this run does."""

    def __init__(self, inner: Any, before: Callable[[], None], after: Callable[[str, str, Any], None]) -> None:
        super().__init__(inner)
        self._before = before
        self._after = after

    def _request(self, call: str, bucket: str, key: str, send: Callable[[], T]) -> T:
        self._before()
        try:
            answer = send()
        except BaseException as error:
            self._after(call, key, error)
            raise
        self._after(call, key, answer)
        return answer


class RandomMirror:
    """A source, a destination with more keys, and the attempts to make them equal."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.deleted = self.raced = self.passed = self.undone = self.kills = self.attempts = 0
        versioning = self.dice.choice(("Enabled",) * 8 + ("Suspended", ""))
        self._versioned = versioning == "Enabled"
        self._rig = mirror_rig(versioning=versioning, seed=seed)
        self._rig.sink.on_event = self._on_event
        self._files = MemoryFiles()
        self._names = [f"{self.dice.choice('ab')}/{name}" for name in "bcdefgh"] + ["a/_SUCCESS", "b/_SUCCESS", "x.tmp"]
        self._ours: set[tuple[str, str]] = set()
        self._absent: dict[str, bool] = {}
        self._had: set[str] = set()
        self._before_deletes: History | None = None
        self._there: frozenset[str] = frozenset()
        self._restless = self.dice.choice((0.0, 0.0, 0.1, 0.4))
        self._serial = 0
        self._most_keys = 0
        self._left = 10**9
        self._options = self._drawn_options()
        self._fill()

    def run(self) -> None:
        """Attempts until one comes to its end; asserts what must be true after each."""
        death = Death()
        for _ in range(MOST_ATTEMPTS):
            self.attempts += 1
            report, death = self._attempt(death)
            if report is not None and (report.ok or self.dice.random() < 0.3):
                self._check_report(report)
                self._check_undo(complete=report.ok)
                return

    def _attempt(self, before: Death) -> tuple[Report | None, Death]:
        rig, death = self._rig, Death()
        death.saved = list(before.saved)
        last = before.last()
        rig.checkpoint = death
        self._left = self.dice.randint(3, 30) if self.dice.random() < 0.5 else 10**9
        faults = [self._drawn_fault() for _ in range(self.dice.choice((0, 0, 1, 2)))]
        dest = Watched(MemoryS3(rig.store, "copier"), self._others_act, self._note_dest)
        source = Watched(MemoryS3(rig.store, "reader"), self._others_act, self._note_source)
        rig.source = Counting(Dying(Faulty(source, faults), self, death))
        rig.dest = Counting(Dying(Faulty(dest, faults), self, death))
        store = StoredReport(self._files)
        store.begin(resumed=last is not None)
        rig.report = store
        try:
            return self._copy(rig, last), death
        except Killed:
            self.kills += 1
        except CrossCopyError:
            pass
        return None, death

    def _copy(self, rig: Rig, last: Any) -> Report:
        rig.prepare = lambda engine, lane: without_threads(engine.parts, self.dice, lane.wake)
        return rig.copy(resumed=last, **self._options)

    def _drawn_options(self) -> dict[str, Any]:
        dice = self.dice
        return {
            "extraneous": "delete", "report": "memory", "if_empty": "succeed",
            "max_delete": dice.choice(("100%", "100%", "60%", 2, 5)),
            "permanent_delete": not self._versioned,
            "exclude": ["*.tmp"] if dice.random() < 0.6 else [],
            "delete_filtered": dice.random() < 0.3,
            "copy_last": dice.choice((["*_SUCCESS"], "auto", [])),
            "max_concurrency": dice.choice((1, 3, 16)),
            "outage_deadline": dice.choice((0, 900)),
        }  # fmt: skip

    def _fill(self) -> None:
        for name in self._names:
            where = self.dice.random()
            if where < 0.45:
                self._put("src", name)
            if where > 0.3:
                self._put("dst", name)
            if self.dice.random() < 0.2:
                self._put("dst", name)
        self._rig.clock.advance(5)

    def _put(self, bucket: str, name: str) -> None:
        self._serial += 1
        prefix = "p/" if bucket == "src" else "q/"
        self._rig.store.put(bucket, prefix + name, f"{name} {self._serial}".encode())
        if bucket == "src":
            self._had.add(name)

    def _on_event(self, event: Event) -> None:
        if not isinstance(event, PhaseStarted):
            return
        if event.phase == "extraneous":
            self._had = {key.removeprefix("p/") for key in self._rig.store.keys("src")}
        elif event.phase == "delete" and self._before_deletes is None:
            self._before_deletes = history(self._rig)

    def _others_act(self) -> None:
        """Somebody writes or deletes, on either side, between two requests of the run."""
        store, dice = self._rig.store, self.dice
        self._rig.clock.advance(dice.choice((0.0, 0.3, 1.0)))
        self._most_keys = max(self._most_keys, len(store.keys("dst")))
        while dice.random() < self._restless:
            bucket, name = dice.choice(("src", "src", "dst")), dice.choice(self._names)
            key = ("p/" if bucket == "src" else "q/") + name
            if dice.random() < 0.5:
                self._put(bucket, name)
            elif key in store.keys(bucket):
                store.delete(bucket, key)
            self._most_keys = max(self._most_keys, len(store.keys("dst")))
        self._there = frozenset(store.keys("dst"))

    def _drawn_fault(self) -> Fault:
        call, code, status, applied = self.dice.choice(FAULTS)
        times, skip, proxy = self.dice.randint(1, 3), self.dice.randrange(12), code == "404"
        return Fault(call, code, status, times=times, skip=skip, applied=applied, proxy=proxy)

    def _note_source(self, call: str, key: str, answer: Any) -> None:
        if call == "HeadObject":
            self._absent[key] = isinstance(answer, BaseException)
        elif call == "ListObjectsV2" and key != "p/":
            self._absent[key] = not any(listed.key == key for listed in answer.objects)

    def _note_dest(self, call: str, key: str, answer: Any) -> None:
        if call != "DeleteObject" or isinstance(answer, BaseException) or key in self._rig.store.keys("dst"):
            return
        if not answer and (self._versioned or key not in self._there):
            return  # there was nothing to delete
        self.deleted += 1
        name = key.removeprefix("q/")
        assert self._absent.pop(f"p/{name}", False), f"{name} went, which the source had, or was not asked for"
        protected = self._options["exclude"] and name.endswith(".tmp") and not self._options["delete_filtered"]
        assert not protected, f"{name} went, which a filter protects"
        assert key in self._judged(), f"{name} went, which was not judged"
        allowed = allowed_failures(self._options["max_delete"], self._most_keys)
        assert self.deleted <= allowed or self._judgements() > 1, f"{self.deleted} went, {allowed} may"
        now = f"p/{name}" in self._rig.store.keys("src")
        self.raced += now
        self.passed += name in self._had and not now
        if self._versioned:
            self._ours.add((key, answer))

    def _judged(self) -> set[str]:
        """The keys in the newest files of candidates."""
        names = [name for name in self._files.content if name.startswith("candidates/")]
        rows = [row for name in names for row in rows_of(self._files.open(name))]
        return {row.dest_key for row in rows if row.outcome == "extraneous"}

    def _judgements(self) -> int:
        return len({name.split("/")[1] for name in self._files.content if name.startswith("candidates/")})

    def _newest_markers(self) -> set[tuple[str, str]]:
        """Delete markers of this run that are the newest of their keys."""
        versions = self._rig.store.buckets["dst"].versions
        newest = {(key, entries[-1].version) for key, entries in versions.items() if entries}
        return newest & self._ours

    def _recorded(self) -> set[tuple[str, str]]:
        """The deletes that the report names."""
        return {(row.dest_key, row.marker) for row in read_rows(self._files) if row.outcome == "deleted"}

    def _check_report(self, report: Report) -> None:
        rows = list(read_rows(self._files))
        extraneous = report.extraneous
        assert extraneous is not None
        assert extraneous.deletion is not None
        deletion = extraneous.deletion
        assert deletion.deleted + deletion.kept + deletion.not_deleted == extraneous.keys
        recorded = self._recorded()
        assert len(recorded) == deletion.deleted
        # A failed delete may have been made: a retry of the run finds out.
        unclear = {row.dest_key for row in rows if row.outcome == "not_deleted"}
        lost = {(key, marker) for key, marker in self._newest_markers() - recorded if report.ok or key not in unclear}
        assert not lost, f"no row has {lost}"

    def _check_undo(self, *, complete: bool) -> None:
        """Removing the markers changes nothing else: all other versions stay, in their order.

        If nobody else writes, the destination is again what it was before the first delete: all versions, all bytes.
        """
        if not self._versioned:
            assert not take_back(self._rig, self._files), "without versions nothing can be taken back"
            return
        versions, recorded = self._rig.store.buckets["dst"].versions, self._recorded()
        removed = self._newest_markers() & recorded
        before = {key: list(entries) for key, entries in versions.items()}
        take_back(self._rig, self._files)
        for key, entries in before.items():
            wanted = [entry for entry in entries if (key, entry.version) not in removed]
            now = self._rig.store.buckets["dst"].versions.get(key, [])
            foreign = [entry for entry in wanted if entry not in now]
            assert all(entry.stored is None for entry in foreign), "a version with content was removed"
            assert [entry for entry in now if entry in wanted] == now
            if not self._restless:
                assert now == wanted
        self.undone += len(removed)
        if complete and not self._restless and self._before_deletes is not None:
            assert history(self._rig) == self._before_deletes


class Dying(Wrapped):
    """The process dies before its n-th request."""

    def __init__(self, inner: Any, mirror: RandomMirror, death: Death) -> None:
        super().__init__(inner)
        self._mirror = mirror
        self._death = death

    def _request(self, call: str, bucket: str, key: str, send: Callable[[], T]) -> T:
        self._mirror._left -= 1
        if self._mirror._left <= 0:
            self._death.dead = True
            raise Killed
        return send()


def random_mirror(seed: int) -> RandomMirror:
    """Run it; an AssertionError with the seed if something is not as it must be.

    The HTML page of the report is left out: it takes half of the time.
    """
    mirror = RandomMirror(seed)
    try:
        with patch.object(report_writer, "write_page"):
            mirror.run()
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}; {mirror._options}, {mirror.kills} kills") from error
    return mirror
