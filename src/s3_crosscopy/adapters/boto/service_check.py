"""Refuses two principals that are at different S3 services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3_crosscopy.errors import InvalidInput

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients


def check_services(copier: S3Clients, reader: S3Clients | None) -> None:
    """Raise InvalidInput unless both principals use one S3 service: the copying server reads the source itself.

    Makes no request. At two services, buckets of the same name may be different ones.
    """
    if reader is None or copier.server == reader.server != "":
        return
    copier_service, reader_service = copier.service, reader.service
    if copier_service != reader_service:
        raise InvalidInput(
            f"endpoint_url: {copier.label or 'the copier'} is at {copier_service}, {reader.label or 'the reader'} at"
            f" {reader_service};"
            " a server-side copy needs both at one S3 service; if these are two names of one, give both the same"
        )
