"""Checks the extra of a connection: a JSON object of settings that the amazon provider knows, with the right types.

Airflow reads an extra that is not JSON as an empty one: the role in it is ignored, and the connection's keys sign the
copy. No value is ever shown, because an extra holds secrets.
"""

from __future__ import annotations

import difflib
import inspect
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from airflow.providers.amazon.aws.utils.connection_wrapper import AwsConnectionWrapper

from s3_crosscopy.adapters.boto.config_checks import check_config_types, check_external_id
from s3_crosscopy.errors import InvalidInput

Kind = tuple[type, ...]

_TEXT: Kind = (str,)
_OBJECT: Kind = (Mapping,)
KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("aws_access_key_id", "aws_secret_access_key", "aws_session_token"), _TEXT),
    **dict.fromkeys(("region_name", "endpoint_url", "profile_name", "role_arn", "assume_role_method"), _TEXT),
    "verify": (bool, str),
    **dict.fromkeys(("assume_role_kwargs", "config_kwargs", "service_config", "session_kwargs"), _OBJECT),
    "assume_role_with_saml": _OBJECT,
    "assume_role_with_web_identity_federation": _TEXT,
    "assume_role_with_web_identity_federation_audience": _TEXT,
    "assume_role_with_web_identity_token_file": _TEXT,
    "test_endpoint_url": _TEXT,
}
"""The type of each setting that is not null, by the amazon provider's documentation of the connection."""

METHODS = ("assume_role", "assume_role_with_saml", "assume_role_with_web_identity")
"""The values of `assume_role_method`. The amazon provider's error would quote any other value."""

_FORMERLY: Mapping[str, str] = {
    "aws_iam_role": "role_arn",
    "aws_account_id": "role_arn",
    "role": "role_arn",
    "external_id": "assume_role_kwargs with ExternalId in it",
    "ExternalId": "assume_role_kwargs with ExternalId in it",
    "RoleArn": "role_arn",
    "region": "region_name",
    "host": "endpoint_url",
    "endpoint": "endpoint_url",
    "profile": "profile_name",
}
"""Settings of other tools, and of the amazon provider before version 9, that it ignores; and what to use instead."""

_NAMES = {str: "text", bool: "true or false", Mapping: "a JSON object"}
_JSON: tuple[tuple[type, str], ...] = (
    (bool, "a truth value"),
    (str, "text"),
    (int, "a number"),
    (float, "a number"),
    (list, "a list"),
    (Mapping, "an object"),
)
_NEAR = 0.75
"""Similarity from which a name counts as misspelt: `role_am` and `role_arn` are so similar."""


def checked_extra(raw: object, where: str) -> Mapping[str, Any]:
    """The settings in the extra `raw`. `where` names the connection, at the beginning of an error message.

    Raises InvalidInput for anything but a JSON object, for a setting of a wrong type and for an empty role.
    """
    if raw is None or raw == "":
        return {}
    extra = _object(raw, where)
    for name, kind in KINDS.items():
        value = extra.get(name)
        if value is not None and not isinstance(value, kind):
            raise InvalidInput(f"{where}: {name} in its extra is {_kind_of(value)}; it has to be {_wanted(kind)}")
    if "service_config" in extra:
        _check_services(extra["service_config"], where)
    check_config_types(extra.get("config_kwargs") or {}, f"{where}: config_kwargs in its extra")
    check_external_id((extra.get("assume_role_kwargs") or {}).get("ExternalId"), f"{where}: assume_role_kwargs")
    method = extra.get("assume_role_method")
    if method is not None and method not in METHODS:
        raise InvalidInput(f"{where}: assume_role_method in its extra has to be one of {', '.join(METHODS)}")
    if isinstance(extra.get("role_arn"), str) and not extra["role_arn"].strip():
        raise InvalidInput(
            f"{where}: role_arn in its extra is empty, and the copy would be made without a role; name the role, or"
            " leave role_arn out"
        )
    return extra


def unknown_settings(extra: Mapping[str, Any]) -> Iterator[str]:
    """A line for each setting that is ignored and that looks like a known one."""
    known = known_settings()
    for name in extra:
        if name in known:
            continue
        similar = _FORMERLY.get(name) or next(iter(difflib.get_close_matches(name.lower(), known, 1, _NEAR)), None)
        if similar is not None:
            yield f"its extra has {name!r}, which nothing reads; did you mean {similar}?"


def known_settings() -> frozenset[str]:
    """The settings that the installed provider reads: those found in its code, and those of `KINDS`."""
    methods = (AwsConnectionWrapper._get_credentials, AwsConnectionWrapper._get_assume_role_configs)
    named = {
        name
        for method in methods
        for name, parameter in inspect.signature(method).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }
    return frozenset(named | {field.name for field in fields(AwsConnectionWrapper)} & KINDS.keys() | KINDS.keys())


def _object(raw: object, where: str) -> Mapping[str, Any]:
    extra = raw
    if isinstance(raw, str):
        try:
            extra = json.loads(raw)
        except ValueError as error:
            position = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "it"
            raise InvalidInput(
                f"{where}: its extra is not JSON, see {position}; Airflow would ignore the role and the endpoint in"
                " it, so correct it"
            ) from None
    if not isinstance(extra, Mapping):
        raise InvalidInput(
            f"{where}: its extra is {_kind_of(extra)}; it has to be a JSON object of settings, as"
            ' {"role_arn": "arn:aws:iam::..."}'
        )
    return extra


def _check_services(services: object, where: str) -> None:
    if not isinstance(services, Mapping):
        raise InvalidInput(f"{where}: service_config in its extra is null; leave it out")
    for name, settings in services.items():
        if not isinstance(settings, Mapping):
            raise InvalidInput(
                f"{where}: service_config of {name!r} in its extra is {_kind_of(settings)}; it has to be a JSON object"
            )


def _wanted(kind: Kind) -> str:
    return " or ".join(_NAMES[json_type] for json_type in kind)


def _kind_of(value: object) -> str:
    """The name of the JSON type; the value itself is never shown."""
    return next((name for kind, name in _JSON if isinstance(value, kind)), "null")
