"""Numbers and texts are short, and harmless on any terminal."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.hostile_text import HOSTILE, READABLE, harm

from s3_crosscopy.model.humanize import (
    about_bytes,
    about_seconds,
    error_text,
    printable,
    printable_lines,
    without_secrets,
)


@pytest.mark.parametrize(
    ("number", "says"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (5 * 2**30, "5.0 GiB"), (2**52, "4,096.0 TiB")],
)
def test_bytes_are_rounded_to_a_binary_unit(number: int, says: str) -> None:
    assert about_bytes(number) == says


@pytest.mark.parametrize(
    ("seconds", "says"),
    [
        (0.0, "0 ms"),
        (0.0451, "45 ms"),
        (9.54, "9.5 s"),
        (59.97, "60.0 s"),
        (60.0, "1 min"),
        (200.4, "3 min 20 s"),
        (7500.0, "2 h 5 min"),
        (3600.0, "1 h"),
        (90_000.0, "1 d 1 h"),
        (10 * 86_400.0, "10 d"),
    ],
)
def test_times_are_told_in_the_two_largest_units(seconds: float, says: str) -> None:
    assert about_seconds(seconds) == says


def test_what_would_break_a_line_or_drive_a_terminal_is_spelt_out() -> None:
    assert printable("a\n\x1b[2Jü\u202e") == r"a\n\x1b[2Jü\u202e"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_no_text_of_others_drives_a_terminal_or_begins_a_line(text: str) -> None:
    shown = printable(text)
    assert harm(shown) == set()
    assert "\n" not in shown


def test_letters_of_every_script_stay_readable() -> None:
    assert printable(READABLE) == READABLE


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_every_text_becomes_one_printable_line_and_stays_as_it_then_is(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert printable(shown) == shown
    shown.encode()  # no lone surrogate
    assert (shown == text) == text.isprintable()


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=()))))
def test_lines_stay_lines(lines: list[str]) -> None:
    assert printable_lines("\n".join(lines)).split("\n") == list(map(printable, "\n".join(lines).split("\n")))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:hush@host:9000/x", "https://***@host:9000/x"),
        ("'http://me:hu/sh#1?@host:3128'", "'http://***@host:3128'"),
        ("http://socks5://me:hush@127.0.0.1:9", "http://***@127.0.0.1:9"),
        ("socks5://me:hush@h, and more@x", "socks5://***@h, and more@x"),
        ('"https://b.s3.amazonaws.com/k?X-Amz-Signature=hush&b=1"', '"https://b.s3.amazonaws.com/k?..."'),
        ("https://h/k?hush", "https://h/k?..."),
        ("https://h/k?...", "https://h/k?..."),
        ("is 'https://h/k'?", "is 'https://h/k'?"),
        ("s3://me:hush@bucket/k", "s3://***@bucket/k"),
        ("s3://bucket/me@example.com/k?a=b", "s3://bucket/me@example.com/k?a=b"),
        ("from s3://a/me@x to s3://b/me@x", "from s3://a/me@x to s3://b/me@x"),
        (
            "s3://b/k?X-Amz-Security-Token=hush&x-amz-signature=hush",
            "s3://b/k?X-Amz-Security-Token=***&x-amz-signature=***",
        ),
        ("X-Amz-Credential=hush", "X-Amz-Credential=***"),
        ("me@example.com has no URL", "me@example.com has no URL"),
    ],
)
def test_users_and_queries_of_urls_are_left_out_and_keys_are_not(text: str, shown: str) -> None:
    assert without_secrets(text) == shown
    assert without_secrets(shown) == shown


@given(st.text(), st.text(alphabet=st.characters(exclude_categories=("Z", "C")), min_size=1))
def test_no_user_of_a_url_is_shown_whatever_is_around_it(around: str, password: str) -> None:
    secret = f"HUSH{password}"
    assert "HUSH" not in error_text(f"{around} https://me:{secret}@host {around}").replace(around, "")


def test_long_texts_take_no_more_than_linear_time() -> None:
    for piece in ("a://", "https://", "https://x?", "://@", "X-Amz-Signature=", "s3://a@", "\x1b", "'"):
        began = time.process_time()
        error_text(piece * 200_000)
        assert time.process_time() - began < 5
