"""`s3-crosscopy policies`: prints the policies of a planned copy, ready to paste. Sends no requests."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from s3_crosscopy.access.examination import Policy
from s3_crosscopy.access.rules.arns import path_remark, role_arn_of
from s3_crosscopy.access.rules.permissions import RunNeeds, needed
from s3_crosscopy.access.rules.policies import BUCKET, how_to_attach, placeholders, policies, to_json
from s3_crosscopy.access.rules.policy_context import PolicyContext, layout_text
from s3_crosscopy.access.rules.policy_remarks import remarks
from s3_crosscopy.cli.arguments import DECIDE_ABOUT_ACCESS, add_options, add_output, add_places
from s3_crosscopy.cli.command_table import Example
from s3_crosscopy.cli.exit_codes import ExitCode
from s3_crosscopy.cli.output import say
from s3_crosscopy.cli.policy_arguments import add_planned, read_planned
from s3_crosscopy.model.humanize import printable
from s3_crosscopy.model.option_table import SSE_S3

EXAMPLES = (
    Example("print the policies for a role that copies between two accounts",
            "s3-crosscopy policies s3://source-bucket/in/ s3://dest-bucket/out/"
            " --copier-arn arn:aws:iam::222222222222:role/copier"
            " --source-account 111111111111 --dest-account 222222222222"),
    Example("with KMS keys on both sides",
            "s3-crosscopy policies s3://source-bucket/in/ s3://dest-bucket/out/"
            " --source-kms-key arn:aws:kms:eu-west-1:111111111111:key/a"
            " --dest-kms-key arn:aws:kms:eu-west-1:222222222222:key/b"),
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add source and destination, principals, and every option that decides which permissions a copy needs."""
    add_places(parser)
    add_planned(parser)
    add_options(parser, shown=DECIDE_ABOUT_ACCESS)
    output = add_output(parser, content="the policies")
    output.add_argument("--compact", action="store_true", help="print each JSON on one line without white space")


def run(namespace: argparse.Namespace) -> int:
    """Print; returns the exit code. Raises InvalidInput."""
    needs, policy_context = read_planned(namespace)
    printed = policies(needed(needs), policy_context)
    spec = needs.spec
    layout = layout_text(policy_context, source=spec.source.name, dest=spec.dest.name, two=needs.two)
    notes = _notes(namespace, printed, needs, policy_context)
    if namespace.json:
        output = {
            "layout": layout,
            "policies": [{**policy._asdict(), "how": how_to_attach(policy)} for policy in printed],
            "notes": notes,
            "placeholders": placeholders(printed),
        }
        say(to_json(output, namespace.compact))
        return ExitCode.DONE
    parts = [
        f"layout: {layout}",
        *(_text(number, policy, namespace.compact) for number, policy in enumerate(printed, 1)),
    ]
    if notes:
        parts.append("\n".join(printable(f"note: {note}") for note in notes))
    if names := placeholders(printed):
        parts.append(f"replace these before use: {', '.join(names)}")
    say("\n\n".join(parts))
    return ExitCode.DONE


def _text(number: int, policy: Policy, compact: bool) -> str:
    heading = printable(f"{number}. {policy.place}: {how_to_attach(policy)}")
    return f"{heading}\n{to_json(policy.document, compact)}"


def _notes(
    namespace: argparse.Namespace, printed: Sequence[Policy], needs: RunNeeds, policy_context: PolicyContext
) -> list[str]:
    """Notes on the printed policies, and on what may be missing."""
    hints = {needs.spec.source.name: "; see --source-account", needs.spec.dest.name: "; see --dest-account"}
    notes = [
        f"the account of {policy.attach_to} is not known, so its policy is printed too{hints.get(policy.attach_to, '')}"
        for policy in printed
        if policy.place.startswith(BUCKET) and policy_context.owner(policy.attach_to) is None
    ]
    if namespace.trusted_arn is not None:
        notes.append("the trusted principal also needs sts:AssumeRole on the copying role in its own identity policy")
    notes += remarks(printed, policy_context, single=needs.spec.single)
    keys = {"--source-kms-key": needs.source_key}
    if needs.options.kms_encryption_type != SSE_S3:
        keys["--dest-kms-key"] = needs.dest_key
    if missing := [name for name, key in keys.items() if not key]:
        notes.append(f"objects that are encrypted with a KMS key need more; see {' and '.join(missing)}")
    arns = (namespace.copier_arn, namespace.reader_arn, namespace.trusted_arn)
    arn_remarks = (path_remark(arn, role_arn_of(arn)) for arn in arns if arn is not None)
    return [*notes, *dict.fromkeys(filter(None, arn_remarks))]
