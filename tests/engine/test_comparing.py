"""Objects of equal size and different ETags: how many HEADs they cost, and what decides."""

from __future__ import annotations

from typing import Any

import pytest

from s3_crosscopy.core.decide.learnt_side import ENOUGH
from s3_crosscopy.errors import Interrupted
from s3_crosscopy.model.events import BatchSettled, Event
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.testing import Fault, MemoryS3, MemoryStore
from s3_crosscopy.testing.request_budget import Counting
from tests.engine.harness import RecordingCheckpoint, Rig, keys

DAY_S = 86_400
MANY = 3 * ENOUGH


def rig_with(number: int = MANY, **store: object) -> Rig:
    """Pairs of equal size, of other part layouts; the copies are two days younger."""
    rig = Rig()
    kept = MemoryStore(clock=rig.clock, **store)  # type: ignore[arg-type]
    for name in ("src", "dst"):
        kept.create_bucket(name)
    rig.store = kept
    rig.source, rig.dest = Counting(MemoryS3(kept, "reader")), Counting(MemoryS3(kept, "copier"))
    for key in keys(number):
        kept.put("src", key, b"abcdef", parts=(3, 3), checksum="CRC32")
    rig.clock.advance(2 * DAY_S)
    for key in keys(number, "q/"):
        kept.put("dst", key, b"abcdef", parts=(2, 2, 2), checksum="CRC32")
    return rig


def heads(rig: Rig) -> tuple[int, int]:
    return rig.source.counts().get("HeadObject", 0), rig.dest.counts().get("HeadObject", 0)


def test_checksums_of_parts_cost_no_head_and_the_times_decide() -> None:
    rig = rig_with()
    report = rig.copy()
    assert report.decisions == {"copy newer": MANY}
    assert report.compared_by == {"time": MANY}
    assert heads(rig) == (0, 0)


def test_compare_checksum_asks_about_each() -> None:
    rig = rig_with()
    report = rig.copy(compare="checksum")
    assert report.decisions == {"copy newer": MANY}
    assert heads(rig) == (MANY, MANY)


def test_common_checksums_of_the_whole_are_asked_for_and_prove_the_content() -> None:
    rig = Rig()
    rig.seed_keys(*keys(MANY))
    rig.store.buckets["dst"].encryption = "aws:kms"
    rig.copy()
    rig.clock.advance(5)
    report = rig.copy()
    assert report.compared_by == {"checksum": MANY}
    assert heads(rig) == (MANY, MANY)


@pytest.mark.parametrize("seed", [None, 3])
def test_a_server_without_checksums_is_asked_until_that_is_known(seed: int | None) -> None:
    rig = rig_with(checksum=None)
    for store in (rig.store,):
        for key in keys(MANY):
            store.put("src", key, b"abcdef", parts=(3, 3))
    rig.clock.advance(2 * DAY_S)
    for key in keys(MANY, "q/"):
        rig.store.put("dst", key, b"abcdef", parts=(2, 2, 2))
    rig._seed = seed
    report = rig.copy(max_concurrency=4, batch_size=1)
    assert report.decisions == {"copy newer": MANY}
    assert ENOUGH <= heads(rig)[0] == heads(rig)[1] < ENOUGH + 20


def test_a_server_that_hides_checksums_is_asked_about_each() -> None:
    rig = rig_with(lists_checksums=False)
    report = rig.copy(max_concurrency=4, batch_size=1)
    assert report.decisions == {"copy newer": MANY}
    assert heads(rig) == (MANY, MANY)


def test_plain_etags_are_learnt_to_be_md5s_and_differ_by_content() -> None:
    rig = rig_with(0, checksum=None)
    for key in keys(MANY):
        rig.store.put("src", key, b"abcdef")
    for key in keys(MANY, "q/"):
        rig.store.put("dst", key, b"ABCDEF")
    rig.clock.advance(DAY_S)
    report = rig.copy(max_concurrency=4, batch_size=1)
    assert report.decisions == {"etag differs": MANY}
    assert report.compared_by == {"etag": MANY}
    assert ENOUGH <= heads(rig)[0] == heads(rig)[1] < ENOUGH + 20


