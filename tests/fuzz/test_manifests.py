"""Manifests: a list of keys, JSON lines, S3 Inventory or Batch Operations, packed or not."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.manifest.manifest_reader import open_manifest
from s3_crosscopy.model.location import MAX_KEY_BYTES
from tests.fuzz.budget import parsed
from tests.fuzz.damage import NUMBER, damaged_bytes
from tests.fuzz.inputs import MANY
from tests.report.samples import no_client

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


def _read(data: bytes, file: Path) -> None:
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


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all inputs: to make a folder and to remove it takes longer than to read what is in it."""
    return tmp_path_factory.mktemp("manifests") / "keys"


ANY_LINE = st.sampled_from(LINES) | st.binary(max_size=20)


@st.composite
def manifests(draw: st.DrawFn) -> bytes:
    """One of the kinds, with lines of another kind between its own, damaged, and maybe packed."""
    data = draw(damaged_bytes(draw(st.sampled_from(KINDS))))
    if draw(st.booleans()):
        at = draw(NUMBER) % (len(data) + 1)
        data = data[:at] + draw(ANY_LINE) + data[at:]
    return draw(damaged_bytes(gzip.compress(data, 1))) if draw(st.booleans()) else data


@MANY
@given(data=manifests())
@example(data=gzip.compress(b"\n" * 2**27))
@example(data=gzip.compress(b"k" * 2**20))
@example(data=b'"src","in/' + b"%" * 60_000 + b'"\n')
def test_a_manifest_is_keys_below_the_source_or_refused(data: bytes, file: Path) -> None:
    _read(data, file)
