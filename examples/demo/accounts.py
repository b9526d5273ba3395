"""The world of the demo: an S3 server with two AWS accounts, a role in each, and how each is reached."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import boto3
from botocore.config import Config

REGION = "eu-west-1"
EXTERNAL_ID = "ext-1"
ROLE = "copier"


class Account(NamedTuple):
    """An AWS account of the demo: its number, its bucket and the prefix in it."""

    number: str
    bucket: str
    prefix: str

    @property
    def role_arn(self) -> str:
        return f"arn:aws:iam::{self.number}:role/{ROLE}"

    @property
    def url(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"


SOURCE = Account("111111111111", "acme-raw", "events/")
DEST = Account("222222222222", "analytics-landing", "copied/events/")


@contextmanager
def s3_server() -> Iterator[str]:
    """A moto server on a port of its own choice; its URL."""
    # A session of its own: Ctrl-C is for the demo, which then closes the server's input.
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("moto_server.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=clean_environment(),
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        port = process.stdout.readline().strip()
        if not port:
            raise SystemExit("the embedded S3 server did not start: python -m moto.server shows why")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def clean_environment() -> dict[str, str]:
    """Ours without what could lead to somebody's real AWS or Airflow, or into another moto account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "AIRFLOW_", "MOTO_"))}
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return {**kept, **nowhere, "AWS_EC2_METADATA_DISABLED": "true", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


def create_account(endpoint_url: str, account: Account) -> None:
    """A role that may be assumed with an ExternalId only, and a bucket."""
    # moto lets a role be assumed that is not there yet; that is how its account is entered first.
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    client(endpoint_url, account, "iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=document)
    place = {"LocationConstraint": REGION}
    client(endpoint_url, account).create_bucket(Bucket=account.bucket, CreateBucketConfiguration=place)


def client(endpoint_url: str, account: Account, service: str = "s3") -> Any:
    """A plain boto3 client of the account's role; it knows nothing of s3-crosscopy."""
    config = Config(s3={"addressing_style": "path"}, max_pool_connections=32, proxies={})
    operator = {"aws_access_key_id": "AKIAOPERATOR00000000", "aws_secret_access_key": "secret"}
    sts = boto3.client("sts", endpoint_url=endpoint_url, region_name=REGION, config=config, **operator)
    answer = sts.assume_role(RoleArn=account.role_arn, RoleSessionName="demo", ExternalId=EXTERNAL_ID)
    given = answer["Credentials"]
    return boto3.client(
        service,
        endpoint_url=endpoint_url,
        region_name=REGION,
        config=config,
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )


def connection(endpoint_url: str, account: Account) -> str:
    """An Airflow connection that assumes the account's role, as the value of an AIRFLOW_CONN_ variable."""
    extra = {
        "region_name": REGION,
        "endpoint_url": endpoint_url,
        "role_arn": account.role_arn,
        "assume_role_method": "assume_role",
        "assume_role_kwargs": {"ExternalId": EXTERNAL_ID, "DurationSeconds": 900, "RoleSessionName": "airflow-copy"},
        "config_kwargs": {"retries": {"mode": "standard", "max_attempts": 5}, "s3": {"addressing_style": "path"}},
        # The hook's STS client does not take the connection's endpoint_url.
        "service_config": {"sts": {"endpoint_url": endpoint_url}},
    }
    return json.dumps({"conn_type": "aws", "login": "AKIAOPERATOR00000000", "password": "secret", "extra": extra})
