"""Ceph's programs and the Debian packages they are in."""

from __future__ import annotations

from tests.servers.debian import Software, ensure_or_skip

CEPH = Software(
    "Ceph RGW",
    programs=("ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin"),
    packages=("ceph-mon", "ceph-osd", "radosgw", "ceph-common"),
)


def ensure_ceph() -> None:
    """Return with every program on the PATH; skip the test, or fail it under CI, if that cannot be."""
    ensure_or_skip(CEPH)
