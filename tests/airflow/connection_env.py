"""AIRFLOW_CONN_* values for connections to the accounts of a moto server."""

from __future__ import annotations

import json
from typing import Any

from tests.servers.moto import EXTERNAL_ID, OPERATOR, MotoServer


def role_connection(endpoint_url: str, account_id: str, **extra: Any) -> str:
    """A connection that assumes the account's role with its ExternalId; `extra` goes over the usual settings."""
    usual = {
        "region_name": "us-east-1",
        "endpoint_url": endpoint_url,
        "role_arn": MotoServer.role_arn(account_id),
        "assume_role_kwargs": {"ExternalId": EXTERNAL_ID, "DurationSeconds": 900, "RoleSessionName": "airflow-copy"},
        "config_kwargs": {"retries": {"mode": "standard", "total_max_attempts": 1}, "s3": {"addressing_style": "path"}},
        "service_config": {"sts": {"endpoint_url": endpoint_url}},
    }
    return json.dumps(
        {
            "conn_type": "aws",
            "login": OPERATOR.access_key,
            "password": OPERATOR.secret_key,
            "extra": {**usual, **extra},
        }
    )


def key_connection(endpoint_url: str, **extra: Any) -> str:
    """A connection of plain keys, that never asks STS; for servers that are stubs."""
    usual = {
        "region_name": "us-east-1",
        "endpoint_url": endpoint_url,
        "config_kwargs": {"retries": {"total_max_attempts": 1}, "s3": {"addressing_style": "path"}},
    }
    return json.dumps({"conn_type": "aws", "login": "AKIAKEYS", "password": "very-secret", "extra": {**usual, **extra}})
