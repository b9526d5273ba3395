"""Any script of batches, outcomes, second rounds, keys set apart and commits, held against a model of each key."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from s3_crosscopy.core.state.batch import Batch
from s3_crosscopy.core.state.ledger import Ledger
from s3_crosscopy.core.state.remaining import LIMITS, SizeLimits
from s3_crosscopy.core.state.row_buffer import RowBuffer
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.outcomes import Outcome, Verified
from s3_crosscopy.model.packed_ranges import packed_bytes
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.model.tally import Tally

SIZE = 7
KEYS = [f"k{number:02d}" for number in range(24)]
GOOD = ("copied", "would_copy", "skipped", "filtered", "missing")
BAD = ("failed", "held_back")
OUTCOMES = (*GOOD, *BAD)
REASONS = {
    "copied": "new",
    "would_copy": "new",
    "skipped": "same etag",
    "filtered": "filtered",
    "missing": "",
    "held_back": "held back: written after the run began",
    "failed": "denied",
}
TIGHT = SizeLimits(easy_bytes=20, most_bytes=40, step_bytes=8, provisional_bytes=15, patience=2)


def enter(batch: Batch, outcome: str, key: str = "") -> None:
    """One key's end, as the engine enters it; by default that of its first open key."""
    key = key or next(iter(batch._open_keys))
    counted = outcome in ("copied", "would_copy")
    verified = Verified.ETAG.value if outcome == "copied" else ""
    batch.end(key, Outcome(outcome), REASONS[outcome], size=SIZE if counted else 0, verified=verified)


def row(key: str, outcome: str) -> ReportRow:
    return ReportRow(key, f"d/{key}", outcome, "why", SIZE, "")


def inside(ranges: tuple[KeyRange, ...], key: str) -> bool:
    return any(one.after < key and (one.end is None or key <= one.end) for one in ranges)


