"""Keeps an approval in Airflow's task state store (3.3), so that a retry need not ask for what was approved."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

from s3_crosscopy.airflow.checkpoint_store import TaskStateStore
from s3_crosscopy.core.approval.coverage import MAX_AGE_S
from s3_crosscopy.model.approval import Approval, approval_of, approval_to_json

KEY = "s3_crosscopy_approval"

_log = logging.getLogger(__name__)


class ApprovalStore:
    """One value of the store. `store=None`, below Airflow 3.3: nothing is kept, and a retry asks again."""

    def __init__(self, store: TaskStateStore | None) -> None:
        self._store = store

    def load(self) -> Approval | None:
        """Return the approval; None if there is none. A damaged one means that people are asked again."""
        stored = self._store.get(KEY) if self._store is not None else None
        if not stored:
            return None
        try:
            return approval_of(stored)
        except (TypeError, ValueError) as error:
            _log.warning("the value in the task state store under %r is no approval (%s): asking again", KEY, error)
            return None

    def save(self, approval: Approval) -> None:
        self._set(json.loads(json.dumps(approval_to_json(approval))))

    def drop(self) -> None:
        """Forget the approval."""
        self._set([])

    def _set(self, value: Any) -> None:
        if self._store is not None:
            self._store.set(KEY, value, retention=timedelta(seconds=MAX_AGE_S))
