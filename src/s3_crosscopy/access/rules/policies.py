"""Turns permissions into policy documents that can be pasted and allow exactly these permissions.

Within one account the identity policy is enough for S3; across accounts the bucket's policy has to allow it too. A KMS
key's policy is always printed, because the key's policy decides whether IAM policies count (KMS Developer Guide, "Key
policies").
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from s3_crosscopy.access.examination import Party, Permission, Policy, Scope
from s3_crosscopy.access.rules.arns import is_permission_sets, role_arn_of
from s3_crosscopy.access.rules.permissions import OF_BUCKET
from s3_crosscopy.access.rules.policy_context import KEY_PLACES, PLACEHOLDER, PolicyContext
from s3_crosscopy.model.access_points import access_point

_Statement = dict[str, Any]

IDENTITY, TRUST, BUCKET, KEY = "identity policy", "trust policy", "bucket policy", "key policy"
ACCESS_POINT = "access point policy"

HOW: Mapping[str, str] = {
    IDENTITY: "attach it to {}, inline or as a managed policy",
    TRUST: "add the statement to those of {}, because update-assume-role-policy replaces the whole document",
    BUCKET: "add the statements to those of {}, because put-bucket-policy replaces the whole document",
    ACCESS_POINT: "add the statements to those of {}, because put-access-point-policy replaces the whole document",
    KEY: "add the statements to those of {}, because put-key-policy replaces the whole document",
}
"""Instructions for attaching each kind of policy; `{}` is its principal, bucket or key."""

_HOW_PERMISSION_SET: Mapping[str, str] = {
    IDENTITY: "put it into the permission set's inline policy in IAM Identity Center; {} cannot be changed in IAM",
    TRUST: "{} cannot be changed in IAM: use a role of your own that the permission set may assume",
}

_SIDS = {
    Scope.SOURCE: "Source",
    Scope.DEST: "Destination",
    Scope.SOURCE_KEY: "SourceKey",
    Scope.DEST_KEY: "DestinationKey",
    Scope.REPORT: "Report",
    Scope.MANIFEST: "Manifest",
    Scope.INDEX: "EtagIndex",
}
_PARTIES, _PLACES = tuple(Party), tuple(Scope)
S3_ARN = re.compile("arn:[^:]*:s3:")
"""The beginning of an ARN of S3."""


def policies(permissions: Sequence[Permission], policy_context: PolicyContext) -> tuple[Policy, ...]:
    """The policy documents that allow these permissions, in the order in which to set them up."""
    ordered = sorted(permissions, key=_order)
    return (
        *_identity(ordered, policy_context),
        *_trust(policy_context),
        *_buckets(ordered, policy_context),
        *_keys(ordered, policy_context),
    )


def how_to_attach(policy: Policy) -> str:
    """One line that says where to attach a policy."""
    kind = policy.place.partition(" of ")[0]
    how = _HOW_PERMISSION_SET.get(kind) if is_permission_sets(policy.attach_to) else None
    return (how or HOW[kind]).format(policy.attach_to)


def placeholders(printed: Iterable[Policy]) -> tuple[str, ...]:
    """The placeholders that have to be replaced before these policies can be used, sorted."""
    texts = (text for policy in printed for text in (policy.attach_to, *texts_in(policy.document)))
    # A key or prefix may have the name of a placeholder.
    return tuple(sorted({name for text in texts if not S3_ARN.match(text) for name in PLACEHOLDER.findall(text)}))


def to_json(document: object, compact: bool = False) -> str:
    """JSON in the document's own order. `compact` leaves out all white space, which Ceph RGW 16 rejects."""
    return json.dumps(document, separators=(",", ":")) if compact else json.dumps(document, indent=2)


def _identity(permissions: Sequence[Permission], policy_context: PolicyContext) -> Iterator[Policy]:
    for party in Party:
        arn = policy_context.principal_arn(party)
        of_party = [permission for permission in permissions if permission.party is party]
        # The root user may do everything in its account; no policy can be attached to it.
        if of_party and not arn.endswith(":root"):
            statements = [_statement(group, policy_context) for group in _grouped(of_party, policy_context)]
            yield Policy(f"{IDENTITY} of the {party.value}", arn, _document(statements))


def _trust(policy_context: PolicyContext) -> Iterator[Policy]:
    if policy_context.trusted is None:
        return
    statement: _Statement = {
        "Sid": "CrossCopyAssumeCopier",
        "Effect": "Allow",
        "Principal": {"AWS": role_arn_of(policy_context.trusted)},
        "Action": ["sts:AssumeRole"],
    }
    if policy_context.external_id is not None:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": policy_context.external_id}}
    copier = Party.COPIER
    yield Policy(f"{TRUST} of the {copier.value}", policy_context.principal_arn(copier), _document([statement]))


def _buckets(permissions: Sequence[Permission], policy_context: PolicyContext) -> Iterator[Policy]:
    foreign: dict[str, list[Permission]] = {}
    for permission in permissions:
        if permission.place not in KEY_PLACES and _is_cross_account(permission, policy_context):
            foreign.setdefault(_bucket(permission), []).append(permission)
    for name, group in _by_place(foreign):
        point = access_point(name)
        kind, attach_to = (BUCKET, name) if point is None else (ACCESS_POINT, point.arn)
        yield _resource_policy(kind, attach_to, group, policy_context)


