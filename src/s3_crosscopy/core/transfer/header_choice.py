"""Chooses the new content headers of a copy by its key, from the rules of the option `headers`."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable

from s3_crosscopy.core.decide.filters import glob_start
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.transfer.copy_params import NewHeaders, needs_facts
from s3_crosscopy.model.content_headers import EVERY_KEY, HeaderRule

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
