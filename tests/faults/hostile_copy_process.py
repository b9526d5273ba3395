"""Meets every harm of the hostile server in a process of its own: `python hostile_child.py ENDPOINT TRANSPORT`.

Prints a line of JSON for each request: the harm, the call, the error's code and message (null for none), what it raised
if that was none of ours, the seconds, and by how many KiB the most memory that was ever resident has grown meanwhile.
"""

from __future__ import annotations

import json
import re
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from s3_crosscopy.errors import S3Error
from s3_crosscopy.model import input_limits as limits
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.operations import Copy, CopyPart, ListPage, Side
from tests.fast.transports import port
from tests.faults.hostile_server import HARMS

# A drip that goes on for ten minutes would be a slow test.
limits.REQUEST = limits.REQUEST._replace(most=2)
limits.COPYING = limits.COPYING._replace(most=2)
READ_TIMEOUT_S = 1.0

CALLS: dict[str, Callable[[Any, Bucket], object]] = {
    "ListObjectsV2": lambda s3, bucket: s3.list_page(ListPage(Side.SOURCE, bucket, "p/")),
    "CopyObject": lambda s3, bucket: s3.copy(Copy(bucket, "key", bucket, "key", "abc", {})),
    "UploadPartCopy": lambda s3, bucket: s3.copy_part(CopyPart(bucket, "key", bucket, "key", "abc", "upload", 1, 0, 9)),
    "HeadObject": lambda s3, bucket: s3.head(bucket, "key"),
}


COPIES = ("CopyObject", "UploadPartCopy")


def main(endpoint_url: str, transport: str) -> None:
    config: dict[str, Any] = {
        "read_timeout": READ_TIMEOUT_S, "retries": {"mode": "standard", "total_max_attempts": 1},
    }  # fmt: skip
    s3: Any = port(endpoint_url, **config)
    if transport == "fast":
        from tests.fast.blocking_facade import ThroughFast

        s3 = ThroughFast(s3, alone=False)
    for call, ask in CALLS.items():
        if call != "HeadObject":
            ask(s3, Bucket("good"))
        for harm in HARMS:
            if not (harm.startswith("drip") and call in COPIES and harm != "drip-body"):
                print(json.dumps(_met(s3, call, harm)), flush=True)  # noqa: T201 - what the test reads
    print(json.dumps("end"), flush=True)  # noqa: T201


def _met(s3: Any, call: str, harm: str) -> list[object]:
    before, began = _peak(), time.monotonic()
    code = message = other = None
    try:
        CALLS[call](s3, Bucket(harm))
    except S3Error as error:
        code, message = error.code, str(error)
    except Exception:  # noqa: BLE001 - what must not come out
        other = traceback.format_exc()
    return [harm, call, code, message, other, time.monotonic() - began, _peak() - before]


def _peak() -> int:
    found = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


if __name__ == "__main__":
    main(*sys.argv[1:])
