"""An Airflow home of the tests' own, set before anything imports Airflow: it reads its settings while imported."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import warnings
from pathlib import Path

import pytest

from tests.airflow.home import EXAMPLES, AirflowHome, environment, foreign

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
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> AirflowHome:
    """Airflow with a database, to run DAGs for real: about 20 s, so the tests that need it share a worker."""
    home = AirflowHome(tmp_path_factory.mktemp("airflow-home"))
    migrated = home.run("db", "migrate")
    assert migrated.exit_code == 0, migrated.output
    return home
