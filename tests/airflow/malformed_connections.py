"""Connections whose secrets are malformed in the ways in which people paste them: each holds the canary."""

from __future__ import annotations

from typing import Any

CANARY = "CANARYcanary"
NOBODY = "http://127.0.0.1:1"
_ONCE = {"retries": {"total_max_attempts": 1}, "connect_timeout": 1}
_ROLE = {"role_arn": "arn:aws:iam::111111111111:role/r"}


def _keys(password: str = "a-secret-key", login: str = "AKIAKEYS", **extra: Any) -> dict[str, Any]:
    usual = {"region_name": "us-east-1", "endpoint_url": NOBODY, "config_kwargs": _ONCE}
    return {"conn_type": "aws", "login": login, "password": password, "extra": {**usual, **extra}}


def _proxy(url: object) -> dict[str, Any]:
    return _keys(config_kwargs={**_ONCE, "proxies": {"http": url, "https": url}})


MALFORMED: dict[str, dict[str, Any]] = {
    "token_with_a_line_end": _keys(aws_session_token=f"{CANARY}\n"),
    "token_with_a_header": _keys(aws_session_token=f"{CANARY}\r\nx-evil: y"),
    "token_not_ascii": _keys(aws_session_token=f"{CANARY}é"),
    "secret_key_with_a_line_end": _keys(f"{CANARY}\n"),
    "secret_key_not_ascii": _keys(f"{CANARY}é"),
    "access_key_with_a_line_end": _keys(login=f"{CANARY}\n"),
    "proxy_with_a_hash": _proxy(f"http://me:{CANARY}#1@proxy:3128"),
    "proxy_with_a_slash": _proxy(f"http://me:{CANARY}/1@proxy:3128"),
    "proxy_of_socks": _proxy(f"socks5://me:{CANARY}@127.0.0.1:1"),
    "proxy_with_a_bad_port": _proxy(f"http://me:{CANARY}@proxy:port"),
    "proxy_that_is_away": _proxy(f"http://me:{CANARY}@127.0.0.1:1"),
    "endpoint_with_a_password": _keys(endpoint_url=f"http://me:{CANARY}@127.0.0.1:1"),
    "endpoint_that_is_presigned": _keys(endpoint_url=f"https://b.s3.amazonaws.com/k?X-Amz-Signature={CANARY}"),
    "external_id_is_a_list": _keys(**_ROLE, assume_role_kwargs={"ExternalId": [CANARY]}),
    "external_id_with_a_line_end": _keys(**_ROLE, assume_role_kwargs={"ExternalId": f"{CANARY}\n"}),
    "session_name_is_an_object": _keys(**_ROLE, assume_role_kwargs={"RoleSessionName": {"x": CANARY}}),
    "assume_role_method_is_a_secret": _keys(**_ROLE, assume_role_method=CANARY),
    "session_kwargs_that_boto_does_not_know": _keys(session_kwargs={"aws_secret_key": CANARY, "profile_name": CANARY}),
    "session_kwargs_with_a_token": _keys(session_kwargs={"aws_session_token": f"{CANARY}\n"}),
    "extra_that_is_no_json": {"conn_type": "aws", "login": "AKIAKEYS", "password": "p", "extra": f'{{"x": "{CANARY}"'},
}
