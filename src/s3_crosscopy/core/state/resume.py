"""May a run go on from what an earlier attempt left? Only if it would do the same again, and not for ever."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.state.remaining import union
from s3_crosscopy.model.checkpoint import CheckpointState, OpenUpload
from s3_crosscopy.model.input_limits import SEGMENTS
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.model.run_scope import ALONE, RunRole
from s3_crosscopy.model.tally import Tally

MAX_AGE_S: Final = 24 * 3600.0

LEFT_OUT: Final = frozenset(
    {
        "kind",  # `CopySpec.single` is what became of it
        "allow_bucket_root",
        "if_empty",
        "batch_size",
        "max_concurrency",
        "transport",
        "max_requests_per_second",
        "max_failures",
        "outage_deadline",
        # Nothing of the copy lies there, and S3 checks them anew for whoever goes on.
        "expected_report_bucket_owner",
        "expected_manifest_bucket_owner",
    }
)
"""The options that change neither what is copied nor how. Every other one is part of the fingerprint, new ones too."""


def fingerprint(
    spec: CopySpec,
    manifest_digest: str = "",
    servers: Sequence[str] = (),
    ranges: Sequence[KeyRange] = (),
    role: RunRole = ALONE,
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
    # How many others run at the same time is no matter of what is copied.
    if role._replace(of=1) != ALONE:
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
    if state.beside is not None:
        return None, f"what is left is in {state.beside.name!r} beside the report, which {state.beside.why}"
    return state, ""


def impossible(state: CheckpointState, spec: CopySpec, ranges: Sequence[KeyRange]) -> str:
    """Why no run of `spec` over these ranges can have left this state, in words for a log line; "" if one can have.

    What somebody edited well passes: only a secret could tell that, and there is no place to keep one.
    """
    return next((why for wrong, why in _impossibilities(state, spec, ranges) if wrong), "")


def _impossibilities(state: CheckpointState, spec: CopySpec, ranges: Sequence[KeyRange]) -> Iterator[tuple[bool, str]]:
    counts, reasons = state.counts, state.reasons
    yield not set(counts) <= set(Tally.COUNTS) or "listed" not in counts, "its counts are not those of a copy"
    yield bool(Tally.of(counts, {}, {}).gap()), "its counts do not add up"
    yield sum(reasons.values()) > counts["listed"], "it has more reasons than objects"
    failed = sum(number for name, number in reasons.items() if name in _FAILURES)
    yield failed > counts.get("failed", 0), "it has more reasons to fail than failed objects"
    yield sum(state.verified.values()) > counts.get("copied", 0), "it has more proofs than copies"
    yield state.segments > min(counts["listed"], SEGMENTS.most), "it has more report segments than objects"
    yield not _in_order(state.remaining), "its key ranges are not in order"
    yield not all(_reaches(one, spec.source_prefix) for one in state.remaining), "a key range is outside the source"
    whole = union(ranges)
    yield not all(_within(one, whole) for one in state.remaining), "a key range is not one of this run's"
    checking = state.checking.left if state.checking is not None else ()
    yield not _in_order(checking), "the key ranges to check are not in order"
    yield not all(_within(one, whole) for one in checking), "a key range to check is not one of this run's"
    yield state.dest_bucket.name != spec.dest.name, "it is of another destination bucket"
    yield not all(is_ours(one, spec) for one in state.uploads), "an upload is outside the destination"


def is_ours(upload: OpenUpload, spec: CopySpec) -> bool:
    """Tells whether a run of `spec` can have begun this upload, by its key."""
    return upload.dest_key == spec.dest_prefix if spec.single else upload.dest_key.startswith(spec.dest_prefix)


# An archived object may also be left out, by the same name.
_FAILURES: Final = frozenset(reason.value for reason in Reason) - {Reason.ARCHIVED.value}


def _in_order(ranges: Sequence[KeyRange]) -> bool:
    ends = [one.end for one in ranges]
    forward = all(one.end is None or one.after < one.end for one in ranges)
    return forward and all(end is not None and end <= one.after for end, one in zip(ends, ranges[1:], strict=False))


def _reaches(one: KeyRange, prefix: str) -> bool:
    """Tells whether there can be keys with this prefix in it."""
    return (one.end is None or one.end >= prefix) and (one.after <= prefix or one.after.startswith(prefix))


def _within(one: KeyRange, ranges: Sequence[KeyRange]) -> bool:
    return any(
        each.after <= one.after and (each.end is None or (one.end is not None and one.end <= each.end))
        for each in ranges
    )
