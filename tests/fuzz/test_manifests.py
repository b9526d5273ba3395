"""Manifests: a list of keys, JSON lines, S3 Inventory or Batch Operations, packed or not."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from s3_crosscopy.adapters.manifests import open_manifest
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.location import MAX_KEY_BYTES
from tests.adapters.reports import no_client
from tests.fuzz.bounds import parsed
from tests.fuzz.damage import damaged_bytes

KINDS = (
    b"in/a\nin/b c\n\nin/\xc3\xbc\n",
    b'{"key": "in/a"}\n{"key": "in/\\u00fc", "size": 1}\n',
    b'"src","in/a","1","2026-01-01T00:00:00.000Z"\n"src","in/b+c%20d","2",""\n',
    b"src,in/a\nsrc,in/b%2Bc\n",
    b"src,in/a,3HL4kqtJvjVBH40Nrjfkd.VersionId\n",
)
LINES = (
    b"\n",
    b"\r\n",
    b"[" * 20_000,
    b'{"key": ' * 5_000,
    b'"' * 60_000,
    b"," * 60_000,
    b"%" * 60_000,
    b"\x00",
    b"k" * 70_000,
)


def _read(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "keys"
        file.write_bytes(data)
        keys = parsed(
            lambda: open_manifest(str(file), prefix="in/", client_for=no_client, bucket="src", chunk_keys=1_000),
            InvalidInput,
        )
        if keys is not None:
            with keys:
                found = list(keys)
            assert found == sorted(set(found), key=lambda key: key.encode())
            assert all(key.startswith("in/") and len(key.encode()) <= MAX_KEY_BYTES for key in found)


@st.composite
def manifests(draw: st.DrawFn) -> bytes:
    """One of the kinds, with lines of another kind between its own, damaged, and maybe packed."""
    data = draw(damaged_bytes(draw(st.sampled_from(KINDS))))
    if draw(st.booleans()):
        at = draw(st.integers(0, len(data)))
        data = data[:at] + draw(st.sampled_from(LINES) | st.binary(max_size=20)) + data[at:]
    return draw(damaged_bytes(gzip.compress(data, 1))) if draw(st.booleans()) else data


@given(manifests())
@example(gzip.compress(b"\n" * 2**27))
@example(gzip.compress(b"k" * 2**20))
@example(b'"src","in/' + b"%" * 60_000 + b'"\n')
def test_a_manifest_is_keys_below_the_source_or_refused(data: bytes) -> None:
    _read(data)
