"""A copy whose key would be longer than S3 allows is told, and nothing is asked of S3 for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.testing import Fault, sparse
from tests.engine.harness import Rig, keys
from tests.engine.test_manifests import add_up, named

MIB = 2**20
DEEPER = "s3://dst/far/deeper/"
LONG = "p/" + "k" * 1022
LARGE = "p/" + "l" * 1022
FITS = "p/" + "k" * 1013
"""Its copy has a key of 1,024 bytes."""


def world(faults: Sequence[Fault] = ()) -> Rig:
    rig = Rig(faults)
    rig.store.put("src", LARGE, sparse(6 * MIB, "large"))
    rig.seed_keys("p/a", FITS, LONG, "p/z")
    return rig


CALLS = ("CopyObject", "UploadPartCopy", "CreateMultipartUpload", "GetObjectTagging", "HeadObject")


def asked(rig: Rig, key: str) -> int:
    """How many requests were made for a copy: the source key of the hot ones, the destination key of the others."""
    heads = rig.source.of_key("HeadObject", key)  # the source may be asked; it has the key
    names = (key, DEEPER.removeprefix("s3://dst/") + key.removeprefix("p/"))
    return sum(port.of_key(call, name) for port in (rig.source, rig.dest) for call in CALLS for name in names) - heads


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"overwrite": "always"},
        {"overwrite": "never"},
        {"metadata": "drop"},
        {"copy_last": "*"},
        {"verification": "listing"},
        {"batch_size": 1},
    ],
    ids=str,
)
@pytest.mark.parametrize("by", ["listing", "manifest"])
def test_a_key_that_comes_out_too_long_is_refused_and_nothing_is_asked_for_it(by: str, options: dict[str, Any]) -> None:
    rig = world()
    if by == "manifest":
        named(rig, ["p/a", FITS, LARGE, LONG, "p/z"])
    report = rig.copy(dest=DEEPER, multipart_threshold=5 * MIB, max_failures=2, **options)
    assert (report.counts["failed"], report.decisions["key too long"]) == (2, 2)
    held_back = 3 if "copy_last" in options else 0  # something did not arrive
    assert (report.counts["copied"], report.counts["held_back"]) == (3 - held_back, held_back)
    assert add_up(report.counts)
    assert (asked(rig, LONG), asked(rig, LARGE)) == (0, 0)
    assert asked(rig, "p/a") > 0 or held_back
    assert (report.stopped, report.retryable, report.unproven) == ("", False, ())
    assert report.checked == (3 if "verification" in options else None)
    first = report.failures[0]
    assert (first.key, first.reason, first.code) == (LONG, Reason.INVALID, "KeyTooLongError")
    assert first.message == (
        "the destination key would have 1,033 bytes, S3 allows 1,024; shorten the destination prefix"
    )


def test_a_dry_run_counts_them_and_names_the_first() -> None:
    rig = world()
    report = rig.copy(dest=DEEPER, dry_run=True)
    assert report.plan is not None
    assert report.plan.dry_run_stats.too_long.objects == 2
    assert (report.counts["would_copy"], report.counts["failed"], report.ok) == (3, 2, False)
    assert [failure.key for failure in report.failures] == [LONG, LARGE]


def test_a_key_of_which_only_a_second_round_tells_is_refused_then() -> None:
    rig = world([Fault("HeadObject", "InternalError", 500, key=LONG, times=1)])
    named(rig, ["p/a", LONG])
    report = rig.copy(dest=DEEPER, max_failures=1)
    assert (report.counts["copied"], report.decisions["key too long"]) == (1, 1)
    assert asked(rig, LONG) == 0


@pytest.mark.parametrize("batch_size", [10, 50, 1000])
def test_keys_that_are_too_long_do_not_stop_the_run_however_many_come_first(batch_size: int) -> None:
    rig = Rig()
    rig.seed_keys(*keys(150, "p/" + "d" * 1010 + "/"), *keys(50, "p/z"))
    report = rig.copy(dest=DEEPER, batch_size=batch_size)
    assert report.stopped == ""
    assert (report.counts["failed"], report.counts["copied"]) == (150, 50)
