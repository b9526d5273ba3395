"""What OpenLineage is told: one dataset for each prefix with how much was written, once for each copy."""

from __future__ import annotations

import builtins
from typing import Any

import pytest

from s3_crosscopy.airflow import S3CrossAccountCopyOperator
from s3_crosscopy.airflow.lineage import Flow, Flows, flows_of_shards
from s3_crosscopy.model.events import RunEnded, RunStarted
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.shards.result import ShardResult
from s3_crosscopy.shards.shard import Shard
from tests.airflow.connection_env import role_connection
from tests.airflow.observed_run import BYTES, COLD_BYTES, DEST, KEYS, SOURCE, Observed
from tests.airflow.run_group import group
from tests.servers.moto import DST_ACCOUNT_ID, MotoServer

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("airflow")]

Written = dict[str, tuple[int, int]]
"""File count and bytes by the name of an output."""


def written(event: dict[str, Any]) -> Written:
    statistics = {one["name"]: one["outputFacets"]["outputStatistics"] for one in event["outputs"]}
    return {name: (one["fileCount"], one["size"]) for name, one in statistics.items()}


def operator(*flows: Flow) -> Any:
    made = S3CrossAccountCopyOperator(task_id="t", source="s3://src/p/", dest="s3://dst/q/")
    made.flows = flows
    return made


def started(*, dry_run: bool = False) -> RunStarted:
    return RunStarted("s3://src/p/", "s3://dst/q/", "prefix", "boto3", dry_run)


def ended(*, dry_run: bool = False, **counts: int) -> RunEnded:
    return RunEnded(Report("x", "y", {**Tally().as_dict(), **counts}, {}, {}, 0, 1.0, dry_run=dry_run))


def test_a_copy_that_came_to_its_end_has_counts_and_another_has_only_places() -> None:
    flows = Flows()
    flows.emit(started())
    assert flows.flows == [Flow("s3://src/p/", "s3://dst/q/")]
    flows.emit(ended(copied=3, bytes=9))
    assert flows.flows == [Flow("s3://src/p/", "s3://dst/q/", 3, 9)]


def test_a_dry_run_is_no_flow() -> None:
    flows = Flows()
    flows.emit(started(dry_run=True))
    flows.emit(ended(dry_run=True, would_copy=3, bytes=9))
    assert flows.flows == []
    lineage = operator(*flows.flows).get_openlineage_facets_on_complete(None)
    assert (lineage.inputs, lineage.outputs) == ([], [])


@pytest.mark.parametrize(
    ("url", "dataset"),
    [
        ("s3://src/p/day=1/", ("s3://src", "p/day=1")),
        ("s3://src/p/key.csv", ("s3://src", "p/key.csv")),
        ("s3://src/", ("s3://src", "/")),
    ],
)
def test_a_dataset_has_the_name_that_airflow_gives_an_asset_of_that_place(url: str, dataset: tuple[str, str]) -> None:
    from airflow.providers.amazon.aws.assets.s3 import convert_asset_to_openlineage
    from airflow.sdk import Asset

    (made,) = operator(Flow(url, "s3://dst/q/")).get_openlineage_facets_on_complete(None).inputs
    assert (made.namespace, made.name) == dataset
    asset = convert_asset_to_openlineage(Asset(uri=url), None)
    assert (asset.namespace, asset.name) == dataset


def datasets(lineage: Any) -> list[tuple[str, str]]:
    assert all(one.outputFacets == {} for one in lineage.outputs)
    return [(one.namespace, one.name) for one in [*lineage.inputs, *lineage.outputs]]


def test_a_task_that_is_about_to_begin_tells_where_from_and_where_to_by_its_rendered_arguments() -> None:
    made = S3CrossAccountCopyOperator(task_id="t", source="s3://src/{{ ds }}/", dest="s3://dst/q/")
    made.render_template_fields({"ds": "2026-11-26"})
    assert datasets(made.get_openlineage_facets_on_start()) == [("s3://src", "2026-11-26"), ("s3://dst", "q")]
    one = S3CrossAccountCopyOperator(task_id="t", source="s3://src/p/key.csv", dest="s3://dst/q/")
    assert datasets(one.get_openlineage_facets_on_start()) == [("s3://src", "p/key.csv"), ("s3://dst", "q/key.csv")]


def test_neither_a_dry_run_nor_a_wrong_argument_tells_of_a_place_before_it_begins() -> None:
    made: Any = S3CrossAccountCopyOperator(task_id="t", source="s3://src/p/", dest="s3://dst/q/", dry_run="true")
    assert datasets(made.get_openlineage_facets_on_start()) == []
    made.dry_run, made.source = False, ""
    assert datasets(made.get_openlineage_facets_on_start()) == []


