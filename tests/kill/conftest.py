"""`copies`: the process that all killed copies of a worker are forks of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kill.forked_copies import ForkedCopies
from tests.kill.harness import clean_environment


@pytest.fixture(scope="package")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkedCopies]:
    with ForkedCopies.start(clean_environment(), tmp_path_factory.mktemp("copies")) as copies:
        yield copies
