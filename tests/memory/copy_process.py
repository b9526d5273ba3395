"""One copy in a process of its own, whose memory is then all the copy's: `python child.py ARGUMENTS` (JSON).

Prints one line of JSON: the counts, the seconds, and the most memory that was ever resident (VmHWM), in KiB.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import boto3

from s3_crosscopy import copy
from s3_crosscopy.model.events import Event


class Deaf:
    """A sink that keeps nothing, and writes no log either."""

    def emit(self, event: Event) -> None:
        pass


def main(arguments: dict[str, Any]) -> None:
    session = boto3.Session(aws_access_key_id="key", aws_secret_access_key="secret", region_name="us-east-1")
    report = copy(**arguments, session=session, sink=Deaf(), botocore_config={"s3": {"addressing_style": "path"}})
    peak = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert peak is not None
    said = {"counts": dict(report.counts), "seconds": report.seconds, "peak_kib": int(peak[1])}
    print(json.dumps(said))  # noqa: T201 - what the test reads


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
