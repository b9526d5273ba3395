"""The error of an object whose copy would lose metadata, because HEAD does not return all of it."""

from __future__ import annotations

from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Listed
from s3_crosscopy.model.outcomes import Reason


def untold_error(spec: CopySpec, source: Listed, number: int, way: str = "a copy with other headers") -> S3Error:
    """Return the error. number: of entries that HEAD does not return. way: the copy that would lose them."""
    return S3Error(
        call="HeadObject", bucket=spec.source.name, key=source.key, code="MissingMetadata", status=200,
        message=f"{number} of its metadata entries do not fit a header (x-amz-missing-meta), and {way} would lose"
        " them; set the metadata of the copy with metadata=, or metadata='drop'",
        reason=Reason.INVALID,
    )  # fmt: skip
