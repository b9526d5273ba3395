"""Suggests a source if the given one does not exist: a prefix without its slash, or a wildcard (S3 has none)."""

from __future__ import annotations

import re

from s3_crosscopy.core.spec import CopySpec

_WILDCARD = re.compile(r"[*?]")


def place_to_look(spec: CopySpec) -> str | None:
    """Return the prefix under which to look for one key that confirms a suggestion; None if there is no suggestion.

    For a source that does not exist only: keys may contain wildcard characters.
    """
    folder, glob = _split(spec.source_prefix)
    if spec.options.manifest is not None or spec.options.source_version_id is not None:
        return None
    if glob:
        return folder
    if not spec.single:
        return None
    return folder if folder.endswith("/") else f"{folder}/"


def what_was_meant(spec: CopySpec, *, has_objects: bool) -> str:
    """Return one line that suggests a source, or "". `has_objects`: there are some under the prefix `place_to_look`."""
    prefix, glob = place_to_look(spec), _split(spec.source_prefix)[1]
    if prefix is None or not (has_objects or glob):
        return ""
    absent = f"there is {'no object' if spec.single else 'nothing under'} {spec.source_prefix!r}"
    there = f", but there are objects under {prefix!r}" if has_objects and prefix else ""
    why = "S3 has no wildcards in a source; " if glob else ""
    return f"source: {absent}{there}; {why}did you mean {_suggestion(spec, prefix, glob)} ?"


def _suggestion(spec: CopySpec, prefix: str, glob: str) -> str:
    """Return the source and the options that copy what is below `prefix` and matches `glob`."""
    if glob and not spec.single and not glob.endswith("*"):
        glob = f"{glob}*"
    options = [f"include={glob!r}"] if glob.strip("*") else []
    options += ["kind='prefix'"] if spec.options.kind == "object" else []
    options += ["allow_bucket_root=True"] if not prefix and not spec.options.allow_bucket_root else []
    return " with ".join(filter(None, (f"s3://{spec.source.name}/{prefix}", " and ".join(options))))


def _split(key: str) -> tuple[str, str]:
    """Split a key into its prefix, up to the last '/' before the first wildcard, and the rest, a glob."""
    wildcard = _WILDCARD.search(key)
    cut = key.rfind("/", 0, wildcard.start()) + 1 if wildcard is not None else len(key)
    return key[:cut], key[cut:]
