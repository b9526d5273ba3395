"""Reads the keys that an approved plan deletes, from the files that its dry run wrote."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from s3_crosscopy.core.approval.key_set import KeySet
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.mirror.blocking_call import call_and_wait
from s3_crosscopy.engine.mirror.candidate_store import CandidateStore, files_of
from s3_crosscopy.model.extraneous import DestOutcome
from s3_crosscopy.model.mirror_state import Deleting


def read_approved(
    approved: Deleting | None, store: CandidateStore | None, dispatcher: Dispatcher, turn: Callable[[], None]
) -> KeySet | None:
    """Return the approved keys; None if the run needs no approval. Raises InvalidInput and S3Error."""
    if approved is None:
        return None
    keys = KeySet()
    for group, number in files_of(approved):
        assert store is not None, "only a run with files of candidates is approved"
        read = partial(store.read, group, number)
        for row in call_and_wait(dispatcher, turn, read, requests=0):
            if row.outcome != DestOutcome.KEPT.value:
                keys.add(row.dest_key, row.etag)
    return keys
