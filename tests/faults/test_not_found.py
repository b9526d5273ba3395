"""Every operation answered with every form of a 404: a run is good only if the copy is there or the source is gone."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from s3_crosscopy import CopyFailed, Reason
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.events import Warned
from tests.faults.conftest import DATA_PATHS
from tests.faults.fault_scripts import in_bucket, of_key, once
from tests.faults.harness import DEST_PREFIX, IN_PARTS, LARGE, World
from tests.servers.http_messages import Response
from tests.servers.s3_responses import error
from tests.servers.stub_rules import always
from tests.servers.stub_server import Rule

SMALL = "a"
FORMS: Mapping[str, Response] = {
    "html": Response(404, {"Content-Type": "text/html"}, b"<html><body><h1>404 Not Found</h1>nginx</body></html>"),
    "unknown code": error("NoSuchWidget", 404),
    "no body": Response(404),
    "NoSuchKey": error("NoSuchKey", 404),
}
FAILING_PARTS = always("UploadPartCopy", error("InvalidRequest", 400))
# What is answered so -> what else has to happen for it to be asked at all. Those about a source object are below.
OPERATIONS: Mapping[str, tuple[Rule, ...]] = {
    "HeadBucket": (),
    "ListObjectsV2": (),
    "CreateMultipartUpload": (),
    "CompleteMultipartUpload": (),
    "AbortMultipartUpload": (FAILING_PARTS,),
    "ListParts": (FAILING_PARTS,),
}
OF_THE_SOURCE = ("HeadObject", "CopyObject", "GetObjectTagging", "UploadPartCopy")


@pytest.fixture
def not_found(request: pytest.FixtureRequest) -> Response:
    return FORMS[request.param]


def each_form(operations: Iterable[str]) -> pytest.MarkDecorator:
    """Each operation with each form, on one data path: each has both paths, and so has each form.

    `make soak` has each of these on both paths.
    """
    cases = [
        pytest.param(operation, form, path, id=f"{path}-{form}-{operation}")
        for row, operation in enumerate(operations)
        for column, form in enumerate(FORMS)
        for number, path in enumerate(DATA_PATHS)
        if "EVERY_NOT_FOUND" in os.environ or (row + column + number) % len(DATA_PATHS) == 0
    ]
    return pytest.mark.parametrize(("operation", "not_found", "data_path"), cases, indirect=["not_found", "data_path"])


def ended_well(world: World, **options: Any) -> bool:
    try:
        return world.copy(**IN_PARTS, **options).ok
    except (CopyFailed, InvalidInput):
        return False


def seed(world: World) -> None:
    world.seed([SMALL])
    world.seed_large()


def key_of(operation: str) -> str:
    return SMALL if operation == "CopyObject" else LARGE


@each_form(OPERATIONS)
def test_no_404_of_any_operation_makes_a_run_good_whose_objects_are_at_the_source(
    world: World, operation: str, not_found: Response
) -> None:
    seed(world)
    world.script(*OPERATIONS[operation], always(operation, not_found))

    assert not ended_well(world)
    assert world.sent(operation) > 0


@each_form(OF_THE_SOURCE)
def test_a_404_for_a_key_that_is_there_is_a_failure_that_says_whose_answer_it_may_be(
    world: World, operation: str, not_found: Response
) -> None:
    seed(world)
    key = key_of(operation)
    bucket = world.source if operation in ("HeadObject", "GetObjectTagging") else world.dest
    world.script(in_bucket(bucket, of_key(key, always(operation, not_found))))

    ended = world.run(**IN_PARTS)

    world.check(ended.report, failed={key: Reason.UNCONFIRMED})
    assert "most often a proxy's, a wrong endpoint's" in str(ended.error)
    assert not ended.report.retryable
    world.finish(**IN_PARTS)


@each_form(OF_THE_SOURCE)
def test_a_404_for_a_key_that_is_gone_is_missing_in_whatever_form(
    world: World, operation: str, not_found: Response
) -> None:
    seed(world)
    key = key_of(operation)
    deleted = once(operation, lambda: world.delete(key))
    world.script(deleted, always(operation, not_found))

    ended = world.run(**IN_PARTS)

    assert ended.error is None
    assert (ended.report.counts["copied"], ended.report.counts["missing"]) == (1, 1)
    world.check(ended.report)


@pytest.mark.parametrize("operation", ["AbortMultipartUpload", "ListParts"])
@pytest.mark.parametrize("form", ["html", "no body", "unknown code"])
def test_an_abort_that_a_proxy_answers_is_told_as_an_upload_that_may_stay(
    world: World, operation: str, form: str
) -> None:
    world.seed_large()
    world.script(*OPERATIONS[operation], always(operation, FORMS[form]))

    ended = world.run(**IN_PARTS)

    (told,) = [event.text for event in ended.events if isinstance(event, Warned)]
    assert told.startswith(f"an unfinished upload of {DEST_PREFIX + LARGE!r} may stay at the destination: ")


def test_an_object_without_tags_is_copied_in_parts_from_a_server_that_calls_that_not_found(world: World) -> None:
    """Wasabi, versitygw and others; S3 answers an empty set."""
    world.seed_large()
    world.script(always("GetObjectTagging", error("NoSuchTagSet", 404)))

    ended = world.run(**IN_PARTS)

    assert (ended.error, ended.report.counts["copied"]) == (None, 1)
    world.check(ended.report)
