"""What a thousand shards read and write of XCom: counted by the tasks' own code, at the worst that is realistic."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import DAG, BaseOperator

from s3_crosscopy.airflow.compat import numbers_of
from s3_crosscopy.airflow.lineage import Flow
from s3_crosscopy.airflow.plan_operator import warning_for
from s3_crosscopy.airflow.xcom_values import AT_ONCE, all_of, key_of, pull_plan, pull_shard, push_plan
from s3_crosscopy.core.spec import resolve_spec
from s3_crosscopy.core.state.deferred_ranges import coarsened
from s3_crosscopy.errors import InvalidInput, PermanentFailure
from s3_crosscopy.model.events import Warned
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.outcomes import Failure, Reason
from s3_crosscopy.model.report import FIRST_FAILURES, Report
from s3_crosscopy.model.run_scope import LEFT_TO_PUBLISH
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.shards.plan_values import MOST_BYTES, RESULTS, TOGETHER, fitted, json_bytes, share
from s3_crosscopy.shards.plan_values import PUBLISHED as PUBLISHED_BYTES
from s3_crosscopy.shards.result import PUBLISHED, result_to_json
from s3_crosscopy.shards.result_file import FILE, handed_on
from s3_crosscopy.shards.shard import Shard, place_of_publish
from s3_crosscopy.shards.tasks import publish, read_published, read_results, summarise
from tests.airflow.run_group import group

OF = 1000
NOBODY: Any = SimpleNamespace(client=None)
"""Who signs: a folder needs nobody."""


class Board:
    """XCom in place of Airflow's: counts the bytes of every value that is written or read, and the requests."""

    def __init__(self, map_index: int = -1) -> None:
        self.values: dict[str, str] = {}
        self.bytes = self.requests = 0
        self.map_index = map_index

    def xcom_push(self, key: str, value: Any) -> None:
        self.values[key] = json.dumps(value)
        self.count(self.values[key])

    def xcom_pull(self, *, task_ids: str, key: str, map_indexes: None) -> Any:
        self.requests += 1
        if key not in self.values:
            return None
        self.bytes += len(self.values[key])
        return json.loads(self.values[key])

    def count(self, text: str) -> None:
        self.requests += 1
        self.bytes += len(text)


class Returned(Sequence[Any]):
    """What mapped tasks returned, as Airflow's lazy sequence: each index or slice is one request."""

    def __init__(self, board: Board, texts: list[str]) -> None:
        self.board, self.texts = board, texts

    def __len__(self) -> int:
        raise AssertionError("that is one more request")

    def __getitem__(self, index: Any) -> Any:
        assert isinstance(index, slice), "one request for each of a thousand results"
        self.board.count("".join(self.texts[index]))
        return [json.loads(text) for text in self.texts[index]]


def key(number: int) -> str:
    return f"lake/{'x' * 1009}{number:010}"


def plan() -> list[Shard]:
    ranges = pairwise(["", *(key(10 * number) for number in range(1, OF)), ""])
    return [
        Shard(n, OF, 1, 1, "s3://acme-raw-events/lake/", "s3://analytics-landing/lake/", KeyRange(a, b or None), 10**7)
        for n, (a, b) in enumerate(ranges, start=1)
    ]


MESSAGE = (
    "User: arn:aws:sts::123456789012:assumed-role/data-platform-copier/airflow-worker-17 is not authorized to perform:"
    " s3:PutObject on resource: arn:aws:s3:::analytics-landing/{} because no identity-based policy allows it"
)


def report(number: int) -> Report:
    """Of a shard with twenty failures and 25 markers, all of them far apart, and keys of 1,024 bytes."""
    keys = [key(10 * number + at) for at in range(10)] * 2
    failures = tuple(
        Failure(one, Reason.DENIED, "CopyObject", "AccessDenied", MESSAGE.format(one), "R" * 16) for one in keys
    )
    counts = {"listed": 10**7, "copied": 10**7 - 45, "failed": 20, "held_back": 25, "bytes": 10**15}
    decisions = {"missing": 10**7 - 125, "new ETag": 80, "denied": 20, LEFT_TO_PUBLISH: 25}
    return Report(
        "s3://acme-raw-events/lake/", "s3://analytics-landing/lake/", Tally.of(counts, {}, {}).as_dict(), decisions,
        {"etag": 10**7}, 12_345, 98_765.4321, failures, max_failures=100_000, began="2026-11-24T10:00:00.000Z",
        markers=markers(number),
    )  # fmt: skip


@cache  # They are the same with a report and without one.
def markers(number: int) -> tuple[KeyRange, ...]:
    first = key(10 * number)
    return tuple(coarsened([KeyRange(f"{first}/{at:02}", f"{first}/{at:02}_SUCCESS") for at in range(25)]))