class LedgerMachine(RuleBasedStateMachine):
    """Lists the keys of some ranges in order, and gives each its fate in any order."""

    @initialize(cuts=st.sets(st.sampled_from(KEYS[:-1]), max_size=3), bounded=st.booleans(), tight=st.booleans())
    def ranges(self, cuts: set[str], bounded: bool, tight: bool) -> None:
        edges = ["", *sorted(cuts)]
        ends: list[str | None] = [*sorted(cuts), KEYS[-1] if bounded else None]
        ranges = [KeyRange(after, end) for after, end in zip(edges, ends, strict=True)]
        self.limits = TIGHT if tight else LIMITS
        self.ledger = Ledger(ranges, limits=self.limits)
        self.most = max(self.limits.most_bytes, packed_bytes(self.ledger.snapshot().remaining))
        self.unlisted = [[key for key in KEYS if inside((one,), key)] for one in ranges]
        self.ended = [False] * len(ranges)
        self.unsealed: list[Batch | None] = [None] * len(ranges)
        self.begun: list[list[Batch]] = [[] for _ in ranges]
        self.committed: set[int] = set()
        # What became of each listed key ("open" and "waiting" besides the outcomes), the batch that counts it, the
        # batch whose interval it lies in, and the key before it.
        self.fate: dict[str, str] = {}
        self.counted_by: dict[str, Batch] = {}
        self.home: dict[str, Batch] = {}
        self.before: dict[str, str] = {}
        self.over = False
        self.told = Tally()
        self.filed = True
        self.written: list[ReportRow] = []
        self.rest: list[ReportRow] = []

    def _with_fate(self, *fates: str) -> list[str]:
        return [key for key, fate in self.fate.items() if fate in fates]

    def _next(self, data: st.DataObject) -> tuple[int, Batch, str] | None:
        numbers = [number for number, keys in enumerate(self.unlisted) if keys]
        if not numbers or self.over:
            return None
        number = data.draw(st.sampled_from(numbers))
        batch = self.unsealed[number]
        if batch is None:
            batch = self.unsealed[number] = self.ledger.begin(number)
            self.begun[number].append(batch)
        return number, batch, self.unlisted[number].pop(0)

    @rule(data=st.data(), at_once=st.none() | st.sampled_from(OUTCOMES))
    def take_a_key(self, data: st.DataObject, at_once: str | None) -> None:
        if (found := self._next(data)) is None:
            return
        _, batch, key = found
        self.before[key] = batch.last_key
        batch.take(key)
        self.counted_by[key] = self.home[key] = batch
        self.fate[key] = "open"
        if at_once is not None:
            self._enter(key, at_once)

    @precondition(lambda self: self._with_fate("open"))
    @rule(data=st.data())
    def set_a_key_apart(self, data: st.DataObject) -> None:
        self._set_apart(data.draw(st.sampled_from(self._with_fate("open"))))

    @rule(data=st.data())
    def seal(self, data: st.DataObject) -> None:
        numbers = [number for number, batch in enumerate(self.unsealed) if batch is not None]
        if numbers and not self.over:
            self._seal(data.draw(st.sampled_from(numbers)))

    @rule()
    def end_what_is_listed(self) -> None:
        for number, keys in enumerate(self.unlisted):
            if not keys and not self.over:
                self._seal(number)
                self.ledger.end_range(number)
                self.ended[number] = True

    @precondition(lambda self: self._with_fate("open"))
    @rule(data=st.data(), outcome=st.sampled_from(OUTCOMES))
    def settle(self, data: st.DataObject, outcome: str) -> None:
        self._enter(data.draw(st.sampled_from(self._with_fate("open"))), outcome)

    @precondition(lambda self: self._with_fate("open"))
    @rule(data=st.data())
    def postpone(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(self._with_fate("open")))
        self._set_apart(key).postpone()
        self.fate[key] = "waiting"

    @precondition(lambda self: self._with_fate("waiting"))
    @rule(data=st.data())
    def try_again(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(self._with_fate("waiting")))
        self.counted_by[key].resume()
        self.fate[key] = "open"

    @rule()
    def commit(self) -> None:
        self.filed = True
        numbers = {batch.number for batches in self.begun for batch in batches}
        for told in self.ledger.close_batches():
            assert told.number not in self.committed, "a batch commits once"
            self.committed.add(told.number)
            self.told.add(told.tally)
            assert told.number in numbers or told.tally.listed
        if not self.over:
            ended = [key for key in self._with_fate(*OUTCOMES) if self.home[key].number in self.committed]
            assert self.told.as_dict() == self._counts(ended), "every end is told once"
        for number, batches in enumerate(self.begun):
            if self.over:
                break
            done = [batch.number in self.committed for batch in batches]
            assert done == sorted(done, reverse=True), "batches of a range commit in order"
            assert self.ledger.open_batches(number) == done.count(False)
            if False in done:
                first = batches[done.index(False)]
                assert not first.sealed or first.open, "nothing that can commit is left"

    @rule()
    def give_up(self) -> None:
        # Mostly a run goes on, so that long scripts are tried as well.
        if len(self.fate) < 10 or self._with_fate("open", "waiting") == []:
            return
        self.commit()
        self.ledger.give_up()
        self.over = True
        self.unsealed = [None] * len(self.unsealed)
        self.fate = {key: "not_attempted" if fate in ("open", "waiting") else fate for key, fate in self.fate.items()}

    @rule()
    def checkpoint(self) -> None:
        state = self.ledger.snapshot()
        outside = [key for key in KEYS if not inside(state.remaining, key)]
        # Never lost: what is outside is done. Never twice: the counts are exactly those of the keys outside.
        assert {self.fate[key] for key in outside} <= set(GOOD)
        assert state.committed.as_dict() == self._counts(outside)
        # The rows handed out for segments, all together, are those of exactly the keys that are counted.
        waiting = len(self.ledger.rows)
        settled = self.ledger.rows.take_committed()
        assert len(self.ledger.rows) == waiting - len(settled)
        self.written += settled
        assert sorted(self.written) == [row(key, self.fate[key]) for key in outside]
        assert self.ledger.rows.take_committed() == [], "a row is handed out once"
        # What ended and is not settled is told too, when the run is over at the latest.
        self.rest += self.ledger.rows.take_uncommitted()
        assert len(self.ledger.rows) == 0
        inside_rows = [row(key, self.fate[key]) for key in sorted(self._with_fate(*OUTCOMES)) if key not in outside]
        assert sorted(self.rest) == (inside_rows if self.over else sorted(set(self.rest) & set(inside_rows)))
        # Never more than fits, and where there is room nothing is kept longer than it must be.
        assert packed_bytes(state.remaining) <= self.most
        if self.limits is LIMITS and self.filed:
            assert outside == [key for key in KEYS if self.fate.get(key) in GOOD], (
                "each counts as soon as it has its end"
            )

    @invariant()
    def every_key_is_counted_exactly_once(self) -> None:
        open_keys = len(self._with_fate("open", "waiting"))
        total = self.ledger.total()
        assert total.as_dict() == self._counts(self.fate)
        assert total.gap() == open_keys == self.ledger.open_keys()
        assert total.verified == Counter({"etag": total.copied} if total.copied else {})

    def teardown(self) -> None:
        self.commit()
        self.checkpoint()

    def _set_apart(self, key: str) -> Batch:
        self.counted_by[key] = self.counted_by[key].detach(self.before[key], key)
        return self.counted_by[key]

    def _enter(self, key: str, outcome: str) -> None:
        if outcome in BAD:
            self._set_apart(key)
        enter(self.counted_by[key], outcome, key)
        self.filed = False
        self.counted_by[key].rows.append(row(key, outcome))
        self.fate[key] = outcome

    def _seal(self, number: int) -> None:
        batch = self.unsealed[number]
        if batch is not None:
            batch.sealed = True
            self.unsealed[number] = None

    def _counts(self, keys: list[str] | dict[str, str]) -> dict[str, int]:
        fates = Counter(self.fate[key] for key in keys)
        return {
            "listed": len(keys),
            **{name: fates[name] for name in Tally.OUTCOMES},
            "bytes": SIZE * (fates["copied"] + fates["would_copy"]),
        }


