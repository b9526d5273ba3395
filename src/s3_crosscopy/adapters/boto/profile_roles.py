"""Reads from a profile the role that it assumes, and if that is role chaining.

A role that is assumed with temporary credentials is chained: its session ends after an hour, whatever was requested
(IAM User Guide, "Role chaining").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError

_PERMANENT = frozenset({"shared-credentials-file", "config-file", "env", "explicit", "boto-config"})
"""botocore's names of the providers whose credentials may be long-lived; without a token they are."""


def assumed_role(session: Any) -> tuple[str | None, bool | None]:
    """The ARN of the role that the session's profile assumes, and if it is chained; each None if not known.

    Without a profile, or with one without a role: what is known from the credentials.
    """
    core = getattr(session, "_session", None)
    if core is None:
        return None, None
    profiles = core.full_config.get("profiles", {})
    profile = profile_of(core)
    try:
        credentials = session.get_credentials()
    except BotoCoreError:  # reported when a client is made of the session
        return None, None
    method = getattr(credentials, "method", None)
    if method == "assume-role" and "role_arn" in profile:
        return profile["role_arn"], _is_chained(profile, profiles)
    if method == "assume-role-with-web-identity":
        return profile.get("role_arn"), False
    if method in _PERMANENT:
        # Temporary credentials from elsewhere do not show how they were obtained.
        return None, None if getattr(credentials, "token", None) else False
    return None, False if method in ("iam-role", "container-role", "sso") else None


def profile_of(core: Any) -> Mapping[str, Any]:
    """The settings of the profile that a botocore session uses; {} for none."""
    name = core.get_config_variable("profile") or "default"
    profile: Mapping[str, Any] = core.full_config.get("profiles", {}).get(name, {})
    return profile


def asks_for_code(session: Any) -> bool:
    """Return True if each new session of the profile asks for an MFA code, for its role or for one on the way to it."""
    core = getattr(session, "_session", None)
    if core is None:
        return False
    profiles, profile, passed = core.full_config.get("profiles", {}), profile_of(core), set()
    while "role_arn" in profile:
        if "mfa_serial" in profile:
            return True
        name = profile.get("source_profile", "")
        if name in passed:
            return False
        passed.add(name)
        profile = profiles.get(name, {})
    return False


def sso_region(session: Any) -> str | None:
    """The Region of IAM Identity Center if the session's profile signs in there, else None."""
    core = getattr(session, "_session", None)
    if core is None:
        return None
    try:
        profile = profile_of(core)
        shared = core.full_config.get("sso_sessions", {}).get(profile.get("sso_session"), {})
    except BotoCoreError:
        return None
    return shared.get("sso_region") or profile.get("sso_region")


def _is_chained(profile: Mapping[str, Any], profiles: Mapping[str, Mapping[str, Any]]) -> bool | None:
    if "credential_source" in profile:
        # Instances and containers have a role's session; the environment may have any credentials.
        return None if profile["credential_source"] == "Environment" else True
    source = profiles.get(profile.get("source_profile", ""))
    if source is None:
        return None
    if "aws_access_key_id" in source:
        return "aws_session_token" in source
    return True if any(name in source for name in ("role_arn", "sso_session", "sso_start_url")) else None