def _keys(permissions: Sequence[Permission], policy_context: PolicyContext) -> Iterator[Policy]:
    by_key: dict[str, list[Permission]] = {}
    for permission in permissions:
        if permission.place in KEY_PLACES:
            by_key.setdefault(policy_context.key_arn(permission), []).append(permission)
    yield from (_resource_policy(KEY, arn, group, policy_context) for arn, group in _by_place(by_key))


def _resource_policy(
    kind: str, attach_to: str, permissions: Sequence[Permission], policy_context: PolicyContext
) -> Policy:
    places = [place.value for place in Scope if any(permission.place is place for permission in permissions)]
    statements = []
    for group in _grouped(permissions, policy_context):
        statement = _statement(group, policy_context, principal=True)
        # In a key's own policy "*" means that key, and no other resource is valid.
        statements.append({**statement, "Resource": "*"} if kind == KEY else statement)
    return Policy(f"{kind} of the {' and the '.join(places)}", attach_to, _document(statements))


def _statement(
    permissions: Sequence[Permission], policy_context: PolicyContext, *, principal: bool = False
) -> _Statement:
    """One statement for the permissions of one party on one resource; `principal` names the party in it."""
    party, place = permissions[0].party, permissions[0].place
    of_key = place in KEY_PLACES
    resource = _resource(permissions[0], policy_context)
    suffix = "" if of_key else "Bucket" if permissions[0].action in OF_BUCKET else "Objects"
    statement: _Statement = {"Sid": f"CrossCopy{party.value.title()}{_SIDS[place]}{suffix}", "Effect": "Allow"}
    if principal:
        statement["Principal"] = {"AWS": policy_context.principal_arn(party)}
    statement["Action"] = sorted({permission.action for permission in permissions})
    statement["Resource"] = resource
    by_account = principal or of_key or access_point(_bucket(permissions[0])) is not None
    owner = None if by_account else policy_context.owner(_bucket(permissions[0]))
    if owner is not None:
        # Anybody may create a bucket again after it was deleted. Other ARNs contain the account already.
        statement["Condition"] = {"StringEquals": {"aws:ResourceAccount": owner}}
    if of_key:
        # Not the encryption context: with an S3 Bucket Key it is the bucket's ARN, otherwise the object's.
        statement["Condition"] = {"StringEquals": {"kms:ViaService": _via_s3(resource, policy_context.dns_suffix)}}
    return statement


def _document(statements: Sequence[_Statement]) -> Mapping[str, Any]:
    """A policy document. Sids become unique in it: two keys of the same scope have the same one."""
    seen: dict[str, int] = {}
    for statement in statements:
        number = seen[statement["Sid"]] = seen.get(statement["Sid"], 0) + 1
        statement["Sid"] += "" if number == 1 else str(number)
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _grouped(permissions: Iterable[Permission], policy_context: PolicyContext) -> Iterable[list[Permission]]:
    """Groups of permissions of the same party and resource, in order."""
    groups: dict[tuple[Party, str], list[Permission]] = {}
    for permission in permissions:
        groups.setdefault((permission.party, _resource(permission, policy_context)), []).append(permission)
    return groups.values()


def _order(permission: Permission) -> tuple[int, int, str]:
    return _PARTIES.index(permission.party), _PLACES.index(permission.place), permission.resource


def _by_place(groups: Mapping[str, list[Permission]]) -> list[tuple[str, list[Permission]]]:
    """Groups in the order of their scopes: the source first, for either party."""
    return sorted(groups.items(), key=lambda item: (min(_PLACES.index(entry.place) for entry in item[1]), item[0]))


def _resource(permission: Permission, policy_context: PolicyContext) -> str:
    return policy_context.key_arn(permission) if permission.place in KEY_PLACES else permission.resource


def _bucket(permission: Permission) -> str:
    """The bucket's name, which is an ARN for an access point."""
    if ":accesspoint/" in permission.resource:
        return ":".join(permission.resource.split("/")[:2])
    return permission.resource.partition(":::")[2].partition("/")[0]


def _is_cross_account(permission: Permission, policy_context: PolicyContext) -> bool:
    """True if the bucket's policy has to allow it too: another account owns the bucket, or may own it."""
    account, owner = policy_context.account(permission.party), policy_context.owner(_bucket(permission))
    return account is None or owner is None or account != owner


def _via_s3(key_arn: str, dns_suffix: str) -> str:
    # Not `region_of`: the Region may be a placeholder.
    return f"s3.{key_arn.split(':')[3]}.{dns_suffix}"


def texts_in(value: Any) -> Iterator[str]:
    """All texts in a document."""
    if isinstance(value, str):
        yield value
        return
    for item in value.values() if isinstance(value, Mapping) else value:
        yield from texts_in(item)


# Removed where a Sid names the actions, which imply it.
_KIND = re.compile("(?:Objects|Bucket)$")


def additions(printed: Iterable[Policy]) -> tuple[Policy, ...]:
    """The same policies with the actions in each Sid, so that it differs from the Sid of an earlier addition."""
    return tuple(
        policy._replace(document={**policy.document, "Statement": [*map(_named, policy.document["Statement"])]})
        for policy in printed
    )


def _named(statement: dict[str, Any]) -> dict[str, Any]:
    actions = "".join(action.partition(":")[2] for action in statement["Action"])
    return {**statement, "Sid": f"{_KIND.sub('', statement['Sid'])}{actions}"}
