from __future__ import annotations

import pytest

from s3_crosscopy.core.error_codes import (
    better_later,
    classify,
    expired,
    failure_for,
    is_own_head,
    is_transient,
    may_have_been_applied,
    needs_new_upload,
    not_found,
    outcome_unknown,
    retryable,
    skewed,
)
from s3_crosscopy.errors import CopyFailed, PermanentFailure, RetryableFailure
from s3_crosscopy.model.outcomes import Reason

# code, status as S3 (or botocore, for what never reached it) gives them -> reason, worth another try
TABLE = [
    ("AccessDenied", 403, Reason.DENIED, False),
    ("AllAccessDisabled", 403, Reason.DENIED, False),
    ("AccountProblem", 403, Reason.DENIED, False),
    ("403", 403, Reason.DENIED, False),  # a HEAD has no body: botocore gives the status as the code
    ("Forbidden", 403, Reason.DENIED, False),
    ("KMS.AccessDeniedException", 400, Reason.DENIED, False),
    ("KMS.DisabledException", 400, Reason.DENIED, False),
    ("KMS.NotFoundException", 400, Reason.DENIED, False),
    ("KMS.KMSInvalidStateException", 400, Reason.DENIED, False),
    ("InvalidAccessKeyId", 403, Reason.CREDENTIALS, False),
    ("SignatureDoesNotMatch", 403, Reason.CREDENTIALS, False),
    ("ExpiredToken", 400, Reason.CREDENTIALS, False),
    ("InvalidToken", 400, Reason.CREDENTIALS, False),
    ("RequestTimeTooSkewed", 403, Reason.CREDENTIALS, False),
    ("InvalidClientTokenId", 403, Reason.CREDENTIALS, False),
    ("NoCredentials", 0, Reason.CREDENTIALS, False),
    ("CredentialsExpired", 0, Reason.CREDENTIALS, False),
    ("NoSuchKey", 404, Reason.MISSING, False),
    ("404", 404, Reason.UNCONFIRMED, False),  # no body, or a proxy's page
    ("NotFound", 404, Reason.UNCONFIRMED, False),
    ("NoSuchAccessPoint", 404, Reason.UNCONFIRMED, False),
    ("NoSuchTagSet", 404, Reason.UNCONFIRMED, False),
    ("NoSuchVersion", 404, Reason.MISSING, False),
    ("NoSuchUpload", 404, Reason.MISSING, False),
    ("PreconditionFailed", 412, Reason.CHANGED, True),
    ("InvalidPart", 400, Reason.CHANGED, True),  # a part that was copied again under KMS: another upload mends it
    ("412", 412, Reason.CHANGED, True),
    ("InvalidObjectState", 403, Reason.ARCHIVED, False),
    ("ObjectNotInActiveTierError", 403, Reason.ARCHIVED, False),
    ("SlowDown", 503, Reason.THROTTLED, True),
    ("SlowDown", 200, Reason.THROTTLED, True),  # an error inside a 200
    ("Throttling", 400, Reason.THROTTLED, True),
    ("RequestLimitExceeded", 503, Reason.THROTTLED, True),
    ("TooManyRequestsException", 429, Reason.THROTTLED, True),
    ("BandwidthLimitExceeded", 509, Reason.THROTTLED, True),
    ("KMS.ThrottlingException", 400, Reason.THROTTLED, True),
    ("429", 429, Reason.THROTTLED, True),
    ("RequestTimeout", 400, Reason.TIMED_OUT, True),
    ("ReadTimeout", 0, Reason.TIMED_OUT, True),
    ("ConnectTimeout", 0, Reason.TIMED_OUT, True),
    ("ConnectionClosed", 0, Reason.TIMED_OUT, True),
    ("ConnectionError", 0, Reason.TIMED_OUT, True),
    ("InternalError", 500, Reason.SERVER, True),
    ("InternalError", 200, Reason.SERVER, True),
    ("ServiceUnavailable", 503, Reason.SERVER, True),
    ("OperationAborted", 409, Reason.SERVER, True),
    ("ConditionalRequestConflict", 409, Reason.SERVER, True),
    ("NoSuchBucket", 404, Reason.INVALID, False),
    ("InvalidRequest", 400, Reason.INVALID, False),
    ("InvalidArgument", 400, Reason.INVALID, False),
    ("EntityTooLarge", 400, Reason.INVALID, False),
    ("KeyTooLongError", 400, Reason.INVALID, False),
    ("AccessControlListNotSupported", 400, Reason.INVALID, False),
    ("NotImplemented", 501, Reason.INVALID, False),
    ("PermanentRedirect", 301, Reason.INVALID, False),
    ("ParamValidationError", 0, Reason.INVALID, False),
    # Codes nobody told us of: the status decides.
    ("SomethingNew", 0, Reason.TIMED_OUT, True),
    ("SomethingNew", 401, Reason.DENIED, False),
    ("SomethingNew", 403, Reason.DENIED, False),
    ("SomethingNew", 404, Reason.UNCONFIRMED, False),
    ("SomethingNew", 412, Reason.CHANGED, True),
    ("SomethingNew", 429, Reason.THROTTLED, True),
    ("SomethingNew", 503, Reason.THROTTLED, True),
    ("SomethingNew", 500, Reason.SERVER, True),
    ("SomethingNew", 502, Reason.SERVER, True),
    ("SomethingNew", 504, Reason.SERVER, True),
    ("SomethingNew", 400, Reason.UNKNOWN, False),
    ("SomethingNew", 409, Reason.UNKNOWN, False),
    ("SomethingNew", 301, Reason.UNKNOWN, False),
    ("", 500, Reason.SERVER, True),
]


