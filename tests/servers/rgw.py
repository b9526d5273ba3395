"""A real Ceph RGW with three accounts: the server that enforces cross-account policies and checks signatures.

An "account" is an RGW user: bucket ownership and policies separate users as AWS separates accounts. How RGW
16.2 differs from AWS, found by trying, and what a test does about it:

- A role's own policy is enough to read a foreign bucket: RGW takes *either* policy where AWS wants both. So
  `create_role` grants named buckets only: name the role's own, and the foreign one hangs on its bucket
  policy.
- No `sts:ExternalId`: a trust policy with that condition is never met, one without it takes any ExternalId.
  `rules.require_external_id` in front of RGW (`StubServer(upstream=...)`) plays that part of STS.
- UploadPartCopy across accounts is never allowed for a role, whatever the policies say. A *user* needs an
  object ACL (`GrantRead="id=dst"`) or pushes: the source's user, granted `s3:PutObject` by the destination
  bucket.
- A wrong secret is AccessDenied, error messages are None, IAM and STS errors have no code (`Unknown`).
- Policies are compact JSON without `s3:GetObjectAttributes`; bucket names have at least three characters;
  what a role writes belongs to the user that assumed it.
- An ARN names no account: `user_arn`, `role_arn`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.servers.accounts import Account, assumed, boto_client
from tests.servers.ceph import CephCluster
from tests.servers.policies import READ_ACTIONS, bucket_policy, identity_policy, trust_policy
from tests.servers.rgw_install import ensure_ceph

SRC = Account("src", "SRCKEY", "srcsecret")
DST = Account("dst", "DSTKEY", "dstsecret")
OP = Account("op", "OPKEY", "opsecret")


class RgwServer:
    """A running gateway: `src` owns the source, `dst` the destination, `op` nothing: it assumes roles."""

    src = SRC
    dst = DST
    op = OP

    def __init__(self, endpoint_url: str) -> None:
        self.endpoint_url = endpoint_url

    @classmethod
    @contextmanager
    def start(cls, path: Path, extra_conf: Sequence[str] = ()) -> Iterator[RgwServer]:
        """Run a gateway in `path`, which is made here and removed in the end.

        `extra_conf` are lines of ceph.conf for the gateway, as `rgw max concurrent requests = 8`.
        Skips the test when Ceph is missing and cannot be installed.
        """
        ensure_ceph()
        cluster = CephCluster(path, extra_conf)
        try:
            cluster.start()
            for account in (cls.src, cls.dst, cls.op):
                _create_user(cluster, account)
            yield cls(cluster.endpoint_url)
        finally:
            cluster.stop()
            shutil.rmtree(path, ignore_errors=True)

    def client(self, account: Account) -> Any:
        return boto_client("s3", self.endpoint_url, account)

    def iam(self, account: Account) -> Any:
        return boto_client("iam", self.endpoint_url, account)

    def sts(self, account: Account) -> Any:
        return boto_client("sts", self.endpoint_url, account)

    @staticmethod
    def user_arn(account: Account) -> str:
        return f"arn:aws:iam:::user/{account.name}"

    @staticmethod
    def role_arn(name: str) -> str:
        return f"arn:aws:iam:::role/{name}"

    def create_role(self, account: Account, name: str, trusted: str, buckets: Sequence[str]) -> str:
        """A role that the principal `trusted` may assume and that may do everything in `buckets`; its ARN.

        Without a permission policy an RGW role may do nothing; on other buckets only their policies count.
        """
        iam = self.iam(account)
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust_policy(trusted))
        iam.put_role_policy(RoleName=name, PolicyName="buckets", PolicyDocument=identity_policy(buckets))
        return self.role_arn(name)

    def assume(self, account: Account, role_arn: str, external_id: str | None = None) -> Account:
        """The credentials that `account` gets for a role; RGW itself ignores the ExternalId."""
        arguments = {} if external_id is None else {"ExternalId": external_id}
        answer = self.sts(account).assume_role(RoleArn=role_arn, RoleSessionName="crosscopy", **arguments)
        return assumed(role_arn, answer)

    def put_bucket_policy(
        self, owner: Account, bucket: str, principal_arn: str, actions: Sequence[str] = READ_ACTIONS
    ) -> None:
        """Let the owner grant `actions` on its bucket to exactly one principal."""
        policy = bucket_policy(bucket, principal_arn, actions)
        self.client(owner).put_bucket_policy(Bucket=bucket, Policy=policy)


def _create_user(cluster: CephCluster, account: Account) -> None:
    cluster.run(
        "radosgw-admin",
        "user",
        "create",
        f"--uid={account.name}",
        f"--display-name={account.name}",
        f"--access-key={account.access_key}",
        f"--secret-key={account.secret_key}",
        # So that tests create roles through the IAM API, with boto3.
        "--caps=roles=*;user-policy=*",
    )
