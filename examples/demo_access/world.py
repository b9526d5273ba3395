"""The world of the demo: a Ceph gateway with two teams, a bucket each, and a role that is to copy between them.

The gateway is the one that the tests use. Its "accounts" are users, which it keeps apart as AWS does accounts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.servers.accounts import REGION, Account
from tests.servers.policies import document, trust_policy
from tests.servers.rgw import RgwServer

ROLE = "copier"
RAW, LANDING = "acme-raw", "analytics-landing"
PREFIX = "events/"
SOURCE, DEST = f"s3://{RAW}/{PREFIX}", f"s3://{LANDING}/{PREFIX}"

SENTENCES = (
    f"team raw owns s3://{RAW}; its bucket policy lets {ROLE} list it, and read exports/ since last year",
    f"team analytics owns s3://{LANDING} and the role {ROLE}, which may do everything there",
    f"a worker assumes {ROLE}: that is the AWS profile {ROLE!r}; the profiles 'raw' and 'analytics' are the two admins",
)


class Seeded(NamedTuple):
    """One object to make."""

    key: str
    body: bytes


def objects() -> list[Seeded]:
    """What is to be copied: a day of events, and a key that a careless tool would trip over."""
    hours = [Seeded(f"dt=2026-11-24/hour={hour:02}.json", f'{{"hour": {hour}}}\n'.encode() * 9) for hour in range(24)]
    return [*hours, Seeded("dt=2026-11-24/späte ereignisse+%.json", b'{"hour": "late"}\n')]


def make(rgw: RgwServer) -> None:
    """Buckets, objects and the role, with the policies as they are before anybody thought of this copy."""
    raw, analytics = rgw.client(rgw.src), rgw.client(rgw.dst)
    raw.create_bucket(Bucket=RAW)
    analytics.create_bucket(Bucket=LANDING)
    for one in objects():
        raw.put_object(
            Bucket=RAW,
            Key=PREFIX + one.key,
            Body=one.body,
            ContentType="application/json",
            Metadata={"origin": "demo"},
            Tagging="team=raw",
        )
    role = rgw.role_arn(ROLE)
    iam = rgw.iam(rgw.dst)
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust_policy(rgw.user_arn(rgw.op)))
    own = document(_allow("Landing", ["s3:*"], [f"arn:aws:s3:::{LANDING}", f"arn:aws:s3:::{LANDING}/*"]))
    iam.put_role_policy(RoleName=ROLE, PolicyName="landing", PolicyDocument=own)
    to_role = {"Principal": {"AWS": role}}
    exports = document(
        _allow("ListForAnalytics", ["s3:ListBucket"], f"arn:aws:s3:::{RAW}") | to_role,
        _allow("ExportsForAnalytics", ["s3:GetObject"], f"arn:aws:s3:::{RAW}/exports/*") | to_role,
    )
    raw.put_bucket_policy(Bucket=RAW, Policy=exports)


def environment(folder: Path, rgw: RgwServer) -> dict[str, str]:
    """Ours with the profiles of this world and nothing that could lead to somebody's real AWS."""
    config, credentials = folder / "config", folder / "credentials"
    profiles = {"raw": rgw.src, "analytics": rgw.dst, "worker": rgw.op}
    config.write_text("".join(_profile(name, rgw.endpoint_url) for name in (*profiles, ROLE)) + _assumes(rgw))
    credentials.write_text("".join(_keys(name, account) for name, account in profiles.items()))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        # What a command says on its two streams stays in order in a log.
        "PYTHONUNBUFFERED": "1",
    }


def compare(rgw: RgwServer) -> tuple[int, list[str]]:
    """How many keys the destination has, and which differ in bytes or headers; plain boto3, nothing of s3-crosscopy."""
    # On this gateway a copy belongs to the user that assumed the role.
    raw, worker = rgw.client(rgw.src), rgw.client(rgw.assume(rgw.op, rgw.role_arn(ROLE)))
    here, there = _contents(raw, RAW), _contents(worker, LANDING)
    return len(there), [key for key in sorted(here.keys() | there.keys()) if here.get(key) != there.get(key)]


def _contents(s3: Any, bucket: str) -> dict[str, tuple[Any, ...]]:
    rows = s3.list_objects_v2(Bucket=bucket, Prefix=PREFIX).get("Contents", ())
    found = {row["Key"]: s3.get_object(Bucket=bucket, Key=row["Key"]) for row in rows}
    return {key: (one["Body"].read(), one["ContentType"], one["Metadata"]) for key, one in found.items()}


def statements_of(rgw: RgwServer, bucket: str) -> list[Mapping[str, Any]]:
    """The bucket policy as it stands."""
    policy: str = rgw.client(rgw.src if bucket == RAW else rgw.dst).get_bucket_policy(Bucket=bucket)["Policy"]
    return list(json.loads(policy)["Statement"])


def _allow(sid: str, actions: list[str], resource: str | list[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}


def _profile(name: str, endpoint_url: str) -> str:
    return f"[profile {name}]\nregion = {REGION}\nendpoint_url = {endpoint_url}\n"


def _assumes(rgw: RgwServer) -> str:
    """The end of the role's own profile, which is the last one."""
    return f"role_arn = {rgw.role_arn(ROLE)}\nsource_profile = worker\n"


def _keys(name: str, account: Account) -> str:
    return f"[{name}]\naws_access_key_id = {account.access_key}\naws_secret_access_key = {account.secret_key}\n"
