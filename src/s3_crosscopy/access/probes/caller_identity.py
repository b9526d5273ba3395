"""Who a principal is: what STS calls it, what a policy has to name, until when its credentials last."""

from __future__ import annotations

from typing import Any

from s3_crosscopy.access.examination import Party, Principal
from s3_crosscopy.access.rules.arns import account_of, role_arn_of
from s3_crosscopy.access.rules.assume_role import refused_assumption
from s3_crosscopy.access.rules.error_messages import cause
from s3_crosscopy.adapters.boto.clients import S3Clients
from s3_crosscopy.adapters.boto.credential_refresh import CredentialsFailed
from s3_crosscopy.adapters.boto.profile_roles import sso_region
from s3_crosscopy.adapters.boto.s3_dates import iso
from s3_crosscopy.core.error_codes import expired
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.outcomes import Reason


def identify(access: S3Clients, party: Party) -> Principal:
    """One GetCallerIdentity with short time-outs. Never raises; what STS does not tell is None.

    `problem` is set only where the credentials certainly do not work: a server without STS is no problem.
    """
    arn = account = refused = None
    problem = ""
    try:
        said = access.caller_identity()
        arn, account = said.get("Arn"), said.get("Account")
    except S3Error as error:
        problem, refused = _problem(error, access), refused_assumption(error.message)
    hint = access.role_arn
    named = hint or (role_arn_of(arn, sso_region(access.session)) if arn else None)
    return Principal(
        party=party,
        label=access.label,
        arn=arn,
        role_arn=named,
        account=account or (account_of(named) if named else None),
        expires=_expires(access.session),
        chained=access.chained,
        problem=problem,
        refused=refused,
    )


def _problem(error: S3Error, access: S3Clients) -> str:
    """Credentials that STS refuses, or that could not even be had.

    Another server than AWS may have no STS and misread the request: of it only an end of credentials is believed.
    """
    if refused_assumption(error.message) is not None:
        return f"{access.label or 'credentials'}: {cause(error)}"
    if error.reason is not Reason.CREDENTIALS:
        return ""
    if isinstance(error.__cause__, CredentialsFailed):  # It says whose they are.
        return cause(error)
    certain = error.status == 0 or access.asks_aws or expired(error.code)
    return f"{access.label or 'credentials'}: {cause(error)}" if certain else ""


def _expires(session: Any) -> str | None:
    """When the credentials end; "" for never, None where they have a token and nobody knows how long."""
    core = getattr(session, "_session", None)
    # Not `session.get_credentials()`: that looks for some where there are none, and waits for it.
    credentials = getattr(core, "_credentials", None)
    if credentials is None:
        return None
    moment = getattr(credentials, "_expiry_time", None)
    if moment is not None:
        return iso(moment)
    refreshes = hasattr(credentials, "refresh_needed")
    return None if refreshes or getattr(credentials, "token", None) else ""
