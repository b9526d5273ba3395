"""A boto3 session of a test server's account."""

from __future__ import annotations

import boto3

from tests.servers.accounts import REGION, Account


def session(account: Account) -> boto3.Session:
    return boto3.Session(
        aws_access_key_id=account.access_key,
        aws_secret_access_key=account.secret_key,
        aws_session_token=account.session_token,
        region_name=REGION,
    )
