"""What Airflow is told about the tab, and what the tab's answer is made of; `tests/ui` looks at it in a browser."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from airflow import __version__

from s3_crosscopy.airflow import plugin
from s3_crosscopy.airflow.operator import S3CrossAccountCopyOperator
from s3_crosscopy.airflow.plan_operator import S3CopyPlanOperator
from s3_crosscopy.airflow.plugin.page_data import (
    HELPERS,
    OPERATORS,
    SHARD,
    Instance,
    StoredValues,
    page,
    shards_in,
    value_of,
)
from s3_crosscopy.airflow.plugin.plugin import PREFIX, TAB, S3CopyPlugin, has_tabs, tabs
from s3_crosscopy.airflow.plugin.task_progress import UNREADABLE
from s3_crosscopy.airflow.shard_operators import S3CopyPublishOperator, S3CopyShardOperator, S3CopySummaryOperator
from s3_crosscopy.model.checkpoint import to_json
from s3_crosscopy.model.input_limits import STORED
from s3_crosscopy.model.packed_json import pack
from s3_crosscopy.model.tally import Tally
from tests.unit.state_strategies import STATE

STATIC = Path(plugin.__file__).parent / "static"
BEGAN = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
NOTHING = StoredValues({}, {}, {})


def stored(copied: int, **progress: Any) -> dict[str, Any]:
    counts = {**Tally().as_dict(), "listed": copied, "copied": copied}
    return to_json(STATE._replace(counts=counts, finished=False, progress=progress or None), BEGAN.timestamp() + 60)


def instance(state: str | None = "running", map_index: int = -1, **given: Any) -> Instance:
    return Instance(
        **{"task_id": "copy", "operator": "S3CrossAccountCopyOperator", **given},
        map_index=map_index,
        state=state,
        start_date=BEGAN,
    )


@pytest.mark.parametrize(
    ("version", "shown"),
    [("3.0.6", False), ("3.1.0", False), ("3.1.1", True), ("3.2.0", True), ("3.3.0rc1", True), ("4.0.0.dev0", True)],
)
def test_the_tab_is_offered_to_every_airflow_that_can_show_it(version: str, shown: bool) -> None:
    assert has_tabs(version) is shown


@pytest.mark.parametrize(
    ("base_url", "path"),
    [
        ("", PREFIX),
        ("/", PREFIX),
        ("http://localhost:8080", PREFIX),
        ("https://data.example/team/airflow/", f"/team/airflow{PREFIX}"),
    ],
)
def test_the_page_is_where_airflow_is(base_url: str, path: str) -> None:
    for tab in tabs(base_url):
        assert tab["bundle_url"] == f"{path}/static/main.js"
        assert tab["icon"].startswith(f"{path}/static/")


def test_airflow_shows_both_tabs() -> None:
    found = tabs("")
    assert {tab["destination"] for tab in found} == {"task_instance", "dag_run"}
    assert len({tab["url_route"] for tab in found}) == len(found)
    assert {tab["name"] for tab in found} == {TAB}


def test_the_files_that_are_named_are_there() -> None:
    for tab in tabs(""):
        for name in ("bundle_url", "icon", "icon_dark_mode"):
            assert (STATIC / tab[name].rpartition("/")[2]).is_file()
    assert f'"{TAB}"' in (STATIC / "main.js").read_text()


def test_nothing_is_loaded_from_elsewhere() -> None:
    for path in STATIC.iterdir():
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert "://" not in text, path


def test_loading_the_plugin_loads_neither_routes_nor_boto() -> None:
    script = (
        "import sys; import airflow.plugins_manager; before = set(sys.modules);"
        f"from {S3CopyPlugin.__module__} import S3CopyPlugin; S3CopyPlugin.on_load();"
        "print(*sorted(name for name in set(sys.modules) - before if name.startswith("
        "('boto', 'fastapi', 'airflow.api_fastapi', 's3_crosscopy.airflow.plugin.routes'))))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=300)
    assert ran.stdout.split() == []


def test_a_setting_turns_the_tab_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__S3_CROSSCOPY__SHOW_TAB", "False")
    try:
        for name in ("fastapi_apps", "react_apps"):
            monkeypatch.setattr(S3CopyPlugin, name, [])
        S3CopyPlugin.on_load()
        assert (S3CopyPlugin.fastapi_apps, S3CopyPlugin.react_apps) == ([], [])
        monkeypatch.delenv("AIRFLOW__S3_CROSSCOPY__SHOW_TAB")
        S3CopyPlugin.on_load()
        assert len(S3CopyPlugin.react_apps) == 2 * has_tabs(__version__)
    finally:
        monkeypatch.undo()


def helper(name: str, state: str) -> Instance:
    return instance(state, task_id=f"lake.{name.lower()}", operator=f"S3Copy{name}Operator")


def test_a_plan_that_failed_makes_the_run_a_failed_one_and_tells_why() -> None:
    plan = helper("Plan", "failed")
    copy = instance("upstream_failed", task_id="lake.copy", operator=SHARD)
    said = page([copy, plan], NOTHING._replace(ends={plan.key: {"why": "may not list"}}), has_store=True)
    assert (said["view"]["status"], said["over"]) == ("failed", True)
    assert said["view"]["whys"] == [{"text": "may not list", "task_id": "lake.plan", "map_index": -1, "others": 0}]


@pytest.mark.parametrize(
    ("state", "shown"), [("failed", True), ("up_for_retry", True), ("running", False), ("success", False)]
)
def test_of_a_plan_and_a_summary_a_run_shows_failures_alone(state: str, shown: bool) -> None:
    report = {**Tally().as_dict(), "listed": 5, "copied": 5, "seconds": 1.0, "source": "s3://a/"}
    summary, copy = helper("Summary", state), instance("success", task_id="lake.copy")
    left = StoredValues(
        {copy.key: [stored(5)]}, {summary.key: report}, {}, {summary.key: {"why": "x", "summary": report}}
    )
    view = page([copy, summary], left, has_store=True)["view"]
    assert (view["instances"], view["counts"]["copied"]) == (1 + shown, 5)
    assert page([summary], left, has_store=True, whole_run=False)["view"]["counts"]["copied"] == 5


def test_a_group_links_to_its_merged_report_and_a_task_beside_it_to_its_own() -> None:
    merged = {**Tally().as_dict(), "seconds": 1.0, "source": "s3://a/", "run": {"report": "s3://r/lake/"}}
    plan, summary = helper("Plan", "success"), helper("Summary", "success")
    shards = [instance("success", index, task_id="lake.copy", operator=SHARD) for index in range(2)]
    alone = instance("success", task_id="alone")
    places = {"lake/0": shards[0], "lake/1": shards[1], "own": alone}
    states = {one.key: [stored(5, report=f"s3://r/{name}/")] for name, one in places.items()}
    left = StoredValues(states, {summary.key: merged}, {})

    def reports(*instances: Instance, whole_run: bool = True) -> list[str]:
        view = page(instances, left, has_store=True, whole_run=whole_run)["view"]
        return [place["url"] for place in view["reports"]]

    assert reports(plan, *shards, summary, alone) == ["s3://r/lake/", "s3://r/own/"]
    assert reports(plan, *shards) == ["s3://r/lake/0/", "s3://r/lake/1/"]
    assert reports(summary, whole_run=False) == ["s3://r/lake/"]


def test_the_helpers_are_known_by_their_names() -> None:
    assert {S3CopyPlanOperator.__name__, S3CopySummaryOperator.__name__} == HELPERS


def test_the_operators_are_known_by_their_names() -> None:
    ours = (S3CrossAccountCopyOperator, S3CopyShardOperator, S3CopyPublishOperator)
    assert {operator.__name__ for operator in ours} == OPERATORS
    assert S3CopyShardOperator.__name__ == SHARD


def test_a_run_without_a_copy_has_nothing_to_show() -> None:
    said = page([instance(operator="EmptyOperator", state="success")], NOTHING, has_store=True)
    assert said == {"has_store": True, "over": True, "view": None}


def test_other_tasks_of_the_run_are_not_counted() -> None:
    said = page([instance(), instance(task_id="other", operator="EmptyOperator")], NOTHING, has_store=True)
    assert said["view"]["instances"] == 1


def test_a_subclass_is_known_by_what_it_left() -> None:
    mine = instance(operator="MyCopyOperator")
    said = page([mine], NOTHING._replace(states={mine.key: [stored(5)]}), has_store=True)
    assert said["view"]["counts"]["copied"] == 5


def test_the_copies_of_one_task_add_up() -> None:
    publish = instance(operator="S3CopyPublishOperator")
    said = page([publish], NOTHING._replace(states={publish.key: [stored(5), stored(2)]}), has_store=True)
    assert said["view"]["counts"]["copied"] == 7


def test_below_airflow_3_3_the_results_of_a_publish_task_count_pair_by_pair() -> None:
    publish = instance("success", operator="S3CopyPublishOperator")
    result = {"mark": "m", "listed": 2, "copied": 2, "seconds": 1.0}
    view = page([publish], StoredValues({}, {publish.key: {"0": result, "1": result}}, {}), has_store=False)["view"]
    assert (view["heard"], view["counts"]["copied"]) == (2, 4)


def test_shards_know_from_the_plan_how_much_is_to_come() -> None:
    shards = [instance("running" if at == 0 else None, at, task_id="lake.copy", operator=SHARD) for at in range(2)]
    plan = [{"keys": 60, "source": "s3://a/"}, {"keys": 40, "source": "s3://a/"}]
    left = StoredValues({shards[0].key: [stored(30)]}, {}, {"lake.plan": plan})
    view = page(shards, left, has_store=True)["view"]
    assert (view["done"], view["total_keys"], view["eta_s"]) == (
        30,
        100,
        pytest.approx(view["seconds"] / 30 * 70, 1),
    )
    assert [pair["source"]["url"] for pair in view["pairs"]] == ["s3://a/"]


def test_a_plan_is_read_out_of_its_values_up_to_the_first_that_is_damaged() -> None:
    parts = [pack([{"number": number}]) for number in (1, 2, 3)]
    assert shards_in(parts) == [{"number": 1}, {"number": 2}, {"number": 3}]
    for damaged in ("damaged", None, UNREADABLE, pack({"number": 2})):
        assert shards_in([parts[0], damaged, parts[2]]) == [{"number": 1}]
    assert shards_in([]) == []


def test_a_shard_without_its_plan_is_still_shown() -> None:
    shard = instance(None, 3, task_id="copy", operator=SHARD)
    assert shard.planned_by == "plan"
    assert page([shard], NOTHING._replace(plans={"plan": [{}]}), has_store=True)["view"]["total_keys"] is None


def test_it_is_over_when_all_copies_ended() -> None:
    assert page([instance("success"), instance("failed", 1)], NOTHING, has_store=True)["over"]
    assert not page([instance("success"), instance(None, 1)], NOTHING, has_store=True)["over"]
    assert page([instance("success"), instance(None, operator="EmptyOperator")], NOTHING, has_store=True)["over"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (None, None),
        ({"a": 1}, {"a": 1}),
        ('{"a": 1}', {"a": 1}),
        (json.dumps(json.dumps({"a": 1})), {"a": 1}),
        ('"s3://landing/"', "s3://landing/"),
        ("s3://landing/", UNREADABLE),
        ("", UNREADABLE),
        ('{"a": 1e999}', UNREADABLE),
        ("[" * 100_000, UNREADABLE),
        (json.dumps("x" * STORED.most), UNREADABLE),
    ],
    # Without the address in UNREADABLE's repr: workers have to agree on the names of the tests.
    ids=lambda value: "unreadable" if value is UNREADABLE else repr(value)[:30],
)
def test_a_column_of_text_holds_a_value_or_what_cannot_be_read(text: object, value: object) -> None:
    assert value_of(text, STORED) == value


def test_an_unreadable_summary_counts_for_tasks_that_copy_alone() -> None:
    other = instance("success", operator="PythonOperator", task_id="other")
    mine = instance("success")
    left = StoredValues({}, {mine.key: UNREADABLE, other.key: UNREADABLE}, {})
    assert page([other], left, has_store=True)["view"] is None
    assert page([other, mine], left, has_store=True)["view"]["unreadable"] == 1
    assert page([other], StoredValues({other.key: [UNREADABLE]}, {}, {}), has_store=True)["view"]["unreadable"] == 1