LedgerMachine.TestCase.settings = settings(stateful_step_count=60)
TestAnyScript = LedgerMachine.TestCase


def listed(ledger: Ledger, number: int, *names: str) -> Batch:
    """A batch with these keys, all open."""
    batch = ledger.begin(number)
    for name in names:
        batch.take(name)
    batch.sealed = True
    return batch


def test_an_untouched_ledger_has_everything_left() -> None:
    ranges = [KeyRange("", "k05"), KeyRange("k09", None)]
    state = Ledger(ranges).snapshot()
    assert state.remaining == tuple(ranges)
    assert state.committed.as_dict() == Tally().as_dict()


def test_a_finished_run_has_nothing_left_and_no_gap() -> None:
    ledger = Ledger([KeyRange()])
    batch = listed(ledger, 0, *KEYS[: len(GOOD)])
    for outcome in GOOD:
        enter(batch, outcome)
    ledger.end_range(0)
    assert [done.number for done in ledger.close_batches()] == [batch.number]
    state = ledger.snapshot()
    assert state.remaining == ()
    assert state.committed.as_dict() == ledger.total().as_dict()
    assert ledger.total().gap() == 0
    assert ledger.open_keys() == 0


@pytest.mark.parametrize("outcome", ["failed", "held_back"])
def test_of_a_batch_only_the_key_that_has_to_be_done_again_is_left(outcome: str) -> None:
    ledger = Ledger([KeyRange()])
    batch = listed(ledger, 0, "a", "b", "c")
    enter(batch.detach("a", "b"), outcome)
    enter(batch, "copied")
    enter(batch, "copied")
    ledger.end_range(0)
    (told,) = ledger.close_batches()
    state = ledger.snapshot()
    assert state.remaining == (KeyRange("a", "b"),)
    assert (state.committed.copied, ledger.total().copied, getattr(ledger.total(), outcome)) == (2, 2, 1)
    assert (told.tally.listed, getattr(told.tally, outcome)) == (3, 1)


def test_a_slow_key_set_apart_holds_nothing_else_back_and_is_told_when_it_ends() -> None:
    ledger = Ledger([KeyRange()])
    batch = listed(ledger, 0, "a", "b", "c")
    slow = batch.detach("a", "b")
    assert slow.detach("a", "b") is slow
    assert batch.keys() == 3
    enter(batch, "copied")
    enter(batch, "copied")
    ledger.end_range(0)
    assert [done.tally.listed for done in ledger.close_batches()] == [2]
    assert ledger.snapshot().remaining == (KeyRange("a", "b"),)
    slow.postpone()
    assert (ledger.close_batches(), ledger.open_keys()) == ([], 1)
    slow.resume()
    enter(slow, "copied")
    assert [(done.last_key, done.tally.listed) for done in ledger.close_batches()] == [("b", 1)]
    assert ledger.snapshot().remaining == ()
    assert ledger.snapshot().committed.copied == 3


