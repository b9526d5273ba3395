"""The two files that stand beside an index for people and for whoever shows it to them: the page and the digest."""

from __future__ import annotations

import logging

from s3_crosscopy.errors import CrossCopyError, S3Error
from s3_crosscopy.report.files import Files
from s3_crosscopy.report.names import DIGEST, PAGE, as_json
from s3_crosscopy.report.page.page import page
from s3_crosscopy.report.report_reader import FinishedReport, kept_digest

_log = logging.getLogger("s3_crosscopy")


def write_page(files: Files, index: bytes, finished: FinishedReport) -> None:
    """Write both, after the index of these bytes. A report is whole without them: what fails here is only logged."""
    try:
        files.write(DIGEST, as_json(kept_digest(finished.digest, index)))
        files.write(PAGE, page(finished).encode())
    except (S3Error, CrossCopyError) as error:
        _log.warning("%s could not be written (s3-crosscopy report makes it, too): %s", files.where(PAGE), error)
