from __future__ import annotations

import pytest

from s3_crosscopy.adapters.boto.credential_refresh import CredentialsFailed
from s3_crosscopy.api.inputs import errors_naming
from s3_crosscopy.errors import CopyFailed, PermanentFailure, RetryableFailure, S3Error
from s3_crosscopy.model.outcomes import Reason


def error(reason: Reason, code: str = "Odd", cause: Exception | None = None) -> S3Error:
    error = S3Error(
        call="GetObject", bucket="b", key="k", code=code, status=400, message="no", reason=reason, request_id=""
    )
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("failed", "expected"),
    [
        (error(Reason.DENIED), PermanentFailure),
        (error(Reason.THROTTLED), RetryableFailure),
        (error(Reason.CREDENTIALS, "RequestTimeTooSkewed"), RetryableFailure),
        (error(Reason.CREDENTIALS, cause=CredentialsFailed("web identity", "is away", True)), RetryableFailure),
        (error(Reason.CREDENTIALS, cause=CredentialsFailed("web identity", "is wrong", False)), PermanentFailure),
    ],
)
def test_an_input_that_cannot_be_read_now_is_worth_a_retry(failed: S3Error, expected: type[CopyFailed]) -> None:
    with pytest.raises(expected, match="manifest: "), errors_naming("manifest"):
        raise failed from failed.__cause__


@pytest.mark.parametrize("name", ["manifest", "report", "etag_index"])
def test_a_denied_input_leads_to_the_doctor(name: str) -> None:
    with pytest.raises(PermanentFailure) as raised, errors_naming(name):
        raise error(Reason.DENIED)
    assert str(raised.value) == (
        f"{name}: GetObject on s3://b/k: Odd: no; s3-crosscopy doctor, with the same {name}, names the missing"
        " permission and prints the policy for it"
    )


def test_other_errors_and_inputs_are_none_of_the_doctors() -> None:
    with pytest.raises(CopyFailed, match=r"no$"), errors_naming("manifest"):
        raise error(Reason.THROTTLED)
    with pytest.raises(CopyFailed, match=r"no$"), errors_naming("state"):
        raise error(Reason.DENIED)
