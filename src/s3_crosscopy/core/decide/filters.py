"""Filters source objects by globs, sizes and times. Globs apply to the part of a key after the source prefix.

For a single object globs apply to its name after the last slash, as in aws-cli and s5cmd.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Sequence

from s3_crosscopy.core.decide.iceberg_tables import is_metadata
from s3_crosscopy.core.decide.table_markers import marker_rank
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.timestamps import is_newer
from s3_crosscopy.model.objects import Listed
from s3_crosscopy.model.option_parsers import AUTO
from s3_crosscopy.model.option_table import MAX_OBJECT_BYTES
from s3_crosscopy.model.outcomes import FILTERED_BY_TIME, Action, Decision

Filter = Callable[[str], bool]
Choose = Callable[[Listed], "Decision | None"]

METADATA_TURN = 1_000_000
"""More than any number of globs."""

NO_MATCH = Decision(Action.FILTER, "filtered by glob")
OTHER_SIZE = Decision(Action.FILTER, "filtered by size")
OTHER_TIME = Decision(Action.FILTER, FILTERED_BY_TIME)


def glob_start(spec: CopySpec) -> int:
    """Return the number of characters at the start of a source key to which globs do not apply."""
    if not spec.single:
        return len(spec.source_prefix)
    return spec.source_prefix.rstrip("/").rfind("/") + 1


def make_filter(include: Sequence[str], exclude: Sequence[str]) -> Filter | None:
    """Return a test for relative keys, or None if every key passes, which saves a call per object.

    Globs are those of Python's `fnmatch` and of aws-cli: `*` matches `/` too, and case matters. Excludes win.
    """
    wanted = _any_of(include) if include else None
    unwanted = _any_of(exclude) if exclude else None
    if wanted is None and unwanted is None:
        return None

    def passes(relative: str) -> bool:
        return (wanted is None or wanted(relative) is not None) and (unwanted is None or unwanted(relative) is None)

    return passes


def make_choice(spec: CopySpec) -> Choose | None:
    """Return a function from a source object to the decision that filters it, or None. None if every object passes.

    Times are compared by whole seconds, and last: an object filtered by time has passed globs and sizes.
    """
    options, cut = spec.options, glob_start(spec)
    passes = make_filter(options.include, options.exclude)
    least, most = options.min_size or 0, MAX_OBJECT_BYTES if options.max_size is None else options.max_size
    after, before = options.modified_after or "", options.modified_before or "~"
    sized = options.min_size is not None or options.max_size is not None
    timed = options.modified_after is not None or options.modified_before is not None
    if passes is None and not sized and not timed:
        return None

    def why_not(source: Listed) -> Decision | None:
        if passes is not None and not passes(source.key[cut:]):
            return NO_MATCH
        if source.modified == "":  # a key of a manifest, of which size and time are not known
            return None
        if sized and not least <= source.size <= most:
            return OTHER_SIZE
        if timed and not (is_newer(source.modified, after) and is_newer(before, source.modified)):
            return OTHER_TIME
        return None

    return why_not


def make_last(spec: CopySpec) -> Callable[[str], int | None] | None:
    """Return a function from a key to the number of the first `copy_last` glob it matches, or None.

    For `copy_last="auto"` it is the rank of `table_markers`. With `table_formats="fail"` the metadata of Iceberg tables
    comes after all others. Returns None instead of a function if no key is copied last.
    """
    turn = _turn(spec)
    if spec.options.table_formats != "fail":
        return turn

    def metadata_after_all(key: str) -> int | None:
        return METADATA_TURN if is_metadata(key) else turn(key) if turn is not None else None

    return metadata_after_all


def _turn(spec: CopySpec) -> Callable[[str], int | None] | None:
    globs, cut = spec.options.copy_last, glob_start(spec)
    if globs == AUTO:
        return None if spec.single else lambda key: marker_rank(key[cut:])
    if not globs:
        return None
    tests = [_any_of([glob]) for glob in globs]

    def turn(key: str) -> int | None:
        relative = key[cut:]
        return next((number for number, test in enumerate(tests) if test(relative) is not None), None)

    return turn


def _any_of(globs: Sequence[str]) -> Callable[[str], re.Match[str] | None]:
    return re.compile("|".join(fnmatch.translate(glob) for glob in globs)).match
