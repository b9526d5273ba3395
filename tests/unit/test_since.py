"""How far a run with `since` looks back: the look, proven pairs, the first key, and what is kept."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.plan_samples import spec
from tests.unit.value_samples import MD5, OTHER_MD5, listed

from s3_crosscopy.core.decide.comparison import ALWAYS, NEW, PROVEN, UNCLEAR
from s3_crosscopy.core.decide.decision import make_choose
from s3_crosscopy.core.since.advance import advanced, is_complete
from s3_crosscopy.core.since.look import EARLIEST, FULL, Look, damaged_look, decide_look, earlier
from s3_crosscopy.core.since.proven import MOST_MISSED, Missed, is_proven, make_since
from s3_crosscopy.core.since.since_text import since_fields, since_note
from s3_crosscopy.core.since.start_key import StartKey, look_ranges, range_from
from s3_crosscopy.core.state.resume import fingerprint, since_fingerprint
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.durations import Duration, show_duration
from s3_crosscopy.model.location import MAX_KEY_BYTES
from s3_crosscopy.model.objects import KeyRange, Listed
from s3_crosscopy.model.options import parse_options
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.since_result import SinceResult
from s3_crosscopy.model.since_state import FORMAT, LastSuccess, since_of, since_to_json
from s3_crosscopy.model.tally import Tally

BEGAN, BEFORE = "2026-01-09T00:00:00.000Z", "2026-01-08T00:00:00"
BEGAN_S, DAY_S = 1_767_916_800.0, 86_400.0
STATE = LastSuccess("mark", BEGAN, BEGAN, "p/7")
OLD, YOUNG = "2026-01-07T23:59:59.000Z", "2026-01-08T00:00:00.000Z"
SHORT = Look(True, "", BEFORE, "p/7", BEGAN)
AGAIN = Look(False, "because", BEFORE, "p/7")


@pytest.mark.parametrize(
    ("state", "mark", "passed_s", "expected"),
    [
        (None, "mark", 0, Look(why="no complete run is kept")),
        (STATE, "other", 0, Look(why="the last complete run had other arguments")),
        (STATE, "mark", -901, Look(why="the last complete run is in the future")),
        (STATE._replace(began=OLD), "mark", -901, Look(why="the last complete run is in the future")),
        (STATE, "mark", -900, SHORT),
        (STATE, "mark", 7 * DAY_S - 1, SHORT),
        (STATE, "mark", 7 * DAY_S, AGAIN._replace(why="everything was last looked at 7.0 days ago")),
    ],
)
def test_a_look_is_short_after_a_complete_run_of_the_same_arguments(
    state: LastSuccess | None, mark: str, passed_s: float, expected: Look
) -> None:
    options = parse_options({"since": "key"})
    assert decide_look(state, mark, BEGAN_S + passed_s, options) == expected
    assert SHORT.name == f"{BEFORE} p/7"
    assert AGAIN.name == FULL.name == ""


def test_times_decide_only_where_heads_would() -> None:
    options = parse_options({"since": "key", "compare": "size", "full_every": "1h"})
    assert decide_look(STATE, "mark", BEGAN_S, options) == SHORT._replace(before="")
    assert decide_look(STATE, "mark", BEGAN_S + 3600, options).why == "everything was last looked at 1.0 hours ago"
    assert decide_look(STATE, "mark", BEGAN_S, parse_options({"since": "key", "overwrite": "always"})).before == ""


def test_a_state_that_is_damaged_costs_a_full_look() -> None:
    assert damaged_look("is no JSON", owned=True) == Look(why="what is kept is no JSON")
    look = damaged_look("is no JSON", owned=False)
    assert (look.short, look.damaged) == (False, True)
    assert look.why.endswith("it is not replaced")
    assert earlier("0001-01-01T00:00:05", 900) == EARLIEST


@pytest.mark.parametrize(
    ("source", "dest", "expected"),
    [
        ({}, {}, True),
        ({"size": 4}, {}, False),
        ({"storage_class": "GLACIER"}, {}, False),
        ({"modified": YOUNG}, {}, False),
        ({}, {"modified": YOUNG}, False),
        ({"modified": ""}, {}, False),
    ],
)
def test_a_pair_is_proven_whose_objects_are_both_older(
    source: dict[str, Any], dest: dict[str, Any], expected: bool
) -> None:
    first, second = old("p/8")._replace(**source), old("q/8", OTHER_MD5)._replace(**dest)
    assert is_proven(first, second, BEFORE) is expected
    decision = make_choose(spec(), "", None, SHORT)(first, second)
    assert (decision is PROVEN) is expected


def old(key: str, etag: str = MD5, modified: str = OLD) -> Listed:
    return listed(key, 3, etag, modified)._replace(storage_class="STANDARD")


def test_only_a_comparison_by_heads_is_saved() -> None:
    assert make_since(lambda source, dest: UNCLEAR, SHORT)(old("p/8"), old("q/8")) is PROVEN
    assert make_since(lambda source, dest: UNCLEAR, SHORT)(old("p/8"), None) is UNCLEAR
    assert make_since(lambda source, dest: ALWAYS, SHORT)(old("p/8"), old("q/8")) is ALWAYS
    for look in (FULL, AGAIN, SHORT._replace(before="")):
        assert make_since(lambda source, dest: UNCLEAR, look)(old("p/8"), old("q/8")) is UNCLEAR


def test_a_full_look_counts_what_a_short_one_would_have_passed_over() -> None:
    missed = Missed(AGAIN, resumed=False)
    copy = missed.watched(lambda source, dest: NEW)
    for pair in ((old("p/6"), None), (old("p/7"), None), (old("p/8"), old("q/8")), (old("p/9", modified=YOUNG), None)):
        assert copy(*pair) is NEW
    missed.note(old("p/6"), None)
    missed.watched(lambda source, dest: PROVEN)(old("p/5"), None)

    assert missed.result("p/9") == SinceResult(False, "because", "", "", 2, ("p/6", "p/8"), False, "p/9")


def test_nobody_knows_what_was_missed_without_a_state_or_by_a_short_look() -> None:
    for look in (Look(why="new"), SHORT):
        missed = Missed(look, resumed=True)
        missed.watched(lambda source, dest: NEW)(old("p/6"), None)
        missed.note(old("p/6"), None)
        assert missed.result("") == SinceResult(look.short, look.why, look.before, look.start)
    by_key = Missed(AGAIN._replace(before=""), resumed=True)
    by_key.note(old("p/8"), old("q/8"))
    assert by_key.result("").missed == 0
    assert by_key.result("").at_least


def test_only_so_many_missed_keys_are_kept() -> None:
    missed = Missed(AGAIN, resumed=False)
    for number in range(MOST_MISSED + 1):
        missed.note(old(f"p/{number:05}"), None)
    assert (missed.result("").missed, missed.result("").at_least) == (MOST_MISSED, True)


def test_the_next_run_starts_at_the_first_key_of_the_last_day() -> None:
    keys = StartKey(int(DAY_S), "p/0")
    assert keys.key(whole=True) == "p/0"
    keys.see([], "")
    keys.see([old("p/3"), old("p/4")], BEGAN)
    assert keys.key(whole=True) == "p/4"
    keys.see([old("p/8"), old("p/9", modified=YOUNG)], BEGAN)
    assert keys.key(whole=True) == "p/9"
    keys.see([old("p/5"), old("p/6", modified="")], "2026-01-20T00:00:00.000Z")
    keys.see([old("p/7", modified=YOUNG)], BEGAN)
    assert (keys.key(whole=True), keys.key(whole=False)) == ("p/6", "p/0")


@pytest.mark.parametrize(
    ("start", "after"),
    [("", ""), ("p/", ""), ("q/1", ""), ("p/b", "p/a"), ("p/ ", "p/"), ("p/\ue000", "p/"), ("p/1/", "p/1.")],
)
def test_the_range_of_a_short_look_has_the_first_key(start: str, after: str) -> None:
    assert range_from(start, "p/") == KeyRange(after)
    assert after < start or not start
    assert look_ranges(SHORT, "p/", ()) == [KeyRange("p/6")]
    assert look_ranges(AGAIN, "p/", (KeyRange("a"),)) == (KeyRange("a"),)


def report(since: SinceResult | None = None, began: str = BEGAN, dry_run: bool = False, **counts: int) -> Report:
    tally = {**Tally().as_dict(), "listed": sum(counts.values()), **counts}
    return Report(
        "s3://src/p/", "s3://dst/q/", tally, {}, {}, 0, 1.0, began=began, dry_run=dry_run, max_failures=9, since=since
    )


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (report(copied=2, skipped=1), True),
        (report(), True),
        (report(copied=2, failed=1), False),
        (report(copied=2, held_back=1), False),
        (report(copied=2, not_attempted=1), False),
        (report(copied=2, began=""), False),
        (report(would_copy=2, dry_run=True), False),
    ],
)
def test_only_a_complete_run_is_kept(made: Report, expected: bool) -> None:
    assert is_complete(made) is expected
    assert advanced(made, SHORT, "mark") is None


def test_a_short_look_keeps_the_start_of_the_last_full_one() -> None:
    made = report(SinceResult(True, next_start="p/9"), "2026-01-10T00:00:00.000Z", copied=1)
    assert advanced(made, SHORT, "mark") == LastSuccess("mark", made.began, BEGAN, "p/9")
    assert advanced(made, AGAIN, "mark") == LastSuccess("mark", made.began, made.began, "p/9")
    assert advanced(report(SinceResult(True), failed=1), SHORT, "mark") is None


@pytest.mark.parametrize(
    ("since", "text", "fields"),
    [
        (None, "", {}),
        (SinceResult(True), "a short look: everything is new", {"look": "short"}),
        (
            SinceResult(True, "", BEFORE, "p/7"),
            f"a short look: pairs older than {BEFORE} were not compared again and keys before 'p/7' were not listed",
            {"look": "short"},
        ),
        (SinceResult(False, "it is due"), "a full look, because it is due", {"look": "full"}),
        (
            SinceResult(False, "it is due", missed=0),
            "a full look, because it is due: the short way had missed nothing",
            {"look": "full", "missed_since": 0},
        ),
        (
            SinceResult(False, "it is due", missed=1, first=("p/1",)),
            "a full look, because it is due: the short way had missed 1 key (first 'p/1')",
            {"look": "full", "missed_since": 1},
        ),
        (
            SinceResult(False, "it is due", missed=1000, first=("p/1",), at_least=True),
            "a full look, because it is due: the short way had missed at least 1,000 keys (first 'p/1')",
            {"look": "full", "missed_since": 1000},
        ),
    ],
)
def test_the_look_in_words(since: SinceResult | None, text: str, fields: dict[str, object]) -> None:
    made = report(since)
    assert (since_note(made), since_fields(made)) == (text, fields)
    assert made.as_dict()["since"] == (None if since is None else {**since._asdict(), "first": list(since.first)})
    assert made.empty is not (since is not None and since.partial)


def test_a_state_is_read_as_it_was_written() -> None:
    assert since_of(since_to_json(STATE)) == STATE


@pytest.mark.parametrize(
    ("kept", "problem"),
    [
        ([], "is no state of this version"),
        ({**since_to_json(STATE), "format": 2}, "is no state of this version"),
        ({"format": FORMAT}, "is a damaged state"),
        ({**since_to_json(STATE), "start": 7}, "is of another type"),
        ({**since_to_json(STATE), "start": "\ud800"}, "is a damaged state"),
        ({**since_to_json(STATE), "start": "k" * (MAX_KEY_BYTES + 1)}, "longer than S3 allows"),
        ({**since_to_json(STATE), "began": "yesterday"}, "is a damaged state"),
        ({**since_to_json(STATE), "full_began": "2026-01-09 00:00:00"}, "is no time in S3's form"),
    ],
)
def test_anything_else_is_one_line(kept: object, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as raised:
        since_of(kept)
    assert "\n" not in str(raised.value)


def test_what_a_later_run_may_rely_on() -> None:
    def mark(**options: Any) -> str:
        return since_fingerprint(spec(since="key", **options), ())

    for same in ({"report": "folder"}, {"verification": "listing"}, {"full_every": "1d"}, {"part_size": "5MiB"}):
        assert mark(**same) == mark()
    for other in ({"exclude": "*x"}, {"compare": "size"}, {"overlap": "2d"}, {"storage_class": "STANDARD_IA"}):
        assert mark(**other) != mark()
    assert since_fingerprint(spec(since="key"), ("a", "b")) != mark()
    assert since_fingerprint(spec(since="last_success"), ()) != mark()
    assert fingerprint(spec(), look=SHORT.name) != fingerprint(spec(), look=AGAIN.name) == fingerprint(spec())


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"since": "key", "manifest": "keys"}, "manifest"),
        ({"since": "key", "etag_index": "folder"}, "ETag index"),
        ({"since": "last_success", "overwrite": "never"}, "compares nothing"),
        ({"since": "last_success", "compare": "etag"}, "needs no HEAD anyway"),
        ({"since": "key", "extraneous": "delete", "report": "folder"}, "needs a look at all"),
        ({"since": "key", "source": "s3://src/k"}, "is for a prefix"),
        ({"overlap": "899"}, "from 15m to 366d"),
        ({"overlap": "a day"}, "'12h' or '7d'"),
        ({"full_every": True}, "expected seconds"),
    ],
)
def test_what_does_not_go_together(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        spec(**({"dest": "s3://dst/k"} if "source" in options else {}), **options)
    assert spec(since="key", compare="etag", overwrite="always").options.since == "key"
    assert spec(since="last_success", compare="checksum", extraneous="delete", report="folder").options.overlap == DAY_S


def test_durations() -> None:
    read = Duration(0, 10**9)
    assert [read("x", raw) for raw in (5, "5", "5s", "2m", " 3H ", "7 d")] == [5, 5, 5, 120, 10_800, 604_800]
    assert [show_duration(number) for number in (0, 5, 120, 7200, 86_400, 90_000)] == [
        "0s",
        "5s",
        "2m",
        "2h",
        "1d",
        "25h",
    ]
