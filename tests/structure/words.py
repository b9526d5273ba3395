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
    "asker": "probe context",
    "audits": "listing checks",
    "bites": "fails",
    "key walk": "key lookup",
    "placing": "decider",
    "portion": "run scope",
    "proved": "verified, shown",
    "salvage": "reuse",
    "sets apart": "detaches",
    "stand apart": "are counted alone",
    "stands apart": "is counted alone",
    "settling": "committing, recording the outcome",
    "standing": "progress, snapshot",
    "stretches": "intervals",
    "winding down": "shutting down",
    "winds down": "shuts down",
}
"""Old word -> what to write instead. None of these occurs any more."""

STILL_TO_GO: Mapping[str, tuple[str, int]] = {
    "afresh": ("start over", 10),
    "audit": ("listing check", 8),
    "bite": ("fail", 1),
    "census": ("dry-run statistics", 4),
    "cold": ("blocking", 19),
    "denial": ("access denied", 38),
    "denials": ("denied requests", 2),
    "epoch": ("run start", 6),
    "fitting": ("compatible", 11),
    "goes last": ("is copied last", 8),
    "go last": ("are copied last", 9),
    "going on from": ("resuming from", 4),
    "go on from": ("resume from", 6),
    "goes on from": ("resumes from", 19),
    "goes on with": ("resumes", 16),
    "go on with": ("resume", 8),
    "grant": ("permission", 39),
    "grants": ("permissions", 42),
    "guard": ("precondition", 7),
    "guards": ("preconditions", 33),
    "guarded": ("with a precondition", 26),
    "holds nothing": ("is empty", 4),
    "hot port": ("transport", 2),
    "hot request": ("transport request", 1),
    "hot requests": ("transport requests", 4),
    "keys walk": ("key lookup", 1),
    "lacks": ("has no permission for", 8),
    "lane": ("transport", 58),
    "lanes": ("transports", 1),
    "leftover": ("incomplete upload", 1),
    "leftovers": ("incomplete uploads", 9),
    "mend": ("repair, allow", 8),
    "mends": ("repairs, allows", 24),
    "mended": ("repaired, allowed", 7),
    "misfit": ("incompatible", 2),
    "nought": ("zero", 2),
    "owed": ("pending", 5),
    "owes": ("has pending", 1),
    "pace": ("rate limit", 14),
    "passing": ("transient", 12),
    "piece": ("page sample", 105),
    "pieces": ("page samples", 58),
    "proof": ("verification", 14),
    "proofs": ("verifications", 10),
    "prove": ("verify, show", 11),
    "proves": ("verifies, shows", 26),
    "provably": ("certainly", 3),
    "pulse": ("current rate", 4),
    "said": ("what it is: response, payload, text", 465),
    "second round": ("retry phase", 20),
    "set apart": ("detached", 13),
    "settle": ("commit, end", 26),
    "settled": ("committed, ended", 121),
    "settles": ("commits, ends", 9),
    "side listing": ("page reader", 1),
    "standings": ("progress", 4),
    "stretch": ("interval", 4),
    "told": ("reported, shown", 306),
    "trap": ("pitfall", 1),
    "traps": ("pitfalls", 7),
    "trial": ("check, attempt", 35),
    "trials": ("checks, attempts", 36),
    "uncertain": ("outcome unknown", 2),
    "unheard": ("response lost", 5),
    "viewed": ("summarized", 3),
    "walk": ("scan", 135),
    "walked": ("scanned", 11),
    "walking": ("scanning", 7),
    "walks": ("scans", 57),
    "what is left": ("what remains", 51),
    "wind down": ("shut down", 1),
    "wished": ("requested", 11),
}
"""Old word -> what to write instead, and how often it occurred when it was last counted. A count may only fall."""

VAGUE_NAMES: Mapping[str, int] = {
    "at": 76,
    "each": 68,
    "found": 97,
    "given": 43,
    "one": 274,
    "said": 130,
    "told": 35,
    "what": 44,
    "who": 4,
}
"""Names of variables and parameters that do not say what they hold, and how many there are. A count may only fall."""

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
    phrases = [word for word in (*GONE, *STILL_TO_GO) if " " in word]
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
    sys.stdout.writelines(f"{occurrences[word]:5} {word}\n" for word in (*GONE, *STILL_TO_GO))
    sys.stdout.writelines(f"{variables[name]:5} {name} (variable)\n" for name in VAGUE_NAMES)
