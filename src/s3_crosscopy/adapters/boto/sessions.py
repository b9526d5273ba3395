"""Makes S3Clients from a session or a profile's name. Each error is one line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ProfileNotFound

from s3_crosscopy.adapters.boto.bounded_clients import bound_clients
from s3_crosscopy.adapters.boto.clients import S3Clients
from s3_crosscopy.adapters.boto.config_checks import (
    check_config_types,
    check_endpoint,
    check_region,
    check_tls,
    one_line,
)
from s3_crosscopy.adapters.boto.credential_refresh import refresh_late_enough, refresh_now
from s3_crosscopy.adapters.boto.debug_lines import redact_debug_lines
from s3_crosscopy.adapters.boto.model_loader import quick_session
from s3_crosscopy.adapters.boto.profile_roles import assumed_role
from s3_crosscopy.adapters.boto.redaction import make_harmless
from s3_crosscopy.adapters.boto.session_credentials import OWN_CHAIN, ready, unusable, why_not
from s3_crosscopy.errors import InvalidInput, PermanentFailure, RetryableFailure


def access(
    session: boto3.Session | None,
    profile: str | None,
    argument: str,
    *,
    endpoint_url: str | None,
    region_name: str | None,
    verify: bool | str | None,
    config: Mapping[str, Any] | None,
) -> S3Clients:
    """The clients of `session`, of the profile, or of boto's own chain if both are None.

    `argument` is the name of the profile's argument, for messages. Raises InvalidInput or RetryableFailure.
    """
    if session is not None and profile is not None:
        raise InvalidInput(f"{argument}: give a session or a profile, not both")
    check_endpoint(endpoint_url, "endpoint_url")
    check_region(region_name, "region_name")
    verify = check_tls(verify, "verify")
    merged = client_config(config)
    callers_session = session
    new_session = (
        partial(_of_profile, profile, argument, fetched=True) if session is None else partial(_refreshed, session)
    )
    session = _of_profile(profile, argument) if session is None else _of_caller(session)
    role_arn, chained = assumed_role(session)
    return S3Clients(
        session,
        endpoint_url=endpoint_url,
        sts_endpoint_url=endpoint_url,
        region_name=region_name,
        verify=verify,
        config=merged,
        label=_label(profile) if callers_session is None else "",
        new_session=new_session,
        role_arn=role_arn,
        chained=chained,
    )


def _of_profile(profile: str | None, argument: str, *, fetched: bool = False) -> boto3.Session:
    """The session of a profile.

    `fetched`: fetch a role's credentials now, and not when a request is signed: the signing thread may not wait.
    """
    label, session = _label(profile), None
    try:
        session = boto3.Session(profile_name=profile, botocore_session=quick_session())
        bound_clients(session._session)
        redact_debug_lines()
        # A client looks them up too, but only here a problem of the profile becomes a clear line.
        credentials = ready(session, label or OWN_CHAIN)
        if fetched and credentials is not None:
            credentials.get_frozen_credentials()
            refresh_late_enough(credentials)
    except ProfileNotFound as error:
        name = error.kwargs.get("profile")
        prefix = argument if profile is not None else "AWS_PROFILE"
        raise InvalidInput(f"{prefix}: there is no AWS profile {name!r}; see `aws configure list-profiles`") from None
    except Exception as error:
        # Credentials come from files, tools and servers, each with exceptions of its own.
        prefix = f"{argument}: {label}" if profile is not None else label or OWN_CHAIN
        failure = unusable(error, prefix, session)
        make_harmless(error)
        raise failure from error
    return session


def _of_caller(session: object) -> boto3.Session:
    if not hasattr(session, "client"):
        # Only its type is shown: it may be a mapping of secrets.
        type_name = type(session).__name__
        raise InvalidInput(f"session: expected a boto3.Session, got {type_name}; name a profile with `profile`")
    try:
        ready(session, "session")
    except Exception as error:
        failure = unusable(error, "session: its credentials", session)
        make_harmless(error)
        raise failure from error
    return session


def _label(profile: str | None) -> str:
    """The profile's name for messages, also if only AWS_PROFILE names it; "" for none."""
    named = profile if profile is not None else os.environ.get("AWS_PROFILE", os.environ.get("AWS_DEFAULT_PROFILE"))
    if named is None:
        return ""
    return f"profile {named!r}" if profile is not None else f"profile {named!r} (AWS_PROFILE)"


def _refreshed(session: boto3.Session) -> boto3.Session:
    """The caller's own session, refreshed. A new one cannot be made: the source of its credentials is unknown."""
    try:
        refresh_now(session.get_credentials())
    except Exception as error:
        problem = why_not(error, session)
        make_harmless(error)
        failure = RetryableFailure if problem.is_transient else PermanentFailure
        raise failure(f"session: its credentials could not be refreshed: {problem.text}") from error
    return session


def client_config(raw: Mapping[str, Any] | None) -> Config | None:
    """A botocore Config from a mapping. Raises InvalidInput for settings that botocore does not know."""
    if raw is None:
        return None
    if not isinstance(raw, Mapping):
        raise InvalidInput(
            f"botocore_config: expected a mapping of botocore.config.Config settings, got {type(raw).__name__}"
        )
    check_config_types(raw, "botocore_config")
    try:
        return Config(**raw)
    except (TypeError, ValueError, AttributeError, BotoCoreError) as error:
        make_harmless(error)
        raise InvalidInput(
            f"botocore_config: botocore refuses it, see botocore.config.Config: {one_line(error)}"
        ) from error
