"""Compares objects by one HEAD of each side, both at the same time. No thread is held meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from s3_crosscopy.core.decide.head_comparison import decide_by_heads, decide_by_refusal
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.run_config import RunConfig
from s3_crosscopy.engine.transfer.job import CopyJob
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Facts, Listed
from s3_crosscopy.model.operations import ABSENT, Head, Side
from s3_crosscopy.model.outcomes import Action, Decision, Reason

OnCompared = Callable[[CopyJob, "Decision | None", "S3Error | None"], None]
"""`(job, decision, error)`: called with exactly one of the last two when an object was compared."""


class Comparer:
    """Sends the HEADs of comparisons, and gives each job its decision. `learn` gets the result of every HEAD.

    `note` gets each pair that is to be copied.
    """

    def __init__(
        self,
        config: RunConfig,
        dispatcher: Dispatcher,
        learn: Callable[[Side, Facts], None],
        on_compared: OnCompared,
    ) -> None:
        self.note: Callable[[Listed, Facts], None] = lambda source, dest: None
        self._spec = config.spec
        self._run_start = config.run_start
        self._dispatcher = dispatcher
        self._learn = learn
        self._on_compared = on_compared

    def begin(self, job: CopyJob, dest_facts: Facts | None = None) -> None:
        """Compare this object. Sends no HEAD of the source if the job has one; `dest_facts` replaces the other HEAD."""
        comparison = _Comparison(job)
        if job.facts is None:
            comparison.open += 1
            self._dispatcher.send(source_head(self._spec, job), self._source_answered, comparison)
        if dest_facts is not None:
            self._dest_answered(comparison, dest_facts, None)
            return
        dest = Head(Side.DEST, self._spec.dest, self._spec.dest_key(job.source.key))
        self._dispatcher.send(dest, self._dest_answered, comparison)

    def _source_answered(self, comparison: _Comparison, facts: Facts | None, error: S3Error | None) -> None:
        comparison.job.facts, comparison.source_error = facts, error
        self._answered(comparison, Side.SOURCE, facts)

    def _dest_answered(self, comparison: _Comparison, facts: Facts | None, error: S3Error | None) -> None:
        comparison.dest, comparison.dest_error = facts, error
        self._answered(comparison, Side.DEST, facts)

    def _answered(self, comparison: _Comparison, side: Side, facts: Facts | None) -> None:
        """Report the decision once both sides have answered. An error of the source comes before the destination's."""
        if facts is not None:
            self._learn(side, facts)
        comparison.open -= 1
        if comparison.open:
            return
        job, error = comparison.job, comparison.source_error
        decision = None
        if error is None and comparison.dest_error is not None:
            decision = decide_by_refusal(comparison.dest_error.reason)
            if comparison.dest_error.reason is Reason.MISSING:
                job.expected = ABSENT
            error = None if decision is not None else comparison.dest_error
        elif error is None:
            assert job.facts is not None, "a HEAD without an error has facts"
            assert comparison.dest is not None, "a HEAD without an error has facts"
            job.copy_etag = job.expected = comparison.dest.etag
            decision = decide_by_heads(job.facts, comparison.dest, self._run_start)
            if decision.action is Action.COPY:
                self.note(job.source, comparison.dest)
        self._on_compared(job, decision, error)


class _Comparison:
    """The HEADs of one object. `open`: the number that were not answered yet."""

    __slots__ = ("dest", "dest_error", "job", "open", "source_error")

    def __init__(self, job: CopyJob) -> None:
        self.job = job
        self.open = 1
        self.dest: Facts | None = None
        self.source_error: S3Error | None = None
        self.dest_error: S3Error | None = None


def source_head(spec: CopySpec, job: CopyJob) -> Head:
    """The HEAD of a job's source object, which must not have changed since it was listed."""
    return Head(Side.SOURCE, spec.source, job.source.key, job.source.etag, spec.options.source_version_id)
