"""Any script of batches, outcomes, second rounds, detached keys and commits, held against a plain model of each key."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.outcomes import Verified
from s3_crosscopy.model.rows import Row
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.plan.batches import Batch
from s3_crosscopy.plan.intervals import holds, union
from s3_crosscopy.plan.ledger import Ledger

SIZE = 7
KEYS = [f"k{number:02d}" for number in range(24)]
GOOD = ("copied", "would_copy", "skipped", "filtered", "missing")
OUTCOMES = (*GOOD, "failed", "held_back")


def enter(batch: Batch, outcome: str) -> None:
    """One key's end, as the engine enters it."""
    if outcome == "copied":
        batch.copied("new", SIZE, Verified.ETAG)
    elif outcome == "would_copy":
        batch.would_copy("new", SIZE)
    elif outcome == "skipped":
        batch.skipped("same etag")
    elif outcome == "filtered":
        batch.filtered("filtered")
    elif outcome == "missing":
        batch.missing()
    elif outcome == "held_back":
        batch.held_back("held back: written after the run began")
    else:
        batch.failed("denied")


def row(key: str, outcome: str) -> Row:
    return Row(key, f"d/{key}", outcome, "why", SIZE, "")


def inside(ranges: tuple[KeyRange, ...], key: str) -> bool:
    return any(one.after < key and (one.end is None or key <= one.end) for one in ranges)


