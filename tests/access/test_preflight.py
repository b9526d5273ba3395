"""A denial ends a run with one screen about the key it happened on; what is unknown ends nothing."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from s3_crosscopy import InvalidInput, PermanentFailure, Report, RetryableFailure, copy
from s3_crosscopy.access.examination import Party
from s3_crosscopy.model.events import Event, Preflighted
from tests.access.enforcing_stub import Enforced
from tests.servers import s3_responses as answers
from tests.servers.http_messages import DROP, Answer, Request, Response
from tests.servers.stub_rules import always
from tests.servers.stub_server import StubServer

COPIER = "arn:aws:sts::222222222222:assumed-role/copier/s"
IDENTITY = Response(
    200,
    {"Content-Type": "text/xml"},
    b'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    + f"<Arn>{COPIER}</Arn><UserId>X</UserId><Account>222222222222</Account>".encode()
    + b"</GetCallerIdentityResult></GetCallerIdentityResponse>",
)
CONFIG = {"retries": {"total_max_attempts": 1}, "s3": {"addressing_style": "path"}, "proxies": {}}


class Kept:
    """A sink that keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def emit(self, event: Event) -> None:
        self.events.append(event)


@pytest.fixture
def s3(stub: StubServer) -> Enforced:
    rule = Enforced()
    stub.rules = [always("GetCallerIdentity", IDENTITY), rule]
    return rule


def run(stub: StubServer, mode: Any, sink: Any = None, **options: Any) -> Report:
    session = boto3.Session("COPIER", "secret", region_name="us-east-1")
    return copy(
        "s3://src/events/",
        "s3://dst/in/",
        session=session,
        endpoint_url=stub.endpoint_url,
        botocore_config=CONFIG,
        preflight=mode,
        sink=sink,
        **options,
    )


def sent(stub: StubServer, *operations: str) -> list[str]:
    return [request.operation for request in stub.requests if request.operation in operations]


def copies(stub: StubServer, s3: Enforced, answer: Answer) -> None:
    stub.rules = [always("GetCallerIdentity", IDENTITY), always("CopyObject", answer), s3]


def test_a_light_look_is_one_identity_one_list_a_side_and_one_head(stub: StubServer, s3: Enforced) -> None:
    copies(stub, s3, answers.copy_result())
    seen = Kept()

    run(stub, "light", seen, overwrite="if_changed")

    before = stub.requests[: [request.operation for request in stub.requests].index("CopyObject")]
    looks = [request for request in before if request.query.get("max-keys") == "1"]
    assert [request.bucket for request in looks] == ["src", "dst"]
    assert len([request for request in before if request.operation == "HeadObject"]) == 1
    assert [event.copier for event in seen.events if isinstance(event, Preflighted)] == [COPIER]


def test_a_full_look_that_reaches_nothing_more_ends_it_and_is_worth_a_retry(stub: StubServer, s3: Enforced) -> None:
    heads = iter(range(2))  # Those of the run's own sides.
    stub.rules = [
        always("GetCallerIdentity", IDENTITY),
        lambda request: s3(request) if request.operation == "HeadBucket" and next(heads, None) is not None else DROP,
    ]

    with pytest.raises(RetryableFailure, match="nothing was reached, so nothing is known about the access"):
        run(stub, "full")


def test_without_a_look_nothing_is_asked(stub: StubServer, s3: Enforced) -> None:
    copies(stub, s3, answers.copy_result())

    run(stub, "off")

    assert sent(stub, "GetCallerIdentity", "HeadObject") == []


@pytest.mark.parametrize("bucket", ["src", "dst"])
@pytest.mark.parametrize("mode", ["light", "full"])
def test_a_listing_that_is_denied_ends_it_with_the_policy_before_anything_is_copied(
    stub: StubServer, s3: Enforced, mode: str, bucket: str
) -> None:
    s3.lacking = {(Party.COPIER, bucket, "s3:ListBucket")}

    with pytest.raises(PermanentFailure) as failed:
        run(stub, mode)

    text = str(failed.value)
    assert (
        f"copier is missing permission s3:ListBucket at the {'source' if bucket == 'src' else 'destination'} bucket"
        in text
    )
    assert f"MISSING    copier s3:ListBucket on arn:aws:s3:::{bucket}" in text
    assert f'"Resource": "arn:aws:s3:::{bucket}"' in text
    assert COPIER in text
    assert sent(stub, "CopyObject") == []


def test_an_object_that_the_copier_may_not_read_is_noticed_by_the_head(stub: StubServer, s3: Enforced) -> None:
    s3.lacking = {(Party.COPIER, "src", "s3:GetObject")}
    s3.owner = "111111111111"

    with pytest.raises(
        PermanentFailure, match="copier is missing permission s3:GetObject at the source bucket"
    ) as failed:
        run(stub, "light")

    assert "HeadObject was denied for s3://src/events/a" in str(failed.value).splitlines()[0]
    assert '"AWS": "arn:aws:iam::222222222222:role/copier"' in str(failed.value)