@pytest.mark.parametrize("with_report", [True, False])
def test_a_thousand_shards_of_the_longest_keys_take_five_megabytes_of_xcom_at_most(
    tmp_path: Path, with_report: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"copy_last": "*_SUCCESS", "max_failures": 100_000, "report": str(tmp_path) if with_report else None}
    board, warned = Board(), []

    class Sink:
        def emit(self, event: Any) -> None:
            warned.append(event)

    # The plan task.
    made = fitted(plan())
    assert len(made.shards) == OF, "none was lost"
    push_plan(board, made.packed)
    board.count(json.dumps([shard.keys for shard in made.shards]))
    # The copy tasks.
    texts = []
    for index in range(OF):
        shard = pull_shard(board, "plan", index)
        assert shard == made.shards[index]
        spec = resolve_spec(shard.source, shard.dest, options)
        said = result_to_json(shard.number, shard.mark, report(shard.number))
        texts.append(json.dumps(handed_on(said, share(RESULTS, OF), spec, NOBODY, shard.place, Sink())))
        board.count(texts[-1])
    # The publish task.
    shards = pull_plan(board, "plan")
    results = read_results(all_of(Returned(board, texts)), shards, options, lambda: NOBODY)
    assert all(one.markers != () for one in results)
    copied = Tally.of({"listed": 100 * OF, "copied": 100 * OF}, {}, {}).as_dict()
    monkeypatch.setattr("s3_crosscopy.shards.tasks.run_copy", lambda *_, **__: Report("", "", copied, {}, {}, 0, 1.0))
    published = json.dumps(publish(shards, results, options, NOBODY))
    board.count(published)
    # The summary.
    shards = pull_plan(board, "plan")
    board.count(published)
    whole = read_published(json.loads(published), shards, options, lambda: NOBODY)
    results = read_results(all_of(Returned(board, texts)), shards, options, lambda: NOBODY)
    monkeypatch.setattr("s3_crosscopy.shards.tasks._write", lambda *_: None)
    summary = summarise(shards, results, whole, options, lambda: NOBODY)
    board.count(json.dumps(summary.as_dict()))

    assert board.bytes <= MOST_BYTES == 5_000_000
    assert board.requests < 2 * OF + 6 * OF // TOGETHER + 2 * OF // AT_ONCE
    assert summary.counts["failed"] == 20 * OF
    assert len(summary.failures) == FIRST_FAILURES
    assert (tmp_path / "shard-0007" / FILE).exists() is with_report
    if with_report:
        assert warned == []
        assert results[6].failures == report(7).failures
        assert results[6].markers == report(7).markers
    else:
        assert {type(one) for one in warned} == {Warned}
        assert len(warned) == OF, "one line each"
        assert summary.failures[0].key.startswith("lake/xxx")
        # Publish lists the whole range of the shard.
        assert results[6].markers is None


def test_ten_shards_lose_nothing_without_a_report() -> None:
    said = result_to_json(1, "m", report(1))
    few = {**said, "failures": said["failures"][:3], "markers": said["markers"][:4]}
    spec = resolve_spec("s3://raw/p/", "s3://copy/q/", {})
    assert json_bytes(few) > share(RESULTS, OF)
    assert handed_on(few, share(RESULTS, 10), spec, NOBODY, "shard-0001/", None) == few


def test_what_a_thousand_pairs_published_has_its_share_too(tmp_path: Path) -> None:
    spec = resolve_spec("s3://raw/p/", "s3://copy/q/", {"report": str(tmp_path)})
    said = result_to_json(PUBLISHED, "", report(1))
    small = handed_on(said, share(PUBLISHED_BYTES, OF), spec, NOBODY, "pair-0001/publish/", None)
    assert json_bytes(small) <= share(PUBLISHED_BYTES, OF)


def spoilt(said: dict[str, Any], tmp_path: Path, how: str) -> dict[str, Any]:
    file = tmp_path / "shard-0001" / FILE
    if how == "elsewhere":
        return {**said, "beside": {**said["beside"], "place": "../../etc/passwd"}}
    if how == "gone":
        file.unlink()
    elif how == "changed":
        file.write_text(file.read_text().replace("AccessDenied", "AccessAllowed"))
    elif how == "text":
        return {**said, "beside": "shard-0001/result.json"}
    return said


@pytest.mark.parametrize(
    ("how", "line"),
    [
        ("elsewhere", "is not where this run has its report"),
        ("text", "is not where this run has its report"),
        ("gone", "is not there"),
        ("changed", "is not what the task wrote"),
    ],
)
def test_a_file_beside_a_report_counts_only_if_it_is_the_one_that_the_task_wrote(
    tmp_path: Path, how: str, line: str
) -> None:
    shard, options = plan()[0], {"report": str(tmp_path)}
    spec = resolve_spec(shard.source, shard.dest, options)
    said = result_to_json(1, shard.mark, report(1))
    small = json.loads(json.dumps(handed_on(said, 900, spec, NOBODY, shard.place, None)))

    with pytest.raises(PermanentFailure, match=rf"^results: .*{FILE} {line}; clear the task that writes it"):
        read_results([spoilt(small, tmp_path, how)], [shard], options, lambda: NOBODY)


