"""The page of reasons: every decision, proof, failure and error that a run can name, from the tables that make them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product

from docs.writers.table import code, page, summary_of, table

from s3_crosscopy import errors
from s3_crosscopy.cli.exit_codes import of_error
from s3_crosscopy.core.decide import comparison as decide
from s3_crosscopy.core.decide import filters
from s3_crosscopy.core.early_stop import STOPPING
from s3_crosscopy.core.error_codes import retryable
from s3_crosscopy.engine.outcome_recorder import DELETED, TOO_NEW
from s3_crosscopy.engine.transfer.copy_last import INCOMPLETE
from s3_crosscopy.engine.transfer.single import DEST_DENIED, DEST_MISSING
from s3_crosscopy.model.options import OPTIONS
from s3_crosscopy.model.outcomes import Action, Decision, Outcome, Reason, Verified
from s3_crosscopy.model.run_scope import LEFT_TO_PUBLISH
from s3_crosscopy.model.tally import Tally

HEAD = """\
The words that summaries, reports and log lines use. What they mean together is told in
[how it decides](copy-rules.md).
"""

COUNTED: Mapping[Action, str] = {
    Action.COPY: "copied",
    Action.SKIP: "skipped",
    Action.FILTER: "filtered",
    Action.MISS: "missing",
    Action.EARLIER: "copied",
    Action.REFUSE: "failed",
    Action.COMPARE: "what two HEADs tell",
}
"""Under which outcome an action counts; in a dry run `would_copy` stands for `copied`."""

PROOFS: Mapping[Verified, str] = {
    Verified.ETAG: "the copy has its source's ETag",
    Verified.CHECKSUM: "the copy has its source's checksum of the whole content",
    Verified.SIZE: "a copy in parts with another ETag; S3 was told the size and checked it",
    Verified.NONE: "S3 said that it copied, and no more",
}

SECOND_LOOK = (
    (DEST_MISSING, Action.COPY),
    (DEST_DENIED, Action.COPY),
    (DELETED, Action.MISS),
)
"""What only a request for the object itself tells, so that no table of decisions has it."""

FAILURES = """\
## Failures

Tried again: by the run itself once, and worth a retry of the task; "by the run" is the first alone. Ends the run: when
the first copies, or a full batch, fail for nothing else.
"""

HELD_BACK = (INCOMPLETE, TOO_NEW, LEFT_TO_PUBLISH)


def reasons_page() -> str:
    """The page docs/outcomes.md."""
    identity = "    listed = " + " + ".join(Tally.OUTCOMES) + "\n"
    head = ("overwrite", "compare", "there", "same size", "same ETag", "copy newer", "action", "reason")
    return page(
        "Reasons",
        HEAD,
        "## Counts\n\nEvery listed object has one of these outcomes:\n\n" + identity,
        table(("outcome", "means"), ((code(outcome.value), outcome.meaning) for outcome in Outcome)),
        "## Decisions\n\nThe first row that fits decides. An empty cell does not matter.\n",
        table(head, _rules()),
        "All of them, also those that filters, archives, manifests and earlier attempts make:\n",
        table(("reason", "action", "counted as"), _decisions()),
        "## Held back\n\nKeys of `copy_last`, and of a task group's shards:\n",
        "".join(f"- `{one}`\n" for one in HELD_BACK),
        "## Proofs\n\nWhat `verified_by` counts:\n",
        table(("proof", "means"), ((code(one.value), PROOFS[one]) for one in Verified)),
        FAILURES,
        table(("reason", "tried again", "ends the run"), _failures()),
        "## Errors\n\nWhat `copy()` raises, and the command's exit code. All are `CrossCopyError`.\n",
        table(("error", "exit code", "means"), _errors()),
    )


def _rules() -> Iterable[tuple[str, ...]]:
    names = {option.name: option.parse.allowed for option in OPTIONS if option.name in ("overwrite", "compare")}  # type: ignore[attr-defined]
    seen = set()
    for overwrite, compare in product(names["overwrite"], names["compare"]):
        rows = decide.rules(overwrite, compare)
        if (overwrite, rows) in seen:
            continue
        seen.add((overwrite, rows))
        told = compare if decide.rules(overwrite, names["compare"][-1]) != rows or overwrite == "if_changed" else ""
        for row in rows:
            facts = (row.exists, row.same_size, row.same_etag, row.copy_newer)
            said = ("" if fact is None else "yes" if fact else "no" for fact in facts)
            yield code(overwrite), code(told), *said, row.decision.action.value, code(row.decision.reason)


def _decisions() -> Iterable[tuple[str, ...]]:
    # In the order in which the modules name them.
    decisions = [one for one in (*vars(decide).values(), *vars(filters).values()) if isinstance(one, Decision)]
    named = [*((one.reason, one.action) for one in decisions), *SECOND_LOOK]
    for reason, action in named:
        yield code(reason), action.value, COUNTED[action]


def _failures() -> Iterable[tuple[str, ...]]:
    for one in Reason:
        again = "by the run" if one is Reason.UNCONFIRMED else _yes(retryable(one))
        yield code(one.value), again, _yes(one in STOPPING)


def _errors() -> Iterable[tuple[str, ...]]:
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, errors.CrossCopyError) and kind is not errors.CrossCopyError:
            yield code(name), str(int(of_error(kind.__new__(kind)))), summary_of(kind)


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"
