"""A self-test writes, deletes and reads below its two new prefixes only, whatever happens to it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from s3_crosscopy.selftest import selftest_run
from s3_crosscopy.selftest.bench import Bench
from s3_crosscopy.selftest.needed_permissions import ACTIONS_OF, COPIER_SOURCE_ACTIONS, DEST_ACTIONS, SOURCE_ACTIONS
from s3_crosscopy.selftest.new_places import new_places
from s3_crosscopy.selftest.own_prefix import OutsidePrefix, OwnPrefix
from tests.selftest.conftest import DENIED, Lab
from tests.servers.http_messages import FORWARD, Answer, Request

if TYPE_CHECKING:
    from tests.servers.stub_server import StubServer


@pytest.mark.parametrize(
    ("call", "args"),
    [
        ("PutObject", {"Key": "tmp/other"}),
        ("DeleteObject", {"Key": "tmp/own"}),
        ("DeleteObject", {"Key": "tmp/own/x", "Bucket": "another"}),
        ("ListObjectsV2", {"Prefix": "tmp/"}),
        ("ListObjectsV2", {}),
        ("DeleteObjects", {"Delete": {}}),
        ("PutBucketVersioning", {}),
    ],
)
def test_a_request_outside_is_not_sent(call: str, args: dict[str, Any]) -> None:
    place = OwnPrefix(None, "bucket", "tmp/own/")  # type: ignore[arg-type]
    with pytest.raises(OutsidePrefix):
        place.send(call, **args)
    assert place.sent == {}


@pytest.mark.usefixtures("few")
def test_one_bucket_may_be_both_sides_and_a_prefix_needs_no_slash(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    titles = "writing objects", "copies on both data paths"
    monkeypatch.setattr(selftest_run, "CHECKS", {title: selftest_run.CHECKS[title] for title in titles})
    lab = lab._replace(buckets=(lab.buckets[1], lab.buckets[1]), clients=(lab.clients[1], lab.clients[1]))
    before = lab.content()

    ended = lab.run("--yes", "--json", source="tmp", dest="tmp")

    assert lab.content() == before
    result = json.loads(ended.out)
    assert result["left"] == []
    assert result["same_bucket"]
    assert f"s3://{lab.buckets[0]}/tmp/s3-crosscopy-selftest-" in ended.err


def test_both_prefixes_are_new_and_differ_in_one_bucket() -> None:
    first, second = new_places("s3://bucket", "s3://bucket/"), new_places("s3://bucket/x", "s3://bucket/x/")

    assert len({first.source_prefix, first.dest_prefix, second.source_prefix, second.dest_prefix}) == 4
    assert first.source_prefix.startswith("s3-crosscopy-selftest-")
    assert second.dest_prefix.startswith("x/s3-crosscopy-selftest-")


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError], ids=["Ctrl-C", "a bug"])
@pytest.mark.usefixtures("few")
def test_it_removes_everything_when_it_is_stopped(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    lab.version_on()
    before = lab.content()

    def stop(bench: Bench) -> None:
        bench.dest.must("CreateMultipartUpload", Key=bench.dest.key("open"))
        raise error

    early = selftest_run.CHECKS["writing objects"]
    monkeypatch.setattr(selftest_run, "CHECKS", {"writing objects": (*early, stop)})
    if error is RuntimeError:
        with pytest.raises(RuntimeError):
            lab.run("--yes")
    else:
        assert lab.run("--yes").code == 130
    assert lab.content() == before


@pytest.mark.usefixtures("few")
def test_without_the_permission_to_delete_it_writes_nothing(fronted: Lab, stub: StubServer) -> None:
    def rule(request: Request) -> Answer:
        return DENIED if request.method == "DELETE" else FORWARD

    stub.rules = [rule]
    before = fronted.content()

    ended = fronted.run("--yes")

    assert ended.code == 1
    assert "nothing was written" in ended.err
    assert "it needs s3:DeleteObject on arn:aws:s3:::" in ended.err
    assert fronted.content() == before
    assert [request.method for request in stub.requests if request.method in ("PUT", "POST")] == []


@pytest.mark.usefixtures("few")
def test_a_delete_that_is_denied_later_is_shown(
    fronted: Lab, stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rule(request: Request) -> Answer:
        return DENIED if request.method == "DELETE" and request.target.endswith("/plain.txt") else FORWARD

    stub.rules = [rule]
    monkeypatch.setattr(selftest_run, "CHECKS", {"writing objects": selftest_run.CHECKS["writing objects"]})

    ended = fronted.run("--yes")

    assert ended.code == 1
    assert "1 things could not be removed" in ended.out
    assert "/source/objects/plain.txt: DeleteObject answered 403 AccessDenied" in ended.out


def test_a_bucket_with_object_lock_is_refused(lab: Lab) -> None:
    bucket = f"{lab.buckets[1][:50]}-lock"
    lab.clients[1].create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    locked = lab._replace(buckets=(lab.buckets[0], bucket))
    before = locked.content()

    ended = locked.run("--yes")

    assert ended.code == 2
    assert "dest: s3://" in ended.err
    assert "has Object Lock" in ended.err
    assert locked.content() == before


def test_without_a_terminal_it_refuses_in_one_line(lab: Lab) -> None:
    ended = lab.run()

    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "s3-crosscopy: --yes: there is no terminal to ask on if this may be written; give --yes\n"


def test_the_policy_has_the_permission_of_every_request(lab: Lab) -> None:
    allowed = {*SOURCE_ACTIONS, *COPIER_SOURCE_ACTIONS, *DEST_ACTIONS}
    assert {action for actions in ACTIONS_OF.values() for action in actions} == allowed - {
        "s3:GetObjectVersion",
        "s3:GetObjectVersionTagging",
    }