def test_without_the_report_that_a_result_lies_in_it_is_one_line(tmp_path: Path) -> None:
    shard = plan()[0]
    spec = resolve_spec(shard.source, shard.dest, {"report": str(tmp_path)})
    small = handed_on(result_to_json(1, shard.mark, report(1)), 900, spec, NOBODY, shard.place, None)
    with pytest.raises(PermanentFailure, match="is not where this run has its report"):
        read_results([small], [shard], {}, lambda: NOBODY)


def test_a_result_of_an_older_plan_is_left_alone(tmp_path: Path) -> None:
    shard = plan()[0]
    spec = resolve_spec(shard.source, shard.dest, {"report": str(tmp_path)})
    small = handed_on(result_to_json(1, "another", report(1)), 900, spec, NOBODY, "shard-0001/", None)
    (tmp_path / "shard-0001" / FILE).unlink()
    (result,) = read_results([small, None], [shard], {"report": str(tmp_path)}, lambda: NOBODY)
    assert result.mark == "another"


def test_what_was_published_is_read_from_beside_its_report(tmp_path: Path) -> None:
    shard, options = plan()[0], {"report": str(tmp_path)}
    spec = resolve_spec(shard.source, shard.dest, options)
    small = handed_on(result_to_json(PUBLISHED, "", report(1)), 900, spec, NOBODY, place_of_publish(1, 1), None)
    read = read_published({"1": small, "7": result_to_json(0, "", report(1))}, [shard], options, lambda: NOBODY)
    assert read is not None
    assert len(read[1].failures) == len(read[7].failures) == 20


def test_a_mapped_task_knows_its_number_and_reads_nothing() -> None:
    with DAG(dag_id="d", schedule=None):
        listing = BaseOperator(task_id="listing")
    numbers = numbers_of(listing.output)
    assert list(numbers.iter_references()) == [(listing, "return_value")]
    found = numbers.resolve({"ti": Board(map_index=7)})
    assert (found[7], len(found)) == (7, 8)


def test_a_plan_that_became_smaller_or_is_large_all_the_same_is_warning_for_in_one_line() -> None:
    made = fitted(plan()[:3])
    assert warning_for(made, 3) == ""
    assert warning_for(made, 5).startswith("5 shards became 3: their first keys are too long for Airflow's XCom")
    assert warning_for(made._replace(fits=False, packed=["x" * 2000]), 3).startswith(
        "the plan takes 2,000 bytes of Airflow"
    )


def test_the_summary_names_the_places_of_its_copy_before_it_knows_the_shards() -> None:
    pairs = [("s3://raw/a/", "s3://copy/a/"), {"source": "s3://raw/b/", "dest": "s3://copy/b/"}]
    flows = [Flow("s3://raw/a/", "s3://copy/a/"), Flow("s3://raw/b/", "s3://copy/b/")]
    assert group(pairs=pairs).summary.flows_ahead() == flows
    assert group().summary.flows_ahead() == [Flow("s3://src/p/", "s3://dst/q/")]
    assert group(dry_run=True).summary.flows_ahead() == []


def test_a_plan_that_is_not_there_or_damaged_is_one_line() -> None:
    board = Board()
    for pull in (lambda: pull_shard(board, "plan", 20), lambda: pull_plan(board, "plan")):
        with pytest.raises(PermanentFailure, match=r"^the plan task is not done, its log says why"):
            pull()
    push_plan(board, fitted(plan()[: TOGETHER + 1]).packed)
    with pytest.raises(PermanentFailure, match=r"^the plan task is not done"):
        pull_shard(board, "plan", TOGETHER + 1)
    with pytest.raises(PermanentFailure, match=r"^the plan task is not done"):
        pull_plan(board, "plan")  # the shards say that there are a thousand
    for damaged in ("damaged", {"a": 1}):
        board.xcom_push(key_of(0), damaged)
        with pytest.raises(InvalidInput, match=r"^shards: the plan is no packed JSON; clear the plan task"):
            pull_shard(board, "plan", 0)


class WithoutSlices(Sequence[str]):
    """The results of mapped tasks as Airflow 3.0 gives them."""

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            raise TypeError("Sequence indices must be integers or slices, not slice")
        return ["a", "b", "c"][index]


def test_results_that_have_no_slices_are_read_one_by_one() -> None:
    assert all_of(WithoutSlices()) == ["a", "b", "c"]
