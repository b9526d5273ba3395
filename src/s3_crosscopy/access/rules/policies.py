"""From grants to policy documents that can be pasted: exactly these grants, in the right places, and nothing beyond.

Within one account the identity policy is enough for S3; across accounts the bucket's policy has to allow it too. A KMS
key's policy is printed always, because whether a key leaves the decision to IAM is the key's own affair (KMS Developer
Guide, "Key policies"). Knows nothing of how a grant was found to be missing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from s3_crosscopy.access.examination import Party, Permission, Policy, Scope
from s3_crosscopy.access.rules.arns import account_of, is_permission_sets, role_arn_of
from s3_crosscopy.access.rules.policy_context import KEY_PLACES, PLACEHOLDER, PolicyContext

_Statement = dict[str, Any]

IDENTITY, TRUST, BUCKET, KEY = "identity policy", "trust policy", "bucket policy", "key policy"

HOW: Mapping[str, str] = {
    IDENTITY: "attach it to {}, inline or as a managed policy",
    TRUST: "add the statement to those of {}, because update-assume-role-policy replaces the whole document",
    BUCKET: "add the statements to those of {}, because put-bucket-policy replaces the whole document",
    KEY: "add the statements to those of {}, because put-key-policy replaces the whole document",
}
"""What to do with each kind of policy; `{}` is what it is attached to."""

_HOW_PERMISSION_SET: Mapping[str, str] = {
    IDENTITY: "put it into the permission set's inline policy in IAM Identity Center, IAM itself lets nobody change {}",
    TRUST: "IAM lets nobody change {}: take a role of your own, which the permission set may assume",
}

_SIDS = {
    Scope.SOURCE: "Source",
    Scope.DEST: "Destination",
    Scope.SOURCE_KEY: "SourceKey",
    Scope.DEST_KEY: "DestinationKey",
    Scope.REPORT: "Report",
    Scope.MANIFEST: "Manifest",
}
_PARTIES, _PLACES = tuple(Party), tuple(Scope)

_NO_CONDITION = (
    "s3:ListBucket has no condition on s3:prefix, because HeadBucket and a HEAD of a key that is missing carry no"
    " prefix: with one, S3 answers them 403 instead of 404, and what is only missing looks denied"
)
_UNCONDITIONED: Mapping[bool, str] = {
    False: _NO_CONDITION,
    True: f"{_NO_CONDITION}; a copy of one object needs it for nothing else, so that this is as narrow as it can be",
}
_WHOLE_ACCOUNT = (
    "the trust policy lets every role and user of account {} that its own administrator allows become the copier; name"
    " the one role with --trusted-arn, or, where that account is another company's and serves others too, give"
    " --external-id, without which it can be made to use the copier for somebody else (confused deputy)"
)


def policies(permissions: Sequence[Permission], policy_context: PolicyContext) -> tuple[Policy, ...]:
    """The documents that allow these grants, in the order in which one would set them up."""
    ordered = sorted(permissions, key=lambda one: (_PARTIES.index(one.party), _PLACES.index(one.place), one.resource))
    return (
        *_identity(ordered, policy_context),
        *_trust(policy_context),
        *_buckets(ordered, policy_context),
        *_keys(ordered, policy_context),
    )


def how_to_attach(policy: Policy) -> str:
    """What to do with a policy, in one line."""
    kind = policy.place.partition(" of ")[0]
    how = _HOW_PERMISSION_SET.get(kind) if is_permission_sets(policy.attach_to) else None
    return (how or HOW[kind]).format(policy.attach_to)


def remarks(printed: Sequence[Policy], policy_context: PolicyContext, *, single: bool) -> tuple[str, ...]:
    """Remarks on what these policies allow beyond what one might expect, a line each. `single`: of one object."""
    actions = {action for one in printed for each in one.document["Statement"] for action in each["Action"]}
    found = [_UNCONDITIONED[single]] if "s3:ListBucket" in actions else []
    if (
        policy_context.trusted is not None
        and policy_context.trusted.endswith(":root")
        and policy_context.external_id is None
    ):
        found.append(_WHOLE_ACCOUNT.format(account_of(policy_context.trusted)))
    return tuple(found)


def placeholders(printed: Iterable[Policy]) -> tuple[str, ...]:
    """The placeholders that have to be replaced before these policies can be used, sorted."""
    texts = (text for one in printed for text in (one.attach_to, *_texts(one.document)))
    # A key or prefix may well be called like a placeholder.
    return tuple(sorted({name for text in texts if ":s3:::" not in text for name in PLACEHOLDER.findall(text)}))


def to_json(document: object, compact: bool = False) -> str:
    """JSON in the document's own order. Compact has no white space between tokens: Ceph RGW 16 refuses any."""
    return json.dumps(document, separators=(",", ":")) if compact else json.dumps(document, indent=2)


