"""An independent look at both sides: plain boto3, nothing of s3-crosscopy."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from accounts import DEST, SOURCE, Account
from seed import MARKER, MULTIPART, ODD_KEYS

EVERY = 50
"""Beside the odd ones, so many objects share one place in the sample."""
HEADERS = ("ContentLength", "ContentType", "CacheControl", "Metadata")


class Side(NamedTuple):
    """A client of the account whose objects it reads, and the account."""

    s3: Any
    account: Account

    def place(self, key: str) -> dict[str, str]:
        return {"Bucket": self.account.bucket, "Key": self.account.prefix + key}


class Comparison(NamedTuple):
    """What was found: one line a difference, and what became of the tags."""

    keys: int
    sampled: int
    listing: tuple[str, ...]
    content: tuple[str, ...]
    tagged: int
    tags_kept: int
    large_tags_equal: bool

    @property
    def equal(self) -> bool:
        return not self.listing and not self.content and self.large_tags_equal


def compare(source_s3: Any, dest_s3: Any) -> Comparison:
    """Every key, size and ETag; of a sample the bytes, headers and metadata too."""
    source, dest = Side(source_s3, SOURCE), Side(dest_s3, DEST)
    here, there = dict(_listed(source)), dict(_listed(dest))
    differences = [f"{key}: {here.get(key)} became {there.get(key)}" for key in sorted(here.keys() | there.keys())
                   if here.get(key) != there.get(key)]  # fmt: skip
    odd = [MARKER, *ODD_KEYS, MULTIPART]
    sample = [key for key in dict.fromkeys([*odd, *sorted(here)[::EVERY]]) if key in here and key in there]
    with ThreadPoolExecutor(8) as pool:
        content = [found for found in pool.map(lambda key: _different(source, dest, key), sample) if found]
        tags = dict(zip(sample, pool.map(lambda key: (_tags(source, key), _tags(dest, key)), sample), strict=True))
    tagged = [pair for pair in tags.values() if pair[0]]
    large = tags.get(MULTIPART, ({}, {}))
    return Comparison(
        keys=len(here),
        sampled=len(sample),
        listing=tuple(differences),
        content=tuple(content),
        tagged=len(tagged),
        tags_kept=sum(mine == theirs for mine, theirs in tagged),
        large_tags_equal=large[0] != {} and large[0] == large[1],
    )


def _listed(side: Side) -> Iterator[tuple[str, tuple[int, str]]]:
    account = side.account
    pages = side.s3.get_paginator("list_objects_v2").paginate(Bucket=account.bucket, Prefix=account.prefix)
    for page in pages:
        for row in page.get("Contents", ()):
            yield row["Key"][len(account.prefix) :], (row["Size"], row["ETag"])


def _different(source: Side, dest: Side, key: str) -> str | None:
    """What differs between two objects; None if nothing does."""
    here, there = (side.s3.get_object(**side.place(key)) for side in (source, dest))
    if here["Body"].read() != there["Body"].read():
        return f"{key}: bytes"
    for name in HEADERS:
        if here.get(name) != there.get(name):
            return f"{key}: {name} {here.get(name)!r} became {there.get(name)!r}"
    return None


def _tags(side: Side, key: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in side.s3.get_object_tagging(**side.place(key))["TagSet"]}
