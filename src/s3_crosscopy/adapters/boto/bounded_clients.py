"""Limits the responses that a session's credentials come from: those for its profile's role, web identity or SSO.

botocore makes these clients itself, and emits an event with the class of each before it makes one.
"""

from __future__ import annotations

from typing import Any

from s3_crosscopy.adapters.boto.many_headers import take_many_headers
from s3_crosscopy.adapters.boto.response_limits import bound_answers

SERVICES = ("sts", "sso", "sso-oidc")


class _Bounded:
    """A base class for such clients."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bound(self)


def bound(client: Any) -> None:
    """Limit the responses that a client reads."""
    take_many_headers(client)
    bound_answers(client)


def bound_clients(core: Any) -> None:
    """Limit the responses of all clients of `SERVICES` that a botocore session makes from now on."""
    for service in SERVICES:
        core.register(f"creating-client-class.{service}", _add, unique_id=f"s3-crosscopy-bounded-{service}")


def _add(base_classes: list[type], **_: object) -> None:
    base_classes.insert(0, _Bounded)
