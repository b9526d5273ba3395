"""Makes the `RunRequest` of a call of `copy()` from its arguments."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from s3_crosscopy.adapters.checkpoint_file import FileCheckpoint
from s3_crosscopy.api.estimating import requested
from s3_crosscopy.api.resuming import Persistence
from s3_crosscopy.api.run_request import RunRequest
from s3_crosscopy.api.since_states import open_state
from s3_crosscopy.core.spec import resolve_spec
from s3_crosscopy.model.option_types import Preflight
from s3_crosscopy.model.run_record import PYTHON, RunInfo

if TYPE_CHECKING:
    from s3_crosscopy.ports import EventSink


def request_of(
    source: str,
    dest: str,
    options: Mapping[str, object],
    *,
    session: Any = None,
    source_session: Any = None,
    profile: str | None = None,
    source_profile: str | None = None,
    endpoint_url: str | None = None,
    region_name: str | None = None,
    verify: bool | str | None = None,
    botocore_config: Mapping[str, Any] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    state: str | os.PathLike[str] | None = None,
    preflight: Preflight = "off",
    prices: str | os.PathLike[str] | None = None,
    rate: float | None = None,
    sink: EventSink | None = None,
    caller: str = PYTHON,
) -> RunRequest:
    """Return the request. Raises InvalidInput. The arguments are those of `copy()`."""
    spec = resolve_spec(source, dest, options)
    estimate_by = requested(spec, prices, rate)
    from s3_crosscopy.adapters.boto.sessions import access

    make = partial(access, endpoint_url=endpoint_url, region_name=region_name, verify=verify, config=botocore_config)
    copier = make(session, profile, "profile")
    reader = None
    if source_session is not None or source_profile is not None:
        reader = make(source_session, source_profile, "source_profile")
    request = RunRequest(spec, copier, reader, sink, preflight=preflight, estimate_by=estimate_by)
    request = request._replace(state=open_state(state, spec, copier), run=RunInfo(by=caller))
    if checkpoint is None:
        return request
    return request._replace(persistence=Persistence(FileCheckpoint(checkpoint), keep_uploads=True))
