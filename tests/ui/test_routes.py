"""Who gets what of our routes: nobody without a login, and of a DAG only who may see it."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from s3_crosscopy.airflow.plugin import plugin as plugin_module
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.run_record import AIRFLOW, RunInfo
from s3_crosscopy.model.tally import Tally
from tests.airflow.versions import STORES_TASK_STATE, needs_tab, needs_task_state_store
from tests.ui.airflow_site import Answer, Site
from tests.ui.seeded_database import DEST, REPORT, RUN, SOURCE, figures, leave, left, stored

pytestmark = needs_tab

STATIC = sorted(path.name for path in (Path(plugin_module.__file__).parent / "static").iterdir())
FILES = [f"/s3-crosscopy/static/{name}" for name in STATIC]
DATA = [f"/s3-crosscopy/dags/{dag_id}/progress?run_id={RUN}" for dag_id in ("watched", "mapped", "idle", "~", "none")]
SHARDS = 200


def ask(site: Site, name: str, dag_id: str, **more: object) -> Answer:
    query = "".join(f"&{key}={value}" for key, value in more.items())
    return site.get(f"/s3-crosscopy/dags/{dag_id}/progress?run_id={RUN}{query}", site.login(name), cookie=True)


@pytest.mark.parametrize("path", [*FILES, *DATA])
@pytest.mark.parametrize("token", [None, "", "ey.not.a-token"])
def test_nobody_gets_anything_without_a_login(site: Site, path: str, token: str | None) -> None:
    for cookie in (True, False):
        answer = site.get(path, token, cookie=cookie)
        assert answer.status in (401, 403)
        assert set(answer.json()) == {"detail"}


@pytest.mark.parametrize(
    "path", ["/s3-crosscopy/openapi.json", "/s3-crosscopy/docs", "/s3-crosscopy/static/../routes.py"]
)
def test_there_are_no_other_routes(site: Site, path: str) -> None:
    assert site.get(path, site.login("admin"), cookie=True).status == 404


def test_the_page_is_for_whoever_is_logged_in(site: Site) -> None:
    for path in FILES:
        assert site.get(path, site.login("viewer"), cookie=True).status == 200


def test_who_may_not_see_the_dag_sees_nothing_of_it(site: Site) -> None:
    leave(site, "watched", "success", **figures(stored(10)))
    assert ask(site, "viewer", "watched").json()["view"]["counts"]["copied"] == 10
    asked: tuple[dict[str, object], ...] = ({}, {"task_id": "copy"}, {"task_id": "copy", "map_index": -1})
    for more in asked:
        answer = ask(site, "outsider", "watched", **more)
        assert (answer.status, answer.json()) == (403, {"detail": "Forbidden"})
    assert ask(site, "outsider", "mapped").status == 200
    path = f"/s3-crosscopy/dags/mapped/progress?run_id={RUN}&dag_id=watched"
    assert SOURCE not in site.get(path, site.login("outsider"), cookie=True).body.decode()
    # Neither by the wildcard of Airflow's own routes, nor by another name for it.
    for other in ("~", "Watched", "watched%20"):
        assert SOURCE not in ask(site, "outsider", other).body.decode()


def test_a_task_and_a_mapped_instance_have_their_own_answer(site: Site) -> None:
    leave(site, "mapped", "success", map_index=7, **figures(stored(70)))
    leave(site, "mapped", "success", map_index=8, **figures(stored(80, finished=True)))
    assert ask(site, "viewer", "mapped", task_id="copy", map_index=7).json()["view"]["done"] == 70
    assert ask(site, "viewer", "mapped", task_id="copy").json()["view"]["done"] == 150
    assert ask(site, "viewer", "mapped", task_id="none").json()["view"] is None


def summary(copied: int) -> dict[str, Any]:
    counts = {**Tally().as_dict(), "listed": copied, "copied": copied}
    return Report(SOURCE, DEST, counts, {}, {}, 0, 3.0, run=RunInfo(AIRFLOW, report=REPORT)).as_dict()


def test_where_a_copy_left_nothing_in_the_store_its_summary_is_shown(site: Site) -> None:
    leave(site, "watched", "success", returned=summary(9))
    view = ask(site, "viewer", "watched").json()["view"]
    assert (view["status"], view["done"], view["seconds"]) == ("done", 9, 3.0)
    assert [place["url"] for place in view["reports"]] == [REPORT]


def test_two_hundred_shards_are_one_small_answer(site: Site) -> None:
    # Below 3.3 nothing is known of a task that is still running.
    state, total = ("running", 500) if STORES_TASK_STATE else ("success", 106)
    said = figures(stored(100, skipped=5, failed=1, total_keys=500))
    site.write(chain.from_iterable(left("mapped", state, map_index=at, **said) for at in range(SHARDS)))
    answer = ask(site, "viewer", "mapped")
    view = answer.json()["view"]
    assert (view["instances"], view["done"], view["total_keys"]) == (SHARDS, 106 * SHARDS, total * SHARDS)
    assert [[place["url"] for place in pair.values()] for pair in view["pairs"]] == [[SOURCE, DEST]]
    assert [place["url"] for place in view["reports"]] == [REPORT]
    assert len(answer.body) < 4_096


DAMAGED = {
    "an integer of 400 digits": json.dumps(stored(10)).replace('"throttled": 3', '"throttled": 1' + "0" * 400),
    "deep nesting": "[" * 100_000 + "]" * 100_000,
    "a lone surrogate": '{"progress": {"listed": 1, "source": "s3://a/\\ud800"}}',
    "a text of 3 MB": json.dumps({"progress": {"listed": 1, "failures": [["k" * 3_000_000, "r"]]}}),
    "no number": '{"progress": {"listed": NaN}}',
    "half a value": json.dumps(stored(10))[:-9],
    "another value": "[]",
    "nothing": "",
}
ODD: dict[str, dict[str, Any]] = {
    "rates of 1e308": {"objects_per_second": 1e308, "bytes_per_second": 1e308},
    "points of 1e308": {"history": [[1e308, 1e308], [-1e308, 1e308], [1e308, 5]]},
    "dates out of range": {"history": [[1e14, 5.0], [2e14, 7.0]]},
    "a source of 300 KB": {"source": "s3://" + "x" * 300_000},
    "other types": {"source": ["a"], "failures": {"a": 1}, "history": 5, "window": "64", "stopped": {}},
}


@needs_task_state_store
@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_state_is_told_and_the_others_are_shown_as_usual(site: Site, text: str) -> None:
    site.write(chain.from_iterable(left("mapped", None, map_index=at) for at in range(SHARDS)))
    leave(site, "mapped", "running", map_index=7, kept=stored(70))
    leave(site, "mapped", "running", map_index=8, kept=stored(80))
    site.sql("update task_state_store set value = ? where dag_id = 'mapped' and map_index = 8", text)
    answer = ask(site, "viewer", "mapped")
    view = answer.json()["view"]
    assert (answer.status, view["unreadable"], view["heard"], view["done"]) == (200, 1, 1, 70)
    assert len(answer.body) < 4_096


@pytest.mark.parametrize("progress", ODD.values(), ids=ODD)
def test_odd_values_in_a_state_are_left_out(site: Site, progress: dict[str, Any]) -> None:
    leave(site, "watched", "running", **figures({**stored(10, **progress), "saved_at": 1e15, "seconds": 1e-300}))
    answer = ask(site, "viewer", "watched")
    assert (answer.status, answer.json()["view"]["done"]) == (200, 10)
    assert len(answer.body) < 4_096


def test_of_any_number_of_reasons_a_few_are_shown(site: Site) -> None:
    reasons = {f"r{number}": 1 for number in range(20_000)}
    leave(site, "watched", "running", **figures({**stored(10), "reasons": reasons}))
    decisions = ask(site, "viewer", "watched").json()["view"]["decisions"]
    assert len(decisions) == 40
    assert sum(decisions.values()) == 20_000


@pytest.mark.parametrize(
    "text", ["[" * 100_000 + "]" * 100_000, '{"listed": 1e999}', json.dumps("s3://" + "x" * 10**6)]
)
def test_a_damaged_summary_is_told_and_the_others_are_shown_as_usual(site: Site, text: str) -> None:
    site.write(chain.from_iterable(left("mapped", None, map_index=at) for at in range(SHARDS)))
    leave(site, "mapped", "success", map_index=7, returned=summary(70))
    leave(site, "mapped", "success", map_index=8, returned={})
    site.sql("update xcom set value = ? where dag_id = 'mapped' and map_index = 8", text)
    view = ask(site, "viewer", "mapped").json()["view"]
    assert (view["unreadable"], view["heard"], view["done"]) == (1, 1, 70)


@pytest.mark.parametrize(
    ("dag_id", "query"),
    [
        ("mapped%00", {}),
        ("mapped", {"task_id": "copy%00"}),
        ("mapped", {"task_id": "x" * 251}),
        ("mapped", {"map_index": 99999999999999999999999}),
        ("mapped", {"map_index": -2}),
    ],
)
def test_what_no_column_can_hold_is_a_wrong_question(site: Site, dag_id: str, query: dict[str, object]) -> None:
    assert ask(site, "viewer", dag_id, **query).status == 422


def test_no_answer_is_kept_by_a_cache(site: Site) -> None:
    assert b"no-store" in headers(site, DATA[0])
    assert b"private" in headers(site, FILES[0])


def headers(site: Site, path: str) -> bytes:
    import urllib.request

    request = urllib.request.Request(f"{site.url}{path}", headers={"Authorization": f"Bearer {site.login('viewer')}"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.dumps(dict(response.headers.items())).encode()
