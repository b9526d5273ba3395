"""What was probably meant by a source that is not there."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.plan_samples import spec

from s3_crosscopy.core.source_hints import place_to_look, what_was_meant

UNDER = "source: there is no object {0!r}, but there are objects under {1!r}; did you mean s3://src/{1} ?"


def meant(source: str, *, found: bool = True, dest: str = "s3://dst/q/", **options: Any) -> str:
    return what_was_meant(spec(source, dest, **options), has_objects=found)


@pytest.mark.parametrize(
    ("source", "options", "place"),
    [
        ("s3://src/events", {}, "events/"),
        ("s3://src/a/events.csv", {}, "a/events.csv/"),
        ("s3://src/events/", {"kind": "object"}, "events/"),
        ("s3://src/events/*", {}, "events/"),
        ("s3://src/events/day=?/part-*.csv", {}, "events/"),
        ("s3://src/eve*", {}, ""),
        ("s3://src/events/2026-*/", {}, "events/"),
        # What is listed is known to be empty, and what is named otherwise is looked for as it is named.
        ("s3://src/events/", {}, None),
        ("s3://src/*/", {"manifest": "keys.txt"}, None),
        ("s3://src/events", {"source_version_id": "v1"}, None),
    ],
)
def test_one_prefix_tells_whether_something_else_was_meant(source: str, options: Any, place: str | None) -> None:
    assert place_to_look(spec(source, **options)) == place


@pytest.mark.parametrize("key", ["events", "a/events", "events.csv", "it's"])
def test_a_prefix_without_its_slash_is_spelt_out(key: str) -> None:
    assert meant(f"s3://src/{key}") == UNDER.format(key, f"{key}/")
    assert meant(f"s3://src/{key}", found=False) == ""


def test_a_prefix_that_was_said_to_be_an_object_is_spelt_with_its_kind() -> None:
    assert meant("s3://src/events/", kind="object").endswith("did you mean s3://src/events/ with kind='prefix' ?")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("s3://src/events/*", "s3://src/events/ ?"),
        ("s3://src/events/**", "s3://src/events/ ?"),
        ("s3://src/events/*.csv", "s3://src/events/ with include='*.csv' ?"),
        ("s3://src/events/day=?/a", "s3://src/events/ with include='day=?/a' ?"),
        ("s3://src/events/*/", "s3://src/events/ with include='*/*' ?"),
        ("s3://src/events/2026-*/", "s3://src/events/ with include='2026-*/*' ?"),
        ("s3://src/*.csv", "s3://src/ with include='*.csv' and allow_bucket_root=True ?"),
        ("s3://src/*", "s3://src/ with allow_bucket_root=True ?"),
    ],
)
def test_a_wildcard_becomes_a_glob_of_include(source: str, said: str) -> None:
    line = meant(source)
    assert line.endswith(f"S3 has no wildcards in a source; did you mean {said}")
    assert "\n" not in line
    # Also where nobody could look.
    assert meant(source, found=False).endswith(f"; S3 has no wildcards in a source; did you mean {said}")
    assert "there are objects" not in meant(source, found=False)


def test_where_there_are_objects_is_said_with_what_is_not_there() -> None:
    assert meant("s3://src/events/*").startswith(
        "source: there is no object 'events/*', but there are objects under 'events/'; S3 has no"
    )
    assert meant("s3://src/events/2026-*/").startswith("source: there is nothing under 'events/2026-*/', but there are")
    assert meant("s3://src/*").startswith("source: there is no object '*'; S3 has no wildcards")


def test_the_options_that_are_given_already_are_not_asked_for() -> None:
    assert meant("s3://src/*", allow_bucket_root=True).endswith("did you mean s3://src/ ?")
    kept = meant("s3://src/eve*", kind="prefix", dest="s3://dst/q")
    assert kept.endswith("did you mean s3://src/ with include='eve*' and allow_bucket_root=True ?")
    assert meant("s3://src/e/v*x", kind="prefix", dest="s3://dst/q").endswith("s3://src/e/ with include='v*x*' ?")