def test_a_key_set_apart_ends_before_all_others_of_its_batch_and_is_taken_out_alone() -> None:
    ledger = Ledger([KeyRange()])
    batch = listed(ledger, 0, "a", "b", "c")
    apart = batch.detach("a", "b")
    enter(apart, "copied")
    state = ledger.snapshot()
    assert state.remaining == (KeyRange("", "a"), KeyRange("b", None))
    assert (state.committed.listed, batch.detached, batch.take_done()) == (1, [], [])


def test_the_counts_of_earlier_attempts_are_part_of_every_sum() -> None:
    already = Tally.of({"listed": 5, "copied": 4, "skipped": 1, "bytes": 9}, {"new": 4}, {"etag": 4})
    ledger = Ledger([KeyRange("k05", None)], already)
    enter(listed(ledger, 0, "k06"), "copied")
    ledger.end_range(0)
    ledger.close_batches()
    for total in (ledger.total(), ledger.snapshot().committed):
        assert (total.listed, total.copied, total.skipped, total.bytes) == (6, 5, 1, 9 + SIZE)
        assert (total.reasons, total.verified) == ({"new": 5}, {"etag": 5})
    assert already.listed == 5, "what was given is not changed"


def test_the_etags_that_copies_did_not_keep_are_part_of_every_sum() -> None:
    already = Tally.of({"listed": 5, "copied": 5}, {}, {"etag": 4}, {"another ETag": 1})
    ledger = Ledger([KeyRange("k05", None)], already)
    batch = listed(ledger, 0, "k06", "k07")
    batch.end("k06", Outcome.COPIED, "new", verified="none", etag_loss="another ETag")
    batch.end("k07", Outcome.COPIED, "new", verified="etag")
    ledger.end_range(0)
    ledger.close_batches()
    for total in (ledger.total(), ledger.snapshot().committed):
        assert (total.copied, total.etags_not_kept) == (7, {"another ETag": 2})


def test_a_split_range_is_committed_in_both_halves_and_a_split_can_be_taken_back() -> None:
    ledger = Ledger([KeyRange()])
    right = ledger.split(0, "m")
    enter(listed(ledger, right, "n"), "copied")
    ledger.close_batches()
    assert ledger.snapshot().remaining == (KeyRange("", "m"), KeyRange("n", None))
    other = ledger.split(right, "s")
    ledger.end_range(right)
    ledger.unsplit(right, other)
    ledger.end_range(other)
    enter(listed(ledger, right, "t"), "copied")
    ledger.close_batches()
    assert ledger.snapshot().remaining == (KeyRange("", "m"), KeyRange("t", None))
    for number in (0, right):
        ledger.end_range(number)
    assert ledger.snapshot().remaining == ()


def outcomes_of(ledger: Ledger, bad: set[int], keys: int, batch_size: int = 1000) -> tuple[int, int, int]:
    """Copies so many keys but the bad ones; the most bytes left, the most rows held, and how often more was settled."""
    name, most_bytes, most_rows, went_on, before = "{:09d}".format, 0, 0, 0, -1
    for first in range(0, keys, batch_size):
        batch = listed(ledger, 0, *map(name, range(first, first + batch_size)))
        for number in range(first, first + batch_size):
            one = batch.detach(name(number - 1) if number else "", name(number)) if number in bad else batch
            enter(one, "failed" if number in bad else "copied")
            one.rows.append(row(name(number), "x"))
        ledger.close_batches()
        state = ledger.snapshot()
        most_bytes = max(most_bytes, packed_bytes(state.remaining))
        most_rows = max(most_rows, len(ledger.rows.take_committed()), len(ledger.rows.take_uncommitted(least=5_000)))
        went_on += state.committed.listed > before
        before = state.committed.listed
        assert state.committed.failed == 0
    return most_bytes, most_rows, went_on


