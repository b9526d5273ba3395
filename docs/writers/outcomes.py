"""The page of outcomes: every decision, verification, failure and error of a run, from the tables that make them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from docs.writers.table import code, page, summary_of, table

from s3_crosscopy import errors
from s3_crosscopy.cli.exit_codes import of_error
from s3_crosscopy.core.decide import comparison as decide
from s3_crosscopy.core.decide import comparison_table, filters
from s3_crosscopy.core.decide.head_comparison import DEST_DENIED, DEST_MISSING
from s3_crosscopy.core.early_stop import STOPPING
from s3_crosscopy.core.error_codes import retryable
from s3_crosscopy.engine.outcome_recorder import DELETED, TOO_NEW
from s3_crosscopy.engine.transfer.copy_last import INCOMPLETE
from s3_crosscopy.model.extraneous import DestOutcome
from s3_crosscopy.model.option_table import OPTIONS
from s3_crosscopy.model.outcomes import Action, Decision, EtagLoss, Outcome, Reason, Verified
from s3_crosscopy.model.run_scope import LEFT_TO_PUBLISH
from s3_crosscopy.model.tally import Tally

HEAD = """\
The words that summaries, reports and log lines use. [Copy rules](copy-rules.md) explains how they belong together.
"""

COUNTED: Mapping[Action, str] = {
    Action.COPY: "copied",
    Action.SKIP: "skipped",
    Action.FILTER: "filtered",
    Action.MISS: "missing",
    Action.EARLIER: "copied",
    Action.REFUSE: "failed",
    Action.COMPARE: "the result of two HEADs",
}
"""Under which outcome an action counts; in a dry run `would_copy` stands for `copied`."""

VERIFICATIONS: Mapping[Verified, str] = {
    Verified.ETAG: "the copy has the ETag of its source",
    Verified.CHECKSUM: "the copy has its source's checksum of the whole content",
    Verified.SIZE: "a copy in parts with another ETag; S3 was given the size and checked it",
    Verified.NONE: "S3 confirmed the copy, and nothing more is known",
}

ETAG_LOSSES: Mapping[EtagLoss, str] = {
    EtagLoss.ABOVE_LIMIT: "the source was not uploaded in parts, and one CopyObject copies at most 5 GiB",
    EtagLoss.IMPOSSIBLE: "the source has parts below 5 MiB, or is an empty object that was uploaded in parts",
    EtagLoss.UNEVEN: "the source's parts have different sizes",
    EtagLoss.UNKNOWN: "the HEAD of the source's first part was refused, or the server does not report parts",
    EtagLoss.PROPERTIES: "tags that do not fit a header, or metadata that HEAD does not return",
    EtagLoss.SOURCE_KMS: "the source's ETag is no MD5",
    EtagLoss.COPY_KMS: "the copy's ETag is no MD5",
    EtagLoss.OTHER: "not known: encryption of one of the sides, or uneven parts with a first and last one that fit",
}

FROM_REQUESTS = (
    (DEST_MISSING.reason, Action.COPY),
    (DEST_DENIED.reason, Action.COPY),
    (DELETED, Action.MISS),
)
"""Results of a request for the object itself, which are in no table of decisions."""

FAILURES = """\
## Failures

"Tried again: yes" means once by the run itself, and then by a retry of the task; "by the run" means only the former.
"Ends the run" means that the run stops early if the first copies, or very many in a row, fail for this reason alone.
"""

HELD_BACK = (INCOMPLETE, TOO_NEW, LEFT_TO_PUBLISH)


def outcomes_page() -> str:
    """The page docs/outcomes.md."""
    identity = "    listed = " + " + ".join(Tally.OUTCOMES) + "\n"
    head = ("overwrite", "compare", "there", "same size", "same ETag", "copy newer", "action", "reason")
    return page(
        "Outcomes",
        HEAD,
        "## Counts\n\nEvery listed object has one of these outcomes:\n\n" + identity,
        table(("outcome", "means"), ((code(outcome.value), outcome.meaning) for outcome in Outcome)),
        "Keys that only the destination has are not part of that sum:\n",
        table(("outcome", "means"), ((code(outcome.value), outcome.meaning) for outcome in DestOutcome)),
        "## Decisions\n\nThe first row that fits decides. An empty cell does not matter.\n",
        table(head, _rules()),
        "`etag unclear` of `auto`, decided by what the listings name; `checksum` sends two HEADs in any case:\n",
        table(("common checksum of the whole content", "plain ETags", "these are MD5s", "decides"), _comparisons()),
        "All decisions, including those of filters, archived objects, manifests and earlier attempts:\n",
        table(("reason", "action", "counted as"), _decisions()),
        "## Held back\n\nReasons why a key of `copy_last` is not copied:\n",
        "".join(f"- `{one}`\n" for one in HELD_BACK),
        "## Verification\n\nThe values of `verified_by`:\n",
        table(("verified by", "means"), ((code(one.value), VERIFICATIONS[one]) for one in Verified)),
        "## ETags that are not kept\n\nThe reasons of `etags_not_kept`, with `preserve_etag`:\n",
        table(("reason", "means"), ((code(loss.value), ETAG_LOSSES[loss]) for loss in EtagLoss)),
        FAILURES,
        table(("reason", "tried again", "ends the run"), _failures()),
        "## Errors\n\nThe errors that `copy()` raises, and the exit codes of the command. All are `CrossCopyError`.\n",
        table(("error", "exit code", "means"), _errors()),
    )


def _rules() -> Iterable[tuple[str, ...]]:
    names = {option.name: option.parse.allowed for option in OPTIONS if option.name in ("overwrite", "compare")}  # type: ignore[attr-defined]
    for overwrite in names["overwrite"]:
        tables: dict[tuple[decide.Rule, ...], list[str]] = {}
        for compare in names["compare"]:
            tables.setdefault(decide.rules(overwrite, compare), []).append(compare)
        for rows, compares in tables.items():
            shown = ", ".join(map(code, compares)) if len(tables) > 1 else ""
            for row in rows:
                facts = (row.exists, row.same_size, row.same_etag, row.copy_newer)
                cells = ("" if fact is None else "yes" if fact else "no" for fact in facts)
                yield code(overwrite), shown, *cells, row.decision.action.value, code(row.decision.reason)


def _comparisons() -> Iterable[tuple[str, ...]]:
    words = {True: "yes", False: "no", None: "not known", comparison_table.ANY: ""}
    for row in comparison_table.TABLE:
        yield words[row.common], words[row.plain], words[row.md5s], row.by.value


def _decisions() -> Iterable[tuple[str, ...]]:
    # In the order in which the modules name them.
    decisions = [one for one in (*vars(decide).values(), *vars(filters).values()) if isinstance(one, Decision)]
    named = [*((one.reason, one.action) for one in decisions), *FROM_REQUESTS]
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
