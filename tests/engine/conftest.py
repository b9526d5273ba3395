"""Fixtures of the engine's tests."""

from __future__ import annotations

import pytest

from s3_crosscopy.engine import store_writer as writing


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for a store at the end of a run is in real time."""
    monkeypatch.setattr(writing, "LAST_S", 0.0)
