"""Records what a run with the option `since` sees: what the short way missed, and where the next run may start."""

from __future__ import annotations

from s3_crosscopy.core.since.proven import Missed
from s3_crosscopy.core.since.start_key import StartKey
from s3_crosscopy.engine.run_config import RunConfig
from s3_crosscopy.model.since_result import SinceResult


class SinceRecord:
    """The records of one run. `start_key` is None unless the option is "key"."""

    def __init__(self, config: RunConfig) -> None:
        options = config.spec.options
        self.missed = Missed(config.look, resumed=config.attempt.resumes)
        self.start_key: StartKey | None = None
        if options.since == "key":
            self.start_key = StartKey(options.overlap, config.look.start)

    def result(self, config: RunConfig) -> SinceResult:
        """Return what the report says of the look."""
        start = "" if self.start_key is None else self.start_key.key(whole=not config.attempt.resumes)
        return self.missed.result(start)