@pytest.mark.parametrize(("code", "status", "reason", "again"), TABLE)
def test_an_error_has_a_reason_and_the_reason_says_whether_to_try_again(
    code: str, status: int, reason: Reason, again: bool
) -> None:
    assert classify(code, status) is reason
    assert retryable(reason) is again


@pytest.mark.parametrize(
    ("call", "request_id", "reason"),
    [
        ("HeadObject", "REQ", Reason.MISSING),
        ("HeadBucket", "REQ", Reason.MISSING),
        ("HeadObject", "", Reason.UNCONFIRMED),  # a proxy's
        ("CopyObject", "REQ", Reason.UNCONFIRMED),  # S3 would have named a code in the body
    ],
)
def test_a_404_without_a_code_is_s3s_own_only_after_a_head_and_with_a_request_id(
    call: str, request_id: str, reason: Reason
) -> None:
    assert classify("404", 404, own_head=is_own_head(call, request_id)) is reason


def test_a_404_is_one_in_whatever_form() -> None:
    assert {reason for reason in Reason if not_found(reason)} == {Reason.MISSING, Reason.UNCONFIRMED}


def test_only_what_passes_by_itself_is_tried_again() -> None:
    assert {reason for reason in Reason if retryable(reason)} == {
        Reason.THROTTLED,
        Reason.TIMED_OUT,
        Reason.SERVER,
        Reason.CHANGED,
    }


@pytest.mark.parametrize("code", ["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"])
def test_credentials_that_ended_are_told_from_wrong_ones(code: str) -> None:
    assert expired(code)
    assert classify(code, 400) is Reason.CREDENTIALS


def test_a_signature_of_another_time_passes_when_it_is_made_anew_or_with_a_clock_that_was_set() -> None:
    assert skewed("RequestTimeTooSkewed")
    assert not skewed("ExpiredToken")
    assert better_later("RequestTimeTooSkewed")
    assert better_later("ExpiredToken")
    assert not better_later("SignatureDoesNotMatch")
    assert is_transient("RequestTimeTooSkewed", Reason.CREDENTIALS)


@pytest.mark.parametrize("code", ["InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied", "NoCredentials", ""])
def test_what_new_credentials_of_the_same_kind_do_not_mend_has_not_expired(code: str) -> None:
    assert not expired(code)


def test_a_request_may_have_been_applied_only_where_no_answer_or_a_server_error_came() -> None:
    # A throttled request was refused before it was begun; every other answer says what was done.
    assert {reason for reason in Reason if outcome_unknown(reason)} == {Reason.TIMED_OUT, Reason.SERVER}


@pytest.mark.parametrize(
    ("call", "reason", "may_be_there"),
    [
        ("CopyObject", Reason.TIMED_OUT, True),
        ("CopyObject", Reason.SERVER, True),
        ("CompleteMultipartUpload", Reason.SERVER, True),
        ("CopyObject", Reason.THROTTLED, False),
        ("CopyObject", Reason.CHANGED, False),
        ("HeadObject", Reason.TIMED_OUT, False),
        ("UploadPartCopy", Reason.TIMED_OUT, False),
        ("PutObjectTagging", Reason.SERVER, False),
    ],
)
def test_only_calls_that_make_an_object_may_have_made_one_unheard(
    call: str, reason: Reason, may_be_there: bool
) -> None:
    assert may_have_been_applied(call, reason) is may_be_there


@pytest.mark.parametrize(
    ("code", "reason", "only_the_moment"),
    [
        ("SlowDown", Reason.THROTTLED, True),
        ("ReadTimeout", Reason.TIMED_OUT, True),
        ("InternalError", Reason.SERVER, True),
        ("ExpiredToken", Reason.CREDENTIALS, True),  # the next attempt has another
        ("ConditionalRequestConflict", Reason.SERVER, False),  # the upload has to start over
        ("InvalidAccessKeyId", Reason.CREDENTIALS, False),
        ("PreconditionFailed", Reason.CHANGED, False),
        ("NoSuchUpload", Reason.MISSING, False),
        ("AccessDenied", Reason.DENIED, False),
    ],
)
def test_what_was_done_so_far_stays_good_only_where_the_moment_was_bad(
    code: str, reason: Reason, only_the_moment: bool
) -> None:
    assert is_transient(code, reason) is only_the_moment
    assert needs_new_upload(code) is (code == "ConditionalRequestConflict")


@pytest.mark.parametrize("reason", Reason)
def test_a_task_fails_for_good_unless_a_retry_may_pass(reason: Reason) -> None:
    assert failure_for(reason) is (RetryableFailure if retryable(reason) else PermanentFailure)
    assert issubclass(failure_for(reason), CopyFailed)
