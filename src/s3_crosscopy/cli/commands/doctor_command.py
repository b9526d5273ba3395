"""`s3-crosscopy doctor`: what a planned copy may do, what it may not, and the policies that mend it."""

from __future__ import annotations

import argparse
import sys
from contextlib import redirect_stdout

from s3_crosscopy.access.examination import Party
from s3_crosscopy.api import examination_text, examine, resolve_spec
from s3_crosscopy.cli.arguments import add_access, add_options, add_output, add_places, keywords
from s3_crosscopy.cli.credential_arguments import add_connections, principals
from s3_crosscopy.cli.exit_codes import ExitCode
from s3_crosscopy.cli.output import say, say_json
from s3_crosscopy.model.options import NAMES

NAME = "doctor"
SUMMARY = "Examine the access of a planned copy: who signs, which grants hold, and which policy mends the rest."

_PROBES = {
    "key": ("KEY", "source key to ask about (default: the first that the listing names)"),
    "copier_arn": ("ARN", "who signs the copies, where STS does not tell"),
    "reader_arn": ("ARN", "who reads the source, where STS does not tell"),
}
_WRITE = "also write one small object and one upload below DEST, and remove both: tells what only a write can tell"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The planned copy, who signs, and what may be tried."""
    add_places(parser)
    add_options(parser)
    add_connections(add_access(parser))
    probes = parser.add_argument_group("probes")
    for name, (metavar, text) in _PROBES.items():
        probes.add_argument("--" + name.replace("_", "-"), metavar=metavar, help=text)
    probes.add_argument("--write-probe", action="store_true", help=_WRITE)
    add_output(parser, what="what was found")


def run(given: argparse.Namespace) -> int:
    """Examine; 0 unless something is known to be missing or wrong."""
    spec = resolve_spec(given.source, given.dest, keywords(given, NAMES))
    arns = {Party.COPIER: given.copier_arn, Party.READER: given.reader_arn}
    # Airflow's hooks log on stdout, which is for what was found.
    with redirect_stdout(sys.stderr):
        copier, reader = principals(given)
        found = examine(spec, copier, reader, key=given.key, write=given.write_probe, arns=arns)
    if given.json:
        say_json(found.as_dict())
    elif sys.stdout.isatty():
        from s3_crosscopy.cli.access_tables import show

        show(found, sys.stdout)
    else:
        say(examination_text(found))
    return ExitCode.DONE if found.ok else ExitCode.FAILED
