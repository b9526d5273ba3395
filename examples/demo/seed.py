"""What the demo copies: a made-up data lake prefix with everything in it that has broken a copy tool before."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from accounts import SOURCE

OBJECTS = 1200
"""More than a page of a listing has. moto copies about 120 a second, and the demo copies each of them."""

ODD_KEYS = (
    "a//b",
    "/leading",
    "sp ace+%.csv",
    "ünï/çödé.txt",
    "ünï/日本語/データ.json",
    "ünï/🚀",
    "plus+and&and=.txt",
    "question?hash#.txt",
    "quotes'\"and`.txt",
    "percent%2Fencoded%20.txt",
    "star*[0].txt",
    "tilde~(1)!.txt",
    "dots/a..b/.hidden",
)
MARKER = "dir/"
MULTIPART = "large/backup.tar"
PART_BYTES = 5 * 2**20
PARTS_BYTES = (PART_BYTES, PART_BYTES, 2**20 + 17)
TAGS = "team=raw&retention=90d"


class Seeded(NamedTuple):
    """One object to make."""

    key: str
    body: bytes
    tagged: bool = False


def seed(s3: Any, objects: int = OBJECTS) -> int:
    """Fill the source; how many objects it then holds."""
    plain = objects - 1
    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(lambda one: _put(s3, one), itertools.islice(_objects(), plain)):
            pass
    _put_multipart(s3)
    return objects


def _objects() -> Iterator[Seeded]:
    yield Seeded(MARKER, b"")
    for key in ODD_KEYS:
        yield Seeded(key, f"the odd key {key}\n".encode(), tagged=True)
    for number in itertools.count():
        day, hour = 1 + number // 144 % 28, number // 6 % 24
        key = f"dt=2026-11-{day:02}/hour={hour:02}/part-{number:05}.json"
        yield Seeded(key, f'{{"event": {number}}}\n'.encode() * (1 + number % 97), tagged=number % 50 == 0)


def _put(s3: Any, one: Seeded) -> None:
    tags = {"Tagging": TAGS} if one.tagged else {}
    s3.put_object(Bucket=SOURCE.bucket, Key=SOURCE.prefix + one.key, Body=one.body, **_headers(one.key), **tags)


def _headers(key: str) -> dict[str, Any]:
    return {
        "ContentType": "application/json" if key.endswith(".json") else "application/octet-stream",
        "CacheControl": "max-age=3600",
        "Metadata": {"origin": "demo", "length": str(len(key))},
    }


def _put_multipart(s3: Any) -> None:
    """A real upload in parts, whose ETag (`...-3`) depends on how it was cut."""
    place = {"Bucket": SOURCE.bucket, "Key": SOURCE.prefix + MULTIPART}
    upload = s3.create_multipart_upload(**place, Tagging=TAGS, **_headers(MULTIPART))["UploadId"]
    parts = []
    for number, length in enumerate(PARTS_BYTES, 1):
        body = bytes([64 + number]) * length
        answer = s3.upload_part(**place, UploadId=upload, PartNumber=number, Body=body)
        parts.append({"PartNumber": number, "ETag": answer["ETag"]})
    s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": parts})
