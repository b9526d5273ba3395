"""Decides if a run may resume from the checkpoint of an earlier attempt: same arguments, not finished, not too old."""

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
        "kind",  # `CopySpec.single` holds its meaning
        "allow_bucket_root",
        "if_empty",
        "batch_size",
        "max_concurrency",
        "transport",
        "max_requests_per_second",
        "max_failures",
        "outage_deadline",
        "etag_index",
        # The copies are not in these buckets, and S3 checks the owners again in a resumed run.
        "expected_report_bucket_owner",
        "expected_manifest_bucket_owner",
        "expected_etag_index_bucket_owner",
    }
)
"""The options that change neither what is copied nor how. Every other one is part of the fingerprint, new ones too."""

NOT_PROVING: Final = frozenset(
    {
        "report",
        "report_format",
        "report_skipped",
        "full_every",
        "verification",
        "extraneous",
        "max_delete",
        "delete_filtered",
        "permanent_delete",
        "multipart_threshold",
        "part_size",
        "dry_run",
    }
)
"""More options that do not change which objects a complete run has compared or copied.

A report's place may name a date."""


def fingerprint(
    spec: CopySpec,
    manifest_digest: str = "",
    servers: Sequence[str] = (),
    ranges: Sequence[KeyRange] = (),
    role: RunRole = ALONE,
    look: str = "",
) -> str:
    """Return a SHA-256 in hex that is equal for two runs which copy the same objects in the same way.

    manifest_digest: digest of the manifest, "" for none.
    servers: endpoints of both sides, because the same names may be other buckets there.
    ranges, role: those of one run of several, so that a new plan does not resume from an old plan's checkpoint.
    look: the name of a short look, which must not go on as a full one.

    The order of globs counts. The notation of a value ("1GiB") does not, because options are parsed already.
    """
    content = _content(spec, manifest_digest, servers, LEFT_OUT)
    # The number of concurrent runs does not change what is copied.
    if role._replace(of=1) != ALONE:
        content["role"] = [role.part.value, role.began, role.complete]
        content["ranges"] = [list(keys) for keys in ranges]
    if look:
        content["look"] = look
    return _digest(content)


def since_fingerprint(spec: CopySpec, servers: Sequence[str]) -> str:
    """Return the same for two runs of which the later one may rely on the comparisons of the earlier one."""
    return _digest(_content(spec, "", servers, LEFT_OUT | NOT_PROVING))


def _content(spec: CopySpec, manifest_digest: str, servers: Sequence[str], left_out: frozenset[str]) -> dict[str, Any]:
    options = spec.options
    return {
        "single": spec.single,
        "source": [*spec.source, spec.source_prefix],
        "dest": [*spec.dest, spec.dest_prefix],
        "options": {
            option.name: getattr(options, option.name) for option in fields(options) if option.name not in left_out
        },
        "manifest": manifest_digest,
        "servers": list(servers),
    }


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=_plain).encode()).hexdigest()


def _plain(value: object) -> Any:
    # Nothing else is converted to text: a `repr` may contain a memory address, and then no run would ever resume.
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"an option of type {type(value).__name__} has no canonical form")


def usable(
    state: CheckpointState, saved_at: float, fingerprint: str, now: float, max_age_s: float = MAX_AGE_S
) -> tuple[CheckpointState | None, str]:
    """Return the state if a run with this fingerprint may resume from it, else None and the reason for a log line.

    saved_at, now: seconds since 1970, from clocks that may differ, because a retry may run on another machine.
    max_age_s: oldest usable state, in seconds.
    """
    if state.fingerprint != fingerprint:
        return None, "other arguments"
    if state.finished:
        return None, "finished"
    # Written in this form so that NaN is refused.
    if not now - saved_at <= max_age_s:
        return None, f"older than {max_age_s / 3600:g} h"
    if not saved_at - now <= max_age_s:
        return None, "saved in the future"
    if state.beside is not None:
        return None, f"the remaining keys are in {state.beside.name!r} beside the report, which {state.beside.why}"
    return state, ""


