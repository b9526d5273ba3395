"""Checks arguments while some of them are not known yet: a template has a value only when its task runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from s3_crosscopy.core.spec import resolve
from s3_crosscopy.model.location import parse_location
from s3_crosscopy.model.option_table import MAX_PART_BYTES, NAMES
from s3_crosscopy.model.options import parse_options

ALLOWING: Final[Mapping[str, object]] = {
    "allow_bucket_root": True,
    "kms_encryption_type": "aws:kms",
    "multipart_threshold": MAX_PART_BYTES,
    "report": "a folder",
    # Different accounts that do not exist, because buckets of different owners differ, also behind an alias.
    "expected_bucket_owner": "000000000000",
    "expected_source_bucket_owner": "000000000001",
    "expected_report_bucket_owner": "000000000002",
    "expected_etag_index_bucket_owner": "000000000003",
}
"""Values for unknown options whose default would conflict with some values of the others."""


def check_known(known: Mapping[str, object]) -> None:
    """Check source, dest and options as far as they are known. Arguments that are not in `known` may have any value.

    Raises InvalidInput, one line, for a mistake that no value of the unknown arguments corrects.
    """
    options = parse_options({name: known.get(name, ALLOWING.get(name)) for name in NAMES})
    source, dest = (parse_location(known[name], name) if name in known else None for name in ("source", "dest"))
    if source is not None and dest is not None and "kind" in known:
        resolve(source, dest, options)
