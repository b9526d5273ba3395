"""Two buckets on RGW, a principal that may do what a test grants it and nothing else, and policies applied as printed.

A user `op` is granted both sides by the buckets' policies. A role of `dst` is granted the source by that bucket's
policy and its own account's bucket by its identity policy.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterable
from functools import cache
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from s3_crosscopy.access.examination import Policy, Scope
from s3_crosscopy.access.rules.policies import BUCKET, TRUST, to_json
from s3_crosscopy.adapters.boto.clients import S3Clients
from tests.end_to_end.conftest import session_of
from tests.servers.accounts import Account, boto_client
from tests.servers.policies import bucket_policy, document, identity_policy, trust_policy
from tests.servers.rgw import RgwServer

SOURCE_ACTIONS = ("s3:ListBucket", "s3:GetObject", "s3:GetObjectTagging")
DEST_ACTIONS = (
    "s3:ListBucket",
    "s3:GetObject",
    "s3:PutObject",
    "s3:PutObjectTagging",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
    "s3:ListBucketMultipartUploads",
)
SEEDED = ("a.json", "b/sp ace+%41.csv", "c/ünï.json")
WRITTEN_BEFORE = "in/there"

Contents = dict[str, tuple[Any, ...]]


class Buckets:
    """A source of `src` with some objects and a destination of `dst` with one, both fresh and granted to nobody.

    `endpoint_url` is where what is tested goes: a stub in front of `rgw`, for its log.
    """

    def __init__(self, rgw: RgwServer, endpoint_url: str) -> None:
        self.rgw = rgw
        self.endpoint_url = endpoint_url
        self.run = uuid.uuid4().hex[:8]
        self.names = {Scope.SOURCE: f"raw-{self.run}", Scope.DEST: f"landing-{self.run}"}
        self.owners = {self.names[Scope.SOURCE]: rgw.src, self.names[Scope.DEST]: rgw.dst}
        for name, owner in self.owners.items():
            self._client(owner).create_bucket(Bucket=name)
        source = self.names[Scope.SOURCE]
        for number, key in enumerate(SEEDED):
            body, tags = f"content of {key}".encode(), f"number={number}"
            self._client(rgw.src).put_object(
                Bucket=source, Key=f"events/{key}", Body=body, Metadata={"number": str(number)}, Tagging=tags
            )
        # Only an object at the destination tells whether GetObject is granted there.
        self._client(rgw.dst).put_object(Bucket=self.names[Scope.DEST], Key=WRITTEN_BEFORE, Body=b"before")

    @property
    def urls(self) -> tuple[str, str]:
        return f"s3://{self.names[Scope.SOURCE]}/events/", f"s3://{self.names[Scope.DEST]}/in/"

    def grant_user(self, *, lacking: Collection[tuple[Scope, str]] = ()) -> None:
        """Grant `op` everything by the buckets' policies, but what is `lacking`."""
        for place, actions in ((Scope.SOURCE, SOURCE_ACTIONS), (Scope.DEST, DEST_ACTIONS)):
            self._put(self.names[place], bucket_policy(self.names[place], self.op, _without(actions, place, lacking)))

    def grant_role(self, role: str, *, lacking: Collection[tuple[Scope, str]] = ()) -> None:
        """Grant a role of `dst` the source by its bucket's policy and the destination by its own."""
        source, dest = self.names.values()
        self._put(source, bucket_policy(source, role, _without(SOURCE_ACTIONS, Scope.SOURCE, lacking)))
        own = identity_policy([dest], _without(DEST_ACTIONS, Scope.DEST, lacking))
        self._client(self.rgw.dst, "iam").put_role_policy(RoleName=_name(role), PolicyName="own", PolicyDocument=own)

    def make_role(self, what: str, trust: str | None = None) -> str:
        """A role of `dst` that `op` may assume and that may do nothing; its ARN."""
        name = f"{what}-{self.run}"
        self._client(self.rgw.dst, "iam").create_role(
            RoleName=name, AssumeRolePolicyDocument=trust_policy(self.op) if trust is None else trust
        )
        return self.rgw.role_arn(name)

    def apply(self, printed: Iterable[Policy]) -> None:
        """Put policies where they say that they belong, each document as it is.

        A bucket's statements are added to those that are there; S3 wants each Sid once in a bucket's policy.
        """
        for one in printed:
            if one.place.startswith(BUCKET):
                there = self._statements(one.attach_to)
                added = [*there, *one.document["Statement"]]
                named = [statement["Sid"] for statement in added if "Sid" in statement]
                assert len(set(named)) == len(named), f"S3 refuses a Sid that is there already: {named}"
                self._put(one.attach_to, document(*added))
            elif not one.place.startswith(TRUST):
                self._attach(one.attach_to, to_json(one.document, compact=True))

    def dest_contents(self) -> Contents:
        """Relative key to content, metadata and tags of the copies, as plain boto3 reads them.

        RGW gives a copy to the user that wrote it or assumed the role that did: `op`, in any case.
        """
        return _contents(self._client(self.rgw.op), self.names[Scope.DEST], self._client(self.rgw.dst), "in/")

    def source_contents(self) -> Contents:
        owner = self._client(self.rgw.src)
        return _contents(owner, self.names[Scope.SOURCE], owner, "events/")

    @property
    def op(self) -> str:
        return self.rgw.user_arn(self.rgw.op)

    def _client(self, account: Account, service: str = "s3") -> Any:
        return client_of(service, self.rgw.endpoint_url, account)

    def _put(self, bucket: str, policy: str) -> None:
        self._client(self.owners[bucket]).put_bucket_policy(Bucket=bucket, Policy=policy)

    def _statements(self, bucket: str) -> list[dict[str, Any]]:
        try:
            answer = self._client(self.owners[bucket]).get_bucket_policy(Bucket=bucket)
        except ClientError:  # NoSuchBucketPolicy
            return []
        found: list[dict[str, Any]] = json.loads(answer["Policy"])["Statement"]
        return found

    def _attach(self, arn: str, policy: str) -> None:
        """As an inline policy of the role, beside the one that is there."""
        name = f"printed-{uuid.uuid4().hex[:8]}"
        iam = self._client(self.rgw.dst, "iam")
        iam.put_role_policy(RoleName=_name(arn), PolicyName=name, PolicyDocument=policy)


@cache
def client_of(service: str, endpoint_url: str, account: Account) -> Any:
    """Made once: some hundred milliseconds each."""
    return boto_client(service, endpoint_url, account)


def access_of(account: Account, endpoint_url: str) -> S3Clients:
    config = Config(s3={"addressing_style": "path"}, proxies={})
    return S3Clients(
        session_of(account), endpoint_url=endpoint_url, sts_endpoint_url=endpoint_url, config=config, label="op"
    )


def _without(actions: Iterable[str], place: Scope, lacking: Collection[tuple[Scope, str]]) -> list[str]:
    return [one for one in actions if (place, one) not in lacking]


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]


def _contents(reader: Any, bucket: str, lister: Any, prefix: str) -> Contents:
    found: Contents = {}
    for row in lister.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", ()):
        place = {"Bucket": bucket, "Key": row["Key"]}
        if row["Key"] != WRITTEN_BEFORE:
            said, tags = reader.get_object(**place), reader.get_object_tagging(**place)
            found[row["Key"][len(prefix) :]] = (said["Body"].read(), said["Metadata"], tags["TagSet"])
    return found
