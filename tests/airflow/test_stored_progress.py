"""What the page of Airflow's UI finds in the task state store besides the progress itself."""

from __future__ import annotations

import json
from typing import Any

from s3_crosscopy.airflow.checkpoint_store import KEY, TaskStateCheckpoint
from tests.airflow.fake_state_store import FakeStore
from tests.unit.state_strategies import STATE

ABOUT = {"source": "s3://a/", "dest": "s3://b/", "report": None}


def progress_of(store: FakeStore) -> Any:
    return json.loads(store.texts[KEY])["progress"]


def test_source_and_destination_are_there_from_the_first_save() -> None:
    store = FakeStore()
    TaskStateCheckpoint(store, True, about=ABOUT).save(STATE._replace(progress=None))
    assert progress_of(store) == {"source": "s3://a/", "dest": "s3://b/"}


def test_what_the_run_says_of_itself_is_better_known() -> None:
    store = FakeStore()
    TaskStateCheckpoint(store, True, about=ABOUT).save(STATE._replace(progress={"source": "s3://a/key", "copied": 1}))
    assert progress_of(store) == {"source": "s3://a/key", "dest": "s3://b/", "copied": 1}


def test_nothing_is_kept_where_nobody_wants_it() -> None:
    store = FakeStore()
    TaskStateCheckpoint(store, False, about=ABOUT).save(STATE._replace(progress={"history": [[5.0, 1.0]]}))
    assert progress_of(store) is None


def test_what_is_no_text_is_not_named() -> None:
    store = FakeStore()
    TaskStateCheckpoint(store, True, about={"source": ["s3://a/"], "dest": ""}).save(STATE._replace(progress=None))
    assert progress_of(store) is None
