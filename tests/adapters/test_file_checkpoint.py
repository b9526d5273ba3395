"""The checkpoint in a file: whole at any moment, private, and one line for whatever stands in its way."""

from __future__ import annotations

import os
import random
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from s3_crosscopy.adapters.checkpoint_file import FileCheckpoint
from s3_crosscopy.errors import CrossCopyError, InvalidInput, StoreAway
from s3_crosscopy.model.checkpoint import FORMAT, fits
from s3_crosscopy.model.input_limits import CHECKPOINT
from s3_crosscopy.model.objects import KeyRange
from tests.unit.state_strategies import STATE

KILLS = 25
AWKWARD = ["\x00\x1f\x7f", "\u2028\r\n", "é\U0001f600\U0010ffff\ufffe", "../..//", '"\\', " "]

SAVES_FOR_EVER = """
import sys
from s3_crosscopy.adapters.checkpoint_file import FileCheckpoint
from s3_crosscopy.model.checkpoint import FORMAT, CheckpointState
from s3_crosscopy.model.objects import KeyRange

store = FileCheckpoint(sys.argv[1])
kept = store.load()
number = kept[0].segments if kept else 0
while True:
    number += 1
    ranges = (KeyRange("x" * (number * 7919 % 30_000)),)
    store.save(CheckpointState("f", ranges, {"listed": number}, {}, {}, segments=number))
    print(number, flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


def beside(path: Path) -> list[str]:
    """What is in the folder beside the file."""
    return sorted(name for name in os.listdir(path.parent) if name != path.name)


def test_no_file_is_no_state_and_leaves_none(path: Path) -> None:
    assert FileCheckpoint(path).load() is None
    assert os.listdir(path.parent) == []


def test_what_was_saved_last_is_loaded_with_its_time_by_another_process(path: Path) -> None:
    store = FileCheckpoint(path, lambda: 1_800_000_000.5)
    for segments in range(3):
        store.save(STATE._replace(segments=segments))

    assert FileCheckpoint(path).load() == (STATE._replace(segments=2), 1_800_000_000.5)
    assert beside(path) == []


@pytest.mark.parametrize("key", AWKWARD, ids=ascii)
def test_any_key_comes_back_as_it_was(path: Path, key: str) -> None:
    state = STATE._replace(fingerprint=key, uploads=(STATE.uploads[0]._replace(dest_key=key),))
    FileCheckpoint(path).save(state)

    kept = FileCheckpoint(path).load()

    assert kept is not None
    assert kept[0] == state


def test_the_file_is_its_owners_alone_even_if_it_was_not(path: Path) -> None:
    FileCheckpoint(path).save(STATE)
    path.chmod(0o644)
    FileCheckpoint(path).save(STATE)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_stays_and_what_it_leads_to_is_replaced(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(path)
    FileCheckpoint(link).save(STATE)

    assert link.is_symlink()
    assert FileCheckpoint(path).load() == FileCheckpoint(link).load() is not None


def test_a_relative_path_means_the_folder_of_its_day(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    store = FileCheckpoint(path.name)
    monkeypatch.chdir("/")
    store.save(STATE)

    assert path.exists()


@pytest.mark.slow
def test_a_file_that_is_saved_without_end_loads_after_a_kill_at_any_moment_and_holds_all_that_was_told(
    path: Path,
) -> None:
    told = 0
    for _ in range(KILLS):
        child = subprocess.Popen([sys.executable, "-c", SAVES_FOR_EVER, str(path)], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        with child, child.stdout:
            try:
                # Where in the next save the child is by then is chance enough.
                for _ in range(random.randint(1, 40)):
                    told = int(child.stdout.readline())
            finally:
                child.kill()
            told = int((child.stdout.read().split() or [str(told)])[-1])

        kept = FileCheckpoint(path).load()
        assert kept is not None
        state, _ = kept
        # Nothing of what a save returned for is lost; the one that was killed may have arrived.
        assert state.segments in (told, told + 1)
        assert state.counts == {"listed": state.segments}
        # Each child clears what the one before left, so that kills do not add up.
        assert len(beside(path)) <= 1

    FileCheckpoint(path).save(STATE)
    assert beside(path) == []


def test_the_first_save_of_a_run_clears_what_a_killed_one_left_and_nothing_else(path: Path) -> None:
    others = [".other.json.s3-crosscopy-1.tmp", ".state.json.s3-crosscopy-1", ".state.json.tmp", "state.json.bak"]
    for name in (*others, ".state.json.s3-crosscopy-1.tmp"):
        (path.parent / name).touch()
    store = FileCheckpoint(path)
    store.load()
    assert len(beside(path)) == 5

    store.save(STATE)

    assert beside(path) == others


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=type)
def test_a_save_that_breaks_off_leaves_the_state_before_and_nothing_else(
    path: Path, monkeypatch: pytest.MonkeyPatch, call: str, error: BaseException
) -> None:
    def broken(*_: Any) -> None:
        raise error

    store = FileCheckpoint(path, lambda: 1.0)
    store.save(STATE)
    with monkeypatch.context() as patched:
        patched.setattr(os, call, broken)
        with pytest.raises((StoreAway, KeyboardInterrupt)):
            store.save(STATE._replace(segments=99))

    assert store.load() == (STATE, 1.0)
    assert beside(path) == []


def test_a_folder_that_cannot_be_synced_is_no_failure(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync = os.fsync

    def files_only(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(22, "Invalid argument")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", files_only)
    FileCheckpoint(path).save(STATE)

    assert FileCheckpoint(path).load() is not None


def test_a_failed_save_says_in_one_line_that_a_run_may_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    store = FileCheckpoint(folder / "state.json")
    assert store.load() is None
    folder.rmdir()

    with pytest.raises(StoreAway) as raised:
        store.save(STATE)

    assert str(raised.value) == (
        f"checkpoint: '{folder}/state.json' cannot be written (No such file or directory); free disk space or fix"
        " its permissions: a later run resumes from its present content"
    )


BAD_FILES: list[tuple[str, bytes, str]] = [
    ("an empty file", b"", "is no JSON (Expecting value: line 1 column 1 (char 0))"),
    ("half a file", b'{"format": 1', "is no JSON (Expecting ',' delimiter: line 1 column 13 (char 12))"),
    ("two in one", b"{}{}", "is no JSON (Extra data: line 1 column 3 (char 2))"),
    ("a table", b"key,size\na,1\n", "is no JSON (Expecting value: line 1 column 1 (char 0))"),
    ("no UTF-8", b'{"format": 1, "\xff": 1}', "is no UTF-8"),
    ("endless nesting", b"[" * 100_000, "has more than 32 levels, the limit of nested JSON"),
    ("a huge file", b" " * CHECKPOINT.most + b"{}", "has more than 16 MiB, the limit of a checkpoint"),
    ("not a number", b'{"saved_at": NaN}', "holds NaN, which is no JSON"),
    ("other JSON", b'{"version": 3}', "is no checkpoint of this version of s3-crosscopy"),
    ("a later version", b'{"format": %d}' % (FORMAT + 1), "is no checkpoint of this version of s3-crosscopy"),
    ("an earlier version", b'{"format": 1}', "is no checkpoint of this version of s3-crosscopy"),
    ("a missing field", b'{"format": %d}' % FORMAT, "is a damaged checkpoint ('fingerprint')"),
]


@pytest.mark.parametrize(("text", "why"), [row[1:] for row in BAD_FILES], ids=[row[0] for row in BAD_FILES])
def test_a_file_that_is_not_ours_is_named_and_left_alone(path: Path, text: bytes, why: str) -> None:
    path.write_bytes(text)

    with pytest.raises(InvalidInput) as raised:
        FileCheckpoint(path).load()

    assert str(raised.value) == f"checkpoint: '{path}' {why}; remove it to start over, or name another file"
    assert path.read_bytes() == text
    assert beside(path) == []


def a_folder(path: Path) -> Path:
    path.mkdir()
    return path


def a_pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def a_folder_that_is_a_file(path: Path) -> Path:
    path.touch()
    return path / "state.json"


def a_locked_folder(path: Path) -> Path:
    path.mkdir(mode=0o500)
    return path / "state.json"


def an_unreadable_file(path: Path) -> Path:
    path.touch(mode=0o200)
    return path


NAME_A_FILE = "name a file in an existing folder that you can write to"
BAD_PLACES: list[tuple[Callable[[Path], Path | str], str]] = [
    (a_folder, "is no regular file; name another"),
    (a_pipe, "is no regular file; name another"),
    (lambda _: "/dev/null", "is no regular file; name another"),
    (lambda path: path / "state.json", f"cannot be used (No such file or directory); {NAME_A_FILE}"),
    (a_folder_that_is_a_file, f"cannot be used (Not a directory); {NAME_A_FILE}"),
    (lambda path: path.parent / ("x" * 300), f"cannot be used (File name too long); {NAME_A_FILE}"),
    (lambda path: path.parent / ("x" * 250), f"cannot be used (File name too long); {NAME_A_FILE}"),
    (a_locked_folder, f"cannot be used (Permission denied); {NAME_A_FILE}"),
    (an_unreadable_file, f"cannot be used (Permission denied); {NAME_A_FILE}"),
]


@pytest.mark.parametrize(("place", "why"), BAD_PLACES)
def test_a_place_that_cannot_keep_a_checkpoint_is_refused_before_anything_is_copied(
    path: Path, place: Callable[[Path], Path | str], why: str
) -> None:
    if "Permission" in why and os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    where = place(path)

    with pytest.raises(InvalidInput) as raised:
        FileCheckpoint(where).load()

    assert str(raised.value) == f"checkpoint: '{where}' {why}"


def test_a_folder_that_may_not_be_written_is_one_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As for anyone but root, who these tests may be.
    def denied(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)

    with pytest.raises(InvalidInput, match=r"cannot be used \(Permission denied\); name a file in an existing folder"):
        FileCheckpoint(path).load()


def test_a_name_that_no_file_can_have_is_one_line() -> None:
    with pytest.raises(CrossCopyError, match=r"^checkpoint: 'a\\x00b' is no file name \(.*\); name another$"):
        FileCheckpoint("a\0b").load()


def test_a_hundred_thousand_single_keys_are_kept_in_the_one_file(path: Path) -> None:
    days = (f"db/events/day={number:06d}/_SUCCESS" for number in range(100_000))
    state = STATE._replace(remaining=tuple(KeyRange(day[:-1], day) for day in days))
    store = FileCheckpoint(path, lambda: 1_800_000_000.5)
    assert fits(state, store.room)
    store.save(state)
    assert FileCheckpoint(path).load() == (state, 1_800_000_000.5)
    assert beside(path) == []
