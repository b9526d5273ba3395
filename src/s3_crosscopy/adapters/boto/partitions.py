"""The AWS partitions that botocore knows: which one a Region is in, and what its servers' names end with.

New partitions (`aws-eusc`) and Regions come with a new botocore. Reads its data without importing it, which would cost
a command that asks AWS nothing half a second.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple


class Partition(NamedTuple):
    """Its name as in ARNs (`aws-cn`), and the suffix of its servers' names (`amazonaws.com.cn`)."""

    name: str
    dns_suffix: str


def partition_of_region(region: str) -> str | None:
    """The name of the partition, also for a Region that is newer than the table; None for what no Region is like."""
    for one in _table():
        if region in one["regions"] or re.match(one["regionRegex"], region):
            return str(one["id"])
    return None


def dns_suffix_of(name: str) -> str:
    """The suffix of a partition; that of `aws` for one that botocore does not know, as Ceph's own."""
    known = partitions()
    return known.get(name, known["aws"]).dns_suffix


@cache
def partitions() -> Mapping[str, Partition]:
    """All of them, by name."""
    return {one["id"]: Partition(one["id"], one["outputs"]["dnsSuffix"]) for one in _table()}


@cache
def _table() -> list[dict[str, Any]]:
    """The data file that botocore resolves endpoints with, which has the suffixes too."""
    botocore = find_spec("botocore")
    assert botocore is not None, "boto3 is required, and brings it"
    place = next(iter(botocore.submodule_search_locations or ()))
    text = (Path(place) / "data" / "partitions.json").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = json.loads(text)["partitions"]
    return found
