"""The result of a self-test as JSON that can be attached to an issue: versions, buckets' settings, all rows."""

from __future__ import annotations

import platform
from collections import Counter
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from s3_crosscopy.selftest.masking import masked

if TYPE_CHECKING:
    from s3_crosscopy.selftest.selftest_run import Selftest, SelftestResult

FORMAT = 1
_PACKAGES = ("boto3", "botocore", "pycurl")


def result_json(selftest: Selftest, result: SelftestResult, *, mask: bool) -> dict[str, object]:
    """Return the JSON. `mask`: without account ids, names of buckets, prefixes and KMS keys."""
    places = selftest.places
    counts = Counter(row.verdict.value for row in result.rows)
    value: dict[str, object] = {
        "format": FORMAT,
        "ok": result.ok,
        "stopped": result.stopped,
        "server": selftest.copier.service if selftest.copier.service.startswith("AWS") else "another server",
        "versions": {"python": platform.python_version(), "s3-crosscopy": _own_version(), **_versions()},
        "system": f"{platform.system()} {platform.machine()}",
        "source": {"bucket": places.source_bucket, "prefix": places.source_prefix, **result.source},
        "dest": {"bucket": places.dest_bucket, "prefix": places.dest_prefix, **result.dest},
        "same_bucket": places.source_bucket == places.dest_bucket,
        "two_principals": selftest.reader is not None,
        "counts": dict(counts),
        "own_requests": dict(sorted(result.requests.items())),
        "seconds": round(result.seconds, 1),
        "left": list(result.left),
        "rows": [row.as_dict() for row in result.rows],
    }
    if not mask:
        return value
    names = {
        places.source_bucket: "SOURCE-BUCKET", places.dest_bucket: "DEST-BUCKET",
        places.source_prefix: "SOURCE-PREFIX/", places.dest_prefix: "DEST-PREFIX/",
    }  # fmt: skip
    result_value = masked(value, names)
    assert isinstance(result_value, dict)
    return result_value


def _own_version() -> str:
    from s3_crosscopy import __version__

    return __version__


def _versions() -> dict[str, str]:
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "not installed"
    return versions
