"""Chooses the new content headers of a copy by its key, and tells if a HEAD is needed for those that stay."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping

from s3_crosscopy.core.decide.filters import glob_start
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.model.content_headers import CONTENT_HEADERS, EVERY_KEY, HeaderRule
from s3_crosscopy.model.objects import NOTHING, Facts
from s3_crosscopy.model.options import CopyOptions

NewHeaders = Mapping[str, "str | None"]
"""Content headers that a copy gets, by S3's API names, or loses (None)."""
HeadersOf = Callable[[str], NewHeaders]
"""A function from a source key to the content headers that its copy gets or loses."""


def make_headers_of(spec: CopySpec) -> HeadersOf:
    """Return the function for a run. All rules that match apply, in their order: of two values the later one wins.

    Keys with the same headers get the same mapping.
    """
    rules, cut = spec.options.headers, glob_start(spec)
    if all(rule.glob == EVERY_KEY for rule in rules):
        merged = _merged(rules)
        return lambda key: merged
    tests = [re.compile(fnmatch.translate(rule.glob)).match for rule in rules]
    known: dict[tuple[int, ...], NewHeaders] = {}

    def headers_of(key: str) -> NewHeaders:
        relative = key[cut:]
        matching = tuple(number for number, match in enumerate(tests) if match(relative) is not None)
        if matching not in known:
            known[matching] = _merged(rules[number] for number in matching)
        return known[matching]

    return headers_of


def make_needs_head(spec: CopySpec) -> Callable[[str], bool] | bool:
    """Return the function that tells if the CopyObject of a key requires a HEAD first, or the answer for all keys."""
    options, headers_of = spec.options, make_headers_of(spec)
    if all(rule.glob == EVERY_KEY for rule in options.headers):
        return needs_facts(options, headers_of(""))
    return lambda key: needs_facts(options, headers_of(key))


def _merged(rules: Iterable[HeaderRule]) -> NewHeaders:
    merged: dict[str, str | None] = {}
    for rule in rules:
        merged.update(rule.headers)
    return merged


def replaces(options: CopyOptions, headers: NewHeaders = NOTHING) -> bool:
    """Return True if CopyObject is sent REPLACE, which drops user metadata and content headers together."""
    return options.metadata != "keep" or bool(headers)


def needs_facts(options: CopyOptions, headers: NewHeaders = NOTHING) -> bool:
    """Return True if CopyObject requires a HEAD first: what REPLACE would drop is sent with each object.

    No HEAD is needed if the options name all of it: user metadata and every content header.
    """
    return replaces(options, headers) and (options.metadata == "keep" or len(headers) < len(CONTENT_HEADERS))


def may_need_facts(options: CopyOptions) -> bool:
    """Return True if `needs_facts` holds for some key, or may hold."""
    return options.metadata != "keep" or bool(options.headers)


def new_content(facts: Facts | None, headers: NewHeaders) -> Mapping[str, str]:
    """Return the content headers of a copy: the source's, with those of the option `headers` in their place."""
    if len(headers) < len(CONTENT_HEADERS):
        assert facts is not None, "content headers require a HEAD"
    kept = facts.content if facts is not None else NOTHING
    if not headers:
        return kept
    merged = {**kept, **headers}
    return {name: value for name, value in merged.items() if value is not None}
