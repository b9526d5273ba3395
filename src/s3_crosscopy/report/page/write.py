"""Writes the two files beside an index that are made of the others: the page and the digest."""

from __future__ import annotations

import logging

from s3_crosscopy.errors import CrossCopyError, S3Error
from s3_crosscopy.report.files import Files
from s3_crosscopy.report.names import DIGEST, PAGE, as_json
from s3_crosscopy.report.page.page import page
from s3_crosscopy.report.report_reader import FinishedReport, digest_to_json

LOG = logging.getLogger("s3_crosscopy")


def write_page(files: Files, index: bytes, finished: FinishedReport) -> None:
    """Write both, after the index, whose bytes are `index`. Errors are only logged: a report is complete without."""
    try:
        files.write(DIGEST, as_json(digest_to_json(finished.digest, index)))
        files.write(PAGE, page(finished).encode())
    except (S3Error, CrossCopyError) as error:
        LOG.warning("%s could not be written (s3-crosscopy report makes it, too): %s", files.where(PAGE), error)
