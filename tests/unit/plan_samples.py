"""Short makers of what a plan is made of: a spec, and prices that are easy to multiply with."""

from __future__ import annotations

from typing import Any

from s3_crosscopy.core.spec import CopySpec, resolve_spec
from s3_crosscopy.model.option_table import STORAGE_CLASSES
from s3_crosscopy.model.prices import Prices, parse_prices


def spec(source: str = "s3://src/p/", dest: str = "s3://dst/q/", **given: object) -> CopySpec:
    return resolve_spec(source, dest, given)


def raw_prices(**changed: Any) -> dict[str, Any]:
    """What a file of prices holds."""
    return {
        "date": "2026-11-24",
        "region": "us-east-1",
        "currency": "USD",
        "source": "a test",
        "put_per_1000": {**dict.fromkeys(STORAGE_CLASSES, 5.0), "GLACIER_IR": 20.0},
        "get_per_1000": {**dict.fromkeys(STORAGE_CLASSES, 1.0), "STANDARD_IA": 3.0},
        "storage_per_gb_month": {**dict.fromkeys(STORAGE_CLASSES, 2.0), "GLACIER_IR": 0.5},
        "retrieval_per_gb": {"STANDARD_IA": 10.0, "GLACIER": 99.0},
        "transfer_per_gb": {"us-east-2": 1.0, "other": 2.0},
        "minimum_days": {"GLACIER_IR": 90},
        "kms_per_10000": 30,
        **changed,
    }


def prices(**changed: Any) -> Prices:
    return parse_prices(raw_prices(**changed), "prices.json")
