"""A session's credentials, looked up and made ready: what is wrong with them is one line, now and when they refresh."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError

from s3_crosscopy.adapters.boto.config_checks import illegible
from s3_crosscopy.adapters.boto.credential_errors import CredentialProblem, trouble
from s3_crosscopy.adapters.boto.credential_refresh import CredentialsFailed, refresh_clearly, refresh_late_enough
from s3_crosscopy.adapters.boto.profile_roles import profile_of
from s3_crosscopy.adapters.boto.redaction import remember
from s3_crosscopy.errors import InvalidInput, RetryableFailure

OWN_CHAIN = "boto's own credential chain"


def ready(session: Any, label: str) -> Any:
    """The session's credentials, or None; those of a role are not fetched yet. `label` says whose they are.

    Raises what looking for them raises, and ValueError for such as no request can carry.
    """
    core = getattr(session, "_session", None)
    if core is not None:
        _ask_at_terminals_only(core)
    credentials = session.get_credentials()
    refresh_clearly(credentials, label)
    refresh_late_enough(credentials)
    # Reading those that refresh would fetch them; None there are none yet.
    there = getattr(credentials, "_frozen_credentials", credentials)
    if there is not None:
        remember(there.secret_key, there.token)
        text = illegible(there.access_key, there.secret_key, there.token)
        if text:
            raise ValueError(text)
    return credentials


def unusable(error: Exception, where: str, session: Any = None) -> InvalidInput | RetryableFailure:
    """The error to raise for one of the look-up. `where` begins the line: the argument, and whose credentials."""
    why = why_not(error, session)
    return (RetryableFailure if why.is_transient else InvalidInput)(f"{where}: {why.text}")


def why_not(error: BaseException, session: Any = None) -> CredentialProblem:
    """Why there are no credentials, without naming whose."""
    if isinstance(error, CredentialsFailed):
        return CredentialProblem(error.text, error.is_transient)
    return trouble(error, profile=_settings(session))


def _settings(session: Any) -> Mapping[str, Any]:
    core = getattr(session, "_session", None)
    try:
        return profile_of(core) if core is not None else {}
    except BotoCoreError:
        return {}


def _ask_at_terminals_only(core: Any) -> None:
    """botocore asks for MFA codes with getpass, which without a terminal reads, and echoes, whatever it gets."""
    for provider in core.get_component("credential_provider").providers:
        if hasattr(provider, "_prompter"):
            provider._prompter = _ask


def _ask(prompt: str) -> str:
    if sys.stdin is None or not sys.stdin.isatty():
        raise EOFError("no terminal")
    return getpass.getpass(prompt)
