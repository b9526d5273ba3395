"""Numbers and texts are short, and harmless on any terminal."""

from __future__ import annotations

import pytest

from s3_crosscopy.model.shown import about_bytes, about_seconds, printable


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
