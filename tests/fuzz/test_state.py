"""Checkpoints, prices, and what the tab makes of Airflow's tables."""

from __future__ import annotations

import base64
import json
import zlib
from datetime import datetime, timezone
from functools import partial
from importlib.resources import files
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from s3_crosscopy.adapters.price_file import SHIPPED
from s3_crosscopy.airflow.plugin.console_link import CONSOLES
from s3_crosscopy.airflow.plugin.page_data import Instance, StoredValues, page, value_of
from s3_crosscopy.core.spec import resolve_spec
from s3_crosscopy.core.state.resume import impossible, usable
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.checkpoint import CheckpointState, fits, from_json, to_json
from s3_crosscopy.model.input_limits import CHECKPOINT, PRICES, STORED
from s3_crosscopy.model.json_text import read_json
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.packed_ranges import pack
from s3_crosscopy.model.prices import parse_prices
from s3_crosscopy.model.tally import Tally
from tests.fuzz.budget import parsed
from tests.fuzz.damage import DEEP, damaged, damaged_text, enlarged
from tests.fuzz.inputs import MANY
from tests.report.samples import a_report
from tests.unit.state_strategies import STATE

NOW = 1_800_000_000.0
SPEC = resolve_spec("s3://src/p/", "s3://dst/q/", {})
KEPT = to_json(STATE, NOW)
PACKED = pack(tuple(KeyRange(f"p/{number}a", f"p/{number}b") for number in range(100, 200)))
COUNTED = {**Tally().as_dict(), "listed": 10, "copied": 10}
SHOWN = {
    **KEPT,
    "progress": {
        **COUNTED,
        "objects_per_second": 5.0,
        "history": [[5.0, 80.0], [10.0, 90.0]],
        "failures": [["in/a", "denied"], {"key": "b", "reason": "denied", "message": "no"}],
        "source": "s3://src/p/",
        "total_keys": 20,
    },
}
PLAN = [{"keys": 5, "source": "s3://src/p/", "dest": "s3://dst/q/"}] * 2
SHARD = "S3CopyShardOperator"
BEGAN = datetime(2027, 1, 15, tzinfo=timezone.utc)


def _judged(state: CheckpointState) -> None:
    """What a run asks of a state before it goes on from it."""
    usable(state, NOW, STATE.fingerprint, NOW)
    fits(state)
    if not impossible(state, SPEC, (KeyRange(),)):
        assert Tally.of(state.counts, state.reasons, state.verified).gap() == 0
        assert all(upload.dest_key.startswith("q/") for upload in state.uploads)


@MANY
@given(damaged_text(KEPT))
@example(json.dumps({**KEPT, "counts": {}}).encode())
@example(json.dumps({**KEPT, "remaining": [["z", "a"]]}).encode())
@example(json.dumps({**KEPT, "reasons": {"x\x1b[31m": 10**400}}).encode())
@example(json.dumps({**KEPT, "segments": 100_000_000}).encode())
@example(json.dumps({**KEPT, "remaining": "AAAA"}).encode())
@example(json.dumps({**KEPT, "remaining": PACKED[:-8]}).encode())
@example(json.dumps({**KEPT, "beside": ["../../etc/passwd", "d" * 64, 2**63]}).encode())
@example(b"[" * 200_000)
def test_a_checkpoint_is_a_state_or_refused(data: bytes) -> None:
    read = parsed(lambda: from_json(read_json(data, CHECKPOINT)), ValueError)
    if read is not None:
        parsed(lambda: _judged(read[0]))


@MANY
@given(st.binary(max_size=64))
def test_packed_key_ranges_are_ranges_or_refused(data: bytes) -> None:
    text = base64.b64encode(zlib.compress(data)).decode()
    read = parsed(lambda: from_json({**KEPT, "remaining": text}), ValueError)
    if read is not None:
        parsed(lambda: _judged(read[0]))


@MANY
@given(damaged(KEPT))
def test_what_airflows_store_gives_is_a_state_or_refused(kept: Any) -> None:
    read = parsed(lambda: from_json(kept), ValueError)
    if read is not None:
        parsed(lambda: _judged(read[0]))


def test_a_state_with_anything_large_in_it_is_a_state_or_refused() -> None:
    for kept in enlarged(KEPT):
        read = parsed(partial(from_json, kept), ValueError)
        if read is not None:
            parsed(partial(_judged, read[0]))


@MANY
@given(damaged_text(json.loads(files("s3_crosscopy").joinpath(SHIPPED).read_bytes())))
def test_prices_are_prices_or_refused(data: bytes) -> None:
    parsed(lambda: parse_prices(read_json(data, PRICES), "file"), InvalidInput, ValueError)


def _answer(kept: bytes, summary: bytes, plan: bytes) -> None:
    texts = [one.decode("utf-8", "replace") for one in (kept, summary, plan)]
    instances = [
        Instance(SHARD_TASK, number, state, BEGAN, SHARD) for number, state in enumerate(("running", "success", None))
    ]
    left = StoredValues(
        {(SHARD_TASK, 0): [value_of(texts[0], STORED)]},
        {(SHARD_TASK, 1): value_of(texts[1], STORED)},
        {"group.plan": value_of(texts[2], STORED)},
        consoles={SHARD_TASK: CONSOLES["aws"]},
    )
    # As the API server sends it: neither NaN nor what UTF-8 cannot hold is an answer.
    answer = json.dumps(page(instances, left, has_store=True), allow_nan=False, ensure_ascii=False).encode("utf-8")
    assert len(answer) < 64 * 1024


SHARD_TASK = "group.copy"


@MANY
@given(damaged_text(SHOWN), damaged_text(a_report(**COUNTED).as_dict()), damaged_text(PLAN))
@example(b"[" * 100_000, b"", b"")
@example(b'{"progress":{"listed":1,"source":"s3://a/\\ud800"}}', b"", b"")
@example(json.dumps({"progress": {"listed": 1, "failures": [["k" * 3_000_000, "r"]]}}).encode(), b"", b"")
@example(json.dumps({**SHOWN, "saved_at": 1e15, "seconds": 1e-300}).encode(), b"", b"")
@example(json.dumps({**SHOWN, "reasons": {f"r{number}": 1 for number in range(20_000)}}).encode(), b"", b"")
@example(
    json.dumps({**SHOWN, "progress": {"listed": 1, "history": [[1e308, 1e308], [-1e308, 1e308]]}}).encode(), b"", b""
)
def test_the_tab_has_an_answer_whatever_the_tables_hold(kept: bytes, summary: bytes, plan: bytes) -> None:
    parsed(lambda: _answer(kept, summary, plan))


def test_the_tab_has_an_answer_where_anything_in_the_tables_is_large() -> None:
    for kept in enlarged(SHOWN):
        parsed(partial(_answer, json.dumps(kept).encode(), b"", b""))
    for summary in enlarged(a_report(**COUNTED).as_dict()):
        parsed(partial(_answer, b"", json.dumps(summary).encode(), b""))
    for plan in enlarged(PLAN):
        parsed(partial(_answer, b"", b"", json.dumps(plan).encode()))


@MANY
@given(st.lists(damaged(SHOWN), min_size=1, max_size=3))
def test_a_store_of_python_values_has_an_answer_too(kept: list[Any]) -> None:
    if DEEP in json.dumps(kept):
        return
    left = StoredValues({("copy", -1): kept}, {}, {})
    answer = page([Instance("copy", -1, "running", BEGAN, "x")], left, has_store=True)
    parsed(lambda: json.dumps(answer, allow_nan=False).encode())
