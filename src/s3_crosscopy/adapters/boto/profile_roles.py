"""What a profile says of the role it assumes: its ARN, and whether a session of another role is spent on it.

A role that was assumed with temporary credentials is chained: its session ends after an hour, whatever is asked for
(IAM User Guide, "Role chaining").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError

_PERMANENT = frozenset({"shared-credentials-file", "config-file", "env", "explicit", "boto-config"})
"""botocore's names of where credentials come from, for those that may be long-lived: without a token they are."""


def assumed_role(session: Any) -> tuple[str | None, bool | None]:
    """The role that the session's profile assumes, and whether it is chained; each None for not known.

    No profile, or one without a role: what the credentials tell of themselves.
    """
    core = getattr(session, "_session", None)
    if core is None:
        return None, None
    profiles = core.full_config.get("profiles", {})
    profile = profile_of(core)
    try:
        credentials = session.get_credentials()
    except BotoCoreError:  # told by the client that is made of the session
        return None, None
    method = getattr(credentials, "method", None)
    if method == "assume-role" and "role_arn" in profile:
        return profile["role_arn"], _on_top_of_another(profile, profiles)
    if method == "assume-role-with-web-identity":
        return profile.get("role_arn"), False
    if method in _PERMANENT:
        # Somebody else's temporary credentials do not tell how they were come by.
        return None, None if getattr(credentials, "token", None) else False
    return None, False if method in ("iam-role", "container-role", "sso") else None


def profile_of(core: Any) -> Mapping[str, Any]:
    """The settings of the profile that a botocore session uses; {} for none."""
    name = core.get_config_variable("profile") or "default"
    found: Mapping[str, Any] = core.full_config.get("profiles", {}).get(name, {})
    return found


def sso_region(session: Any) -> str | None:
    """The Region of IAM Identity Center, where the session's profile signs in there."""
    core = getattr(session, "_session", None)
    if core is None:
        return None
    try:
        profile = profile_of(core)
        shared = core.full_config.get("sso_sessions", {}).get(profile.get("sso_session"), {})
    except BotoCoreError:
        return None
    return shared.get("sso_region") or profile.get("sso_region")


def _on_top_of_another(profile: Mapping[str, Any], profiles: Mapping[str, Mapping[str, Any]]) -> bool | None:
    if "credential_source" in profile:
        # Instances and containers have a role's session; the environment may hold anything.
        return None if profile["credential_source"] == "Environment" else True
    source = profiles.get(profile.get("source_profile", ""))
    if source is None:
        return None
    if "aws_access_key_id" in source:
        return "aws_session_token" in source
    return True if any(name in source for name in ("role_arn", "sso_session", "sso_start_url")) else None
