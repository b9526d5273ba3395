"""Checksums and ETags of bodies, by their standards and by values that S3 has returned."""

from __future__ import annotations

import base64

import pytest

from s3_crosscopy.core.body_checksums import checksum, composite, md5_etag


@pytest.mark.parametrize(
    ("algorithm", "value"),
    [
        # "Check" values of "123456789": the catalogue of parametrised CRC algorithms (reveng), and FIPS 180.
        ("CRC32", "cbf43926"),
        ("CRC32C", "e3069283"),
        ("CRC64NVME", "ae8b14860a799888"),
        ("SHA1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
        ("SHA256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
    ],
)
def test_each_algorithm_has_its_standard_s_value(algorithm: str, value: str) -> None:
    assert base64.b64decode(checksum(algorithm, b"123456789")).hex() == value


def test_a_composite_is_the_checksum_of_the_parts_checksums() -> None:
    parts = [checksum("SHA256", b"a"), checksum("SHA256", b"b")]
    joined = b"".join(base64.b64decode(part) for part in parts)

    assert composite("SHA256", parts) == f"{checksum('SHA256', joined)}-2"


def test_the_etag_of_parts_is_the_md5_of_their_md5s() -> None:
    assert md5_etag([b""], in_parts=False) == "d41d8cd98f00b204e9800998ecf8427e"
    of_a = bytes.fromhex(md5_etag([b"a"], in_parts=False))

    assert md5_etag([b"a"], in_parts=True) == f"{md5_etag([of_a], in_parts=False)}-1"
    assert md5_etag([b"a", b"b"], in_parts=True).endswith("-2")
