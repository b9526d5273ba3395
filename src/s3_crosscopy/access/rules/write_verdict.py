"""Judges several permissions by one full write and, if that is denied, by simpler ones.

A write needs several permissions at once, and S3 does not always say which one is missing. The write is then repeated
without tags and ACL, and with one of them.
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

WriteErrors = Mapping[str | None, S3Error | None]
"""The error of each write, None for a success; by the argument added to the bare write, None for the full one."""


def write_args(options: CopyOptions, permissions: Iterable[Permission]) -> dict[str, object]:
    """The arguments of a write as the run would send it, as far as they need permissions.

    Checksums need none, and some need a library to compute. The storage class is not that of a real source object.
    """
    subject = Subject(options, storage_class="STANDARD", facts=Facts(size=0, etag="", modified=""), tags={})
    args = {name: value for name, value in create_args(subject).items() if not name.startswith("Checksum")}
    if any(permission.action == "s3:PutObjectTagging" for permission in permissions):
        args.setdefault("Tagging", PROBE_TAG)
    return args


def simpler(args: Args) -> dict[str, Args]:
    """The simpler writes, by the one argument added to the bare write; "" for the bare write itself."""
    added = [name for name in _ADDED.values() if name in args]
    bare = {name: value for name, value in args.items() if name not in added}
    return {"": bare, **{name: {**bare, name: args[name]} for name in added}} if added else {}


def verdicts(permissions: Iterable[Permission], kind: ProbeKind, errors: WriteErrors) -> dict[Permission, Finding]:
    """The findings for those permissions that a write needs."""
    rules = {
        permission: _RULES[permission.place, permission.action]
        for permission in permissions
        if (permission.place, permission.action) in _RULES
    }
    return {permission: rule(permission, kind, errors) for permission, rule in rules.items()}


def _simplest_error(errors: WriteErrors) -> S3Error | None:
    """The error of the simplest write; None if any write succeeded."""
    return None if None in errors.values() else errors.get("", errors[None])


def _of_write(permission: Permission, kind: ProbeKind, errors: WriteErrors) -> Finding:
    return judge(permission, kind, _simplest_error(errors))


def _of_added(permission: Permission, kind: ProbeKind, errors: WriteErrors) -> Finding:
    name = _ADDED[permission.action]
    kind = kind._replace(asked=f"{kind.asked} with {name}")
    error = errors.get(name, errors[None])
    without = errors.get("", errors[None])
    if error is not None and error.reason is Reason.DENIED and without is not None:
        return unknown(permission, f"{kind.asked} is denied, but so it is without it")
    return judge(permission, kind, error)


def _of_key(permission: Permission, kind: ProbeKind, errors: WriteErrors) -> Finding:
    """The finding for a KMS permission. KMS names itself, across accounts too: a bare AccessDenied came from S3."""
    error = _simplest_error(errors)
    if error is not None and not of_kms(error):
        return unknown(permission, f"{kind.asked} is denied before KMS is asked")
    return judge(permission, kind, error)


_RULES: Mapping[tuple[Scope, str], Callable[[Permission, ProbeKind, WriteErrors], Finding]] = {
    (Scope.DEST, "s3:PutObject"): _of_write,
    (Scope.DEST, "s3:PutObjectTagging"): _of_added,
    (Scope.DEST, "s3:PutObjectAcl"): _of_added,
    (Scope.DEST_KEY, "kms:GenerateDataKey"): _of_key,
}