def impossible(state: CheckpointState, spec: CopySpec, ranges: Sequence[KeyRange]) -> str:
    """Return the reason, for a log line, why no run of `spec` over these ranges can have saved this state, or "".

    A consistent edit is not detected: that would take a secret, and there is no place to store one.
    """
    return next((why for wrong, why in _impossibilities(state, spec, ranges) if wrong), "")


def _impossibilities(state: CheckpointState, spec: CopySpec, ranges: Sequence[KeyRange]) -> Iterator[tuple[bool, str]]:
    counts, reasons = state.counts, state.reasons
    yield not set(counts) <= set(Tally.COUNTS) or "listed" not in counts, "its counts are not those of a copy"
    yield bool(Tally.of(counts, {}, {}).gap()), "its counts do not add up"
    yield sum(reasons.values()) > counts["listed"], "it has more reasons than objects"
    failed = sum(number for name, number in reasons.items() if name in _FAILURES)
    yield failed > counts.get("failed", 0), "it has more reasons to fail than failed objects"
    yield sum(state.verified.values()) > counts.get("copied", 0), "it has more verified objects than copied ones"
    lost = sum(state.etags_not_kept.values())
    yield lost > counts.get("copied", 0), "it has more ETags that were not kept than copied objects"
    extraneous = state.looked.keys if state.looked is not None else 0
    extraneous += state.deleting.keys if state.deleting is not None else 0
    yield state.segments > min(counts["listed"] + extraneous, SEGMENTS.most), "it has more report segments than objects"
    yield not _in_order(state.remaining), "its key ranges are not in order"
    yield not all(_overlaps(keys, spec.source_prefix) for keys in state.remaining), "a key range is outside the source"
    whole = union(ranges)
    yield not all(_within(keys, whole) for keys in state.remaining), "a key range is not one of this run's"
    checking = state.checking.left if state.checking is not None else ()
    yield not _in_order(checking), "the key ranges to check are not in order"
    yield not all(_within(keys, whole) for keys in checking), "a key range to check is not one of this run's"
    looked = state.looked.left if state.looked is not None else ()
    yield not _in_order(looked), "the key ranges to look at are not in order"
    yield not all(_within(keys, whole) for keys in looked), "a key range to look at is not one of this run's"
    deletes = state.deleting is not None and spec.options.extraneous != "delete"
    yield deletes, "it deletes keys, and this run does not"
    yield state.dest_bucket.name != spec.dest.name, "it is of another destination bucket"
    yield not all(is_ours(upload, spec) for upload in state.uploads), "an upload is outside the destination"


def is_ours(upload: OpenUpload, spec: CopySpec) -> bool:
    """Return True if a run of `spec` can have started this upload, judged by its key."""
    return upload.dest_key == spec.dest_prefix if spec.single else upload.dest_key.startswith(spec.dest_prefix)


# Archived objects may also be skipped, for a reason of the same name.
_FAILURES: Final = frozenset(reason.value for reason in Reason) - {Reason.ARCHIVED.value}


def _in_order(ranges: Sequence[KeyRange]) -> bool:
    ends = [keys.end for keys in ranges]
    forward = all(keys.end is None or keys.after < keys.end for keys in ranges)
    return forward and all(end is not None and end <= keys.after for end, keys in zip(ends, ranges[1:], strict=False))


def _overlaps(keys: KeyRange, prefix: str) -> bool:
    """Return True if the range can contain keys with this prefix."""
    return (keys.end is None or keys.end >= prefix) and (keys.after <= prefix or keys.after.startswith(prefix))


def _within(keys: KeyRange, ranges: Sequence[KeyRange]) -> bool:
    return any(
        whole.after <= keys.after and (whole.end is None or (keys.end is not None and keys.end <= whole.end))
        for whole in ranges
    )
