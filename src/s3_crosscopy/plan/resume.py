"""May a run go on from what an earlier attempt left? Only if it would do the same again, and not for ever."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

from s3_crosscopy.model.checkpoint import CheckpointState
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.shard import ALONE, Role
from s3_crosscopy.plan.resolve import Spec

MAX_AGE_S: Final = 24 * 3600.0

LEFT_OUT: Final = frozenset(
    {
        "kind",  # `Spec.single` is what became of it
        "allow_bucket_root",
        "if_empty",
        "batch_size",
        "max_concurrency",
        "transport",
        "max_requests_per_second",
        "max_failures",
    }
)
"""The options that change neither what is copied nor how. Every other one is part of the fingerprint, new ones too."""


def fingerprint(
    spec: Spec,
    manifest_digest: str = "",
    servers: Sequence[str] = (),
    ranges: Sequence[KeyRange] = (),
    role: Role = ALONE,
) -> str:
    """What tells two runs apart: a SHA-256 in hex of both places, the options and the digest of the manifest, if any.

    `servers` are the endpoints of both sides, because the same names may be other buckets there. `ranges` and `role`
    are those of one run of several: one that was planned anew must not go on where the old one was.

    The order of globs counts, how a value was spelt ("1GiB") does not: options are read already.
    """
    options = spec.options
    one = {
        "single": spec.single,
        "source": [*spec.source, spec.source_prefix],
        "dest": [*spec.dest, spec.dest_prefix],
        "options": {each.name: getattr(options, each.name) for each in fields(options) if each.name not in LEFT_OUT},
        "manifest": manifest_digest,
        "servers": list(servers),
    }
    if role != ALONE:
        one["role"] = [role.part.value, role.began, role.complete]
        one["ranges"] = [list(each) for each in ranges]
    return hashlib.sha256(json.dumps(one, sort_keys=True, default=_plain).encode()).hexdigest()


def _plain(value: object) -> Any:
    # Nothing else is written as text: a `repr` may hold an address, and then no run would ever go on.
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"an option of type {type(value).__name__} has no canonical form")


def usable(
    state: CheckpointState, saved_at: float, fingerprint: str, now: float, max_age_s: float = MAX_AGE_S
) -> tuple[CheckpointState | None, str]:
    """The state if a run with this fingerprint may go on from it, else None and why not, in words for a log line.

    Both times are in seconds since 1970, from clocks that need not agree: retries may run on another machine.
    """
    if state.fingerprint != fingerprint:
        return None, "other arguments"
    if state.finished:
        return None, "finished"
    # Written so that a time which is not a number is refused.
    if not now - saved_at <= max_age_s:
        return None, f"older than {max_age_s / 3600:g} h"
    if not saved_at - now <= max_age_s:
        return None, "saved in the future"
    return state, ""
