"""Words that the project no longer uses, and what to write instead. `python -m tests.structure.words` counts them.

A word is looked for in code, messages and pages: in prose, and in identifiers split at underscores and capitals.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]

GONE: Mapping[str, str] = {
    "afresh": "start over",
    "asker": "probe context",
    "audit": "listing check",
    "audits": "listing checks",
    "bite": "fail",
    "bites": "fails",
    "census": "dry-run statistics",
    "cold": "blocking",
    "denial": "access denied",
    "denials": "denied requests",
    "epoch": "run start",
    "fitting": "compatible",
    "go last": "are copied last",
    "go on from": "resume from",
    "go on with": "resume",
    "goes last": "is copied last",
    "goes on from": "resumes from",
    "goes on with": "resumes",
    "going on from": "resuming from",
    "grant": "permission",
    "grants": "permissions",
    "guard": "precondition",
    "guarded": "with a precondition",
    "guards": "preconditions",
    "holds nothing": "is empty",
    "hot port": "transport",
    "hot request": "transport request",
    "hot requests": "transport requests",
    "key walk": "key lookup",
    "keys walk": "key lookup",
    "lacks": "has no permission for",
    "lane": "transport",
    "lanes": "transports",
    "leftover": "incomplete upload",
    "leftovers": "incomplete uploads",
    "mend": "repair, allow",
    "mended": "repaired, allowed",
    "mends": "repairs, allows",
    "misfit": "incompatible",
    "nought": "zero",
    "owed": "pending",
    "owes": "has pending",
    "pace": "rate limit",
    "passing": "transient",
    "piece": "page sample",
    "pieces": "page samples",
    "placing": "decider",
    "portion": "run scope",
    "proof": "verification",
    "proofs": "verifications",
    "provably": "certainly",
    "prove": "verify, show",
    "proved": "verified, shown",
    "proves": "verifies, shows",
    "pulse": "current rate",
    "said": "what it is: response, payload, text",
    "salvage": "reuse",
    "second round": "retry phase",
    "set apart": "detached",
    "sets apart": "detaches",
    "settle": "commit, end",
    "settled": "committed, ended",
    "settles": "commits, ends",
    "settling": "committing, recording the outcome",
    "side listing": "page reader",
    "stand apart": "are counted alone",
    "standing": "progress, snapshot",
    "standings": "progress",
    "stands apart": "is counted alone",
    "stretch": "interval",
    "stretches": "intervals",
    "told": "reported, shown",
    "trap": "pitfall",
    "traps": "pitfalls",
    "trial": "check, attempt",
    "trials": "checks, attempts",
    "uncertain": "outcome unknown",
    "unheard": "response lost",
    "viewed": "summarized",
    "walk": "scan",
    "walked": "scanned",
    "walking": "scanning",
    "walks": "scans",
    "what is left": "what remains",
    "wind down": "shut down",
    "winding down": "shutting down",
    "winds down": "shuts down",
    "wished": "requested",
}
"""Old word -> what to write instead."""

VAGUE_NAMES = frozenset({"at", "each", "found", "given", "one", "said", "told", "what", "who"})
"""Names of variables and parameters that do not say what they hold."""

DATA = (
    "`denial`",
    '"denial"',
    "report.denial",
    "report, denial=",
    "self.denial",
    "denial: str",
    '"grants"',
    "`grants`",
    '"traps"',
    "`traps`",
    '"settled"',
    "view.settled",
    "`settled`",
    '"proof"',
    '"proofs"',
    '"pace"',
    "batch settled",
    "BatchSettled",
    "objects_per_second",
    "bytes_per_second",
    "0004-what-is-left",
    "0010-when-times-do-not-prove",
    "os.walk",
    "ast.walk",
    "walk_tb",
)
"""Names that are data, so that they stay: fields, files, events and options that users rely on. Not counted."""

# History keeps the words of its time. The changelog names messages as they were.
LEFT_OUT = ("docs/decisions/", "CHANGELOG.md")
_IDENTIFIER = re.compile(r"[A-Za-z]+")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_DATA = re.compile("|".join(re.escape(name) for name in DATA))


def files() -> Iterator[Path]:
    """The code of the package, the examples, and every page that is not history."""
    for folder, ending in (("src", "*.py"), ("src", "*.js"), ("examples", "*.py"), ("docs", "*.py"), ("docs", "*.md")):
        yield from sorted((ROOT / folder).rglob(ending))
    yield from sorted(ROOT.glob("*.md"))


def texts() -> Iterator[str]:
    for path in files():
        if not path.relative_to(ROOT).as_posix().startswith(LEFT_OUT):
            yield path.read_text(encoding="utf-8")


def words_of(text: str) -> Iterator[str]:
    """Lower-case words, without those of names that are data."""
    for identifier in _IDENTIFIER.findall(_DATA.sub(" ", text)):
        yield from (part.lower() for part in _PART.findall(identifier))


def count_words(contents: Iterable[str]) -> Counter[str]:
    """How often each old word occurs; an old expression of several words counts wherever it occurs in lower case."""
    phrases = [word for word in GONE if " " in word]
    counts: Counter[str] = Counter()
    for text in contents:
        words = list(words_of(text))
        counts.update(words)
        running = f" {' '.join(words)} "
        counts.update({phrase: running.count(f" {phrase} ") for phrase in phrases})
    return counts


def variables_of(code: str) -> Iterator[str]:
    """Names that a module assigns, loops over or takes as parameters."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg


def count_variables() -> Counter[str]:
    counts: Counter[str] = Counter()
    for path in (ROOT / "src").rglob("*.py"):
        counts.update(variables_of(path.read_text(encoding="utf-8")))
    return counts


if __name__ == "__main__":
    occurrences, variables = count_words(texts()), count_variables()
    sys.stdout.writelines(f"{occurrences[word]:5} {word}\n" for word in GONE)
    sys.stdout.writelines(f"{variables[name]:5} {name} (variable)\n" for name in sorted(VAGUE_NAMES))
