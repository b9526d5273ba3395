"""The AWS partitions that botocore knows: their Regions, and the DNS suffixes of their servers.

New partitions (`aws-eusc`) and Regions come with a new botocore. Reads its data without importing it: the import would
cost half a second in a command that makes no request.
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
    """The name as in ARNs (`aws-cn`), and the DNS suffix of the servers (`amazonaws.com.cn`)."""

    name: str
    dns_suffix: str


def partition_of_region(region: str) -> str | None:
    """The name of the partition, also for a Region newer than the table; None if the name is not like a Region's."""
    for partition in _table():
        if region in partition["regions"] or re.match(partition["regionRegex"], region):
            return str(partition["id"])
    return None


def partition_of_service(service: str, region: str) -> str:
    """The partition behind a service as `S3Clients.service` names it, by the Region; "" for a server other than AWS.

    Without a Region (""), it is `aws`.
    """
    return (partition_of_region(region) or "aws") if service.startswith("AWS (") else ""


def dns_suffix_of(name: str) -> str:
    """The DNS suffix of a partition; that of `aws` for one that botocore does not know, such as Ceph's own."""
    known = partitions()
    return known.get(name, known["aws"]).dns_suffix


@cache
def partitions() -> Mapping[str, Partition]:
    """All partitions, by name."""
    return {row["id"]: Partition(row["id"], row["outputs"]["dnsSuffix"]) for row in _table()}


@cache
def _table() -> list[dict[str, Any]]:
    """The rows of the data file by which botocore resolves endpoints; it has the suffixes too."""
    botocore = find_spec("botocore")
    assert botocore is not None, "boto3 is required, and brings it"
    folder = next(iter(botocore.submodule_search_locations or ()))
    text = (Path(folder) / "data" / "partitions.json").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = json.loads(text)["partitions"]
    return rows
