"""Identifies a principal: its ARN by STS, the ARN that a policy names, and the end of its credentials."""

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


def identify(clients: S3Clients, party: Party) -> Principal:
    """Identify a principal by one GetCallerIdentity with short time-outs. Never raises an S3Error.

    What STS does not report is None. `problem` is set only if the credentials certainly do not work: a server without
    STS is not a problem.
    """
    arn = account = refused = None
    problem = ""
    try:
        response = clients.caller_identity()
        arn, account = response.get("Arn"), response.get("Account")
    except S3Error as error:
        problem, refused = _problem(error, clients), refused_assumption(error.message)
    role_arn = clients.role_arn or (role_arn_of(arn, sso_region(clients.session)) if arn else None)
    return Principal(
        party=party,
        label=clients.label,
        arn=arn,
        role_arn=role_arn,
        account=account or (account_of(role_arn) if role_arn else None),
        expires=_expires(clients.session),
        chained=clients.chained,
        problem=problem,
        refused=refused,
    )


def _problem(error: S3Error, clients: S3Clients) -> str:
    """One line for credentials that STS rejects, or that could not be obtained; "" for none.

    A server other than AWS may have no STS and misread the request: only expired credentials are believed there.
    """
    if refused_assumption(error.message) is not None:
        return f"{clients.label or 'credentials'}: {cause(error)}"
    if error.reason is not Reason.CREDENTIALS:
        return ""
    if isinstance(error.__cause__, CredentialsFailed):  # Its message names the credentials.
        return cause(error)
    certain = error.status == 0 or clients.asks_aws or expired(error.code)
    return f"{clients.label or 'credentials'}: {cause(error)}" if certain else ""


def _expires(session: Any) -> str | None:
    """The end of the credentials; "" for never, None if they have a token of unknown duration."""
    core = getattr(session, "_session", None)
    # Not `session.get_credentials()`: without credentials that searches for some, and waits.
    credentials = getattr(core, "_credentials", None)
    if credentials is None:
        return None
    expiry = getattr(credentials, "_expiry_time", None)
    if expiry is not None:
        return iso(expiry)
    refreshes = hasattr(credentials, "refresh_needed")
    return None if refreshes or getattr(credentials, "token", None) else ""
