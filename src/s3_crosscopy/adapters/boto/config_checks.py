"""Checks settings that botocore would refuse late and unclearly. Each error is one line and names the argument."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import AUTH_TYPE_MAPS
from botocore.exceptions import BotoCoreError
from botocore.utils import is_valid_endpoint_url, is_valid_ipv6_endpoint_url, validate_region_name

from s3_crosscopy.adapters.boto.redaction import redacted, remember_url
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.humanize import printable

CONFIG_MAPPINGS = ("retries", "s3", "proxies", "proxies_config", "client_context_params")
"""Settings of botocore's Config that are mappings."""

_ESCAPE = "in a user or a password, write such characters as %2F ('/'), %3F ('?'), %23 ('#') and %40 ('@')"
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_+=,.@:/-]{2,1224}")


def check_endpoint(url: object, argument: str) -> None:
    """Raise InvalidInput unless an endpoint is an absolute URL or None, which is AWS."""
    if url is None:
        return
    if isinstance(url, str) and "@" in url:  # Not shown: the text before it may be a secret.
        raise InvalidInput(f"{argument}: holds a user or a password before '@'; name a profile or a connection instead")
    if isinstance(url, str) and ("?" in url or "#" in url):  # nor this: a presigned URL gives access to whoever has it
        raise InvalidInput(
            f"{argument}: has a query or a fragment; give the URL of a server, such as https://host:port"
        )
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise InvalidInput(f"{argument}: {url!r} is not a URL; it begins with https:// or http://")
    if not _names_a_server(url):
        raise InvalidInput(f"{argument}: {url!r} names no server; it should look like https://host:port")


def _names_a_server(url: str) -> bool:
    """True if botocore accepts the URL. Brackets around no IPv6 address and invalid ports are ValueErrors."""
    try:
        urlsplit(url).port  # noqa: B018 - reading it is the check
        return bool(is_valid_endpoint_url(url) or is_valid_ipv6_endpoint_url(url))
    except ValueError:
        return False


def check_config_types(config: Mapping[str, Any], argument: str) -> None:
    """Check the settings that have to be mappings: botocore fails on others, for some only at the first request.

    The URLs of proxies are checked too: an error of the library that parses them would show the password.
    """
    for name in CONFIG_MAPPINGS:
        value = config.get(name)
        if value is not None and not isinstance(value, Mapping):
            raise InvalidInput(f"{argument}: {name} has to be a mapping of settings, got {type(value).__name__}")
    version = config.get("signature_version")
    if isinstance(version, str) and version != "unsigned" and version not in AUTH_TYPE_MAPS:
        raise InvalidInput(f"{argument}: signature_version is not known to botocore; leave it out, or set 's3v4'")
    for scheme, url in (config.get("proxies") or {}).items():
        remember_url(url)
        _check_proxy(url, f"{argument}: the proxy for {scheme!r}")


def _check_proxy(url: object, prefix: str) -> None:
    """Raise InvalidInput unless a proxy is an http:// or https:// URL of a server, or a server. Never shows it."""
    if url is None or url == "":
        return
    if not isinstance(url, str):
        raise InvalidInput(f"{prefix} has to be text, got {type(url).__name__}")
    scheme, separator, rest = url.partition("://")
    if separator and scheme.lower() not in ("http", "https"):
        kind = repr(scheme) if scheme.isalnum() else "another scheme"
        raise InvalidInput(f"{prefix} is of {kind}, and only http:// and https:// proxies are supported")
    user, _, server = (rest if separator else url.removeprefix("//")).rpartition("@")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise InvalidInput(f"{prefix} has a character that no URL can have, such as a line end; {_ESCAPE}")
    if any(char in user for char in "/?#@"):
        raise InvalidInput(f"{prefix} has a '/', '?', '#' or '@' in its user or password; {_ESCAPE}")
    if not _names_a_server(f"http://{server}"):
        raise InvalidInput(f"{prefix} names no server; it looks like http://host:port, {_ESCAPE}")


def check_external_id(value: object, argument: str) -> None:
    """Check an ExternalId by the rules of STS (API reference, AssumeRole). None is valid. Never shows it."""
    if value is None:
        return
    if not isinstance(value, str):
        raise InvalidInput(f"{argument}: ExternalId has to be text, got {type(value).__name__}")
    if not _EXTERNAL_ID.fullmatch(value):
        raise InvalidInput(
            f"{argument}: ExternalId has to be 2 to 1224 of the characters a-z, A-Z, 0-9 and _+=,.@:/-,"
            " without a line end"
        )


def check_region(name: object, argument: str) -> None:
    """Check that a Region is a name of letters, digits and hyphens; None leaves it to the environment."""
    if isinstance(name, str) and not name.strip():
        raise InvalidInput(f"{argument}: is empty; leave it out instead (did a template render to nothing?)")
    try:
        validate_region_name(name)
    except (TypeError, BotoCoreError):
        raise InvalidInput(f"{argument}: {name!r} is not a Region; it looks like 'eu-west-1'") from None


def check_tls(verify: object, argument: str) -> bool | str | None:
    """`verify` as botocore takes it: True, False, None or the path of a CA bundle. Texts of both are accepted."""
    if verify is None or isinstance(verify, bool):
        return verify
    if not isinstance(verify, str):
        raise InvalidInput(f"{argument}: expected True, False or the path of a CA bundle, got {verify!r}")
    if verify.strip().lower() in ("true", "false"):
        return verify.strip().lower() == "true"
    if not os.path.isfile(verify):
        raise InvalidInput(f"{argument}: there is no file {verify!r}; give a file of CA certificates, True or False")
    return verify


def unsendable(access_key: object, secret_key: object, token: object) -> str:
    """The credential that cannot be sent in a request, and why; "" if all can. Never shows one.

    The usual cause is a line end at the end of a file or a secret; botocore would show the value in its error.
    """
    for name, value in (("access key", access_key), ("session token", token)):
        if isinstance(value, str) and not (value.isascii() and value.isprintable()):
            return f"the {name} has a character that no header can carry, such as a line end; copy it without that"
    if isinstance(secret_key, str) and any(unicodedata.category(char) in ("Cc", "Cs") for char in secret_key):
        return "the secret key has a control character, such as a line end; copy it without that"
    return ""


def one_line(error: BaseException) -> str:
    """An error's text on one line, without the known secrets."""
    return printable(redacted(" ".join(str(error).split())))
