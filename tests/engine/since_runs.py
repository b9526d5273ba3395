"""Runs with the option `since` over the memory store, each with what the last complete one left."""

from __future__ import annotations

from typing import Any

from s3_crosscopy.api import resolve_spec
from s3_crosscopy.core.since.advance import advanced
from s3_crosscopy.core.since.look import FULL, Look, decide_look
from s3_crosscopy.core.since.start_key import look_ranges
from s3_crosscopy.core.state.resume import since_fingerprint
from s3_crosscopy.model.checkpoint import CheckpointState
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.since_state import LastSuccess, since_of, since_to_json
from s3_crosscopy.testing.memory_store import START
from tests.engine.harness import WHOLE, Rig

DAY_S = 86_400


class SinceRuns:
    """Copies `p/` to `q/`. `skew_s`: how far the worker's clock is ahead of S3's."""

    def __init__(self, rig: Rig | None = None) -> None:
        self.rig = rig or Rig()
        self.state: LastSuccess | None = None
        self.skew_s = 0.0
        self.look = FULL

    def look_of(self, **options: Any) -> Look:
        spec = resolve_spec("s3://src/p/", "s3://dst/q/", options)
        now = START.timestamp() + self.rig.clock.now() + self.skew_s
        return decide_look(self.state, since_fingerprint(spec, []), now, spec.options)

    def run(self, resumed: CheckpointState | None = None, **options: Any) -> Report:
        """Run, and keep what a complete run leaves."""
        spec = resolve_spec("s3://src/p/", "s3://dst/q/", options)
        self.look = self.look_of(**options)
        ranges = look_ranges(self.look, spec.source_prefix, WHOLE)
        report = self.rig.copy(ranges=ranges, resumed=resumed, look=self.look, **options)
        state = advanced(report, self.look, since_fingerprint(spec, []))
        if state is not None:
            self.state = since_of(since_to_json(state))
        return report
