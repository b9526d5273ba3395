"""Makes the clients of the one principal of a call, once they are needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients


def make_signer(
    session: Any,
    profile: str | None,
    *,
    endpoint_url: str | None,
    region_name: str | None,
    verify: bool | str | None,
    botocore_config: Mapping[str, Any] | None,
) -> Callable[[], S3Clients]:
    """Return a function that makes the clients at its first call, and returns the same ones from then on.

    The arguments are those of `copy()`. The function raises InvalidInput for arguments that do not go together.
    """

    @cache
    def signer() -> S3Clients:
        # boto3 takes long to import, and a report in a folder needs none.
        from s3_crosscopy.adapters.boto.sessions import access

        return access(
            session,
            profile,
            "profile",
            endpoint_url=endpoint_url,
            region_name=region_name,
            verify=verify,
            config=botocore_config,
        )

    return signer
