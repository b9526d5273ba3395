"""`s3-crosscopy policies`: the policies of a planned copy, for an administrator to paste. Asks AWS nothing."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from s3_crosscopy.access.examination import Policy
from s3_crosscopy.access.rules.arns import path_remark, role_arn_of
from s3_crosscopy.access.rules.permissions import RunNeeds, needed
from s3_crosscopy.access.rules.policies import BUCKET, how_to_attach, placeholders, policies, remarks, to_json
from s3_crosscopy.access.rules.policy_context import PolicyContext, layout_text
from s3_crosscopy.cli.arguments import add_options, add_output, add_places
from s3_crosscopy.cli.exit_codes import ExitCode
from s3_crosscopy.cli.output import say
from s3_crosscopy.cli.policy_arguments import add_planned, read_planned
from s3_crosscopy.model.humanize import printable

NAME = "policies"
SUMMARY = "Print the policies that a planned copy needs, ready to paste; asks AWS nothing."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The places, who and where, and everything about a copy that decides what it needs."""
    add_places(parser)
    add_planned(parser)
    add_options(parser)
    output = add_output(parser, what="the policies")
    output.add_argument("--compact", action="store_true", help="print each JSON on one line without white space")


def run(given: argparse.Namespace) -> int:
    """Print; the exit code. Raises InvalidInput."""
    need, policy_context = read_planned(given)
    printed = policies(needed(need), policy_context)
    spec = need.spec
    layout = layout_text(policy_context, source=spec.source.name, dest=spec.dest.name, two=need.two)
    notes = _notes(given, printed, need, policy_context)
    if given.json:
        found = {
            "layout": layout,
            "policies": [{**one._asdict(), "how": how_to_attach(one)} for one in printed],
            "notes": notes,
            "placeholders": placeholders(printed),
        }
        say(to_json(found, given.compact))
        return ExitCode.DONE
    parts = [f"layout: {layout}", *(_text(number, one, given.compact) for number, one in enumerate(printed, 1))]
    if notes:
        parts.append("\n".join(printable(f"note: {note}") for note in notes))
    if left := placeholders(printed):
        parts.append(f"replace these before use: {', '.join(left)}")
    say("\n\n".join(parts))
    return ExitCode.DONE


def _text(number: int, policy: Policy, compact: bool) -> str:
    heading = printable(f"{number}. {policy.place}: {how_to_attach(policy)}")
    return f"{heading}\n{to_json(policy.document, compact)}"


def _notes(
    given: argparse.Namespace, printed: Sequence[Policy], need: RunNeeds, policy_context: PolicyContext
) -> list[str]:
    """What the user may have to know of what is printed, and of what is not."""
    mends = {need.spec.source.name: "; see --source-account", need.spec.dest.name: "; see --dest-account"}
    notes = [
        f"the account of {one.attach_to} is not known, so its policy is here in any case{mends.get(one.attach_to, '')}"
        for one in printed
        if one.place.startswith(BUCKET) and policy_context.owner(one.attach_to) is None
    ]
    if given.trusted_arn is not None:
        notes.append("who is trusted needs sts:AssumeRole on the copying role in its own identity policy too")
    notes += remarks(printed, policy_context, single=need.spec.single)
    keys = {"--source-kms-key": need.source_key, "--dest-kms-key": need.dest_key}
    if lacking := [name for name, key in keys.items() if not key]:
        notes.append(f"objects that are encrypted with a KMS key need more; see {' and '.join(lacking)}")
    arns = (given.copier_arn, given.reader_arn, given.trusted_arn)
    of_arns = (path_remark(arn, role_arn_of(arn)) for arn in arns if arn is not None)
    return [*notes, *dict.fromkeys(filter(None, of_arns))]
