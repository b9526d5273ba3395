"""Runs that look only at what is new since the last complete one: their requests, and what they find."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from s3_crosscopy.api import resolve_spec
from s3_crosscopy.core.since.since_text import since_note
from s3_crosscopy.core.state.resume import since_fingerprint
from s3_crosscopy.model.objects import KeyRange, Listed, Page
from s3_crosscopy.model.operations import ListPage
from s3_crosscopy.model.s3_limits import PAGE_KEYS
from s3_crosscopy.model.since_state import LastSuccess
from tests.engine.harness import RecordingCheckpoint, Rig, keys
from tests.engine.since_runs import DAY_S, SinceRuns

MILLION = 1_000_000


def kms_rig(number: int = 30, checksum: str | None = None) -> Rig:
    """A destination whose copies have other ETags; without a checksum nothing else compares the contents."""
    rig = Rig()
    rig.store.checksum = checksum
    rig.store.buckets["dst"].encryption = "aws:kms"
    rig.seed_keys(*keys(number))
    return rig


def settled(rig: Rig, **options: Any) -> SinceRuns:
    """The state after two complete runs, of which the second saw copies that were old by then."""
    runs = SinceRuns(rig)
    runs.run(**options)
    rig.clock.advance(2 * DAY_S)
    runs.run(**options)
    rig.clock.advance(DAY_S)
    return runs


def test_an_unchanged_kms_prefix_costs_no_head() -> None:
    rig = kms_rig()
    runs = settled(rig, since="last_success")

    report = runs.run(since="last_success")

    assert rig.requests("HeadObject") == rig.requests("CopyObject") == 0
    assert report.decisions == {"proven by the last complete run": 30}
    assert report.compared_by == {"since": 30}
    assert report.since is not None
    assert report.since.short
    rig.copy()
    assert rig.requests("HeadObject") > 0


@pytest.mark.parametrize("side", ["src", "dst"])
def test_what_changed_on_either_side_is_compared(side: str) -> None:
    rig = kms_rig()
    runs = settled(rig, since="last_success")
    key = "p/000007" if side == "src" else "q/000007"
    rig.store.put(side, key, b"new")

    report = runs.run(since="last_success")

    assert report.counts["skipped"] in (29, 30)
    assert rig.requests("HeadObject") == 2
    assert report.counts["copied"] == (1 if side == "src" else 0)


def test_an_incomplete_run_advances_nothing() -> None:
    rig = kms_rig()
    runs = settled(rig, since="last_success")
    before = runs.state
    rig.store.put("src", "p/000007", b"new")
    rig.store.allow = lambda principal, action, bucket, key: (action, key) != ("s3:PutObject", "q/000007")

    report = runs.run(since="last_success", max_failures=5)

    assert report.ok
    assert report.counts["failed"] == 1
    assert runs.state == before


def test_a_full_look_says_what_the_short_way_had_missed() -> None:
    """Two uploads in parts took longer than the overlap: their objects have the times at which they began."""
    rig = kms_rig(checksum="CRC64NVME")
    runs = settled(rig, since="last_success")
    late = ("p/000007", "p/000008")
    for key in late:
        late_upload(rig, key, days=5)
    assert runs.run(since="last_success").counts["copied"] == 0
    rig.clock.advance(3 * DAY_S)
    assert runs.run(since="last_success").counts["copied"] == 0
    rig.clock.advance(2 * DAY_S)

    report = runs.run(since="last_success")

    assert report.since is not None
    assert not report.since.short
    assert report.since.why == "everything was last looked at 8.0 days ago"
    assert (report.counts["copied"], report.since.missed, report.since.first) == (2, 2, late)
    assert since_note(report).endswith(": the short way had missed 2 keys (first 'p/000007')")
    rig.clock.advance(7 * DAY_S)
    again = runs.run(since="last_success")
    assert since_note(again).endswith(": the short way had missed nothing")


def test_an_upload_within_the_overlap_is_not_missed() -> None:
    rig = kms_rig(checksum="CRC64NVME")
    runs = settled(rig, since="last_success")
    runs.run(since="last_success")
    late_upload(rig, "p/000007", days=0.9)

    assert runs.run(since="last_success").counts["copied"] == 1


def test_keys_that_only_grow_are_listed_from_the_last_day_on() -> None:
    rig = Rig()
    rig.seed_keys(*keys(2_500))
    runs = SinceRuns(rig)
    runs.run(since="key")
    rig.clock.advance(2 * DAY_S)
    runs.run(since="key")
    rig.seed_keys(*keys(2_510)[2_500:])

    report = runs.run(since="key")

    assert report.since is not None
    assert report.since.start == "p/002499"
    assert (report.counts["copied"], report.counts["listed"]) == (10, 11)
    assert rig.requests("ListObjectsV2") == 2
    assert report.since.next_start == "p/002500"
    assert since_note(report).endswith("keys before 'p/002499' were not listed")


def test_a_key_below_is_found_by_the_full_look_and_named() -> None:
    rig = Rig()
    rig.seed_keys(*keys(30))
    runs = settled(rig, since="key")
    rig.seed_keys("p/000007x")
    assert runs.run(since="key").counts["copied"] == 0
    rig.clock.advance(7 * DAY_S)

    report = runs.run(since="key")

    assert report.since is not None
    assert (report.counts["copied"], report.since.missed, report.since.first) == (1, 1, ("p/000007x",))


def test_last_keys_that_were_deleted_are_no_empty_source() -> None:
    rig = Rig()
    rig.seed_keys(*keys(3))
    runs = settled(rig, since="key")
    rig.store.delete("src", "p/000002")

    report = runs.run(since="key")

    assert (report.counts["listed"], report.empty) == (0, False)
    assert runs.state is not None
    assert runs.state.start == "p/000002"


def test_what_only_the_destination_has_is_at_least_what_was_seen() -> None:
    rig = Rig()
    rig.seed_keys(*keys(3))
    runs = settled(rig, since="key")
    rig.store.put("dst", "q/zzz", b"old")
    rig.store.put("dst", "q/000", b"old")

    report = runs.run(since="key")

    assert report.extraneous is not None
    assert (report.extraneous.first, report.extraneous.at_least) == (("q/zzz",), True)


def test_a_closing_check_compares_what_was_listed() -> None:
    rig = Rig()
    rig.seed_keys(*keys(30))
    runs = settled(rig, since="key", verification="listing")
    rig.seed_keys("p/000030")

    report = runs.run(since="key", verification="listing")

    assert (report.counts["copied"], report.checked, report.unproven) == (1, 2, ())


def test_a_resumed_run_does_not_move_the_first_key() -> None:
    rig = Rig()
    rig.seed_keys(*keys(30))
    runs = settled(rig, since="key")
    rig.seed_keys("p/000030", "p/000031")
    runs.run(since="key")
    assert isinstance(rig.checkpoint, RecordingCheckpoint)
    first = rig.checkpoint.saved[-1]
    assert runs.state is not None
    assert runs.state.start == "p/000030"
    rig.clock.advance(2 * DAY_S)

    report = runs.run(first._replace(finished=False, remaining=(KeyRange("p/000030"),)), since="key")

    assert report.since is not None
    assert report.since.next_start == "p/000030"


def late_upload(rig: Rig, key: str, days: float) -> None:
    """An upload in parts that began so long ago ends now."""
    stored = rig.store.put("src", key, b"new", parts=(3,))
    began = datetime.fromisoformat(stored.modified[:19]) - timedelta(days=days)
    rig.store.buckets["src"].keep(key, replace(stored, modified=f"{began.isoformat()}.000Z"))


class Grown:
    """A bucket with a million keys that are computed, before those of the memory store."""

    def __init__(self, port: Any, prefix: str, day: str) -> None:
        self._list_page = port.list_page
        self._prefix = prefix
        self._day = day
        self.pages = 0

    def list_page(self, op: ListPage) -> Page:
        self.pages += 1
        after = op.token or op.start_after
        first = 0 if after < self._prefix else int(f"{after[len(self._prefix) :]:<08.8}") + 1
        if first >= MILLION:
            return self._list_page(op._replace(start_after=after, token=None))  # type: ignore[no-any-return]
        last = min(MILLION, first + PAGE_KEYS)
        objects = [Listed(f"{self._prefix}{i:08d}", 3, f"{i:032x}", self._day) for i in range(first, last)]
        return Page(objects, objects[-1].key, self._day)


def test_a_thousand_new_keys_behind_a_million_cost_six_lists() -> None:
    rig = Rig()
    rig.clock.advance(10 * DAY_S)
    grown = [Grown(rig.source, "p/", "2026-01-01T00:00:00.000Z"), Grown(rig.dest, "q/", "2026-01-02T00:00:00.000Z")]
    for port, bucket in zip((rig.source, rig.dest), grown, strict=True):
        port.list_page = bucket.list_page  # type: ignore[method-assign]
    runs = SinceRuns(rig)
    mark = since_fingerprint(resolve_spec("s3://src/p/", "s3://dst/q/", {"since": "key"}), [])
    runs.state = LastSuccess(mark, "2026-01-09T00:00:00", "2026-01-09T00:00:00", f"p/{MILLION - 1:08d}")
    rig.seed_keys(*(f"p/{number:08d}" for number in range(MILLION, MILLION + 1000)))

    report = runs.run(since="key")

    assert (report.counts["copied"], rig.requests("CopyObject"), rig.requests("HeadObject")) == (1000, 1000, 0)
    assert sum(bucket.pages for bucket in grown) <= 6
