"""Takes account ids, names of buckets, prefixes and KMS keys out of a self-test's result, so that it can be public."""

from __future__ import annotations

import re
from collections.abc import Mapping

_ACCOUNT = re.compile(r"(?<![0-9A-Za-z])[0-9]{12}(?![0-9A-Za-z])")
_KMS_KEY = re.compile(r"(key|alias)/[0-9A-Za-z:/_-]+")
ACCOUNT = "ACCOUNT"


def masked(value: object, names: Mapping[str, str]) -> object:
    """Return the JSON value with every text masked. `names`: text to replace -> what it becomes, longest first."""
    if isinstance(value, str):
        return masked_text(value, names)
    if isinstance(value, Mapping):
        return {name: masked(entry, names) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [masked(entry, names) for entry in value]
    return value


def masked_text(text: str, names: Mapping[str, str]) -> str:
    """Return the text with the names replaced, and account ids and ids of KMS keys taken out."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = text.replace(name, names[name])
    return _KMS_KEY.sub(r"\1/KEY", _ACCOUNT.sub(ACCOUNT, text)) if "arn:" in text else _ACCOUNT.sub(ACCOUNT, text)
