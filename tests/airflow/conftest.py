"""An Airflow home of the tests' own, set before anything imports Airflow: it reads its settings while imported."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.airflow.airflow_home import EXAMPLES, AirflowHome, environment, foreign

if TYPE_CHECKING:
    from tests.airflow.observed_run import Observed, Served
    from tests.servers.moto import MotoServer
    from tests.ui.airflow_site import Site

HERE = Path(__file__).parent
HOME = Path(tempfile.mkdtemp(prefix="crosscopy-airflow-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
for name in filter(foreign, list(os.environ)):
    del os.environ[name]
os.environ.update(environment(HOME, EXAMPLES))

with warnings.catch_warnings():
    # Airflow's and its dependencies' own deprecations are not ours to mend.
    warnings.simplefilter("ignore")
    import airflow.providers.amazon.aws.hooks.s3
    import airflow.sdk  # noqa: F401


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.airflow)


@pytest.fixture(scope="session")
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowHome]:
    """Airflow with a database, to run DAGs for real: about 10 s, so the tests that need it share a worker."""
    home = AirflowHome(tmp_path_factory.mktemp("airflow-home"))
    home.create_database()
    yield home
    home.close()


@pytest.fixture(scope="session")
def observed_env(moto: MotoServer) -> dict[str, str]:
    """What the DAGs that are looked at need, their source included."""
    from tests.airflow.observed_run import world

    return world(moto)


@pytest.fixture(scope="session")
def observed(
    airflow_home: AirflowHome,
    observed_env: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Observed:
    """A run of many tasks, about 20 s, and what everybody heard of it."""
    from tests.airflow.observed_run import observe

    def site() -> Site:
        made: Site = request.getfixturevalue("airflow_site")
        return made

    return observe(airflow_home, site, observed_env, tmp_path_factory.mktemp("observed"))


@pytest.fixture(scope="session")
def served(airflow_site: Site, observed_env: dict[str, str]) -> Served:
    """A run by a real scheduler and API server, about 20 s."""
    from tests.airflow.observed_run import serve

    return serve(airflow_site, observed_env)
