"""Reads a finished report, and writes its HTML page again, beside the report or elsewhere."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from s3_crosscopy.api.inputs import expected_at
from s3_crosscopy.api.signers import make_signer
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.report.files import Files, files_at
from s3_crosscopy.report.local_files import FolderFiles
from s3_crosscopy.report.names import PAGE
from s3_crosscopy.report.page.page import page
from s3_crosscopy.report.report_reader import FinishedReport, read_finished

WHAT = "place"


def report_at(
    place: str | os.PathLike[str],
    *,
    session: Any = None,
    profile: str | None = None,
    endpoint_url: str | None = None,
    region_name: str | None = None,
    verify: bool | str | None = None,
    botocore_config: Mapping[str, Any] | None = None,
    expected_bucket_owner: str | None = None,
) -> Files:
    """The files of the report at `place`, a folder or an `s3://` URL that the principal must be allowed to read.

    `expected_bucket_owner` is the account id that must own that bucket; None: any account. The other arguments are
    those of `copy`. Raises InvalidInput.
    """
    signer = make_signer(
        session,
        profile,
        endpoint_url=endpoint_url,
        region_name=region_name,
        verify=verify,
        botocore_config=botocore_config,
    )
    name = os.fspath(place)
    bucket = expected_at(name, expected_bucket_owner)
    return files_at(name, lambda checked: signer().client(checked), WHAT, bucket=bucket)


def read_report(files: Files) -> FinishedReport:
    """Read the report. Raises InvalidInput, one line, if it is missing, unfinished or damaged, and S3Error."""
    return read_finished(files, WHAT)


def make_page(files: Files, report: FinishedReport, html: str | os.PathLike[str] | None = None) -> str:
    """Write the page to the local file `html`, or beside the report if that is None, and return its path or URL.

    Raises InvalidInput, RetryableFailure or S3Error if it cannot be written.
    """
    if html is not None:
        folder, name = os.path.split(os.fspath(html))
        if not name:
            raise InvalidInput(f"html: {os.fspath(html)!r} names no file; it should look like page.html")
        files = FolderFiles(folder or ".", "html", named=True)
        files.prepare()
    else:
        name = PAGE
    files.write(name, page(report).encode())
    return files.where(name)
