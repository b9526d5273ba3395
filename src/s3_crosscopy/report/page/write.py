"""Writes the files beside an index that are made of the others, the page and the digest, and a summary again."""

from __future__ import annotations

import logging

from s3_crosscopy.errors import CrossCopyError, InvalidInput, S3Error
from s3_crosscopy.model.report import Report
from s3_crosscopy.report.files import Files
from s3_crosscopy.report.names import DIGEST, PAGE, SUMMARY, as_json
from s3_crosscopy.report.page.page import page
from s3_crosscopy.report.report_reader import FinishedReport, digest_to_json, read_digested

LOG = logging.getLogger("s3_crosscopy")


def write_page(files: Files, index: bytes, finished: FinishedReport) -> None:
    """Write both, after the index, whose bytes are `index`. Errors are only logged: a report is complete without."""
    try:
        files.write(DIGEST, as_json(digest_to_json(finished.digest, index)))
        files.write(PAGE, page(finished).encode())
    except (S3Error, CrossCopyError) as error:
        LOG.warning("%s could not be written (s3-crosscopy report makes it, too): %s", files.where(PAGE), error)


def write_summary_again(files: Files, report: Report) -> None:
    """Replace the summary of a finished report, and its page: something was found out after its run.

    Raises S3Error or RetryableFailure if they cannot be written.
    """
    files.write(SUMMARY, as_json(report.as_dict()))
    try:
        finished = read_digested(files)
    except (S3Error, InvalidInput):  # the writer of a report may not have permission to read it
        return
    if finished is not None:
        files.write(PAGE, page(finished).encode())