def _identity(permissions: Sequence[Permission], policy_context: PolicyContext) -> Iterator[Policy]:
    for party in Party:
        arn = policy_context.principal_arn(party)
        of_party = [one for one in permissions if one.party is party]
        # The root user may do everything in its account, and no policy can be attached to it.
        if of_party and not arn.endswith(":root"):
            statements = [_statement(of_one, policy_context) for of_one in _grouped(of_party, policy_context)]
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
    for one in permissions:
        if one.place not in KEY_PLACES and _crosses(one, policy_context):
            foreign.setdefault(_bucket(one), []).append(one)
    yield from (_resource_policy(BUCKET, name, of_one, policy_context) for name, of_one in _by_place(foreign))


def _keys(permissions: Sequence[Permission], policy_context: PolicyContext) -> Iterator[Policy]:
    found: dict[str, list[Permission]] = {}
    for one in permissions:
        if one.place in KEY_PLACES:
            found.setdefault(policy_context.key_arn(one), []).append(one)
    yield from (_resource_policy(KEY, arn, of_one, policy_context) for arn, of_one in _by_place(found))


def _resource_policy(
    kind: str, attach_to: str, permissions: Sequence[Permission], policy_context: PolicyContext
) -> Policy:
    places = [place.value for place in Scope if any(one.place is place for one in permissions)]
    statements = []
    for of_one in _grouped(permissions, policy_context):
        statement = _statement(of_one, policy_context, principal=True)
        # In a key's own policy "*" is that key, and the one resource it may name.
        statements.append(statement if kind == BUCKET else {**statement, "Resource": "*"})
    return Policy(f"{kind} of the {' and the '.join(places)}", attach_to, _document(statements))


def _statement(
    permissions: Sequence[Permission], policy_context: PolicyContext, *, principal: bool = False
) -> _Statement:
    """One statement for grants of one party on one resource."""
    party, place = permissions[0].party, permissions[0].place
    of_key = place in KEY_PLACES
    resource = _resource(permissions[0], policy_context)
    what = "" if of_key else "Objects" if "/" in resource else "Bucket"
    statement: _Statement = {"Sid": f"CrossCopy{party.value.title()}{_SIDS[place]}{what}", "Effect": "Allow"}
    if principal:
        statement["Principal"] = {"AWS": policy_context.principal_arn(party)}
    statement["Action"] = sorted({one.action for one in permissions})
    statement["Resource"] = resource
    owner = None if principal or of_key else policy_context.owner(_bucket(permissions[0]))
    if owner is not None:
        # A bucket that is deleted may be made anew by anybody. A key's ARN names its account already.
        statement["Condition"] = {"StringEquals": {"aws:ResourceAccount": owner}}
    if of_key:
        # Never the encryption context: with an S3 Bucket Key it is the bucket's ARN, and else the object's.
        statement["Condition"] = {"StringEquals": {"kms:ViaService": _via_s3(resource, policy_context.dns_suffix)}}
    return statement


def _document(statements: Sequence[_Statement]) -> Mapping[str, Any]:
    """Sids are unique within a document; a second key of the same place is the one way to meet."""
    seen: dict[str, int] = {}
    for one in statements:
        number = seen[one["Sid"]] = seen.get(one["Sid"], 0) + 1
        one["Sid"] += "" if number == 1 else str(number)
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _grouped(permissions: Iterable[Permission], policy_context: PolicyContext) -> Iterable[list[Permission]]:
    """By party and resource, in order."""
    groups: dict[tuple[Party, str], list[Permission]] = {}
    for one in permissions:
        groups.setdefault((one.party, _resource(one, policy_context)), []).append(one)
    return groups.values()


def _by_place(found: Mapping[str, list[Permission]]) -> list[tuple[str, list[Permission]]]:
    """The source's first, whoever the grants are for."""
    return sorted(found.items(), key=lambda item: (min(_PLACES.index(one.place) for one in item[1]), item[0]))


def _resource(permission: Permission, policy_context: PolicyContext) -> str:
    return policy_context.key_arn(permission) if permission.place in KEY_PLACES else permission.resource


def _bucket(permission: Permission) -> str:
    return permission.resource.partition(":::")[2].partition("/")[0]


def _crosses(permission: Permission, policy_context: PolicyContext) -> bool:
    """Whether the bucket has to allow it too: it is another account's, or may be."""
    account, owner = policy_context.account(permission.party), policy_context.owner(_bucket(permission))
    return account is None or owner is None or account != owner


def _via_s3(key_arn: str, dns_suffix: str) -> str:
    # Not `region_of`: a placeholder is no Region.
    return f"s3.{key_arn.split(':')[3]}.{dns_suffix}"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        return
    for one in value.values() if isinstance(value, Mapping) else value:
        yield from _texts(one)


# The actions say that, too.
_KIND = re.compile("(?:Objects|Bucket)$")


def additions(printed: Iterable[Policy]) -> tuple[Policy, ...]:
    """The same policies, each statement named by its actions too: the same ones are not missing twice."""
    return tuple(
        one._replace(document={**one.document, "Statement": [_named(each) for each in one.document["Statement"]]})
        for one in printed
    )


def _named(statement: dict[str, Any]) -> dict[str, Any]:
    actions = "".join(action.partition(":")[2] for action in statement["Action"])
    return {**statement, "Sid": f"{_KIND.sub('', statement['Sid'])}{actions}"}
