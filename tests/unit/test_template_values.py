from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.value_samples import options

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.option_table import OPTIONS
from s3_crosscopy.model.options import CopyOptions
from s3_crosscopy.model.template_values import literal
from s3_crosscopy.shards.pairs import read_pairs

LISTS = ("include", "exclude", "copy_last")


@pytest.mark.parametrize(
    ("text", "globs"),
    [
        ("['secret/*']", ("secret/*",)),
        ("('secret/*',)", ("secret/*",)),
        ("('secret/*')", ("secret/*",)),
        ("['a', 'b']", ("a", "b")),
        ("['a','b',]", ("a", "b")),
        ("('a','b')", ("a", "b")),
        ('["a", "b"]', ("a", "b")),
        (' [ "a" , "b" ] ', ("a", "b")),
        ("['[ab]*.csv', \"it's\"]", ("[ab]*.csv", "it's")),
        ('["\\u00e9*", "a\\\\b"]', ("é*", "a\\b")),
        ("['a\\'b', '\\x7f']", ("a'b", "\x7f")),
        ("[]", ()),
        ("( )", ()),
        # Globs that begin with a bracket, and stay globs.
        ("[ab]*.csv", ("[ab]*.csv",)),
        ("[ab]", ("[ab]",)),
        ("[0-9]", ("[0-9]",)),
        ("[0-9][0-9]", ("[0-9][0-9]",)),
        ("[!a]*", ("[!a]*",)),
        ("[]ab]*", ("[]ab]*",)),
        ("[[]'a'*", ("[[]'a'*",)),
        ("[a,b]*", ("[a,b]*",)),
        ("[a,b]*[c,d]", ("[a,b]*[c,d]",)),
        ("(copy) *", ("(copy) *",)),
        ("(draft, old)", ("(draft, old)",)),
        ("[", ("[",)),
        ("{a,b}", ("{a,b}",)),
        ("None*", ("None*",)),
    ],
)
def test_a_list_that_a_template_made_text_is_read_as_that_list_and_a_glob_stays_one(
    text: str, globs: tuple[str, ...]
) -> None:
    for name in LISTS:
        assert getattr(options(**{name: text}), name) == globs
        assert getattr(options(**{name: [text, "z"]}), name) == (*globs, "z")


@pytest.mark.parametrize(
    "text",
    [
        "['a'",
        "['a', 'b'",
        "['a' 'b']",
        "['a', 1]",
        "['a', ['b']]",
        "[b'a']",
        "['\\d']",
        "['a\nb']",
        "['\\ud8']",
        "[1, 2]",
        "[2024]",
        "[None]",
        "[a, b]",
        "[PosixPath('a')]",
        "{'a', 'b'}",
        "{'a': 'b'}",
    ],
)
def test_what_looks_like_a_list_and_is_none_of_texts_is_refused(text: str) -> None:
    for name in LISTS:
        for given_ in (text, [text], ["z", text]):
            with pytest.raises(
                InvalidInput, match=rf"^{name}: .* looks like a list, and is none of texts; give a list"
            ):
                options(**{name: given_})


@given(st.lists(st.text(min_size=1, max_size=6).filter(lambda one: one.strip() != "None"), max_size=4))
def test_any_list_of_texts_survives_python_and_json(globs: list[str]) -> None:
    for text in (str(globs), str(tuple(globs)), json.dumps(globs), json.dumps(globs, ensure_ascii=False)):
        assert options(include=text).include == tuple(globs)


@pytest.mark.parametrize("given_", ["None", " None ", ["None"], "['a', 'None']"])
def test_a_none_that_a_template_made_text_is_no_glob(given_: object) -> None:
    for name in LISTS:
        with pytest.raises(
            InvalidInput, match=rf"^{name}: is the text 'None'; leave it out \(did a template render None"
        ):
            options(**{name: given_})


@pytest.mark.parametrize("name", ["kms_key_id", "manifest", "report", "source_version_id"])
def test_a_none_that_a_template_made_text_is_no_name(name: str) -> None:
    says = f"^{name}: is the text 'None'; leave it out instead \\(did a template render None\\?\\)$"
    with pytest.raises(InvalidInput, match=says):
        options(**{name: "None"})


@pytest.mark.parametrize(
    ("text", "mapping"),
    [
        ("{'a': 'b'}", {"a": "b"}),
        ('{"a": "x=y", "c": "d"}', {"a": "x=y", "c": "d"}),
        ("{'a': 'x=y'}", {"a": "x=y"}),
        (" {} ", {}),
    ],
)
def test_a_mapping_that_a_template_made_text_is_read_as_that_mapping(text: str, mapping: dict[str, str]) -> None:
    made = options(metadata=text, tags=text)
    assert made.metadata == made.tags == mapping


@pytest.mark.parametrize(
    "text", ["{'a': 1}", "{'a': 'x=y'", "{'a'}", "{a=b}", "{'a': None}", "['a=b']", "None", "[('a', 'b=c')]"]
)
def test_text_that_looks_like_a_mapping_and_is_none_of_texts_is_refused(text: str) -> None:
    for name in ("metadata", "tags"):
        with pytest.raises(InvalidInput, match=f"^{name}: "):
            options(**{name: text})


@pytest.mark.parametrize(
    "text",
    [
        "[('s3://a/x/', 's3://b/y/'), ['s3://a/z/', 's3://b/z/']]",
        '[["s3://a/x/", "s3://b/y/"], {"source": "s3://a/z/", "dest": "s3://b/z/"}]',
        "[{'source': 's3://a/x/', 'dest': 's3://b/y/'}, {'source': 's3://a/z/', 'dest': 's3://b/z/'}]",
    ],
)
def test_pairs_that_a_template_made_text_are_read_as_pairs(text: str) -> None:
    assert read_pairs(text, None, None) == [("s3://a/x/", "s3://b/y/"), ("s3://a/z/", "s3://b/z/")]


def test_text_that_no_machine_wrote_has_no_value() -> None:
    for text in ("[", "a b", "1 +", "\0", "[" * 100_000, "f()", "{[]: 1}"):
        assert literal(text) is None
    assert literal("[1, 'a']") == [1, "a"]


def excluding_all(exclude: object, include: object = ()) -> CopyOptions:
    return options(include=include, exclude=exclude)


@pytest.mark.parametrize("exclude", ["*", "**", ["*.tmp", "*"], "['*']"])
def test_an_exclude_of_everything_beside_an_include_is_refused_with_what_to_write(exclude: object) -> None:
    says = r"^exclude: '\*' leaves out the keys of include too, .* aws-cli the last .*; give only include"
    with pytest.raises(InvalidInput, match=says):
        excluding_all(exclude, "*.csv")


def test_an_exclude_of_everything_alone_is_left_to_if_empty() -> None:
    assert excluding_all("*").exclude == ("*",)
    assert excluding_all("*.csv", "*").include == ("*",)


@pytest.mark.parametrize("option", [option.name for option in OPTIONS])
def test_no_option_takes_the_text_of_none_for_a_value(option: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{option}: "):
        options(**{option: "None"})
