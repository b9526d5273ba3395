"""Airflow's simple auth manager, but one user may not see one DAG: what per-DAG permissions are in the real ones."""

from __future__ import annotations

from typing import Any

from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager

OUTSIDER = "outsider"
HIDDEN = "watched"


class HidesOneDag(SimpleAuthManager):
    """`OUTSIDER` is a viewer of every DAG but `HIDDEN`."""

    def is_authorized_dag(self, *, method: Any, user: Any, access_entity: Any = None, details: Any = None) -> bool:
        if user.username == OUTSIDER and details is not None and details.id == HIDDEN:
            return False
        return super().is_authorized_dag(method=method, user=user, access_entity=access_entity, details=details)
