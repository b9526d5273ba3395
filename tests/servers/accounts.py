"""An account's credentials and plain boto3 clients made from them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import boto3
from botocore.config import Config

REGION = "us-east-1"


class Account(NamedTuple):
    """Long-lived credentials of an account, or (with a session token) those of a role assumed in it."""

    name: str
    access_key: str
    secret_key: str
    session_token: str | None = None


@lru_cache(maxsize=64)
def boto_client(service: str, endpoint_url: str, account: Account) -> Any:
    """A client that tries once, so that a test sees each answer; typed as botocore makes it, at run time.

    Tests share it: it is as it was made.
    """
    session = boto3.session.Session(
        aws_access_key_id=account.access_key,
        aws_secret_access_key=account.secret_key,
        aws_session_token=account.session_token,
        region_name=REGION,
    )
    config = Config(
        retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, proxies={}, max_pool_connections=64
    )
    return session.client(service, endpoint_url=endpoint_url, config=config)


def assumed(name: str, answer: Any) -> Account:
    """The account that an AssumeRole answer stands for."""
    given = answer["Credentials"]
    return Account(name, given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
