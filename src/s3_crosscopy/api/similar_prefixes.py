"""Looks for the source that was probably meant if the given one does not exist, with one LIST."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3_crosscopy.core.source_hints import place_to_look, what_was_meant
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.operations import ListPage, Side
from s3_crosscopy.model.report import Report

if TYPE_CHECKING:
    from s3_crosscopy.ports import BlockingS3


def look_nearby(spec: CopySpec, report: Report, source_s3: BlockingS3) -> str:
    """One line that says what was probably meant; "" if the source exists or nothing is known.

    A LIST that is refused counts as one without objects.
    """
    place = place_to_look(spec)
    if place is None or report.counts["listed"] > report.counts["missing"]:
        return ""
    try:
        has_objects = bool(source_s3.list_page(ListPage(Side.SOURCE, spec.source, place, max_keys=1)).objects)
    except S3Error:
        has_objects = False
    return what_was_meant(spec, has_objects=has_objects)