def test_what_the_run_will_not_ask_for_is_not_looked_at(stub: StubServer, s3: Enforced) -> None:
    copies(stub, s3, answers.copy_result())
    s3.lacking = {(Party.COPIER, "dst", "s3:ListBucket")}

    assert run(stub, "light", overwrite="always").ok


def test_a_full_look_finds_what_a_light_one_does_not(stub: StubServer, s3: Enforced) -> None:
    copies(stub, s3, answers.copy_result())
    s3.lacking = {(Party.COPIER, "dst", "s3:AbortMultipartUpload")}

    assert run(stub, "light").ok
    with pytest.raises(PermanentFailure, match="is missing permission s3:AbortMultipartUpload"):
        run(stub, "full")


def test_an_unknown_never_ends_a_run(stub: StubServer, s3: Enforced) -> None:
    """STS is not there, the look itself is throttled: the run goes on, and is a success."""
    slow = answers.error("SlowDown", 503)

    def looks_fail(request: Request) -> Answer | None:
        return slow if request.query.get("max-keys") == "1" or (request.method == "HEAD" and request.key) else None

    stub.rules = [
        always("GetCallerIdentity", Response(404)),
        looks_fail,
        always("CopyObject", answers.copy_result()),
        s3,
    ]

    assert run(stub, "light").ok


def test_a_denial_in_mid_run_is_explained_for_its_key_and_retried_by_nobody(stub: StubServer, s3: Enforced) -> None:
    copies(stub, s3, answers.error("AccessDenied", 403, "Access Denied"))
    s3.lacking = {(Party.COPIER, "src", "s3:GetObjectTagging")}

    with pytest.raises(PermanentFailure) as failed:
        run(stub, "light")

    text = str(failed.value)
    assert "CopyObject was denied for s3://src/events/a" in text
    assert "the copier is missing permission s3:GetObjectTagging at the source bucket" in text
    assert failed.value.report is not None
    assert failed.value.report.counts["failed"] == 1
    assert sent(stub, "CopyObject") == ["CopyObject"]


def test_an_explicit_deny_is_named_and_no_policy_is_printed_for_it(stub: StubServer, s3: Enforced) -> None:
    s3.lacking = {(Party.COPIER, "src", "s3:ListBucket")}
    s3.explicit = True

    with pytest.raises(PermanentFailure) as failed:
        run(stub, "light")

    text = str(failed.value)
    assert "s3:ListBucket on arn:aws:s3:::src is forbidden by an explicit deny in a resource-based policy" in text
    assert "no Allow overrides it" in text
    assert '"Action"' not in text


@pytest.mark.parametrize(
    ("by", "line"),
    [
        (
            "because no session policy allows the {action} action",
            (
                "denied, because no session policy allows it: no bucket policy or identity policy can change that;"
                " whoever assumes the role with a session policy can allow it"
            ),
        ),
        (
            "with an explicit deny in a service control policy",
            (
                "forbidden by an explicit deny in a service control policy: no Allow overrides it; the administrator of"
                " the AWS organization of the caller's account can remove or narrow"
            ),
        ),
    ],
)
def test_what_no_printed_policy_mends_is_told_with_who_can_and_none_is_printed_for_it(
    stub: StubServer, s3: Enforced, by: str, line: str
) -> None:
    s3.lacking = {(Party.COPIER, "src", "s3:ListBucket")}
    s3.explicit, s3.by = True, by

    with pytest.raises(PermanentFailure) as failed:
        run(stub, "light")

    assert f"s3:ListBucket on arn:aws:s3:::src is {line}" in str(failed.value)
    assert '"Action"' not in str(failed.value)


def test_a_missing_allow_of_an_identity_policy_is_mended_by_the_printed_one_which_says_what_it_leaves_out(
    stub: StubServer, s3: Enforced
) -> None:
    s3.lacking = {(Party.COPIER, "src", "s3:ListBucket")}
    s3.explicit, s3.by = True, "because no identity-based policy allows the {action} action"

    with pytest.raises(PermanentFailure) as failed:
        run(stub, "light")

    text = str(failed.value)
    assert '"s3:ListBucket"' in text
    assert "s3:ListBucket has no condition on s3:prefix, because HeadBucket" in text


def test_another_word_for_the_look_is_one_line(stub: StubServer, s3: Enforced) -> None:
    with pytest.raises(InvalidInput, match="preflight: 'lite' is not one of 'off', 'light', 'full'"):
        run(stub, "lite")
    assert stub.requests == []
