"""Refuses two principals that are at different S3 services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3_crosscopy.errors import InvalidInput

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients


def check_services(copier: S3Clients, reader: S3Clients | None) -> None:
    """Both principals have to be at one S3 service: the server that copies reads the source itself. No request.

    Where each is at a server of its own, a bucket of the same name there may be another one.
    """
    if reader is None or copier.server == reader.server != "":
        return
    copies, reads = copier.service, reader.service
    if copies != reads:
        raise InvalidInput(
            f"endpoint_url: {copier.label or 'the copier'} is at {copies}, {reader.label or 'the reader'} at {reads};"
            " a server-side copy needs both at one S3 service; if these are two names of one, give both the same"
        )
