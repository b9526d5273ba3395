"""Looks up a session's credentials and prepares them: each problem is one line, now and when they are refreshed."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError

from s3_crosscopy.adapters.boto.config_checks import unsendable
from s3_crosscopy.adapters.boto.credential_errors import CredentialProblem, credential_problem
from s3_crosscopy.adapters.boto.credential_refresh import CredentialsFailed, refresh_clearly, refresh_late_enough
from s3_crosscopy.adapters.boto.profile_roles import profile_of
from s3_crosscopy.adapters.boto.redaction import remember
from s3_crosscopy.errors import InvalidInput, RetryableFailure

OWN_CHAIN = "boto's own credential chain"


def ready(session: Any, label: str) -> Any:
    """The session's credentials, or None; those of a role are not fetched yet. `label` names them in messages.

    Raises what the look-up raises, and ValueError for credentials that cannot be sent.
    """
    core = getattr(session, "_session", None)
    if core is not None:
        _ask_at_terminals_only(core)
    credentials = session.get_credentials()
    refresh_clearly(credentials, label)
    refresh_late_enough(credentials)
    # To read credentials that refresh would fetch them; None if they were not fetched yet.
    frozen = getattr(credentials, "_frozen_credentials", credentials)
    if frozen is not None:
        remember(frozen.secret_key, frozen.token)
        text = unsendable(frozen.access_key, frozen.secret_key, frozen.token)
        if text:
            raise ValueError(text)
    return credentials


def unusable(error: Exception, prefix: str, session: Any = None) -> InvalidInput | RetryableFailure:
    """The error to raise if the look-up failed. `prefix` begins the line: the argument, and the principal's name."""
    problem = why_not(error, session)
    return (RetryableFailure if problem.is_transient else InvalidInput)(f"{prefix}: {problem.text}")


def why_not(error: BaseException, session: Any = None) -> CredentialProblem:
    """The problem behind an error of the look-up, without the principal's name."""
    if isinstance(error, CredentialsFailed):
        return CredentialProblem(error.text, error.is_transient)
    return credential_problem(error, profile=_settings(session))


def _settings(session: Any) -> Mapping[str, Any]:
    core = getattr(session, "_session", None)
    try:
        return profile_of(core) if core is not None else {}
    except BotoCoreError:
        return {}


def _ask_at_terminals_only(core: Any) -> None:
    """Ask for MFA codes at terminals only: without one, getpass reads and echoes whatever there is to read."""
    for provider in core.get_component("credential_provider").providers:
        if hasattr(provider, "_prompter"):
            provider._prompter = _ask


def _ask(prompt: str) -> str:
    if sys.stdin is None or not sys.stdin.isatty():
        raise EOFError("no terminal")
    return getpass.getpass(prompt)
