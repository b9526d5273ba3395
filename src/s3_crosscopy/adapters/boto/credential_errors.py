"""Why credentials could not be had: one line and a verdict for whatever botocore's providers stumble over.

They raise what `open`, `json` and `subprocess` raise. Which setting it was tells the provider that it came out of.
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
"""A tool may print pages on its standard error."""

_SETTINGS: Mapping[str, str] = {
    "custom-process": "credential_process",
    "assume-role": "role_arn",
    "assume-role-with-web-identity": "web_identity_token_file (or AWS_WEB_IDENTITY_TOKEN_FILE)",
    "sso": "sso_session (or sso_start_url)",
    "login": "login_session",
    "container-role": "AWS_CONTAINER_CREDENTIALS_FULL_URI (or _RELATIVE_URI)",
    "iam-role": "the instance's metadata",
}
"""By botocore's names of the providers."""

_SAYS: tuple[tuple[type[BaseException], Callable[[Any], str]], ...] = (
    (FileNotFoundError, lambda e: f"there is no file {e.filename!r}"),
    (IsADirectoryError, lambda e: f"{e.filename!r} is a directory, not a file"),
    (PermissionError, lambda e: f"{e.filename!r} may not be read, or not be run"),
    (JSONDecodeError, lambda e: "what it gave is no JSON, and credentials come as that only"),
    (EOFError, lambda e: "an MFA code is needed (mfa_serial), and there is no terminal to ask for it"),
    (KeyError, lambda e: f"there is no {e} in it"),
    (AttributeError, lambda e: "what it gave is no JSON object"),
)
_BROKEN_TOKEN = "its token in ~/.aws/sso/cache cannot be read; sign in again (`aws sso login`)"
_SIGN_IN = (boto_errors.SSOError, boto_errors.TokenRetrievalError)
_PASSES = (
    boto_errors.HTTPClientError,
    boto_errors.ConnectionError,
    boto_errors.MetadataRetrievalError,
)
_ENDPOINTS = frozenset({"container-role", "iam-role"})
"""They ask an endpoint beside the worker. One that answered badly, or nothing, may do better a moment later."""
_STS_PASSES = frozenset({"IDPCommunicationError", "RequestTimeTooSkewed"})
_ANSWERED_WRONGLY = ("Unsupported version", "Missing required key")
"""botocore's words for a tool that ended well; one that did not may do better the next time."""


class CredentialProblem(NamedTuple):
    """`text` is one line that begins with the setting; `is_transient`: the same may well succeed later."""

    text: str
    is_transient: bool


def trouble(error: BaseException, method: str = "", profile: Mapping[str, Any] | None = None) -> CredentialProblem:
    """The line that tells of it. `method` is botocore's name of the provider, where it is known anyway."""
    method = _provider(error) or method
    setting = _SETTINGS.get(method) or ", ".join(quoted_settings(str(error), profile or {}))
    text = redacted(" ".join(_what(error, method).split()))[:LONGEST_CHARS]
    return CredentialProblem(f"{setting}: {text}" if setting else text, _passes(error, method))


def quoted_settings(text: str, profile: Mapping[str, Any]) -> Iterator[str]:
    """The variables and the profile's settings whose value a message quotes: it does not name them itself."""
    quoted = {a or b for a, b in re.findall(r"'([^']+)'|\"([^\"]+)\"", text)}
    variables = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    for name, value in {**profile, **variables}.items():
        if isinstance(value, str) and value in quoted and not name.endswith("PROFILE"):
            yield name


def _provider(error: BaseException) -> str:
    """The innermost of botocore's providers that it came out of."""
    found = str(getattr(error, "kwargs", {}).get("provider", ""))
    for frame, _ in walk_tb(error.__traceback__):
        found = str(getattr(frame.f_locals.get("self"), "METHOD", found))
    return found


def _what(error: BaseException, method: str) -> str:
    if isinstance(error, boto_errors.CredentialRetrievalError):
        said = error.kwargs.get("error_msg", str(error))
        return str(said) if str(said).strip() else "it failed and did not say why"
    if isinstance(error, boto_errors.ParamValidationError):
        return without_values(str(error))
    if isinstance(error, KeyError) and method in ("sso", "login"):
        return _BROKEN_TOKEN
    if isinstance(error, TypeError) and method == "assume-role-with-web-identity":
        return "no file is named"
    if isinstance(error, _SIGN_IN):
        return f"{error}; sign in again (`aws sso login`)"
    says = next((says for kind, says in _SAYS if isinstance(error, kind)), None)
    return says(error) if says is not None else one_line(error) or type(error).__name__


def sts_passes(error: boto_errors.ClientError) -> bool:
    """Tells whether STS, or another service that gives credentials, only had a bad moment; else it refused."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    return code in _STS_PASSES or retryable(classify(code, status))


def _passes(error: BaseException, method: str) -> bool:
    if any(isinstance(one, _PASSES) for one in _chain(error)):
        return True
    if method in _ENDPOINTS and isinstance(error, (boto_errors.CredentialRetrievalError, KeyError)):
        return True
    if isinstance(error, boto_errors.ClientError):
        return sts_passes(error)
    if isinstance(error, boto_errors.CredentialRetrievalError) and method == "custom-process":
        return not str(error.kwargs.get("error_msg", "")).startswith(_ANSWERED_WRONGLY)
    # Credentials that had ended when they came; a connection, where an OSError names no file.
    return isinstance(error, RuntimeError) or (isinstance(error, OSError) and error.filename is None)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
