"""A connection's extra: a JSON object of settings that the amazon provider knows, each of its type, or one clear line.

Airflow reads an extra that is no JSON as an empty one, so that its role is forgotten and the keys copy by themselves.
No value is ever shown: an extra holds secrets.
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
"""The type of each setting, if it is there and not null. The amazon provider's documentation of the connection."""

METHODS = ("assume_role", "assume_role_with_saml", "assume_role_with_web_identity")
"""Of `assume_role_method`; the amazon provider quotes any other."""

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
"""Settings of other tools, and of providers before version 9, which it takes no notice of any more."""

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
"""As alike as `role_am` and `role_arn`; `team` is nobody's misspelling."""


def checked_extra(raw: object, where: str) -> Mapping[str, Any]:
    """The settings. `where` begins the line of an error, and names the connection.

    Raises InvalidInput for what is no JSON object, for a setting of a wrong type and for an empty role.
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
    """A line for each setting that nobody reads and that looks like one that is read."""
    known = known_settings()
    for name in extra:
        if name in known:
            continue
        meant = _FORMERLY.get(name) or next(iter(difflib.get_close_matches(name.lower(), known, 1, _NEAR)), None)
        if meant is not None:
            yield f"its extra has {name!r}, which nothing reads; did you mean {meant}?"


def known_settings() -> frozenset[str]:
    """The settings that the installed provider reads: its own list, as far as its code has one, and ours."""
    methods = (AwsConnectionWrapper._get_credentials, AwsConnectionWrapper._get_assume_role_configs)
    named = {
        name
        for method in methods
        for name, one in inspect.signature(method).parameters.items()
        if one.kind is inspect.Parameter.KEYWORD_ONLY
    }
    return frozenset(named | {one.name for one in fields(AwsConnectionWrapper)} & KINDS.keys() | KINDS.keys())


def _object(raw: object, where: str) -> Mapping[str, Any]:
    found = raw
    if isinstance(raw, str):
        try:
            found = json.loads(raw)
        except ValueError as error:
            at = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "it"
            raise InvalidInput(
                f"{where}: its extra is no JSON, see {at}; without it the connection's role and endpoint would be"
                " forgotten, so mend it"
            ) from None
    if not isinstance(found, Mapping):
        raise InvalidInput(
            f"{where}: its extra is {_kind_of(found)}; it has to be a JSON object of settings, as"
            ' {"role_arn": "arn:aws:iam::..."}'
        )
    return found


def _check_services(services: object, where: str) -> None:
    if not isinstance(services, Mapping):
        raise InvalidInput(f"{where}: service_config in its extra is null; leave it out")
    for name, one in services.items():
        if not isinstance(one, Mapping):
            raise InvalidInput(
                f"{where}: service_config of {name!r} in its extra is {_kind_of(one)}; it has to be a JSON object"
            )


def _wanted(kind: Kind) -> str:
    return " or ".join(_NAMES[one] for one in kind)


def _kind_of(value: object) -> str:
    """The JSON type, never the value."""
    return next((name for kind, name in _JSON if isinstance(value, kind)), "null")
