"""moto in this process, with two AWS accounts: the mechanics of copies, and no permissions at all.

How moto 5.2 tells accounts apart: by the `MOTO_ACCOUNT_ID` variable, else the request's `x-moto-account-id`
header, else the account that owns the access key. AssumeRole makes a key in the account that the role's ARN
names (the role need not exist, neither trust policy nor ExternalId is checked): assumed credentials are an
account. An unknown key is account 123456789012. Bucket names are global, every bucket is open to every
account.

The state is the process's, not the server's: a second server of this process sees the same buckets.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

from botocore.handlers import BUILTIN_HANDLERS
from moto.core.models import botocore_stubber
from moto.s3.models import s3_backends

from tests.servers.accounts import Account, assumed, boto_client
from tests.servers.lean_moto import LeanMotoServer
from tests.servers.moto_account import MotoAccount
from tests.servers.policies import trust_policy
from tests.servers.stub_server import WITHOUT_A_SOCKET

SRC_ACCOUNT_ID = "111111111111"
DST_ACCOUNT_ID = "222222222222"
ROLE_NAME = "copier"
EXTERNAL_ID = "ext-1"
# Importing moto puts its mock before every request of every client of the process: no client is as a user has it then.
BUILTIN_HANDLERS[:] = [handler for handler in BUILTIN_HANDLERS if handler[1] is not botocore_stubber]
# Belongs to no account that a test uses: only good to assume roles with.
OPERATOR = Account("operator", "AKIAOPERATOR00000000", "secret")


class MotoServer:
    """A running moto. Make one with `MotoServer.start()`."""

    def __init__(self, endpoint_url: str) -> None:
        self.endpoint_url = endpoint_url
        for account_id in (SRC_ACCOUNT_ID, DST_ACCOUNT_ID):
            self._create_role(account_id)
        self.src = self.assume(SRC_ACCOUNT_ID)
        self.dst = self.assume(DST_ACCOUNT_ID)

    @classmethod
    @contextmanager
    def start(cls) -> Iterator[MotoServer]:
        if "MOTO_ACCOUNT_ID" in os.environ:
            raise RuntimeError("MOTO_ACCOUNT_ID is set: moto would put every request into that one account")
        server = LeanMotoServer()
        server.start()
        host, port = server.get_host_and_port()
        endpoint_url = f"http://{host}:{port}"
        WITHOUT_A_SOCKET[endpoint_url] = server.answer
        try:
            yield cls(endpoint_url)
        finally:
            del WITHOUT_A_SOCKET[endpoint_url]
            server.stop()

    def client(self, account: Account, service: str = "s3") -> Any:
        return boto_client(service, self.endpoint_url, account)

    def direct(self, account: Account) -> MotoAccount:
        """The account's client, without a request for what is asked most often."""
        return MotoAccount(self.client(account), account.name)

    @staticmethod
    def age(bucket: str) -> None:
        """Let all objects of a bucket have been written an hour ago: a marker of this very second is held back."""
        for key in _objects(bucket):
            key.last_modified -= timedelta(hours=1)

    @staticmethod
    def written(bucket: str) -> list[str]:
        """The keys of a bucket in the order in which they were written: a listing knows only the second."""
        return [key.name for key in sorted(_objects(bucket), key=lambda key: key.last_modified)]

    @staticmethod
    def role_arn(account_id: str) -> str:
        return f"arn:aws:iam::{account_id}:role/{ROLE_NAME}"

    def assume(self, account_id: str) -> Account:
        """Credentials of the account's role, through AssumeRole as a connection would get them."""
        answer = self.client(OPERATOR, "sts").assume_role(
            RoleArn=self.role_arn(account_id), RoleSessionName="crosscopy", ExternalId=EXTERNAL_ID
        )
        return assumed(account_id, answer)

    def _create_role(self, account_id: str) -> None:
        # The role is not there yet, and moto lets it be assumed: that is how its account is entered first.
        iam = self.client(self.assume(account_id), "iam")
        trust = trust_policy("arn:aws:iam::123456789012:root", EXTERNAL_ID)
        # An earlier server of this process may have made it.
        with suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_role(RoleName=ROLE_NAME, AssumeRolePolicyDocument=trust)


def _objects(bucket: str) -> list[Any]:
    buckets = (backend.buckets for regions in list(s3_backends.values()) for backend in list(regions.values()))
    return [key for of_account in buckets if bucket in of_account for key in of_account[bucket].keys.values()]
