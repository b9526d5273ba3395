"""`s3-crosscopy abort-uploads`: aborts the uploads that a run recorded, and prints each."""

from __future__ import annotations

import argparse

from s3_crosscopy.cli.arguments import add_access, add_expected, add_output, add_quiet, keywords
from s3_crosscopy.cli.command_table import Example
from s3_crosscopy.cli.exit_codes import ExitCode
from s3_crosscopy.cli.output import complain, say, say_json
from s3_crosscopy.model.humanize import printable

BUCKET = "bucket of the uploads; required if a report recorded them elsewhere than below its destination"


EXAMPLES = (
    Example("abort the uploads that an interrupted run left",
            "s3-crosscopy abort-uploads run.json --bucket dest-bucket --profile copier"),
    Example("abort those that a report recorded",
            "s3-crosscopy abort-uploads s3://dest-bucket/reports/ --profile copier"),
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the record's location, and the principal."""
    parser.add_argument("place", metavar="PLACE", help="checkpoint file, report folder, or s3:// URL of a report")
    parser.add_argument("--bucket", metavar="NAME", help=BUCKET)
    add_expected(add_access(parser, source=False))
    output = add_output(parser, content="the upload ids")
    add_quiet(output, "print only what could not be aborted")


def run(namespace: argparse.Namespace) -> int:
    """Abort; returns the exit code."""
    from s3_crosscopy.api import abort_uploads

    aborted = abort_uploads(namespace.place, bucket=namespace.bucket, **keywords(namespace))  # type: ignore[arg-type]
    uploads = [
        {"bucket": aborted.bucket, "key": upload.dest_key, "upload_id": upload.upload_id} for upload in aborted.gone
    ]
    if namespace.json:
        say_json({"aborted": uploads, "refused": len(aborted.refused)})
    elif not namespace.quiet:
        lines = [printable(f"aborted {row['upload_id']} of s3://{row['bucket']}/{row['key']}") for row in uploads]
        say("\n".join(lines or ["there was no incomplete upload"]))
    for _, refusal in aborted.refused:
        complain(str(refusal))
    return ExitCode.FAILED if aborted.refused else ExitCode.DONE
