"""A self-test asks before it writes, and finds the principal that may write at the source."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

import pytest

from s3_crosscopy.selftest import selftest_run
from tests.selftest.conftest import DENIED, Lab
from tests.servers.http_messages import FORWARD, Answer, Request

if TYPE_CHECKING:
    from tests.servers.moto import MotoServer
    from tests.servers.stub_server import StubServer


class Terminal(io.StringIO):
    """Somebody who has typed an answer."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("answer", ["no\n", "\n", ""])
def test_it_says_what_it_costs_and_writes_nothing_without_a_yes(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    before = lab.content()

    ended = lab.run()

    assert ended.code == 130
    assert "MiB of downloads: less than 0.0" in ended.err
    assert "nothing was written" in ended.err
    assert lab.content() == before
    assert not (lab.path / "selftest.json").exists()


@pytest.fixture
def writing_only(few: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selftest_run, "CHECKS", {"writing objects": selftest_run.CHECKS["writing objects"]})


@pytest.mark.usefixtures("writing_only")
def test_the_copier_writes_the_source_if_its_own_profile_may_not(
    fronted: Lab, stub: StubServer, moto: MotoServer
) -> None:
    def rule(request: Request) -> Answer:
        by_source = moto.src.access_key in request.headers.get("Authorization", "")
        return DENIED if by_source and request.method in ("PUT", "POST", "DELETE") else FORWARD

    stub.rules = [rule]
    before = fronted.content()

    fronted.run("--yes", "--json")

    assert fronted.content() == before
    result = json.loads((fronted.path / "selftest.json").read_text())
    verdicts = {row["id"]: row["verdict"] for row in result["rows"]}
    assert verdicts["key-plain.written"] == "ok"
    assert result["left"] == []


@pytest.mark.usefixtures("writing_only")
def test_if_nobody_may_write_the_source_it_says_which_permission_is_missing(fronted: Lab, stub: StubServer) -> None:
    def rule(request: Request) -> Answer:
        to_source = request.target.startswith(f"/{fronted.buckets[0]}/")
        return DENIED if to_source and request.method in ("PUT", "POST") else FORWARD

    stub.rules = [rule]
    before = fronted.content()

    ended = fronted.run("--yes")

    assert ended.code == 1
    assert "source: nothing was written: PutObject" in ended.err
    assert f"it needs s3:PutObject on arn:aws:s3:::{fronted.buckets[0]}/*" in ended.err
    assert fronted.content() == before


def test_a_bucket_that_does_not_exist_is_one_line(lab: Lab) -> None:
    ended = lab._replace(buckets=(lab.buckets[0], "no-such-bucket-anywhere")).run("--yes")

    assert ended.code == 2
    assert ended.err.splitlines()[-1] == "s3-crosscopy: dest: there is no bucket 'no-such-bucket-anywhere'"