def test_a_failure_in_each_thousand_keeps_the_failures_alone() -> None:
    ledger = Ledger([KeyRange()])
    most_bytes, most_rows, went_on = outcomes_of(ledger, set(range(500, 100_000, 1000)), 100_000)
    assert most_bytes < LIMITS.easy_bytes
    assert (most_rows, went_on) == (999, 100)
    assert ledger.snapshot().committed.copied == 99_900
    assert len(ledger.rows.take_uncommitted()) == 100
    assert not ledger.coarse


def test_rows_of_keys_that_nobody_listed_are_given_out_like_the_others_and_counted_nowhere() -> None:
    ledger = Ledger([KeyRange()])
    ledger.rows.add([row("a", "deleted"), row("b", "kept")])
    ledger.rows.add([row("c", "not_deleted")], committed=False)
    assert len(ledger.rows) == 3
    assert [one.key for one in ledger.rows.take_committed()] == ["a", "b"]
    assert [one.key for one in ledger.rows.take_uncommitted()] == ["c"]
    assert len(ledger.rows) == ledger.total().listed == 0


@pytest.mark.slow
def test_however_many_fail_what_is_left_fits_a_checkpoint_and_rows_do_not_pile_up() -> None:
    ledger = Ledger([KeyRange()])
    most_bytes, most_rows, _ = outcomes_of(ledger, set(range(5, 100_000, 10)), 100_000)
    assert most_bytes <= LIMITS.most_bytes
    assert most_rows < 7_000
    assert ledger.total().as_dict()["failed"] == 10_000
    assert ledger.coarse


@pytest.mark.slow
def test_a_run_that_began_with_many_failures_settles_what_follows_them() -> None:
    ledger = Ledger([KeyRange()])
    most_bytes, _, _ = outcomes_of(ledger, set(range(0, 100_000, 50)), 200_000)
    assert most_bytes <= LIMITS.most_bytes
    # The first few hundred failures take what is easily given; then ten thousand clean keys are waited for.
    assert ledger.snapshot().committed.listed > 90_000


def test_open_markers_by_the_thousand_fit_a_checkpoint_too() -> None:
    ledger = Ledger([KeyRange()])
    batch = listed(ledger, 0, *(f"{number:06d}" for number in range(10_000)))
    markers = [batch.detach(f"{number - 1:06d}", f"{number:06d}") for number in range(1, 10_000, 3)]
    while batch.open:
        enter(batch, "copied")
    ledger.end_range(0)
    ledger.close_batches()
    assert packed_bytes(ledger.snapshot().remaining) <= LIMITS.most_bytes
    assert ledger.open_keys() == len(markers)
    for one in markers:
        enter(one, "copied")
    ledger.close_batches()
    assert ledger.total().copied == 10_000
    assert ledger.snapshot().committed.listed == 0, "what a retry lists again is not counted"


@pytest.mark.parametrize(
    ("outcome", "reason"), [("skipped", "same etag"), ("filtered", "filtered"), ("would_copy", "new")]
)
def test_keys_that_end_alike_are_entered_as_if_one_by_one(outcome: str, reason: str) -> None:
    one_by_one, at_once = Ledger([KeyRange()]), Ledger([KeyRange()])
    batch = listed(one_by_one, 0, "a", "b", "c")
    for _ in range(3):
        enter(batch, outcome)
    size = 2 * SIZE if outcome == "would_copy" else 0
    alike = listed(at_once, 0, "a")
    enter(alike, outcome)
    alike.end_alike(Outcome(outcome), reason, 2, "c", size)
    assert alike.last_key == batch.last_key == "c"
    assert at_once.total().as_dict() == one_by_one.total().as_dict()
    assert at_once.total().reasons == one_by_one.total().reasons


def test_what_waits_for_a_second_round_when_the_run_is_over_was_not_attempted_to_its_end() -> None:
    ledger = Ledger([KeyRange()])
    batch = listed(ledger, 0, "a", "b")
    enter(batch, "copied")
    batch.detach("a", "b").postpone()
    ledger.give_up()
    total = ledger.total()
    assert (total.copied, total.not_attempted) == (1, 1)


