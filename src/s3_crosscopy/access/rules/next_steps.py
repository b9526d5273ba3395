"""The steps after suggested policies: replace placeholders, allow what could not be tested, run the copy again."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from s3_crosscopy.access.examination import Examination, FindingStatus, Party, Principal, Scope
from s3_crosscopy.access.rules.policies import placeholders

_AGAIN = "attach the policies, then run the copy again (in Airflow: clear the task); what has arrived is skipped"
_DENY = "if it is denied again with these policies: look for an explicit Deny, which no Allow overrides"
_ARN_FLAGS = {Party.COPIER: "--copier-arn", Party.READER: "--reader-arn"}
_ACCOUNT_FLAGS = {Scope.SOURCE: "--source-account", Scope.DEST: "--dest-account"}


def next_steps(examination: Examination) -> tuple[str, ...]:
    """One line for each step; none without suggested policies."""
    return tuple(_lines(examination)) if examination.policies else ()


def _lines(examination: Examination) -> Iterator[str]:
    if names := placeholders(examination.policies):
        known_by = [_ARN_FLAGS[principal.party] for principal in examination.principals if not _arn(principal)]
        flags = f" (s3-crosscopy doctor puts in what {' and '.join(known_by)} names)" if known_by else ""
        yield f"replace these before use: {', '.join(names)}{flags}"
    if untested := sum(finding.status is FindingStatus.UNKNOWN for finding in examination.findings):
        needs = "permission is needed but was" if untested == 1 else "permissions are needed but were"
        yield f"{untested} more {needs} not tested; this prints all, if it also has the options of the copy:"
        yield f"  {policies_command(examination)}"
    yield _AGAIN
    if any(not finding.denied_by for finding in examination.missing):
        yield _DENY


def policies_command(examination: Examination) -> str:
    """The command that prints all policies of the examined copy, with what is known of its accounts."""
    arguments = ["s3-crosscopy", "policies", examination.source, examination.dest]
    for principal in examination.principals:
        arguments += [_ARN_FLAGS[principal.party], _arn(principal) or "ARN"]
    for bucket in examination.buckets:
        arguments += [_ACCOUNT_FLAGS[bucket.place], bucket.owner] if bucket.owner else []
    return shlex.join(arguments)


def _arn(principal: Principal) -> str:
    return principal.role_arn or principal.arn or ""
