"""Prices of S3 with their date, and the parser for a file of prices."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.option_parsers import near, show
from s3_crosscopy.model.option_table import STORAGE_CLASSES

OTHER = "other"
"""The row of `transfer_per_gb` for destination Regions that are not listed."""


@dataclass(frozen=True)
class Prices:
    """Prices of one Region on one day, in `currency`.

    put_per_1000: PUT, COPY and POST by storage class; LIST is billed as a PUT to STANDARD.
    get_per_1000: HEAD and all others, by storage class.
    retrieval_per_gb: by source class. transfer_per_gb: by destination Region, or `other`.
    minimum_days: by class; classes without a minimum are absent.
    """

    date: str
    region: str
    currency: str
    source: str
    put_per_1000: Mapping[str, float]
    get_per_1000: Mapping[str, float]
    storage_per_gb_month: Mapping[str, float]
    retrieval_per_gb: Mapping[str, float]
    transfer_per_gb: Mapping[str, float]
    minimum_days: Mapping[str, int]
    kms_per_10000: float


NAMES = tuple(field.name for field in fields(Prices))
_TEXTS = ("region", "currency", "source")
# What a table has to name, and what it may name beside that.
_TABLES: Mapping[str, tuple[Iterable[str], Iterable[str] | None]] = {
    "put_per_1000": (STORAGE_CLASSES, STORAGE_CLASSES),
    "get_per_1000": (STORAGE_CLASSES, STORAGE_CLASSES),
    "storage_per_gb_month": (STORAGE_CLASSES, STORAGE_CLASSES),
    "retrieval_per_gb": ((), STORAGE_CLASSES),
    "transfer_per_gb": ((OTHER,), None),
    "minimum_days": ((), STORAGE_CLASSES),
}


def parse_prices(raw: object, where: str) -> Prices:
    """Parse the content of a file. Raises InvalidInput with one line that names file and entry, and what to do."""
    if not isinstance(raw, Mapping):
        raise InvalidInput(f"prices: {where} holds {type(raw).__name__} instead of an object with prices by name")
    for name in raw:
        if name not in NAMES:
            raise InvalidInput(f"prices: {where} has {show(name)}, which is no price{near(str(name), NAMES)}")
    for name in NAMES:
        if name not in raw:
            raise InvalidInput(f"prices: {where} has no {name!r}; begin with a copy of the prices.json that is shipped")
    if not isinstance(raw["date"], str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", raw["date"]):
        raise InvalidInput(f"prices: 'date' in {where} is {show(raw['date'])}; write the day as YYYY-MM-DD")
    for name in _TEXTS:
        if not isinstance(raw[name], str) or not raw[name].strip():
            raise InvalidInput(f"prices: {name!r} in {where} is {show(raw[name])}; write it as text")
    for name, (needed, allowed) in _TABLES.items():
        _check_table(name, raw[name], needed, allowed, where)
    _check_price("kms_per_10000", raw["kms_per_10000"], where)
    return Prices(**raw)


def _check_table(name: str, table: object, needed: Iterable[str], allowed: Iterable[str] | None, where: str) -> None:
    if not isinstance(table, Mapping):
        raise InvalidInput(f"prices: {name!r} in {where} is {show(table)}; it needs an object with numbers by name")
    for entry in needed:
        if entry not in table:
            raise InvalidInput(f"prices: {name!r} in {where} has no {entry!r}; give its price")
    for entry, price in table.items():
        if allowed is not None and entry not in allowed:
            hint = near(str(entry), allowed)
            raise InvalidInput(f"prices: {name!r} in {where} has {show(entry)}, which is no storage class{hint}")
        _check_price(f"{name}.{entry}", price, where)


def _check_price(name: str, price: object, where: str) -> None:
    """A number of at least 0, and none that `json` alone reads (NaN, Infinity)."""
    if isinstance(price, bool) or not isinstance(price, (int, float)) or not 0 <= price < math.inf:
        raise InvalidInput(f"prices: {name!r} in {where} is {show(price)}; write a number of at least 0")