def test_both_sides_are_asked_at_once_and_an_error_of_the_source_comes_first() -> None:
    rig = Rig([Fault("HeadObject", "AccessDenied", 403, key=name, times=None) for name in ("p/000001", "q/000001")])
    rig.seed_keys(*keys(3))
    rig.store.buckets["dst"].encryption = "aws:kms"
    rig.copy()
    rig.clock.advance(5)
    report = rig.copy()
    assert heads(rig) == (3, 3)
    assert [(failure.key, failure.reason) for failure in report.failures] == [("p/000001", Reason.DENIED)]
    assert report.counts["skipped"] == 2


def test_an_error_of_the_destination_that_says_nothing_is_tried_again_later() -> None:
    rig = Rig([Fault("HeadObject", "InternalError", 500, key="q/000001")])
    rig.seed_keys(*keys(3))
    rig.store.buckets["dst"].encryption = "aws:kms"
    rig.copy()
    rig.clock.advance(5)
    report = rig.copy()
    assert report.ok
    assert report.counts["skipped"] == 3


@pytest.mark.parametrize(
    ("archived", "counts"), [("fail", {"skipped": 2, "failed": 1}), ("skip", {"skipped": 3, "failed": 0})]
)
def test_archived_objects_are_compared_and_only_a_changed_one_is_refused(archived: str, counts: dict[str, int]) -> None:
    rig = Rig()
    rig.store.buckets["dst"].encryption = "aws:kms"
    rig.seed_keys(*keys(3))
    rig.copy()
    for key in keys(3):
        rig.store.put("src", key, b"xyz" if key == "p/000001" else (key * 3).encode()[:3], storage_class="GLACIER")
    rig.clock.advance(5)
    report = rig.copy(archived=archived)
    assert {name: report.counts[name] for name in counts} == counts
    assert report.counts["copied"] == 0
    assert report.decisions["same checksum"] == 2
    assert rig.requests("CopyObject") == 0


def test_objects_deleted_or_forbidden_since_they_were_listed() -> None:
    """Of the destination: copied. Of the source: missing, and a failure."""
    forbidden = Fault("HeadObject", "AccessDenied", 403, key="q/000001", times=None)
    rig = Rig([forbidden, Fault("HeadObject", "AccessDenied", 403, key="p/000003", times=None)])
    rig.store.buckets["dst"].encryption = "aws:kms"
    rig.seed_keys(*keys(5))
    rig.copy()
    rig.clock.advance(5)
    head, there = rig.dest.head, ["q/000004"]

    def then_deleted(*args: Any, **which: Any) -> Any:
        while there:
            rig.store.delete("dst", there.pop())
        return head(*args, **which)

    rig.dest.head = then_deleted  # type: ignore[method-assign]
    rig.deleted_when_listed("p/000002")
    report = rig.copy()
    assert report.decisions == {
        "same checksum": 1,
        "destination denied": 1,
        "destination missing": 1,
        "denied": 1,
    }
    assert (report.counts["missing"], report.counts["failed"]) == (1, 1)
    assert [(failure.key, failure.reason) for failure in report.failures] == [("p/000003", Reason.DENIED)]
    assert report.compared_by == {"checksum": 1}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_summary_of_a_resumed_run_tells_of_both_attempts_what_compared(seed: int) -> None:
    rig = Rig(seed=seed)
    rig.seed_keys(*keys(60))
    rig.store.buckets["dst"].encryption = "aws:kms"
    rig.copy()
    rig.clock.advance(60)
    checkpoint = RecordingCheckpoint()
    rig.checkpoint = checkpoint

    def stops(event: Event) -> None:
        if isinstance(event, BatchSettled):
            rig.cancel.set()

    rig.sink.on_event = stops
    with pytest.raises(Interrupted):
        rig.copy(batch_size=10, max_concurrency=4)
    saved = checkpoint.saved[-1]
    assert 0 < saved.reasons["same checksum"] < 60
    rig.cancel.clear()
    rig.sink.on_event = lambda event: None
    assert rig.copy(resumed=saved).compared_by == {"checksum": 60}
