"""The line for a principal without credentials: its side, its profile, and what to do."""

from __future__ import annotations

from s3_crosscopy.model.operations import Side

CODE = "NoCredentials"


def no_credentials(side: Side, label: str) -> str:
    """The line. `label`: the name of the principal, such as `profile 'B'`; "" for boto's own credential chain."""
    name, argument = ("source", "source_profile") if side is Side.SOURCE else ("dest", "profile")
    if label:
        return (
            f"{name}: no credentials were found in {label}; add keys, a role or a sign-in to it"
            f" (`aws configure`, `aws configure sso`), or name another profile with {argument}=..."
        )
    return (
        f"{name}: no credentials were found, neither in the environment nor in ~/.aws nor from the machine's role;"
        f" name a profile with {argument}=..., or set AWS_PROFILE, or sign in (`aws configure`, `aws configure sso`)"
    )