def test_a_key_that_is_left_for_now_is_not_counted_before_it_is_found_again() -> None:
    ledger = Ledger([KeyRange()])
    batch = listed(ledger, 0, "a", "b", "c")
    ledger.defer(batch, "a", "b")
    batch.end("a", Outcome.COPIED, "new", size=1, verified="etag")
    batch.end("c", Outcome.COPIED, "new", size=1, verified="etag")
    batch.sealed = True
    ledger.end_range(0)
    (done,) = ledger.close_batches()
    assert (done.tally.listed, ledger.total().listed, ledger.open_keys(), ledger.deferred) == (2, 2, 0, 1)
    assert ledger.snapshot().remaining == (KeyRange("a", "b"),)

    again = ledger.found_again("a", "b")
    assert (ledger.total().listed, ledger.open_keys(), ledger.deferred) == (3, 1, 0)
    again.end("b", Outcome.COPIED, "new", size=1, verified="etag")
    assert [one.tally.copied for one in ledger.close_batches()] == [1]
    assert ledger.total().gap() == 0
    snapshot = ledger.snapshot()
    assert (snapshot.remaining, snapshot.committed.copied) == ((), 3)


def test_a_key_that_is_left_for_now_costs_no_memory_once_its_batch_has_committed() -> None:
    ledger = Ledger([KeyRange()])
    for number in range(100):
        batch = listed(ledger, 0, f"{number:03}a", f"{number:03}b")
        ledger.defer(batch, f"{number:03}a", f"{number:03}b")
        batch.end(f"{number:03}a", Outcome.COPIED, "new", size=1, verified="etag")
        batch.sealed = True
        ledger.close_batches()
    assert (ledger.deferred, len(ledger._detached), ledger._queues) == (100, 0, {})


@pytest.mark.parametrize(("found", "missing", "listed_now"), [(0, 2, 4), (1, 1, 4), (2, 0, 4), (3, 0, 5)])
def test_what_is_not_found_again_is_missing_and_what_is_found_beyond_that_is_listed_too(
    found: int, missing: int, listed_now: int
) -> None:
    ledger = Ledger([KeyRange()])
    batch = listed(ledger, 0, "a", "b", "c", "d")
    ledger.defer(batch, "a", "b")
    ledger.defer(batch, "c", "d")
    batch.end("a", Outcome.SKIPPED, "same")
    batch.end("c", Outcome.SKIPPED, "same")
    batch.sealed = True
    ledger.close_batches()
    for number in range(found):
        ledger.found_again("a", f"b{number}").end(f"b{number}", Outcome.HELD_BACK, "late")
    ledger.not_found_again()
    ledger.close_batches()
    total = ledger.total()
    assert (total.missing, total.held_back, total.listed, total.gap()) == (missing, found, listed_now, 0)
    assert ledger.deferred == min(0, 2 - found)


def test_what_is_still_left_for_now_when_the_run_is_over_was_not_attempted() -> None:
    ledger = Ledger([KeyRange()])
    batch = listed(ledger, 0, "a")
    ledger.defer(batch, "", "a")
    batch.sealed = True
    ledger.close_batches()
    ledger.give_up()
    total = ledger.total()
    assert (total.listed, total.not_attempted, total.gap()) == (1, 1, 0)
    assert ledger.snapshot().remaining == (KeyRange(),)


def test_completed_keys_between_open_ones_wait_for_their_batch_where_the_gaps_take_too_many_bytes() -> None:
    ledger = Ledger([KeyRange()], limits=TIGHT)
    names = [f"{number:04d}" for number in range(40)]
    batch = listed(ledger, 0, *names)
    for name in names[::2]:
        enter(batch, "copied", name)
    state = ledger.snapshot()
    assert (state.committed.copied, ledger.total().copied, ledger.coarse) == (0, 20, False)
    assert packed_bytes(state.remaining) <= TIGHT.provisional_bytes
    for name in names[1::2]:
        enter(batch, "copied", name)
    ledger.close_batches()
    assert ledger.snapshot().committed.copied == 40


def test_fewer_rows_than_are_wanted_stay() -> None:
    rows = RowBuffer()
    rows.add([row("a", "copied"), row("b", "copied")])
    rows.add([row("c", "failed")], committed=False)
    assert (rows.take_committed(3), rows.take_uncommitted(2), len(rows)) == ([], [], 3)
    assert [one.key for one in [*rows.take_committed(2), *rows.take_uncommitted(1)]] == ["a", "b", "c"]
    assert len(rows) == 0
