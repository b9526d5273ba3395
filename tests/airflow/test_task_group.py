"""The task group: its shape in a DAG, what each task makes of what the others returned, and what a failure leaves."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG, BaseOperator
from airflow.serialization import serialized_objects

from s3_crosscopy.airflow import S3CrossAccountCopyTaskGroup
from s3_crosscopy.airflow.compat import AirflowException, AirflowFailException, AirflowSkipException
from s3_crosscopy.api import RunRequest, run_copy, undelete
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.option_table import REFUSED
from s3_crosscopy.report.files import files_at
from s3_crosscopy.report.report_reader import read_rows, read_summary
from tests.airflow.connection_env import role_connection
from tests.airflow.run_group import Run, group
from tests.end_to_end.conftest import session_of
from tests.servers import s3_responses as answers
from tests.servers.http_messages import FORWARD, Answer, Request
from tests.servers.moto import DST_ACCOUNT_ID, SRC_ACCOUNT_ID, MotoServer
from tests.servers.stub_server import StubServer
from tests.waiting import wait_until

DAYS, FILES = 4, 6
KEYS = [f"p/day={day}/{name}" for day in range(DAYS) for name in ["_SUCCESS", *(f"part-{n:02}" for n in range(FILES))]]
CUTS = [f"p/day={day}/" for day in range(1, DAYS)]
MARKERS = [key for key in KEYS if key.endswith("_SUCCESS")]
ALL = len(KEYS)


def ids(tasks: Any) -> list[str]:
    return sorted(task.task_id for task in tasks)


def test_plan_comes_first_and_the_summary_is_all_that_others_wait_for() -> None:
    made = group(copy_last=["*/_SUCCESS"])

    assert list(made.children) == ["copy.plan", "copy.copy", "copy.publish", "copy.summary"]
    assert ids(made.roots) == ["copy.plan"]
    assert ids(made.leaves) == ["copy.summary"]
    assert made["copy"].upstream_task_ids == {"copy.plan"}
    assert made["publish"].upstream_task_ids == {"copy.plan", "copy.copy"}
    assert made.summary.upstream_task_ids == {"copy.plan", "copy.copy", "copy.publish"}
    assert [made[name].trigger_rule.value for name in ("copy", "publish", "summary")] == [
        "all_success",
        "all_success",
        "all_done",
    ]
    assert made.output.operator is made.summary


def test_where_nothing_is_copied_last_there_is_no_publish_task() -> None:
    assert "copy.publish" not in group(copy_last="off").children
    assert "copy.publish" not in group(copy_last=()).children
    assert "copy.publish" not in group(default_args={"copy_last": []}).children
    assert "copy.publish" in group().children
    assert "copy.publish" in group(default_args={"copy_last": "*.done"}).children


def test_every_task_retries_by_itself_with_growing_delays_unless_told_otherwise() -> None:
    def retrying(made: Any) -> set[Any]:
        tasks = [made[name] for name in ("plan", "copy", "publish", "summary")]
        return {(t.retries, t.retry_delay, bool(t.retry_exponential_backoff), t.max_retry_delay) for t in tasks}

    usual = (3, timedelta(seconds=30), True, timedelta(minutes=10))
    assert retrying(group(copy_last="a")) == {usual}
    assert retrying(group(copy_last="a", task_kwargs={"retries": 1})) == {(1, *usual[1:])}
    assert retrying(group(copy_last="a", default_args={"retries": 7})) == {(7, *usual[1:])}
    with DAG(dag_id="with_defaults", schedule=None, default_args={"retries": 5, "retry_delay": timedelta(seconds=1)}):
        made = S3CrossAccountCopyTaskGroup("g", source="s3://raw/p/", dest="s3://lake/q/", copy_last="a")
    assert retrying(made) == {(5, timedelta(seconds=1), *usual[2:])}


def test_arguments_of_airflow_reach_every_task_and_those_of_the_group_the_group() -> None:
    tasks = {"pool": "s3", "max_active_tis_per_dagrun": 8}
    made = group(group_id="lake", task_kwargs=tasks, tooltip="a lake", prefix_group_id=False)

    assert {task.pool for task in made} == {"s3"}
    assert made["copy"].max_active_tis_per_dagrun == 8
    assert made.tooltip == "a lake"
    assert set(made.children) == {"plan", "copy", "publish", "summary"}


def test_options_reach_every_task_and_only_the_plan_looks_at_the_access() -> None:
    made = group(overwrite="always", include=["{{ ds }}/*"], preflight="full", copy_last="a")

    shard = made["copy"].unmap({"shard": {}})
    tasks = {name: made[name] for name in ("plan", "publish", "summary")} | {"copy": shard}
    assert {task.overwrite for task in tasks.values()} == {"always"}
    assert {name: task.preflight for name, task in tasks.items()} == {
        "plan": "full", "copy": "off", "publish": "off", "summary": "off",
    }  # fmt: skip
    tasks["plan"].render_template_fields({"ds": "2026-11-24"})
    assert tasks["plan"].include == ["2026-11-24/*"]


def test_pairs_are_templates() -> None:
    made = group(pairs=[("s3://raw/{{ ds }}/", "s3://copy/{{ ds }}/")], shards="{{ shards }}")
    made["plan"].render_template_fields({"ds": "2026-11-24", "shards": 3})
    assert made["plan"].pairs == [("s3://raw/2026-11-24/", "s3://copy/2026-11-24/")]
    assert made["plan"].shards == "3"


MEETING = [("s3://raw/x/", "s3://copy/y/"), ("s3://other/x/", "s3://copy/y/z/")]


@pytest.mark.parametrize(
    ("pairs", "line"),
    [
        (MEETING, r"pairs: s3://raw/x/ -> s3://copy/y/ and s3://other/x/ -> s3://copy/y/z/ write onto each other"),
        (json.dumps(MEETING), "pairs: s3://raw/x/ -> s3://copy/y/ and s3://other/x/ -> s3://copy/y/z/ write"),
        # Between templates too.
        ([("s3://raw/{{ ds }}/", "s3://copy/{{ ds }}/"), *MEETING], "pairs: s3://raw/x/ -> s3://copy/y/ and"),
        ([{"source": "s3://raw/x/", "dest": "s3://raw/x/"}], "dest: s3://raw/x/ is the source itself"),
        ([("raw/x/", "s3://copy/x/")], "source: 'raw/x/' is not an s3:// URL"),
        ([("s3://raw/x/",)], r"pairs: \('s3://raw/x/',\) is not a pair"),
        ([], "pairs: is empty"),
    ],
)
def test_pairs_that_are_no_templates_are_checked_when_the_dag_is_parsed(pairs: Any, line: str) -> None:
    with pytest.raises(InvalidInput, match=rf"^task 'copy\.plan': {line}"):
        group(pairs=pairs)


@pytest.mark.parametrize("kind", ["prefix", "{{ params.kind }}"])
def test_pairs_that_airflow_still_renders_are_left_to_the_plan_task(kind: str) -> None:
    with DAG(dag_id="d", schedule=None):
        told = BaseOperator(task_id="told")
        several: tuple[Any, ...] = (
            told.output,
            "{{ params.pairs }}",
            [("s3://raw/x/", "s3://copy/{{ ds }}/"), ("s3://raw/y/", "s3://copy/{{ ds }}/")],
            [("s3://raw/x/", told.output), ("s3://raw/y/", told.output)],
        )
        for number, pairs in enumerate(several):
            made = S3CrossAccountCopyTaskGroup(f"g{number}", pairs=pairs, kind=kind)
            assert set(made.children) == {f"g{number}.{name}" for name in ("plan", "copy", "publish", "summary")}


def test_pairs_of_a_kind_that_is_a_template_are_left_to_the_plan_task() -> None:
    group(pairs=MEETING, kind="{{ params.kind }}")


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_tool_refuses_is_told_apart_from_a_misspelt_argument(name: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{name}: .* not supported; "):
        group(**{name: "x"})


def test_a_misspelt_argument_is_airflows_own_error() -> None:
    with pytest.raises(TypeError, match="max_concurency"):
        group(max_concurency=3)
    with pytest.raises(TypeError, match="retrys"):
        group(task_kwargs={"retrys": 3})


@pytest.mark.parametrize(
    ("name", "what"), [("trigger_rule", "leave it out"), ("overwrite", "give overwrite= to the group itself")]
)
def test_arguments_that_are_not_airflows_to_give_are_refused(name: str, what: str) -> None:
    with pytest.raises(InvalidInput, match=f"^task_kwargs: '{name}' is the group's; {what}$"):
        group(task_kwargs={name: "x"})


def test_the_group_is_serialized_with_its_mapped_task() -> None:
    with DAG(dag_id="d", schedule=None) as dag:
        made = S3CrossAccountCopyTaskGroup("copy", source="s3://raw/p/", dest="s3://lake/q/", copy_last="a")
        after = BaseOperator(task_id="after")
        made >> after
    assert after.upstream_task_ids == {"copy.summary"}
    # The class has another name before Airflow 3.2.
    known: Any = getattr(serialized_objects, "DagSerialization", None) or getattr(serialized_objects, "SerializedDAG")  # noqa: B009
    again = known.from_dict(json.loads(json.dumps(known.to_dict(dag))))
    assert again.get_task("copy.copy").is_mapped
    assert sorted(again.task_ids) == ["after", "copy.copy", "copy.plan", "copy.publish", "copy.summary"]


def test_parsing_a_dag_file_with_a_group_is_quick_work_without_boto3() -> None:
    program = (
        "import sys, airflow.sdk\n"
        "from s3_crosscopy.airflow import S3CrossAccountCopyTaskGroup as Group\n"
        "with airflow.sdk.DAG(dag_id='d', schedule=None):\n"
        "    Group('g', source='s3://raw/p/', dest='s3://lake/q/', copy_last='a')\n"
        "heavy = ('boto', 'airflow.providers.amazon.aws', 's3_crosscopy.adapters', 's3_crosscopy.engine',"
        " 's3_crosscopy.api', 's3_crosscopy.airflow.conn')\n"
        "print([name for name in sys.modules if name.startswith(heavy)])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.fixture(scope="module")
def raw(moto: MotoServer) -> str:
    """The bucket with a lake of a few days that all tests copy. No run begins in the second of its last object.

    S3's times have whole seconds: a marker of a run's first second may be younger than the listing, and is held back.
    """
    client, bucket = moto.client(moto.src), "raw-of-task-groups"
    client.create_bucket(Bucket=bucket)
    for key in KEYS:
        client.put_object(Bucket=bucket, Key=key, Body=b"x" * 3)
    written = max(one["LastModified"] for one in client.list_objects_v2(Bucket=bucket)["Contents"])

    def now() -> datetime:
        return parsedate_to_datetime(client.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"]["date"])

    wait_until(lambda: now() > written.replace(microsecond=0), 30, lambda: "moto's clock stands still", poll_s=0.05)
    return bucket


class World:
    """Two accounts on moto behind a stub; the source is `raw`, the destination is new."""

    def __init__(self, moto: MotoServer, stub: StubServer, raw: str, name: str) -> None:
        self.moto, self.stub, self.raw, self.name = moto, stub, raw, name
        self.dest = moto.client(moto.dst)
        self.dest.create_bucket(Bucket=f"dst-{name}")
        stub.upstream = moto.endpoint_url

    def group(self, **arguments: Any) -> Run:
        given: dict[str, Any] = {
            "source": f"s3://{self.raw}/p/", "dest": f"s3://dst-{self.name}/q/", "shards": 4,
            "aws_conn_id": "aws_dst", "source_aws_conn_id": "aws_src", "copy_last": ["*/_SUCCESS"],
        }  # fmt: skip
        if "pairs" in arguments:
            del given["source"], given["dest"]
        # The planner makes one shard of so few keys.
        return Run(group(**{**given, **arguments}), () if "pairs" in arguments else CUTS)

    def arrived(self) -> list[str]:
        listed = self.dest.list_objects_v2(Bucket=f"dst-{self.name}").get("Contents", [])
        return [f"p/{one['Key'].removeprefix('q/')}" for one in listed]

    def times(self) -> dict[str, Any]:
        listed = self.dest.list_objects_v2(Bucket=f"dst-{self.name}").get("Contents", [])
        return {one["Key"]: one["LastModified"] for one in listed}

    def version(self) -> None:
        """From now on the destination has versions."""
        enabled = {"Status": "Enabled"}
        self.dest.put_bucket_versioning(Bucket=f"dst-{self.name}", VersioningConfiguration=enabled)

    def put_stale(self, *keys: str) -> None:
        """Objects that only the destination has, written before the second in which the next run begins."""
        for key in keys:
            self.dest.put_object(Bucket=f"dst-{self.name}", Key=key, Body=b"stale")
        written = int(time.time())
        wait_until(lambda: int(time.time()) > written, 10, lambda: "the clock stands still")

    def refuse(self, *keys: str) -> None:
        """From now on copies of these keys are denied."""

        def rule(request: Request) -> Answer:
            wanted = request.operation == "CopyObject" and request.headers["x-amz-copy-source"].endswith(keys)
            return answers.error("AccessDenied", 403, "no") if keys and wanted else FORWARD

        self.stub.rules = [rule]


@pytest.fixture
def world(
    moto: MotoServer, stub: StubServer, raw: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> World:
    monkeypatch.setenv("AIRFLOW_CONN_AWS_SRC", role_connection(stub.endpoint_url, SRC_ACCOUNT_ID))
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DST", role_connection(stub.endpoint_url, DST_ACCOUNT_ID))
    made = World(moto, stub, raw, f"g{abs(hash(request.node.name)) % 10**9}")
    made.refuse()
    return made


def test_shards_copy_and_the_summary_is_of_the_whole(world: World) -> None:
    run = world.group()

    summary = run.whole()

    assert world.arrived() == KEYS
    assert len(run.shards) == summary["shards"] == 4
    assert {name: summary[name] for name in ("ok", "listed", "copied", "held_back", "verified_by")} == {
        "ok": True, "listed": ALL, "copied": ALL, "held_back": 0, "verified_by": {"etag": ALL},
    }  # fmt: skip
    assert sum(result["copied"] for result in run.results.values()) == ALL - len(MARKERS)
    assert run.published["1"]["copied"] == len(MARKERS)
    assert run.made["copy"].unmap({"shard": run.shards[1]}).shard_label.startswith("p/ 2/4 from ")
    assert max(len(json.dumps(result)) for result in run.results.values()) < 4096


def test_a_second_run_skips_everything(world: World) -> None:
    world.group().whole()
    summary = world.group().whole()
    assert (summary["listed"], summary["skipped"]) == (ALL, ALL)


def test_under_a_failed_shard_the_markers_are_not_there_and_the_summary_names_it(world: World) -> None:
    world.refuse("/day%3D2/part-03", "/day=2/part-03")
    run = world.group()

    with pytest.raises(AirflowFailException, match=r"^1 of 4 shards? (is|are) not done: p/ \d/4.*; their logs say why"):
        run.whole()

    (error,) = run.errors.values()
    assert isinstance(error, AirflowFailException)
    assert [key for key in MARKERS if key in world.arrived()] == []
    assert len(world.arrived()) == ALL - len(MARKERS) - 1

    # Clearing that shard runs it alone, and the summary comes out right.
    world.refuse()
    before = world.times()
    (number,) = run.errors
    run.shard(number)
    run.publish()
    summary = run.summary()
    assert (summary["ok"], summary["listed"], summary["copied"]) == (True, ALL, ALL)
    assert world.arrived() == KEYS
    assert {key: at for key, at in world.times().items() if key in before} == before


def test_a_shard_that_is_cleared_after_all_went_well_leaves_the_summary_right(world: World) -> None:
    run = world.group()
    run.whole()

    run.shard(1)
    run.publish()
    summary = run.summary()

    assert (summary["ok"], summary["listed"], summary["failed"], summary["missing"]) == (True, ALL, 0, 0)
    assert summary["copied"] + summary["skipped"] == ALL


def test_failures_within_the_budget_hold_the_markers_back(world: World) -> None:
    world.refuse("/day%3D2/part-03", "/day=2/part-03")
    run = world.group(max_failures=1)

    summary = run.whole()

    assert (summary["ok"], summary["failed"], summary["held_back"]) == (True, 1, len(MARKERS))
    assert summary["decisions"]["held back: not everything else arrived"] == len(MARKERS)
    assert [key for key in MARKERS if key in world.arrived()] == []


def test_a_publish_task_that_failed_fails_the_summary(world: World) -> None:
    run = world.group()
    run.plan()
    run.copy()
    with pytest.raises(AirflowFailException, match=r"^the publish task is not done"):
        run.summary()


def test_a_plan_that_failed_fails_the_summary() -> None:
    with pytest.raises(AirflowFailException, match=r"^the plan task is not done"):
        Run(group()).summary()


def test_several_pairs_share_the_shards(world: World) -> None:
    src, dst = f"s3://{world.raw}", f"s3://dst-{world.name}"
    run = world.group(
        pairs=[(f"{src}/p/day=0/", f"{dst}/a/"), {"source": f"{src}/p/day=1/part-01", "dest": f"{dst}/b/"}],
        copy_last="*_SUCCESS",
    )

    summary = run.whole()

    assert sorted(world.times()) == ["a/_SUCCESS", *(f"a/part-{n:02}" for n in range(FILES)), "b/part-01"]
    assert summary["listed"] == FILES + 2
    assert [shard["single"] for shard in run.shards] == [*[False] * (len(run.shards) - 1), True]
    assert set(run.published) == {"1"}


def test_an_empty_source_is_the_summarys_to_judge(world: World) -> None:
    nothing: dict[str, Any] = {"source": f"s3://{world.raw}/nothing/", "copy_last": ()}
    with pytest.raises(AirflowFailException, match="/nothing/ is empty"):
        world.group(**nothing).whole()
    with pytest.raises(AirflowSkipException, match="/nothing/ is empty"):
        world.group(**nothing, if_empty="skip").whole()
    assert world.group(**nothing, if_empty="succeed").whole()["listed"] == 0


def test_shards_may_have_nothing_left_as_long_as_the_whole_copy_has_something(world: World) -> None:
    fine = world.group(copy_last=(), include="day=1/part-01").whole()
    assert (fine["copied"], fine["filtered"] > 0) == (1, True)

    wrong: dict[str, Any] = {"copy_last": (), "include": "*.cvs"}
    says = r"include='\*.cvs' left out 28 of 28 .globs are relative to the source prefix.*: 'day=0/"
    with pytest.raises(AirflowFailException, match=says):
        world.group(**wrong).whole()
    with pytest.raises(AirflowSkipException, match=says):
        world.group(**wrong, if_empty="skip").whole()
    assert world.group(**wrong, if_empty="succeed").whole()["copied"] == 0
    # A day without news is a success, whatever if_empty says.
    assert world.group(copy_last=(), modified_after="2999-01-01").whole()["copied"] == 0


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ({"manifest": "keys.txt"}, "manifest: a task group divides key ranges.*expand"),
        ({"shards": 2000}, r"shards: 2,000 are more than the 1,024 tasks.*\[core\] max_map_length"),
        ({"dest": "s3://nowhere-at-all/q/"}, "dest: there is no bucket 'nowhere-at-all'"),
    ],
)
def test_what_cannot_be_planned_fails_for_good(world: World, arguments: dict[str, Any], line: str) -> None:
    with pytest.raises(AirflowFailException, match=f"^{line}"):
        world.group(**arguments).plan()


def test_pairs_that_meet_when_they_are_rendered_fail_for_good_before_anything_is_listed(world: World) -> None:
    src, dst = f"s3://{world.raw}", f"s3://dst-{world.name}"
    run = world.group(pairs=[(f"{src}/p/day=0/", f"{dst}/q/"), (f"{src}/p/day=1/", "{{ to }}")])
    run.made["plan"].render_template_fields({"to": f"{dst}/q/"})

    with pytest.raises(
        AirflowFailException, match=f"^pairs: {src}/p/day=0/ -> {dst}/q/ and {src}/p/day=1/ -> {dst}/q/ "
    ):
        run.plan()

    # The roles are assumed, and S3 is asked nothing.
    assert {request.method for request in world.stub.requests} == {"POST"}


@pytest.mark.parametrize(
    ("arguments", "rendered", "line"),
    [
        ({"shards": "{{ n }}"}, {"n": 0}, "shards: 0 is out of range"),
        ({"pairs": "{{ pairs }}"}, {"pairs": "[]"}, "pairs: is empty"),
        ({"preflight": "{{ how }}"}, {"how": "heavy"}, "preflight: 'heavy' is not one of"),
    ],
)
def test_what_a_template_makes_wrong_fails_the_plan_for_good(
    world: World, arguments: dict[str, Any], rendered: dict[str, Any], line: str
) -> None:
    plan = world.group(**arguments).made["plan"]
    plan.render_template_fields(rendered)
    with pytest.raises(AirflowFailException, match=f"^{line}"):
        plan.execute({})


def test_the_tasks_of_a_group_are_executed_without_a_context(world: World) -> None:
    made = world.group(copy_last=()).made
    shards = made["plan"].execute(None)
    results = [made["copy"].unmap({"shard": shard}).execute(None) for shard in shards]
    summary = made["summary"].prepare_for_execution()
    summary.shards, summary.results = shards, results
    assert summary.execute(None)["copied"] == ALL


def test_a_shard_out_of_another_version_is_one_line(world: World) -> None:
    run = world.group()
    run.shards = [{"number": 1}]
    run.copy()
    assert isinstance(run.errors[0], AirflowException)
    assert str(run.errors[0]).startswith("shard: is not a shard of this version")


def test_a_dry_run_of_a_group_writes_nothing_and_counts_everything(world: World) -> None:
    summary = world.group(dry_run=True).whole()
    assert (summary["would_copy"], summary["dry_run"], world.arrived()) == (ALL, True, [])


@pytest.mark.parametrize("dry_run", [False, True])
def test_the_reports_of_the_shards_are_read_as_one(world: World, tmp_path: Path, dry_run: bool) -> None:
    run = world.group(report=str(tmp_path), dry_run=dry_run)

    summary = run.whole()

    place = tmp_path / "dry-run" if dry_run else tmp_path
    files = files_at(str(place), lambda bucket: None, "report")
    rows = list(read_rows(files))
    assert sorted(row.key for row in rows) == KEYS
    assert {row.outcome for row in rows} == {"would_copy" if dry_run else "copied"}
    told = read_summary(files)
    assert {name: told[name] for name in ("listed", "copied", "would_copy")} == {
        name: summary[name] for name in ("listed", "copied", "would_copy")
    }
    assert (place / "shard-0004" / "index.json").exists()
    assert (place / "publish" / "index.json").exists()


def test_the_publish_task_deletes_once_for_all_shards(world: World, tmp_path: Path) -> None:
    world.version()
    stale = [f"q/day={day}/part-99" for day in range(DAYS)]
    world.group(copy_last=["*/_SUCCESS"]).whole()
    world.put_stale(*stale)
    run = world.group(extraneous="delete", max_delete="50%", report=str(tmp_path))

    summary = run.whole()

    assert world.arrived() == KEYS
    assert summary["extraneous"]["keys"] == len(stale)
    assert summary["extraneous"]["first"] == stale
    assert summary["extraneous"]["deletion"] == {
        "deleted": 4, "kept": 0, "not_deleted": 0, "why": "", "ok": True, "retryable": False,
    }  # fmt: skip
    rows = [
        row for row in read_rows(files_at(str(tmp_path), lambda bucket: None, "report")) if row.outcome == "deleted"
    ]
    assert sorted(row.dest_key for row in rows) == stale
    undone = undelete(str(tmp_path), session=session_of(world.moto.dst), endpoint_url=world.moto.endpoint_url)
    assert (undone.back, undone.left, undone.refused) == (4, 0, 0)
    assert len(world.arrived()) == ALL + len(stale)


def test_under_a_failed_shard_nothing_is_deleted(world: World, tmp_path: Path) -> None:
    world.version()
    world.put_stale("q/day=0/part-99")
    world.refuse("/day%3D2/part-03", "/day=2/part-03")
    run = world.group(extraneous="delete", max_delete="50%", report=str(tmp_path), max_failures=1)

    summary = run.whole()

    assert summary["extraneous"]["deletion"]["deleted"] == 0
    assert summary["extraneous"]["deletion"]["why"] == "nothing was deleted: not every shard is complete"
    assert "p/day=0/part-99" in world.arrived()


def test_the_failed_keys_of_all_shards_are_one_manifest(world: World, tmp_path: Path) -> None:
    world.refuse("/day%3D2/part-03", "/day=2/part-03", "/day%3D0/part-01", "/day=0/part-01")
    world.group(report=str(tmp_path), max_failures=3).whole()

    lines = gzip.decompress((tmp_path / "failed.jsonl.gz").read_bytes()).decode().splitlines()
    assert [json.loads(line)["key"] for line in lines] == ["p/day=0/part-01", "p/day=2/part-03"]
    assert json.loads((tmp_path / "index.json").read_text())["failed"]["rows"] == 2


def test_several_pairs_have_a_report_each_and_one_over_all(world: World, tmp_path: Path) -> None:
    src, dst = f"s3://{world.raw}", f"s3://dst-{world.name}"
    pairs = [(f"{src}/p/day=0/", f"{dst}/a/"), (f"{src}/p/day=1/", f"{dst}/b/")]
    world.group(pairs=pairs, report=str(tmp_path), copy_last="_SUCCESS").whole()

    def keys(place: Path) -> list[str]:
        return sorted(row.key for row in read_rows(files_at(str(place), lambda bucket: None, "report")))

    assert keys(tmp_path / "pair-0001") == [key for key in KEYS if "day=0" in key]
    assert keys(tmp_path) == [key for key in KEYS if "day=0" in key or "day=1" in key]


def test_a_report_of_an_earlier_copy_is_none_any_more_once_the_next_is_planned(world: World, tmp_path: Path) -> None:
    world.group(report=str(tmp_path)).whole()
    world.group(report=str(tmp_path)).plan()
    assert json.loads((tmp_path / "index.json").read_text())["state"] == "writing"


def test_shards_share_the_request_rate(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float | None] = []

    def noted(request: RunRequest) -> Any:
        asked.append(request.spec.options.max_requests_per_second)
        return run_copy(request)

    monkeypatch.setattr("s3_crosscopy.shards.tasks.run_copy", noted)
    run = world.group(max_requests_per_second=4000, task_kwargs={"max_active_tis_per_dagrun": 2})
    run.whole()
    assert asked == [2000, 2000, 2000, 2000, 4000]
