"""The one Airflow with an API server of a worker, for the tests of all folders that are in the group `airflow`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.ui.airflow_site import Site


@pytest.fixture(scope="session")
def airflow_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """About 15 s of CPU, so nobody makes one of their own; idle it takes none."""
    from tests.ui.airflow_site import Site

    with ExitStack() as stack:
        site = Site(tmp_path_factory.mktemp("site"))
        site.start(stack)
        yield site
