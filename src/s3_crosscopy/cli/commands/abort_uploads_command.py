"""`s3-crosscopy abort-uploads`: abort the uploads that a run of ours recorded, and tell each."""

from __future__ import annotations

import argparse

from s3_crosscopy.api import abort_uploads
from s3_crosscopy.cli.arguments import add_access, add_expected, add_output, keywords
from s3_crosscopy.cli.exit_codes import ExitCode
from s3_crosscopy.cli.output import complain, say, say_json
from s3_crosscopy.model.humanize import printable

NAME = "abort-uploads"
SUMMARY = "Abort exactly the unfinished uploads that a checkpoint or a report recorded, and no others."
BUCKET = "bucket the uploads are in; needed where a report records them elsewhere than below its destination"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where they are recorded, and who signs."""
    parser.add_argument("place", metavar="PLACE", help="checkpoint file, report folder, or s3:// URL of a report")
    parser.add_argument("--bucket", metavar="NAME", help=BUCKET)
    add_expected(add_access(parser, source=False))
    output = add_output(parser, what="the upload ids")
    output.add_argument("--quiet", action="store_true", help="print only what could not be aborted")


def run(given: argparse.Namespace) -> int:
    """Abort; the exit code."""
    aborted = abort_uploads(given.place, bucket=given.bucket, **keywords(given))  # type: ignore[arg-type]
    uploads = [{"bucket": aborted.bucket, "key": one.dest_key, "upload_id": one.upload_id} for one in aborted.gone]
    if given.json:
        say_json({"aborted": uploads, "refused": len(aborted.refused)})
    elif not given.quiet:
        lines = [printable(f"aborted {one['upload_id']} of s3://{one['bucket']}/{one['key']}") for one in uploads]
        say("\n".join(lines or ["there was no unfinished upload"]))
    for _, refusal in aborted.refused:
        complain(str(refusal))
    return ExitCode.FAILED if aborted.refused else ExitCode.DONE
