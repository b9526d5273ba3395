"""A source that is not there, and what was probably meant: a prefix without its slash, or a wildcard (S3 has none)."""

from __future__ import annotations

import re

from s3_crosscopy.core.spec import CopySpec

_WILDCARD = re.compile(r"[*?]")


def place_to_look(spec: CopySpec) -> str | None:
    """The prefix of which one key tells whether something else was meant; None where nothing else is likely.

    For a source that does not exist: a key may hold a wildcard, so nobody is stopped for one alone.
    """
    folder, glob = _split(spec.source_prefix)
    if spec.options.manifest is not None or spec.options.source_version_id is not None:
        return None
    if glob:
        return folder
    if not spec.single:
        return None
    return folder if folder.endswith("/") else f"{folder}/"


def what_was_meant(spec: CopySpec, *, found: bool) -> str:
    """One line with the right spelling, "" where none is known. `found`: there are objects at the place to look."""
    place, glob = place_to_look(spec), _split(spec.source_prefix)[1]
    if place is None or not (found or glob):
        return ""
    absent = f"there is {'no object' if spec.single else 'nothing under'} {spec.source_prefix!r}"
    there = f", but there are objects under {place!r}" if found and place else ""
    why = "S3 has no wildcards in a source; " if glob else ""
    return f"source: {absent}{there}; {why}did you mean {_spelt(spec, place, glob)} ?"


def _spelt(spec: CopySpec, place: str, glob: str) -> str:
    """The source, and the options beside it, that copy what is below `place` and matches `glob`."""
    if glob and not spec.single and not glob.endswith("*"):
        glob = f"{glob}*"
    more = [f"include={glob!r}"] if glob.strip("*") else []
    more += ["kind='prefix'"] if spec.options.kind == "object" else []
    more += ["allow_bucket_root=True"] if not place and not spec.options.allow_bucket_root else []
    return " with ".join(filter(None, (f"s3://{spec.source.name}/{place}", " and ".join(more))))


def _split(key: str) -> tuple[str, str]:
    """Splits a key into what is certainly a prefix, up to the last '/' before its first wildcard, and the glob."""
    wildcard = _WILDCARD.search(key)
    cut = key.rfind("/", 0, wildcard.start()) + 1 if wildcard is not None else len(key)
    return key[:cut], key[cut:]