class LedgerMachine(RuleBasedStateMachine):
    """Lists the keys of some ranges in order, and gives each its fate in any order."""

    @initialize(cuts=st.sets(st.sampled_from(KEYS[:-1]), max_size=3), bounded=st.booleans())
    def ranges(self, cuts: set[str], bounded: bool) -> None:
        edges = ["", *sorted(cuts)]
        ends: list[str | None] = [*sorted(cuts), KEYS[-1] if bounded else None]
        ranges = [KeyRange(after, end) for after, end in zip(edges, ends, strict=True)]
        self.ledger = Ledger(ranges)
        self.unlisted = [[key for key in KEYS if inside((one,), key)] for one in ranges]
        self.ended = [False] * len(ranges)
        self.unsealed: list[Batch | None] = [None] * len(ranges)
        self.begun: list[list[Batch]] = [[] for _ in ranges]
        self.committed: set[int] = set()
        # What became of each listed key ("open" and "waiting" besides the outcomes), the batch that counts it, and
        # the batch whose interval it lies in: another one for a detached key.
        self.fate: dict[str, str] = {}
        self.counted_by: dict[str, Batch] = {}
        self.home: dict[str, Batch] = {}
        self.before: dict[str, str] = {}
        self.over = False
        self.written: list[Row] = []

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

    @rule(data=st.data())
    def detach_a_key(self, data: st.DataObject) -> None:
        if (found := self._next(data)) is None:
            return
        _, batch, key = found
        self.before[key] = batch.last_key
        self.counted_by[key] = self.ledger.detach(batch.last_key, key)
        self.home[key] = batch
        batch.pass_by(key)
        self.fate[key] = "open"

    @rule(data=st.data())
    def seal(self, data: st.DataObject) -> None:
        numbers = [number for number, batch in enumerate(self.unsealed) if batch is not None]
        if numbers and not self.over:
            self._seal(data.draw(st.sampled_from(numbers)))

    @rule(data=st.data(), take_back=st.booleans())
    def split_a_range(self, data: st.DataObject, take_back: bool) -> None:
        numbers = [number for number, ended in enumerate(self.ended) if not ended]
        if not numbers or self.over:
            return
        number = data.draw(st.sampled_from(numbers))
        left = self.unlisted[number]
        # Anywhere behind the last key that was taken: at a key that is still to come, or between two.
        cut = data.draw(st.integers(0, len(left)))
        if cut < 1:
            return
        at = left[cut - 1] + data.draw(st.sampled_from(["", "+"]))
        if at == KEYS[-1] + "+":
            return
        other = self.ledger.split(number, at)
        assert other == len(self.unlisted)
        if take_back:
            self.ledger.unsplit(number, other)
        self.unlisted.append([] if take_back else left[cut:])
        self.unlisted[number] = left if take_back else left[:cut]
        self.ended.append(take_back)
        self.unsealed.append(None)
        self.begun.append([])

    @rule()
    def end_what_is_listed(self) -> None:
        for number, keys in enumerate(self.unlisted):
            if not keys and not self.over:
                self._seal(number)
                self.ledger.end_range(number)
                self.ended[number] = True

    @precondition(lambda self: self._with_fate("open"))
    @rule(data=st.data(), outcome=st.sampled_from(OUTCOMES), apart=st.booleans())
    def settle(self, data: st.DataObject, outcome: str, apart: bool) -> None:
        key = data.draw(st.sampled_from(self._with_fate("open")))
        if apart:
            self._set_apart(key)
        self._enter(key, outcome)

    @precondition(lambda self: self._with_fate("open"))
    @rule(data=st.data(), apart=st.booleans())
    def postpone(self, data: st.DataObject, apart: bool) -> None:
        key = data.draw(st.sampled_from(self._with_fate("open")))
        if apart:
            self._set_apart(key)
        self.counted_by[key].postpone()
        self.fate[key] = "waiting"

    @precondition(lambda self: self._with_fate("waiting"))
    @rule(data=st.data())
    def try_again(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(self._with_fate("waiting")))
        self.counted_by[key].resume()
        self.fate[key] = "open"

    @rule()
    def commit(self) -> None:
        for batch in self.ledger.commits():
            assert batch.sealed
            assert batch.open == 0
            assert batch.number not in self.committed, "a batch commits once"
            self.committed.add(batch.number)
        for number, batches in enumerate(self.begun):
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
        self.ledger.give_up()
        self.over = True
        self.unsealed = [None] * len(self.unsealed)
        self.fate = {key: "not_attempted" if fate in ("open", "waiting") else fate for key, fate in self.fate.items()}

    @rule()
    def checkpoint(self) -> None:
        state = self.ledger.standing()
        outside = [key for key in KEYS if not inside(state.remaining, key)]
        # Never lost: what is outside is done. Never twice: the counts are exactly those of the keys outside.
        assert {self.fate[key] for key in outside} <= set(GOOD)
        assert state.settled.as_dict() == self._counts(outside)
        # The rows handed out for segments, all together, are those of exactly the keys that are counted.
        self.written += self.ledger.settled_rows()
        assert sorted(self.written) == [row(key, self.fate[key]) for key in outside]
        told = [key for key in self._with_fate(*OUTCOMES) if key not in outside]
        assert sorted(self.ledger.unsettled_rows()) == [row(key, self.fate[key]) for key in sorted(told)]
        assert self.ledger.settled_rows() == [], "a row is handed out once"
        # And nothing is kept longer than it must be.
        assert outside == [key for key in KEYS if key in self.fate and self._is_done_with(key)]

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

    def _set_apart(self, key: str) -> None:
        self.counted_by[key] = self.ledger.set_apart(self.counted_by[key], self.before[key], key)

    def _enter(self, key: str, outcome: str) -> None:
        enter(self.counted_by[key], outcome)
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

    def _is_done_with(self, key: str) -> bool:
        """Its own batch, the one around it and all before that committed without anything left to do."""
        (batches,) = [each for each in self.begun if self.home[key] in each]
        until = batches[: batches.index(self.home[key]) + 1]
        return all(self._committed_clean(batch) for batch in (self.counted_by[key], *until))

    def _committed_clean(self, batch: Batch) -> bool:
        mine = [self.fate[key] for key, counted in self.counted_by.items() if counted is batch]
        return batch.number in self.committed and all(fate in GOOD for fate in mine)


LedgerMachine.TestCase.settings = settings(settings.get_profile("unit"), max_examples=150, stateful_step_count=60)
TestAnyScript = LedgerMachine.TestCase


bounds = st.sampled_from(["", *KEYS[:6]])
some_ranges = st.lists(st.builds(KeyRange, bounds, st.none() | bounds), max_size=6)


@given(some_ranges)
def test_a_union_holds_the_same_keys_as_its_ranges(ranges: list[KeyRange]) -> None:
    merged = union(ranges)
    for key in [*KEYS, "a", "k03x", "z"]:
        assert inside(merged, key) == inside(tuple(ranges), key) == holds(merged, key)


@given(some_ranges)
def test_a_union_is_in_order_and_as_short_as_can_be(ranges: list[KeyRange]) -> None:
    merged = union(ranges)
    assert all(one.end is None or one.after < one.end for one in merged)
    for before, after in pairwise(merged):
        assert before.end is not None
        assert before.end < after.after, "what touches is one range"


def test_an_untouched_ledger_has_everything_left() -> None:
    ranges = [KeyRange("", "k05"), KeyRange("k09", None)]
    state = Ledger(ranges).standing()
    assert state.remaining == tuple(ranges)
    assert state.settled.as_dict() == Tally().as_dict()


