"""Answers the argument names of other operators with the name to use here, in one line.

Airflow itself would only say that `source` is missing. docs/migration.md has all names side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from inspect import signature
from typing import Any, Final

from s3_crosscopy.errors import InvalidInput

BUCKETS: Final = ("source_bucket_name", "dest_bucket_name", "source_s3_bucket", "dest_s3_bucket")
KEYS: Final = ("source_bucket_key", "dest_bucket_key", "source_s3_key", "dest_s3_key")
PREFIXES: Final = ("source_bucket_prefix", "dest_bucket_prefix", "source_s3_prefix", "dest_s3_prefix")

CHANGED: Final[Mapping[str, str]] = {
    "continue_on_failure": "leave it out, because every key is tried; max_failures= allows some of them to fail",
    "dest_aws_conn_id": "use aws_conn_id=, which signs every copy",
    "meta_data_directive": "use metadata='keep' for COPY, or metadata={...} for REPLACE",
    "replace": "use overwrite='always', 'if_changed' or 'never'",
}
"""The arguments of other operators that have no other form here, each with what to do instead."""


NAMES: Final = frozenset((*BUCKETS, *KEYS, *PREFIXES, *CHANGED))


def refuse_renamed(owner: type, arguments: Mapping[str, Any]) -> None:
    """Raise InvalidInput if `arguments` of the class `owner` have a name that only other operators have."""
    renamed = {name: arguments[name] for name in arguments if name in NAMES and not _takes(owner, name)}
    if renamed:
        advice = [*_urls(renamed), *(f"{name}: {CHANGED[name]}" for name in renamed if name in CHANGED)]
        raise InvalidInput(f"{owner.__name__} has other arguments: {'; '.join(advice)}; see the page Migration")


def _takes(owner: type, name: str) -> bool:
    """True if a subclass of ours has such an argument of its own."""
    makers = [vars(base)["__init__"] for base in owner.__mro__ if "__init__" in vars(base)]
    return any(name in signature(make).parameters for make in makers)


def _urls(arguments: Mapping[str, Any]) -> Iterator[str]:
    for side in ("source", "dest"):
        names = [name for name in (*KEYS, *PREFIXES, *BUCKETS) if name in arguments and name.startswith(f"{side}_")]
        if names:
            values = {name: arguments[name] for name in names if isinstance(arguments[name], str) and arguments[name]}
            yield f'{", ".join(names)}: use {side}="{_url(values)}"'


def _url(values: Mapping[str, str]) -> str:
    """The URL for the values of one side, with BUCKET and KEY for what is not known yet."""
    key = next((values[name] for name in (*KEYS, *PREFIXES) if name in values), "KEY")
    if not values.keys().isdisjoint(PREFIXES) and not key.endswith("/"):
        key = f"{key}/"
    bucket = next((values[name] for name in BUCKETS if name in values), "BUCKET")
    return key if key.startswith("s3://") else f"s3://{bucket}/{key}"
