"""Turns the exceptions of botocore's credential providers into one line, and says if the problem is transient.

They raise what `open`, `json` and `subprocess` raise. The provider that raised it shows which setting is concerned.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from json import JSONDecodeError
from traceback import walk_tb
from typing import Any, NamedTuple

from botocore import exceptions as boto_errors

from s3_crosscopy.adapters.boto.config_checks import one_line
from s3_crosscopy.adapters.boto.redaction import redacted, without_values
from s3_crosscopy.core.error_codes import classify, retryable

LONGEST_CHARS = 400
"""Longer texts are cut: a tool may print pages to its standard error."""

_SETTINGS: Mapping[str, str] = {
    "custom-process": "credential_process",
    "assume-role": "role_arn",
    "assume-role-with-web-identity": "web_identity_token_file (or AWS_WEB_IDENTITY_TOKEN_FILE)",
    "sso": "sso_session (or sso_start_url)",
    "login": "login_session",
    "container-role": "AWS_CONTAINER_CREDENTIALS_FULL_URI (or _RELATIVE_URI)",
    "iam-role": "the instance's metadata",
}
"""botocore's name of the provider -> the setting."""

_TEXTS: tuple[tuple[type[BaseException], Callable[[Any], str]], ...] = (
    (FileNotFoundError, lambda e: f"there is no file {e.filename!r}"),
    (IsADirectoryError, lambda e: f"{e.filename!r} is a directory, not a file"),
    (PermissionError, lambda e: f"{e.filename!r} cannot be read or run: permission denied"),
    (JSONDecodeError, lambda e: "its output is no JSON, as credentials have to be"),
    (EOFError, lambda e: "an MFA code is needed (mfa_serial), and there is no terminal to ask for it"),
    (KeyError, lambda e: f"there is no {e} in it"),
    (AttributeError, lambda e: "its output is no JSON object"),
)
_BROKEN_TOKEN = "its token in ~/.aws/sso/cache cannot be read; sign in again (`aws sso login`)"
_SIGN_IN = (boto_errors.SSOError, boto_errors.TokenRetrievalError)
_TRANSIENT = (
    boto_errors.HTTPClientError,
    boto_errors.ConnectionError,
    boto_errors.MetadataRetrievalError,
)
_ENDPOINTS = frozenset({"container-role", "iam-role"})
"""They request an endpoint beside the worker. A bad response, or none, may be transient."""
_STS_TRANSIENT = frozenset({"IDPCommunicationError", "RequestTimeTooSkewed"})
_WRONG_OUTPUT = ("Unsupported version", "Missing required key")
"""botocore's texts for a tool that succeeded with a wrong output; a tool that failed may succeed the next time."""


class CredentialProblem(NamedTuple):
    """`text` is one line that begins with the setting; `is_transient`: the same may succeed later."""

    text: str
    is_transient: bool


def credential_problem(
    error: BaseException, method: str = "", profile: Mapping[str, Any] | None = None
) -> CredentialProblem:
    """Describe an exception of a provider.

    `method` is botocore's name of the provider, if the caller knows it; `profile` the settings of the profile.
    """
    method = _provider(error) or method
    setting = _SETTINGS.get(method) or ", ".join(quoted_settings(str(error), profile or {}))
    text = redacted(" ".join(_text(error, method).split()))[:LONGEST_CHARS]
    return CredentialProblem(f"{setting}: {text}" if setting else text, _is_transient(error, method))


def quoted_settings(text: str, profile: Mapping[str, Any]) -> Iterator[str]:
    """The names of variables and of the profile's settings whose value a message quotes without naming them."""
    quoted = {a or b for a, b in re.findall(r"'([^']+)'|\"([^\"]+)\"", text)}
    variables = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    for name, value in {**profile, **variables}.items():
        if isinstance(value, str) and value in quoted and not name.endswith("PROFILE"):
            yield name


def _provider(error: BaseException) -> str:
    """The name of the innermost of botocore's providers in the traceback; "" if there is none."""
    method = str(getattr(error, "kwargs", {}).get("provider", ""))
    for frame, _ in walk_tb(error.__traceback__):
        method = str(getattr(frame.f_locals.get("self"), "METHOD", method))
    return method


def _text(error: BaseException, method: str) -> str:
    if isinstance(error, boto_errors.CredentialRetrievalError):
        message = str(error.kwargs.get("error_msg", str(error)))
        return message if message.strip() else "it failed without a message"
    if isinstance(error, boto_errors.ParamValidationError):
        return without_values(str(error))
    if isinstance(error, KeyError) and method in ("sso", "login"):
        return _BROKEN_TOKEN
    if isinstance(error, TypeError) and method == "assume-role-with-web-identity":
        return "no file is named"
    if isinstance(error, _SIGN_IN):
        return f"{error}; sign in again (`aws sso login`)"
    text_of = next((text_of for error_class, text_of in _TEXTS if isinstance(error, error_class)), None)
    return text_of(error) if text_of is not None else one_line(error) or type(error).__name__


def sts_is_transient(error: boto_errors.ClientError) -> bool:
    """True if the error of STS, or of another service that issues credentials, is transient and no refusal."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    return code in _STS_TRANSIENT or retryable(classify(code, status))


def _is_transient(error: BaseException, method: str) -> bool:
    if any(isinstance(cause, _TRANSIENT) for cause in _chain(error)):
        return True
    if method in _ENDPOINTS and isinstance(error, (boto_errors.CredentialRetrievalError, KeyError)):
        return True
    if isinstance(error, boto_errors.ClientError):
        return sts_is_transient(error)
    if isinstance(error, boto_errors.CredentialRetrievalError) and method == "custom-process":
        return not str(error.kwargs.get("error_msg", "")).startswith(_WRONG_OUTPUT)
    # New credentials that had expired already; a connection, if an OSError names no file.
    return isinstance(error, RuntimeError) or (isinstance(error, OSError) and error.filename is None)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
