"""States of a run as hypothesis makes them, and one by hand."""

from __future__ import annotations

from hypothesis import strategies as st

from s3_crosscopy.model.checkpoint import Beside, Checking, CheckpointState, OpenUpload
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.mirror_state import Deleting, Looked
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.report_row import MOST_SECONDS

STATE = CheckpointState(
    fingerprint="f" * 64,
    remaining=(KeyRange("p/k", "p/m"), KeyRange("p/x", None)),
    counts={"listed": 3, "copied": 2, "failed": 1, "bytes": 10},
    reasons={"same_etag": 1},
    verified={"etag": 2},
    dest_bucket=Bucket("dst", "222222222222", requester_pays=True),
    uploads=(OpenUpload("q/large", "upload-1", "e" * 32, 8 * 2**20),),
    began="2026-11-01T10:00:00",
    seconds=1.5,
    throttled=4,
    segments=2,
    checking=Checking((KeyRange("p/c", "p/d"), KeyRange("p/k", None)), 5),
    progress={"copied": 2, "objects_per_second": 10.5},
    etags_not_kept={"parts of uneven sizes": 1},
    looked=Looked((KeyRange("p/c", None),), 7, 2, at_least=True),
    deleting=Deleting("2026-11-01T11:00:00", "0123456789abcdef", (1, 3), 2100, 5, 2, 900, 100),
)

# Any unicode that S3 can hold: what UTF-8 cannot encode (surrogates) is no key.
keys = st.text(max_size=20)
_numbers = st.integers(min_value=0, max_value=2**62)
_tallies = st.dictionaries(keys, _numbers, max_size=3)
_json = st.one_of(st.none(), st.booleans(), _numbers, st.floats(allow_nan=False), keys)

_ranges = st.lists(st.builds(KeyRange, keys, st.none() | keys), max_size=4).map(tuple)

_looked = st.builds(Looked, _ranges, _numbers, _numbers, st.booleans())
_few = st.integers(min_value=0, max_value=2**20)
_deleting = st.builds(
    Deleting, keys, keys, st.lists(_few, min_size=1, max_size=3).map(tuple), st.just(2**22), _few,
    committed=st.just(0), deleted=_few, kept=_few,
)  # fmt: skip

states = st.builds(
    CheckpointState,
    fingerprint=keys,
    remaining=_ranges,
    counts=_tallies,
    reasons=_tallies,
    verified=_tallies,
    etags_not_kept=_tallies,
    dest_bucket=st.builds(Bucket, keys, st.none() | keys, st.booleans()),
    uploads=st.lists(st.builds(OpenUpload, keys, keys, keys, _numbers), max_size=4).map(tuple),
    began=keys,
    seconds=st.floats(min_value=0, max_value=MOST_SECONDS),
    throttled=_numbers,
    segments=_numbers,
    finished=st.booleans(),
    checking=st.none() | st.builds(Checking, _ranges, _numbers),
    looked=st.none() | _looked,
    deleting=st.none() | _deleting,
    progress=st.none() | st.dictionaries(keys, _json, max_size=3),
    beside=st.none() | st.builds(Beside, keys, keys, _numbers, st.just(Beside("", "", 0).why)),
)
