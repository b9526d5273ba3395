"""Keeps the state of the option `since` in Airflow's asset state store (3.3), with the asset that a task updates."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from s3_crosscopy.airflow.checkpoint_store import store_errors
from s3_crosscopy.airflow.compat import asset_state_store, is_asset
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.errors import InvalidInput

if TYPE_CHECKING:
    from s3_crosscopy.airflow.compat import Context

NO_STORE = "since: this Airflow has no asset state store, which came with 3.3; give state='s3://bucket/prefix/'"
NO_ASSET = (
    "since: its state is kept with the asset that the task has as its only outlet, or inlet, and this task has {};"
    " name one, or give state='s3://bucket/prefix/'"
)
WHICH = "Airflow's asset state store"


class AssetSinceStore:
    """One value under one key of an asset. The key names the places of the copy, because tasks may share an asset."""

    owned = True

    def __init__(self, store: Any, spec: CopySpec) -> None:
        self._store = store
        places = hashlib.sha256(f"{spec.source_url}\n{spec.dest_url}".encode()).hexdigest()
        self._key = f"s3_crosscopy_since_{places[:16]}"

    def load(self) -> object:
        with store_errors(WHICH):
            return self._store.get(self._key)

    def save(self, value: Mapping[str, object]) -> None:
        with store_errors(WHICH):
            self._store.set(self._key, dict(value))


def since_store(
    context: Context, spec: CopySpec, outlets: Sequence[object], inlets: Sequence[object]
) -> AssetSinceStore:
    """Return the store of a task. Raises InvalidInput if it has none, or no asset to keep the state with."""
    assets = [asset for asset in outlets if is_asset(asset)] or [asset for asset in inlets if is_asset(asset)]
    stores = asset_state_store(context)
    if len(assets) != 1:
        raise InvalidInput(NO_ASSET.format(f"{len(assets)} of them" if assets else "none"))
    if stores is None:
        raise InvalidInput(NO_STORE)
    return AssetSinceStore(stores[assets[0]], spec)
