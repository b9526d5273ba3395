"""What policy documents allow, spelt out one by one, and what grants need, from the rules of AWS: to be compared.

Texts are compared as they stand, so that a wildcard in an action, or a wider resource, is something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from s3_crosscopy.access.examination import Party, Permission, Policy, Scope
from s3_crosscopy.access.rules.policy_context import PolicyContext

KEYS = (Scope.SOURCE_KEY, Scope.DEST_KEY)
ELEMENTS = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}


class Allowed(NamedTuple):
    """One thing that one principal may do, by which kind of document, attached where, and under which condition."""

    kind: str
    attached: str
    principal: str
    action: str
    resource: str
    condition: str


def differences(printed: Iterable[Policy], grants: Iterable[Permission], ground: PolicyContext) -> list[str]:
    """What is allowed and not needed, and what is needed and not allowed, one line each."""
    given = {one for policy in printed if not policy.place.startswith("trust") for one in allowed(policy)}
    needed = {one for grant in grants for one in required(grant, ground)}
    return [f"beyond: {one}" for one in sorted(given - needed)] + [f"lacks: {one}" for one in sorted(needed - given)]


def allowed(policy: Policy) -> Iterator[Allowed]:
    kind = policy.place.partition(" ")[0]
    for statement in policy.document["Statement"]:
        strange = set(statement) - ELEMENTS
        if strange or statement["Effect"] != "Allow":
            yield Allowed(kind, policy.attach_to, "", "", "", f"cannot read {sorted(strange)}, {statement['Effect']}")
        for resource in listed(statement["Resource"]):
            for action in listed(statement["Action"]):
                for principal in principals(statement, policy, kind):
                    its_own = kind == "key" and resource == "*"
                    where = policy.attach_to if its_own else resource
                    condition = str(statement.get("Condition", ""))
                    yield Allowed(kind, policy.attach_to, principal, action, where, condition)


def principals(statement: Mapping[str, Any], policy: Policy, kind: str) -> list[str]:
    if kind == "identity":
        return ["an identity policy names no principal"] if "Principal" in statement else [policy.attach_to]
    principal = statement.get("Principal", "nobody")
    return [principal] if isinstance(principal, str) else [one for who in principal.values() for one in listed(who)]


def listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def required(grant: Permission, ground: PolicyContext) -> Iterator[Allowed]:
    """The places that have to allow one grant, by the rules of AWS."""
    who, of_key = ground.principal_arn(grant.party), grant.place in KEYS
    condition = str({"StringEquals": {"kms:ViaService": via(grant.resource)}}) if of_key else ""
    owner = None if of_key else ground.owner(bucket_of(grant))
    its = str({"StringEquals": {"aws:ResourceAccount": owner}}) if owner else condition
    if not who.endswith(":root"):
        yield Allowed("identity", who, who, grant.action, grant.resource, its)
    if of_key:
        yield Allowed("key", grant.resource, who, grant.action, grant.resource, condition)
        return
    bucket = bucket_of(grant)
    if not same(ground.account(grant.party), ground.owner(bucket)):
        yield Allowed("bucket", bucket, who, grant.action, grant.resource, condition)


def bucket_of(grant: Permission) -> str:
    return grant.resource.split(":::")[1].split("/")[0]


def same(account: str | None, owner: str | None) -> bool:
    return account is not None and account == owner


def via(key_arn: str) -> str:
    _, partition, _, region, *_ = key_arn.split(":")
    return f"s3.{region}.amazonaws.com" + {"aws-cn": ".cn"}.get(partition, "")


def principal_arn(party: Party, account: str, partition: str = "aws") -> str:
    return f"arn:{partition}:iam::{account}:role/{party.value}"