def test_of_a_group_the_summary_tells_each_pair_once_before_it_begins() -> None:
    made = group(pairs=[("s3://src/1/", "s3://dst/1/"), ("s3://src/2/", "s3://dst/2/")], copy_last="x")
    summary = made["summary"].prepare_for_execution()
    summary.shards = [one.to_json() for one in (shard(1, 1), shard(2, 1), shard(3, 2))]
    assert datasets(summary.get_openlineage_facets_on_start()) == [
        ("s3://src", "1"), ("s3://src", "2"), ("s3://dst", "1"), ("s3://dst", "2"),
    ]  # fmt: skip
    summary.dry_run = True
    assert datasets(summary.get_openlineage_facets_on_start()) == []
    summary.shards = None
    parts = [made["plan"], made["publish"], summary, made["copy"].unmap({"shard": shard(1, 1).to_json()})]
    assert [datasets(part.get_openlineage_facets_on_start()) for part in parts] == [[], [], [], []]


def test_what_nobody_counted_has_no_statistics() -> None:
    lineage = operator(Flow("s3://src/p/", "s3://dst/q/")).get_openlineage_facets_on_failure(None)
    assert [one.outputFacets for one in lineage.outputs] == [{}]


def shard(number: int, pair: int) -> Shard:
    return Shard(number, 3, pair, 2, f"s3://src/{pair}/", f"s3://dst/{pair}/", KeyRange(f"{number}", None), 10)


def result(number: int, copied: int) -> ShardResult:
    counts = {**Tally().as_dict(), "listed": copied, "copied": copied, "bytes": 10 * copied}
    return ShardResult(number, shard(number, 1).mark, counts, {}, {})


def test_the_shards_of_a_pair_are_one_flow_and_undone_ones_count_nothing() -> None:
    shards = [shard(1, 1), shard(2, 1), shard(3, 2)]
    flows = flows_of_shards(shards, [result(1, 5), result(2, 6)], {1: result(0, 1)})
    assert flows == [Flow("s3://src/1/", "s3://dst/1/", 12, 120), Flow("s3://src/2/", "s3://dst/2/", 0, 0)]


def test_an_operator_is_executed_where_openlineage_is_not_installed(
    moto: MotoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for account, name in ((moto.src, "src-without"), (moto.dst, "dst-without")):
        moto.client(account).create_bucket(Bucket=name)
    moto.client(moto.src).put_object(Bucket="src-without", Key="p/k", Body=b"123")
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DST", role_connection(moto.endpoint_url, DST_ACCOUNT_ID))
    real = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name.startswith(("openlineage", "airflow.providers.openlineage")):
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    task = operator()
    task.source, task.dest, task.aws_conn_id = "s3://src-without/p/", "s3://dst-without/q/", "aws_dst"
    task.execute({})
    assert list(task.flows) == [Flow("s3://src-without/p/", "s3://dst-without/q/", 1, 3)]


def test_the_events_of_a_real_run_hold_one_dataset_for_each_prefix(observed: Observed) -> None:
    (event,) = observed.lineage_of("copy", "COMPLETE")
    assert [(one["namespace"], one["name"]) for one in event["inputs"]] == [(SOURCE, "p")]
    assert [(one["namespace"], one["name"]) for one in event["outputs"]] == [(DEST, "q")]
    assert written(event) == {"q": (KEYS, BYTES)}


@pytest.mark.parametrize(("task", "dest"), [("copy", "q"), ("fail", "thawed")])
def test_the_events_of_a_real_run_name_the_places_before_anything_was_written(
    observed: Observed, task: str, dest: str
) -> None:
    (event,) = observed.lineage_of(task, "START")
    assert [(one["namespace"], one["name"]) for one in event["outputs"]] == [(DEST, dest)]
    assert "outputStatistics" not in event["outputs"][0].get("outputFacets", {})
    assert [one["namespace"] for one in event["inputs"]] == [SOURCE]


def test_a_failed_task_tells_what_arrived_and_why_it_failed(observed: Observed) -> None:
    (event,) = observed.lineage_of("fail", "FAIL")
    assert written(event) == {"thawed": (1, COLD_BYTES)}
    error = event["run"]["facets"]["errorMessage"]
    assert "1 of 2 objects was not copied; first 'cold/frozen': archived" in error["message"]


def test_a_group_is_told_once_by_its_summary_one_dataset_for_each_pair(observed: Observed) -> None:
    (event,) = observed.lineage_of("lake.summary", "COMPLETE")
    assert [(one["namespace"], one["name"]) for one in event["inputs"]] == [(SOURCE, "p"), (SOURCE, "p/1")]
    assert written(event) == {"lake": (KEYS, BYTES), "one": (1, 1)}
    parts = [one for task in ("plan", "copy", "publish") for one in observed.lineage_of(f"lake.{task}", "COMPLETE")]
    assert parts
    assert [one for one in parts if one["inputs"] or one["outputs"]] == []


def test_a_dry_run_has_no_datasets(observed: Observed) -> None:
    (event,) = observed.lineage_of("rehearse", "COMPLETE")
    assert (event["inputs"], event["outputs"]) == ([], [])


def test_no_event_holds_a_secret(observed: Observed, moto: MotoServer) -> None:
    text = str(observed.lineage)
    assert moto.dst.secret_key not in text
    assert "very-secret" not in text
