"""Who gets what of our routes: nobody without a login, and of a DAG only who may see it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from s3_crosscopy.airflow.plugin import plugin as plugin_module
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.tally import Tally
from tests.ui.seeded import DEST, REPORT, RUN, SOURCE, leave, stored
from tests.ui.site import Answer, Site

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
    leave(site, "watched", "running", kept=stored(10))
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
    leave(site, "mapped", "running", map_index=7, kept=stored(70))
    leave(site, "mapped", "success", map_index=8, kept=stored(80, finished=True))
    assert ask(site, "viewer", "mapped", task_id="copy", map_index=7).json()["view"]["settled"] == 70
    assert ask(site, "viewer", "mapped", task_id="copy").json()["view"]["settled"] == 150
    assert ask(site, "viewer", "mapped", task_id="none").json()["view"] is None


def test_where_a_copy_left_nothing_in_the_store_its_summary_is_shown(site: Site) -> None:
    counts = {**Tally().as_dict(), "listed": 9, "copied": 9}
    leave(site, "watched", "success", returned=Report(SOURCE, DEST, counts, {}, {}, 0, 3.0).as_dict())
    view = ask(site, "viewer", "watched").json()["view"]
    assert (view["status"], view["settled"], view["seconds"]) == ("done", 9, 3.0)


def test_two_hundred_shards_are_one_small_answer(site: Site) -> None:
    for number in range(SHARDS):
        leave(site, "mapped", "running", map_index=number, kept=stored(100, skipped=5, failed=1, total_keys=500))
    answer = ask(site, "viewer", "mapped")
    view = answer.json()["view"]
    assert (view["instances"], view["settled"], view["total_keys"]) == (SHARDS, 106 * SHARDS, 500 * SHARDS)
    assert [place["url"] for place in view["places"]] == [SOURCE, DEST, REPORT]
    assert len(answer.body) < 4_096


def test_no_answer_is_kept_by_a_cache(site: Site) -> None:
    assert b"no-store" in headers(site, DATA[0])
    assert b"private" in headers(site, FILES[0])


def headers(site: Site, path: str) -> bytes:
    import urllib.request

    request = urllib.request.Request(f"{site.url}{path}", headers={"Authorization": f"Bearer {site.login('viewer')}"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.dumps(dict(response.headers.items())).encode()
