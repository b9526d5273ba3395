from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_crosscopy.manifest.external_sort import BLOCK_KEYS, SortedKeys, sort_keys

keys_of_any_kind = st.lists(st.text(max_size=8), max_size=60)

GROWTH = """
import sys
from s3_crosscopy.manifest.manifest_reader import open_manifest

def peak_kb():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))

def keys(count):
    with open(sys.argv[1], "w") as file:
        for number in range(count):
            file.write(f"in/table/date=2026-11-01/part-{number * 7919 % count:08d}-of-a-usual-length.parquet\\n")
    with open_manifest(sys.argv[1], prefix="in/", client_for=None) as found:
        assert sum(1 for _ in found) == found.count == count

keys(10_000)
before = peak_kb()
keys(300_000)
print(peak_kb() - before)
"""


@given(keys_of_any_kind, st.integers(1, 7), st.integers(2, 4))
def test_any_keys_come_back_sorted_and_unique_whatever_the_runs(keys: list[str], chunk: int, fan_in: int) -> None:
    with sort_keys(keys, chunk, fan_in) as found:
        assert list(found) == sorted(set(keys))
        assert found.count == len(set(keys))


@given(keys_of_any_kind)
def test_the_order_is_that_of_s3(keys: list[str]) -> None:
    with sort_keys(keys, 3) as found:
        assert list(found) == sorted(set(keys), key=lambda key: key.encode())


@given(keys_of_any_kind, st.integers(1, 7))
def test_the_digest_is_of_the_set_of_keys_alone(keys: list[str], chunk: int) -> None:
    with sort_keys(keys, chunk) as one, sort_keys(sorted([*keys, *keys], reverse=True), 50) as other:
        assert one.digest == other.digest
        plain = b"".join([key.encode() + b"\xff" for key in sorted(set(keys))])
        assert one.digest == hashlib.sha256(plain).hexdigest()


def test_keys_that_only_joined_are_equal_have_different_digests() -> None:
    with sort_keys(["a", "b"]) as one, sort_keys(["a\nb"]) as other, sort_keys(["ab"]) as third:
        assert len({one.digest, other.digest, third.digest}) == 3


@given(keys_of_any_kind, st.text(max_size=8), st.none() | st.text(max_size=8))
def test_a_range_is_open_below_and_closed_above(keys: list[str], after: str, end: str | None) -> None:
    with sort_keys(keys) as found:
        within = [key for key in sorted(set(keys)) if after < key and (end is None or key <= end)]
        assert list(found.between(after, end)) == within


def test_a_range_begins_and_ends_in_any_block() -> None:
    keys = [f"{number:06d}" for number in range(3 * BLOCK_KEYS + 7)]
    with sort_keys(keys, 1000, 2) as found:
        for at in (0, 1, BLOCK_KEYS - 1, BLOCK_KEYS, BLOCK_KEYS + 1, 3 * BLOCK_KEYS, len(keys) - 2):
            assert list(found.between(keys[at], None)) == keys[at + 1 :]
            assert list(found.between("", keys[at])) == keys[: at + 1]


def test_no_keys_are_no_keys() -> None:
    with sort_keys([]) as found:
        assert (list(found), found.count) == ([], 0)


def test_keys_may_be_read_again_and_by_two_at_once() -> None:
    keys = [f"{number:06d}" for number in range(2 * BLOCK_KEYS)]
    with sort_keys(keys) as found:
        assert list(zip(found, found, strict=True)) == [(key, key) for key in keys]


def test_an_error_in_the_source_leaves_no_file_open() -> None:
    # pytest would see the warning of a file that is collected open.
    def broken() -> object:
        yield from ["b", "a", "c"]
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        sort_keys(broken(), 1, 2)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="broken"):
        SortedKeys(broken())  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the peak of a process is read from /proc")
def test_300_000_keys_need_less_than_20_mb_more_than_ten_thousand(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", GROWTH, str(tmp_path / "keys")], capture_output=True, text=True, timeout=120, check=True
    )
    assert int(done.stdout) < 20 * 1024