def test_a_finished_run_has_nothing_left_and_no_gap() -> None:
    ledger = Ledger([KeyRange()])
    batch = ledger.begin(0)
    for key, outcome in zip(KEYS, GOOD, strict=False):
        batch.take(key)
        enter(batch, outcome)
    batch.sealed = True
    ledger.end_range(0)
    assert ledger.commits() == [batch]
    state = ledger.standing()
    assert state.remaining == ()
    assert state.settled.as_dict() == ledger.total().as_dict()
    assert ledger.total().gap() == 0
    assert ledger.open_keys() == 0


def test_a_slow_detached_key_holds_nothing_else_back() -> None:
    ledger = Ledger([KeyRange()])
    batch = ledger.begin(0)
    batch.take("a")
    lone = ledger.detach("a", "b")
    batch.pass_by("b")
    batch.take("c")
    batch.sealed = True
    ledger.end_range(0)
    enter(batch, "copied")
    enter(batch, "copied")
    assert ledger.commits() == [batch]
    assert ledger.standing().remaining == (KeyRange("a", "b"),)
    enter(lone, "copied")
    assert ledger.commits() == [lone]
    assert ledger.standing().remaining == ()
    assert ledger.standing().settled.copied == 3


@pytest.mark.parametrize("around", ["open", "failed"])
def test_a_detached_key_that_arrived_is_not_counted_while_its_interval_remains(around: str) -> None:
    # It would be listed again by a retry, and then counted a second time.
    ledger = Ledger([KeyRange()])
    batch = ledger.begin(0)
    batch.take("a")
    lone = ledger.detach("a", "b")
    batch.pass_by("b")
    enter(lone, "copied")
    if around == "failed":
        enter(batch, "failed")
        batch.sealed = True
        ledger.end_range(0)
    ledger.commits()
    state = ledger.standing()
    assert inside(state.remaining, "b")
    assert state.settled.listed == 0
    assert ledger.total().copied == 1


def test_a_postponed_key_keeps_the_interval_of_its_batch_until_it_arrived() -> None:
    ledger = Ledger([KeyRange("", "z")])
    batch = ledger.begin(0)
    batch.take("a")
    batch.take("b")
    enter(batch, "copied")
    batch.postpone()
    batch.sealed = True
    ledger.end_range(0)
    assert ledger.commits() == [batch]
    assert ledger.open_keys() == 1
    assert ledger.standing().remaining == (KeyRange("", "b"),)
    batch.resume()
    enter(batch, "copied")
    assert ledger.commits() == []
    assert ledger.standing().remaining == ()
    assert ledger.total().copied == 2


def test_the_counts_of_earlier_attempts_are_part_of_every_sum() -> None:
    already = Tally.of({"listed": 5, "copied": 4, "skipped": 1, "bytes": 9}, {"new": 4}, {"etag": 4})
    ledger = Ledger([KeyRange("k05", None)], already)
    batch = ledger.begin(0)
    batch.take("k06")
    enter(batch, "copied")
    batch.sealed = True
    ledger.end_range(0)
    ledger.commits()
    for total in (ledger.total(), ledger.standing().settled):
        assert (total.listed, total.copied, total.skipped, total.bytes) == (6, 5, 1, 9 + SIZE)
        assert (total.reasons, total.verified) == ({"new": 5}, {"etag": 5})
    assert already.listed == 5, "what was given is not changed"


def test_a_key_that_is_held_back_is_listed_and_tried_again_by_a_retry() -> None:
    ledger = Ledger([KeyRange()])
    batch = ledger.begin(0)
    batch.take("a")
    enter(batch, "copied")
    marker = ledger.detach("a", "b")
    batch.pass_by("b")
    batch.sealed = True
    ledger.end_range(0)
    enter(marker, "held_back")
    ledger.commits()
    state = ledger.standing()
    assert state.remaining == (KeyRange("a", "b"),)
    assert (state.settled.copied, state.settled.held_back, ledger.total().held_back) == (1, 0, 1)
    assert not marker.clean()
    assert batch.clean()


def test_a_batch_is_as_long_as_its_interval_with_the_keys_that_are_counted_elsewhere() -> None:
    batch = Ledger([KeyRange()]).begin(0)
    batch.take("a")
    batch.pass_by("b")
    assert (batch.keys(), batch.tally.listed, batch.last_key) == (2, 1, "b")


def test_batches_have_numbers_from_one() -> None:
    ledger = Ledger([KeyRange()])
    first = ledger.begin(0)
    first.take("a")
    first.sealed = True
    assert [first.number, ledger.detach("a", "b").number, ledger.begin(0).number] == [1, 2, 3]
