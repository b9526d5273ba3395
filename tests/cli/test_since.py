"""Only what is new, by the command: a short look after a complete run, and what starts over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import Ended, Shell


def summary(ended: Ended) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(ended.out)
    return loaded


@pytest.mark.parametrize("transport", ["boto3", "fast"])
def test_a_second_run_looks_only_at_what_is_new(shell: Shell, tmp_path: Path, transport: str) -> None:
    shell.put("in/a", "in/b")
    since = ("--since", "key", "--state", str(tmp_path / "state.json"), "--json", "--transport", transport)

    first = summary(shell.copy(*since))
    shell.put("in/c")
    second = summary(shell.copy(*since))

    assert (first["copied"], first["since"]["short"], first["since"]["why"]) == (2, False, "no complete run is kept")
    assert (second["copied"], second["since"]["short"], second["since"]["why"]) == (1, True, "")
    # All keys were written within the overlap.
    assert second["since"]["start"] == second["since"]["next_start"] == "in/a"
    text = shell.copy(*since[:4], "--transport", transport).out
    assert "a short look: pairs older than " in text
    assert "and keys before 'in/a' were not listed" in text


def test_other_arguments_start_over(shell: Shell, tmp_path: Path) -> None:
    shell.put("in/a", "in/b")
    state = ("--since", "last_success", "--state", str(tmp_path / "state.json"))
    assert shell.copy(*state).code == 0

    ended = shell.copy(*state, "--exclude", "b")

    assert "this run looks at everything: the last complete run had other arguments" in ended.err
    assert "a full look, because the last complete run had other arguments" in ended.out


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"{", "is no JSON"), (b"[]", "is no state of this version"), (b" " * 70_000, "has more than 64 KiB")],
)
def test_a_damaged_state_costs_a_full_look_and_stays(
    shell: Shell, tmp_path: Path, content: bytes, problem: str
) -> None:
    shell.put("in/a")
    place = tmp_path / "state.json"
    place.write_bytes(content)

    ended = shell.copy("--since", "last_success", "--state", str(place))

    assert ended.code == 0
    assert [line for line in ended.err.splitlines() if f"what is kept {problem}" in line]
    assert place.read_bytes() == content


def test_a_state_in_a_bucket(shell: Shell, owners: tuple[Any, Any]) -> None:
    shell.put("in/a")
    bucket = shell.dest.split("/")[2]
    since = ("--since", "last_success", "--state", f"s3://{bucket}/kept", "--json")

    assert not summary(shell.copy(*since))["since"]["short"]
    assert summary(shell.copy(*since))["since"]["short"]
    kept = owners[1].get_object(Bucket=bucket, Key="kept/since.json")["Body"].read()
    assert json.loads(kept)["format"] == "s3-crosscopy since 1"
    owners[1].put_object(Bucket=bucket, Key="kept/since.json", Body=b" " * 70_000)
    assert "has more than 64 KiB" in summary(shell.copy(*since))["since"]["why"]


def test_what_cannot_be(shell: Shell, tmp_path: Path) -> None:
    shell.put("in/a")
    bucket = shell.dest.split("/")[2]
    place = str(tmp_path / "state.json")
    for arguments, problem in (
        (("--since", "key"), "--since: the start of the last complete run is kept nowhere"),
        (("--state", place), "--state: means something only with since"),
        (("--since", "key", "--state", f"s3://{bucket}/out/kept"), "--state: s3://"),
        (("--since", "key", "--state", str(tmp_path)), "is no regular file"),
        (("--since", "key", "--state", " "), "--state: expected a file"),
    ):
        ended = shell.copy(*arguments)
        assert ended.code == 2, arguments
        assert problem in ended.err, arguments
    assert not shell.copied()
