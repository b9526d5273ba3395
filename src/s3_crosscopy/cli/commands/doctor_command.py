"""`s3-crosscopy doctor`: examines the access of a planned copy, and prints permissions and suggested policies."""

from __future__ import annotations

import argparse
import sys
from contextlib import redirect_stdout

from s3_crosscopy.cli.arguments import DECIDE_ABOUT_ACCESS, add_access, add_options, add_output, add_places, keywords
from s3_crosscopy.cli.command_table import Example
from s3_crosscopy.cli.credential_arguments import add_connections, principals
from s3_crosscopy.cli.exit_codes import ExitCode
from s3_crosscopy.cli.output import say_json, tell
from s3_crosscopy.model.option_table import NAMES

_PROBES = {
    "key": ("KEY", "source key to probe (default: the first of the listing)"),
    "copier_arn": ("ARN", "role or user that signs the copies, if STS does not report it"),
    "reader_arn": ("ARN", "role or user that reads the source, if STS does not report it"),
}
_WRITE = "also write one small object and one upload below DEST, and remove both: shows what only a write can show"


EXAMPLES = (
    Example("find out if a profile may do the copy",
            "s3-crosscopy doctor s3://source-bucket/in/ s3://dest-bucket/out/ --profile copier"),
    Example("also write and remove one small object, which shows what only a write can show",
            "s3-crosscopy doctor s3://source-bucket/in/ s3://dest-bucket/out/ --profile copier --write-probe"),
    Example("with the principals of Airflow connections",
            "s3-crosscopy doctor s3://source-bucket/in/ s3://dest-bucket/out/ --aws-conn-id aws_dest"
            " --source-aws-conn-id aws_source"),
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the planned copy, the principals and the probes."""
    add_places(parser)
    add_options(parser, shown=DECIDE_ABOUT_ACCESS)
    add_connections(add_access(parser))
    probes = parser.add_argument_group("probes")
    for name, (metavar, text) in _PROBES.items():
        probes.add_argument("--" + name.replace("_", "-"), metavar=metavar, help=text)
    probes.add_argument("--write-probe", action="store_true", help=_WRITE)
    add_output(parser, content="what was found")


def run(namespace: argparse.Namespace) -> int:
    """Examine; returns 0 unless something is known to be missing or wrong."""
    from s3_crosscopy.access.examination import Party
    from s3_crosscopy.access.rules.next_steps import next_steps
    from s3_crosscopy.api import examination_text, examine, resolve_spec

    spec = resolve_spec(namespace.source, namespace.dest, keywords(namespace, NAMES))
    arns = {Party.COPIER: namespace.copier_arn, Party.READER: namespace.reader_arn}
    # Airflow's hooks log to stdout, which is for the examination.
    with redirect_stdout(sys.stderr):
        copier, reader = principals(namespace)
        examination = examine(spec, copier, reader, key=namespace.key, write=namespace.write_probe, arns=arns)
    if namespace.json:
        say_json({**examination.as_dict(), "next": next_steps(examination)})
    elif sys.stdout.isatty():
        from s3_crosscopy.cli.access_tables import show

        show(examination, sys.stdout)
    else:
        tell(examination_text(examination))
    return ExitCode.DONE if examination.ok else ExitCode.FAILED
