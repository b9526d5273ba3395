"""The runs that the tests of the tab look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ui.airflow_site import Site
from tests.ui.seeded_database import RUN

HERE = Path(__file__).parent
DAGS = ("watched", "mapped", "idle")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            for mark in (pytest.mark.slow, pytest.mark.airflow, pytest.mark.xdist_group("airflow")):
                item.add_marker(mark)


@pytest.fixture(scope="module")  # what one file leaves in the runs, another must not see
def site(airflow_site: Site) -> Site:
    """An API server with a run of each DAG. No scheduler: the tests say what the tasks did."""
    airflow_site.forget_runs()
    token = airflow_site.login("admin")
    for dag_id in DAGS:
        airflow_site.trigger(dag_id, RUN, token)
    return airflow_site
