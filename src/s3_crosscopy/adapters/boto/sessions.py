"""From a session or a profile's name to an Access, with one line for each way in which that fails."""

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
from s3_crosscopy.adapters.boto.profile_roles import assumed_role
from s3_crosscopy.adapters.boto.redaction import make_harmless
from s3_crosscopy.adapters.boto.session_credentials import OWN_CHAIN, ready, unusable, why_not
from s3_crosscopy.errors import InvalidInput, PermanentFailure, RetryableFailure


def access(
    session: boto3.Session | None,
    profile: str | None,
    what: str,
    *,
    endpoint_url: str | None,
    region_name: str | None,
    verify: bool | str | None,
    config: Mapping[str, Any] | None,
) -> S3Clients:
    """The principal of `session`, or of the profile, or of boto's own chain. `what` names the profile's argument."""
    if session is not None and profile is not None:
        raise InvalidInput(f"{what}: give a session or a profile, not both")
    check_endpoint(endpoint_url, "endpoint_url")
    check_region(region_name, "region_name")
    verify = check_tls(verify, "verify")
    merged = client_config(config)
    given = session
    new_session = partial(_of_profile, profile, what, fetched=True) if session is None else partial(_refreshed, session)
    session = _of_profile(profile, what) if session is None else _of_caller(session)
    role_arn, chained = assumed_role(session)
    return S3Clients(
        session,
        endpoint_url=endpoint_url,
        sts_endpoint_url=endpoint_url,
        region_name=region_name,
        verify=verify,
        config=merged,
        label=_label(profile) if given is None else "",
        new_session=new_session,
        role_arn=role_arn,
        chained=chained,
    )


def _of_profile(profile: str | None, what: str, *, fetched: bool = False) -> boto3.Session:
    """The session of a profile. `fetched`: with its credentials, also those of a role, which usually are fetched when a
    request is signed: then nobody may wait for them."""
    label, session = _label(profile), None
    try:
        session = boto3.Session(profile_name=profile)
        bound_clients(session._session)
        redact_debug_lines()
        # A client asks for them anyway; what is wrong with a profile has a clear line only here.
        credentials = ready(session, label or OWN_CHAIN)
        if fetched and credentials is not None:
            credentials.get_frozen_credentials()
            refresh_late_enough(credentials)
    except ProfileNotFound as error:
        name = error.kwargs.get("profile")
        where = what if profile is not None else "AWS_PROFILE"
        raise InvalidInput(f"{where}: there is no AWS profile {name!r}; see `aws configure list-profiles`") from None
    except Exception as error:
        # Credentials come by files, tools and servers, each with errors of its own.
        where = f"{what}: {label}" if profile is not None else label or OWN_CHAIN
        told = unusable(error, where, session)
        make_harmless(error)
        raise told from error
    return session


def _of_caller(session: object) -> boto3.Session:
    if not hasattr(session, "client"):
        # By its type alone: what was taken for a session may be a mapping of secrets.
        what_it_is = type(session).__name__
        raise InvalidInput(f"session: expected a boto3.Session, got {what_it_is}; name a profile with `profile`")
    try:
        ready(session, "session")
    except Exception as error:
        told = unusable(error, "session: its credentials", session)
        make_harmless(error)
        raise told from error
    return session


def _label(profile: str | None) -> str:
    """The profile as the user knows it, also where only AWS_PROFILE names it; "" for none."""
    named = profile if profile is not None else os.environ.get("AWS_PROFILE", os.environ.get("AWS_DEFAULT_PROFILE"))
    if named is None:
        return ""
    return f"profile {named!r}" if profile is not None else f"profile {named!r} (AWS_PROFILE)"


def _refreshed(session: boto3.Session) -> boto3.Session:
    """The caller's own session: nobody else knows where its credentials come from."""
    try:
        refresh_now(session.get_credentials())
    except Exception as error:
        why = why_not(error, session)
        make_harmless(error)
        failure = RetryableFailure if why.is_transient else PermanentFailure
        raise failure(f"session: its credentials could not be refreshed: {why.text}") from error
    return session


def client_config(raw: Mapping[str, Any] | None) -> Config | None:
    """A botocore Config of a mapping; InvalidInput for settings that botocore does not know."""
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
