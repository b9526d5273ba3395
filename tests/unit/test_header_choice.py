from __future__ import annotations

from collections.abc import Mapping

import pytest

from s3_crosscopy.core.spec import resolve_spec
from s3_crosscopy.core.transfer.header_choice import make_headers_of, make_needs_head
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.operations import Copy

SITE = [
    ("*", {"cache-control": "max-age=60"}),
    ("*.html", {"cache-control": "no-cache", "content-type": "text/html"}),
    ("old/*", {"content-type": None, "expires": "0"}),
]


def chosen(key: str, source: str = "s3://src/p/", dest: str = "s3://dst/q/", **options: object) -> object:
    return make_headers_of(resolve_spec(source, dest, options))(key)


@pytest.mark.parametrize(
    ("key", "headers"),
    [
        ("p/a.css", {"CacheControl": "max-age=60"}),
        ("p/a.html", {"CacheControl": "no-cache", "ContentType": "text/html"}),
        ("p/old/a.css", {"CacheControl": "max-age=60", "ContentType": None, "Expires": "0"}),
        ("p/old/a.html", {"CacheControl": "no-cache", "ContentType": None, "Expires": "0"}),
    ],
)
def test_all_rules_that_match_apply_and_of_two_values_the_later_one_wins(
    key: str, headers: Mapping[str, str | None]
) -> None:
    assert chosen(key, headers=SITE) == headers


def test_globs_see_what_those_of_include_see() -> None:
    rules = [("a*", {"expires": "0"})]
    assert chosen("p/a/b", headers=rules) == {"Expires": "0"}
    assert chosen("p/b/a", headers=rules) == {}
    assert chosen("p/b/a", "s3://src/p/b/a", "s3://dst/q", headers=rules) == {"Expires": "0"}


def test_rules_for_every_key_are_merged_once() -> None:
    rules = ["expires=0", "content-type=a", "*:expires=1"]
    headers_of = make_headers_of(resolve_spec("s3://src/p/", "s3://dst/q/", {"headers": rules}))
    assert headers_of("p/a") is headers_of("p/b")
    assert headers_of("p/a") == {"Expires": "1", "ContentType": "a"}


def test_keys_with_the_same_headers_have_the_same_mapping() -> None:
    headers_of = make_headers_of(resolve_spec("s3://src/p/", "s3://dst/q/", {"headers": SITE}))
    assert headers_of("p/a.html") is headers_of("p/b.html")


def test_without_the_option_no_key_gets_headers_or_needs_a_head() -> None:
    assert chosen("p/a") == {}
    assert make_needs_head(resolve_spec("s3://src/p/", "s3://dst/q/", {})) is False


def test_a_head_is_needed_by_key_only_where_the_rules_differ_by_key() -> None:
    def needs(**options: object) -> object:
        return make_needs_head(resolve_spec("s3://src/p/", "s3://dst/q/", options))

    assert needs(headers={"expires": "0"}) is True
    assert needs(metadata="drop") is True
    by_key = needs(headers=[("*.gz", {"expires": "0"})])
    assert callable(by_key)
    assert (by_key("p/a.gz"), by_key("p/a")) == (True, False)


def test_a_copy_is_sent_its_own_headers_and_metadata_besides_the_arguments_of_its_storage_class() -> None:
    copy = Copy(Bucket("src"), "a", Bucket("dst"), "b", "e", {"MetadataDirective": "REPLACE"})
    assert copy.all_args() == {"MetadataDirective": "REPLACE"}
    own = copy._replace(headers={"ContentType": "text/html"}, metadata={"team": "a"})
    assert own.all_args() == {"MetadataDirective": "REPLACE", "ContentType": "text/html", "Metadata": {"team": "a"}}
