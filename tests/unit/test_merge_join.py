from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.value_samples import any_keys, listed

from s3_crosscopy.core.merge_join import Join, Pair
from s3_crosscopy.model.objects import Listed

STEPS = ("source page", "dest page", "one pair", "all pairs", "pairs of an old iterator")


@st.composite
def listing(draw: st.DrawFn, prefix: str, size: int) -> list[list[Listed]]:
    """A sorted listing under `prefix` as pages of any length, empty ones too."""
    # `or "a"`: no key is empty.
    keys = sorted({(prefix + rest) or "a" for rest in draw(st.lists(any_keys, max_size=8))})
    pages, rest = [], [listed(key, size) for key in keys]
    while rest:
        length = draw(st.integers(0, len(rest)))
        pages.append(rest[:length])
        rest = rest[length:]
    return pages


@st.composite
def both_sides(draw: st.DrawFn) -> tuple[str, str, list[list[Listed]], list[list[Listed]]]:
    prefixes = st.sampled_from(["", "s/", "sü/x", "zz/"])
    source_prefix, dest_prefix = draw(prefixes), draw(prefixes)
    return source_prefix, dest_prefix, draw(listing(source_prefix, 1)), draw(listing(dest_prefix, 2))


class Feeder:
    """Feeds a join step by step and holds what came out against a dictionary."""

    def __init__(
        self,
        source_prefix: str,
        dest_prefix: str,
        source: list[list[Listed]],
        dest: list[list[Listed]],
        *,
        keeps_dest_only: bool = False,
    ) -> None:
        self.join = Join(source_prefix, dest_prefix, keeps_dest_only=keeps_dest_only)
        there = {one.key: one for page in dest for one in page}
        self.wanted = [dest_prefix + one.key[len(source_prefix) :] for page in source for one in page]
        self.expected: list[Pair] = [
            (one, there.get(dest_prefix + one.key[len(source_prefix) :])) for page in source for one in page
        ]
        self.out: list[Pair] = []
        self.dest_passed: str | None = None
        self._source, self._dest = list(source), list(dest)
        self._old: Iterator[Pair] = self.join.pairs()

    def step(self, name: str) -> None:
        if name == "source page" and self._source:
            self.join.feed_source(self._source.pop(0))
        elif name == "dest page" and self._dest:
            page = self._dest.pop(0)
            self.join.feed_dest(page)
            self.dest_passed = page[-1].key if page else self.dest_passed
        elif name == "one pair":
            self.out += islice(self.join.pairs(), 1)
        elif name == "all pairs":
            self.out += self.join.pairs()
            self.check_that_only_the_unknown_waits()
        elif name == "pairs of an old iterator":
            self.out += islice(self._old, 1)
            self._old = self.join.pairs()

    def check_that_only_the_unknown_waits(self) -> None:
        if self.join.source_waiting and self.dest_passed is not None:
            assert self.wanted[len(self.out)] > self.dest_passed

    def finish(self) -> None:
        while self._source:
            self.step("source page")
        while self._dest:
            self.step("dest page")
        self.join.end_dest()
        self.out += self.join.pairs()


@given(both_sides(), st.lists(st.sampled_from(STEPS), max_size=20))
def test_the_join_equals_a_dictionary_at_any_page_size_and_in_any_interleaving(
    sides: tuple[str, str, list[list[Listed]], list[list[Listed]]], steps: list[str]
) -> None:
    feeder = Feeder(*sides)
    for name in steps:
        feeder.step(name)
        assert feeder.out == feeder.expected[: len(feeder.out)]
    feeder.finish()
    assert feeder.out == feeder.expected
    assert feeder.join.source_waiting == 0


@given(both_sides(), st.lists(st.sampled_from(STEPS), max_size=20), st.booleans())
def test_what_only_the_destination_has_is_kept_once_and_only_if_that_is_wished(
    sides: tuple[str, str, list[list[Listed]], list[list[Listed]]], steps: list[str], keeps: bool
) -> None:
    feeder = Feeder(*sides, keeps_dest_only=keeps)
    dest_only: list[Listed] = []
    for name in steps:
        feeder.step(name)
        dest_only += feeder.join.take_dest_only()
    feeder.finish()
    feeder.join.pass_rest()
    dest_only += feeder.join.take_dest_only()
    extraneous = [one for page in sides[3] for one in page if one.key not in set(feeder.wanted)]
    assert dest_only == (extraneous if keeps else [])
    assert feeder.join.take_dest_only() == []


@given(st.lists(any_keys), st.text(max_size=3), st.text(max_size=3))
def test_swapping_a_prefix_keeps_the_order_of_keys(rests: list[str], before: str, after: str) -> None:
    by_source = [rest for _, rest in sorted((before + rest, rest) for rest in rests)]
    by_dest = [rest for _, rest in sorted((after + rest, rest) for rest in rests)]
    assert by_source == by_dest


@given(st.lists(st.text(st.characters(codec="utf-8"))))
def test_python_orders_text_as_s3_orders_utf8_bytes(keys: list[str]) -> None:
    assert sorted(keys) == sorted(keys, key=lambda key: key.encode())


def test_a_pair_waits_for_the_destination_to_pass_its_key() -> None:
    join = Join("a/", "b/")
    join.feed_source([listed("a/k"), listed("a/m")])
    assert list(join.pairs()) == []
    join.feed_dest([listed("b/a"), listed("b/j")])
    assert list(join.pairs()) == []
    join.feed_dest([listed("b/l")])
    assert list(join.pairs()) == [(listed("a/k"), None)]
    assert join.source_waiting == 1
    join.end_dest()
    assert list(join.pairs()) == [(listed("a/m"), None)]


def test_what_the_destination_has_behind_a_key_can_be_given_to_another_join() -> None:
    join, other = Join("a/", "b/"), Join("a/", "b/")
    join.feed_source([listed("a/k"), listed("a/m")])
    join.feed_dest([listed("b/k"), listed("b/m"), listed("b/n"), listed("b/o")])
    other.end_dest()
    other.reopen_dest()
    other.feed_dest(join.cut_dest("b/m"))
    other.feed_source([listed("a/n"), listed("a/p")])
    assert list(other.pairs()) == [(listed("a/n"), listed("b/n"))], "and the last key waits for what follows"
    assert list(join.pairs()) == [(listed("a/k"), listed("b/k")), (listed("a/m"), listed("b/m"))]
    assert join.cut_dest("") == []


def test_without_a_destination_listing_every_source_object_has_no_match() -> None:
    join = Join("", "b/")
    join.end_dest()
    join.feed_source([listed("x"), listed("y")])
    assert list(join.pairs()) == [(listed("x"), None), (listed("y"), None)]


def test_pairs_that_came_out_are_counted() -> None:
    join = Join("", "")
    join.feed_source([listed("a"), listed("b"), listed("c")])
    join.feed_dest([listed("a"), listed("b")])
    assert [source.key for source, _ in join.pairs()] == ["a", "b"]
    assert (join.joined, join.source_waiting) == (2, 1)
