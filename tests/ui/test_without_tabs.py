"""Airflow 3.0 has no tabs of plugins, so nothing of ours is served there."""

from __future__ import annotations

import pytest

from tests.airflow.versions import AIRFLOW
from tests.ui.airflow_site import Site
from tests.ui.seeded_database import RUN, SOURCE, figures, leave, stored

pytestmark = pytest.mark.skipif(AIRFLOW >= (3, 1), reason="the tab is there since Airflow 3.1")


@pytest.mark.parametrize("path", ["static/main.js", f"dags/watched/progress?run_id={RUN}"])
@pytest.mark.parametrize("name", [None, "admin"])
def test_there_are_no_routes(site: Site, path: str, name: str | None) -> None:
    leave(site, "watched", "success", **figures(stored(10)))
    token = None if name is None else site.login(name)
    answer = site.get(f"/s3-crosscopy/{path}", token)
    # Airflow's own page is the answer to every path that it does not know.
    assert answer.status == 404 or b"<title>Airflow</title>" in answer.body
    assert SOURCE not in answer.body.decode()
