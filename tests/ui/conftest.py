"""One Airflow site and one browser for the tests of the tab; those that run a copy bring up their own site."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
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
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An API server with a run of each DAG. No scheduler: the tests say what the tasks did."""
    site = Site(tmp_path_factory.mktemp("site"), {})
    with ExitStack() as stack:
        site.start(stack)
        token = site.login("admin")
        for dag_id in DAGS:
            site.trigger(dag_id, RUN, token)
        yield site
