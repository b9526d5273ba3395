"""The name of a client's method for an API operation."""

from __future__ import annotations

from botocore import xform_name


def method_of(call: str) -> str:
    """Return `head_object` for `HeadObject`."""
    return str(xform_name(call))
