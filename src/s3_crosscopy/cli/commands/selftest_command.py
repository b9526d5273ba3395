"""`s3-crosscopy selftest`: tries on a user's own two buckets what this project relies on, and removes what it wrote."""

from __future__ import annotations

import argparse
import json
import sys
import threading
import warnings
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s3_crosscopy.cli.arguments import add_access, add_output, keywords
from s3_crosscopy.cli.command_table import Example
from s3_crosscopy.cli.exit_codes import ExitCode
from s3_crosscopy.cli.output import complain, say, say_json
from s3_crosscopy.cli.signals import stop_signals
from s3_crosscopy.cli.spelling import ACCESS
from s3_crosscopy.errors import InvalidInput

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients
    from s3_crosscopy.selftest.selftest_run import Selftest

EXAMPLES = (
    Example("try both buckets with one principal, and keep the result for an issue",
            "s3-crosscopy selftest s3://source-bucket/tmp/ s3://dest-bucket/tmp/ --profile copier"),
    Example("without the question, also with a KMS key",
            "s3-crosscopy selftest s3://source-bucket/tmp/ s3://dest-bucket/tmp/ --profile copier --yes"
            " --kms-key-id arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
)  # fmt: skip
_BELOW = "s3://bucket/prefix/ below which a new folder is made, and removed again"
OUT = "s3-crosscopy-selftest.json"
_NOT_ASKED = "--yes: there is no terminal to ask on if this may be written; give --yes"
_ASKS_FOR_CODES = (
    "the profile asks for an MFA code, and each copy of a self-test would ask for another one; take temporary"
    " credentials first, as `aws configure export-credentials --format env` prints them"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add both places, the principals, and what to leave out."""
    parser.add_argument("source", metavar="SOURCE", help=_BELOW)
    parser.add_argument("dest", metavar="DEST", help=_BELOW)
    add_access(parser)
    checks = parser.add_argument_group("checks")
    checks.add_argument("--kms-key-id", metavar="ARN", help="also write and copy objects with this KMS key")
    checks.add_argument(
        "--skip", action="append", default=[], metavar="NAME",
        help="leave out an object, by its name in the column `check` without the last word, or a request, by all of its"
        " name; may be repeated",
    )  # fmt: skip
    checks.add_argument("--yes", action="store_true", help="do not ask before something is written")
    output = add_output(parser, content="the result")
    output.add_argument("--out", default=OUT, metavar="FILE", help=f"file for the result as JSON (default: {OUT})")
    output.add_argument("--no-mask", action="store_true", help="leave account ids and names of buckets in the JSON")


def run(namespace: argparse.Namespace) -> int:
    """Ask, run, print; returns 0 only if nothing differs and everything is removed."""
    from s3_crosscopy.selftest.result_json import result_json
    from s3_crosscopy.selftest.selftest_run import STOPPED, run_selftest
    from s3_crosscopy.selftest.table_text import result_text

    selftest = _selftest(namespace)
    if not _may_begin(selftest, yes=namespace.yes):
        complain("nothing was written")
        return ExitCode.INTERRUPTED
    with warnings.catch_warnings(), stop_signals(threading.Event(), lambda: False):
        warnings.filterwarnings("ignore", "Unverified HTTPS request")
        result = run_selftest(selftest, partial(say, stream=sys.stderr))
    value = result_json(selftest, result, mask=not namespace.no_mask)
    if namespace.json:
        say_json(value)
    else:
        say(result_text(result))
    written = _write(Path(namespace.out), value)
    if result.stopped == STOPPED:
        return ExitCode.INTERRUPTED
    if not result.ok:
        return ExitCode.FAILED
    return ExitCode.DONE if written else ExitCode.RESULT_LOST


def _selftest(namespace: argparse.Namespace) -> Selftest:
    """Make the self-test of a command line. Raises InvalidInput."""
    from s3_crosscopy.selftest.new_places import new_places
    from s3_crosscopy.selftest.selftest_run import Selftest, unknown_names

    access = keywords(namespace, (*ACCESS, "verify"))
    reader = _principal(access, "source_profile") if access.get("source_profile") is not None else None
    places = new_places(namespace.source, namespace.dest)
    selftest = Selftest(
        places, _principal(access, "profile"), reader, access, namespace.kms_key_id, frozenset(namespace.skip)
    )
    if unknown := unknown_names(selftest):
        raise InvalidInput(f"--skip: there is no object or request {unknown[0]!r}; the column check has their names")
    return selftest


def _principal(access: dict[str, Any], argument: str) -> S3Clients:
    from s3_crosscopy.adapters.boto.profile_roles import asks_for_code
    from s3_crosscopy.adapters.boto.sessions import access as clients

    names = ("endpoint_url", "region_name", "verify")
    others = {name: access.get(name) for name in names}
    principal = clients(None, access.get(argument), argument, config=access.get("botocore_config"), **others)
    if asks_for_code(principal.session):
        raise InvalidInput(f"{argument}: {_ASKS_FOR_CODES}")
    return principal


def _may_begin(selftest: Selftest, *, yes: bool) -> bool:
    """Show what it will write and cost; ask, unless `yes`. Raises InvalidInput without a terminal."""
    from s3_crosscopy.adapters.price_file import read_prices
    from s3_crosscopy.selftest.selftest_cost import cost_text, planned_requests, selftest_cost
    from s3_crosscopy.selftest.selftest_run import specs_of

    if not yes and not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InvalidInput(_NOT_ASKED)
    places, specs = selftest.places, specs_of(selftest)
    planned = planned_requests(specs)
    size = sum(spec.size for spec in specs) // 2**20
    say(f"writes {len(specs)} objects with {size} MiB and some copies of them below two new prefixes:", sys.stderr)
    say(f"  s3://{places.source_bucket}/{places.source_prefix}", sys.stderr)
    say(f"  s3://{places.dest_bucket}/{places.dest_prefix}", sys.stderr)
    say(f"and removes everything there in the end; {cost_text(planned, selftest_cost(planned, read_prices()))}",
        sys.stderr)  # fmt: skip
    if yes:
        return True
    print("Begin? [yes/no] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _write(path: Path, value: object) -> bool:
    try:
        path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        complain(f"--out: {path} cannot be written ({error.strerror}); the result is above")
        return False
    say(f"the result is in {path}", sys.stderr)
    return True
