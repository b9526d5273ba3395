"""Policy documents as compact JSON: RGW 16.2 refuses any white space between tokens."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

READ_ACTIONS = ("s3:GetObject", "s3:GetObjectTagging", "s3:ListBucket")


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, separators=(",", ":"))


def resources(bucket: str) -> list[str]:
    """The bucket (LIST) and everything in it (GET, PUT)."""
    return [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]


def trust_policy(principal_arn: str, external_id: str | None = None) -> str:
    """Lets `principal_arn` assume the role, as AWS would have it with an ExternalId."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"AWS": [principal_arn]},
        "Action": ["sts:AssumeRole"],
    }
    if external_id is not None:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}}
    return document(statement)


def bucket_policy(bucket: str, principal_arn: str, actions: Sequence[str] = READ_ACTIONS) -> str:
    """Grants `actions` on a bucket and its objects to exactly one principal."""
    return document(
        {
            "Effect": "Allow",
            "Principal": {"AWS": [principal_arn]},
            "Action": list(actions),
            "Resource": resources(bucket),
        }
    )


def identity_policy(buckets: Sequence[str], actions: Sequence[str] = ("s3:*",)) -> str:
    """Lets its holder do `actions` in these buckets and nowhere else."""
    return document(
        {
            "Effect": "Allow",
            "Action": list(actions),
            "Resource": [arn for bucket in buckets for arn in resources(bucket)],
        }
    )
