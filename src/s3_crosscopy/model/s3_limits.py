"""S3's own limits and names that several parts of the package need, each with its source."""

from __future__ import annotations

from typing import Final

PAGE_KEYS: Final = 1000
"""The most keys on one page of a listing (API reference, ListObjectsV2, `MaxKeys`)."""

STANDARD: Final = "STANDARD"
"""The storage class of objects for which S3 names none (API reference, HeadObject, `x-amz-storage-class`)."""

ARCHIVE_CLASSES: Final = frozenset({"GLACIER", "DEEP_ARCHIVE"})
"""The storage classes whose objects cannot be read before they are restored (User Guide, "Restoring an archived
object"). Objects in GLACIER_IR can be."""
