"""Refuses what is wrong already while not every argument is known: a template has a value only when its task runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from s3_crosscopy.core.spec import resolve
from s3_crosscopy.model.location import parse_location
from s3_crosscopy.model.options import MAX_PART_BYTES, NAMES, parse_options

ALLOWING: Final[Mapping[str, object]] = {
    "allow_bucket_root": True,
    "kms_encryption_type": "aws:kms",
    "multipart_threshold": MAX_PART_BYTES,
    "report": "a folder",
    # Accounts that nobody has, each another: owners that differ tell apart what an access point's alias does not.
    "expected_bucket_owner": "000000000000",
    "expected_source_bucket_owner": "000000000001",
    "expected_report_bucket_owner": "000000000002",
}
"""Stands in for an option that is not known yet and whose default would not go with every value of the others."""


def check_known(known: Mapping[str, object]) -> None:
    """Check source, dest and options as far as they are `known`; those that are not there may turn out to be anything.

    Raises InvalidInput with one line for what no value of the others can make right.
    """
    options = parse_options({name: known.get(name, ALLOWING.get(name)) for name in NAMES})
    source, dest = (parse_location(known[name], name) if name in known else None for name in ("source", "dest"))
    if source is not None and dest is not None and "kind" in known:
        resolve(source, dest, options)
