"""What a write with everything that the copies would be sent tells of each grant, and which simpler writes tell more.

A write is one request for several grants, and S3 does not say which it lacks: so the same is sent again without tags
and ACL, and with one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from s3_crosscopy.access.examination import Finding, Permission, Scope
from s3_crosscopy.access.rules.error_messages import of_kms
from s3_crosscopy.access.rules.probe_verdict import ProbeKind, judge, unknown
from s3_crosscopy.core.transfer.copy_params import Args, Subject, create_args
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Facts
from s3_crosscopy.model.options import CopyOptions
from s3_crosscopy.model.outcomes import Reason

PROBE_TAG = "s3-crosscopy=probe"
_ADDED: Mapping[str, str] = {"s3:PutObjectTagging": "Tagging", "s3:PutObjectAcl": "ACL"}


Trials = Mapping[str | None, S3Error | None]
"""The error of each write, None for a success: of the full one under None, of the simpler ones by what they have."""


def write_args(options: CopyOptions, permissions: Iterable[Permission]) -> dict[str, object]:
    """The arguments of a write as the run would make it, as far as they are a question of grants.

    Checksums are not, and some take a library to compute. The storage class of a source is that of no object here.
    """
    subject = Subject(options, storage_class="STANDARD", facts=Facts(size=0, etag="", modified=""), tags={})
    args = {name: value for name, value in create_args(subject).items() if not name.startswith("Checksum")}
    if any(permission.action == "s3:PutObjectTagging" for permission in permissions):
        args.setdefault("Tagging", PROBE_TAG)
    return args


def simpler(args: Args) -> dict[str, Args]:
    """The writes that tell more, by the one argument that each still has of those in question; "" for none."""
    added = [name for name in _ADDED.values() if name in args]
    bare = {name: value for name, value in args.items() if name not in added}
    return {"": bare, **{name: {**bare, name: args[name]} for name in added}} if added else {}


def verdicts(permissions: Iterable[Permission], way: ProbeKind, trials: Trials) -> dict[Permission, Finding]:
    """What the trials say of those grants that a write needs."""
    found = {
        permission: _RULES[permission.place, permission.action]
        for permission in permissions
        if (permission.place, permission.action) in _RULES
    }
    return {permission: rule(permission, way, trials) for permission, rule in found.items()}


def _plain(trials: Trials) -> S3Error | None:
    """The error of the simplest write; None if any was made."""
    return None if None in trials.values() else trials.get("", trials[None])


def _of_write(permission: Permission, way: ProbeKind, trials: Trials) -> Finding:
    return judge(permission, way, _plain(trials))


def _of_added(permission: Permission, way: ProbeKind, trials: Trials) -> Finding:
    name = _ADDED[permission.action]
    way = way._replace(asked=f"{way.asked} with {name}")
    error = trials.get(name, trials[None])
    without = trials.get("", trials[None])
    if error is not None and error.reason is Reason.DENIED and without is not None:
        return unknown(permission, f"{way.asked} is denied, but so it is without")
    return judge(permission, way, error)


def _of_key(permission: Permission, way: ProbeKind, trials: Trials) -> Finding:
    """KMS' own denials say so, across accounts too: a bare AccessDenied is S3's, and KMS was not asked."""
    error = _plain(trials)
    if error is not None and not of_kms(error):
        return unknown(permission, f"{way.asked} is refused before KMS is asked")
    return judge(permission, way, error)


_RULES: Mapping[tuple[Scope, str], Callable[[Permission, ProbeKind, Trials], Finding]] = {
    (Scope.DEST, "s3:PutObject"): _of_write,
    (Scope.DEST, "s3:PutObjectTagging"): _of_added,
    (Scope.DEST, "s3:PutObjectAcl"): _of_added,
    (Scope.DEST_KEY, "kms:GenerateDataKey"): _of_key,
}
