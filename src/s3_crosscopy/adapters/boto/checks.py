"""What botocore would stumble over only later and unclearly: one line each, with the argument's name in front."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError
from botocore.utils import is_valid_endpoint_url, is_valid_ipv6_endpoint_url, validate_region_name

from s3_crosscopy.errors import InvalidInput

CONFIG_MAPPINGS = ("retries", "s3", "proxies", "proxies_config", "client_context_params")
"""Settings of botocore's Config that are mappings."""


def check_endpoint(url: object, what: str) -> None:
    """An endpoint is an absolute URL; None is AWS itself."""
    if url is None:
        return
    if isinstance(url, str) and "@" in url:  # Not shown again: what stands before it may be a secret.
        raise InvalidInput(f"{what}: holds a user or a password before '@'; name a profile or a connection instead")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise InvalidInput(f"{what}: {url!r} is not a URL; it begins with https:// or http://")
    if not _names_a_server(url):
        raise InvalidInput(f"{what}: {url!r} names no server; it should look like https://host:port")


def _names_a_server(url: str) -> bool:
    """Whether botocore takes it; brackets around what is no IPv6 address and a port that is none are ValueErrors."""
    try:
        urlsplit(url).port  # noqa: B018 - reading it is the check
        return bool(is_valid_endpoint_url(url) or is_valid_ipv6_endpoint_url(url))
    except ValueError:
        return False


def check_config_types(config: Mapping[str, Any], what: str) -> None:
    """Settings that are mappings themselves: botocore stumbles over others, some of them only at the first request."""
    for name in CONFIG_MAPPINGS:
        value = config.get(name)
        if value is not None and not isinstance(value, Mapping):
            raise InvalidInput(f"{what}: {name} has to be a mapping of settings, got {type(value).__name__}")


def check_region(name: object, what: str) -> None:
    """A Region is a name of letters, digits and hyphens; None leaves it to the environment."""
    if isinstance(name, str) and not name.strip():
        raise InvalidInput(f"{what}: is empty; leave it out instead (did a template render to nothing?)")
    try:
        validate_region_name(name)
    except (TypeError, BotoCoreError):
        raise InvalidInput(f"{what}: {name!r} is not a Region; it looks like 'eu-west-1'") from None


def check_tls(verify: object, what: str) -> bool | str | None:
    """`verify` as botocore takes it; text is a path, or what a template or a form made of a truth value."""
    if verify is None or isinstance(verify, bool):
        return verify
    if not isinstance(verify, str):
        raise InvalidInput(f"{what}: expected True, False or the path of a CA bundle, got {verify!r}")
    if verify.strip().lower() in ("true", "false"):
        return verify.strip().lower() == "true"
    if not os.path.isfile(verify):
        raise InvalidInput(f"{what}: there is no file {verify!r}; give a file of CA certificates, True or False")
    return verify


def illegible(access_key: object, secret_key: object, token: object) -> str:
    """Which of the credentials no request can carry, and why; "" if all can. Never shows one.

    A file or a secret that ends in a line end is the usual cause; botocore would show the value in an error.
    """
    for name, value in (("access key", access_key), ("session token", token)):
        if isinstance(value, str) and not (value.isascii() and value.isprintable()):
            return f"the {name} has a character that no header can carry, such as a line end; copy it without that"
    if isinstance(secret_key, str) and any(unicodedata.category(char) == "Cc" for char in secret_key):
        return "the secret key has a control character, such as a line end; copy it without that"
    return ""


def one_line(error: BaseException) -> str:
    """An error's text without its line ends."""
    return " ".join(str(error).split())
