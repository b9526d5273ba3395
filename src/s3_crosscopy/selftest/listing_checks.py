"""Checks of listings, of HEAD by part, and of a bucket's Region."""

from __future__ import annotations

from s3_crosscopy.selftest.bench import OBJECTS, Bench
from s3_crosscopy.selftest.object_specs import MIB
from s3_crosscopy.selftest.verdicts import Check

FEW_KEYS = ("0", "~", "\uff5e", "\U00010000")
"""In the order of UTF-8; UTF-16 has the last two the other way round."""


def check_listings(bench: Bench) -> None:
    """Compare the order of a listing, and its last page; both sorted here by bytes."""
    place = bench.source
    page = place.must("ListObjectsV2", Prefix=place.key(OBJECTS))
    keys = [row["Key"] for row in page.get("Contents", ())]
    ordered = "by bytes" if keys == sorted(keys, key=str.encode) else "in another order"
    bench.judge(Check("list.order", "order of a listing", "list-order", "by bytes"), ordered)
    full = place.must("ListObjectsV2", Prefix=place.key(f"{OBJECTS}properties/"), MaxKeys=len(_properties(bench)))
    seen = "truncated" if full.get("IsTruncated") else "the last"
    bench.judge(Check("list.last-page", "a last page that is full", "list-last-page", "the last"), seen)
    region = Check("bucket.region", "the bucket's Region in HeadBucket", "region", "a Region")
    bench.judge(region, "a Region" if bench.source_state.region else "nothing")
    _check_part(bench)


def _properties(bench: Bench) -> list[str]:
    return [spec.name for spec in bench.specs if spec.key.startswith("properties/") and spec.name in bench.written]


def _check_part(bench: Bench) -> None:
    check = Check("head.part", "HEAD of part 1 of 3", "part-head", f"{5 * MIB} bytes, 3 parts")
    key = bench.source.key(f"{OBJECTS}parts/uniform")
    response = bench.source.send("HeadObject", Key=key, PartNumber=1)
    payload = response.payload
    if payload is None:
        bench.judge(check, response.outcome)
    else:
        bench.judge(check, f"{payload.get('ContentLength')} bytes, {payload.get('PartsCount', 'unknown')} parts")
