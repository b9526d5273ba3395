from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.value_samples import listed

import s3_crosscopy
from s3_crosscopy.core.decide.comparison import COPIED_EARLIER, NEW, UNCLEAR
from s3_crosscopy.core.state.batch import Batch
from s3_crosscopy.engine.transfer.job import UNSEEN, CopyJob
from s3_crosscopy.model.outcomes import Action, Decision


@pytest.mark.parametrize(
    ("decision", "action"),
    [(NEW, Action.COPY), (UNCLEAR, Action.COMPARE), (COPIED_EARLIER, Action.EARLIER), (UNSEEN, Action.UNSEEN)],
)
def test_a_job_is_counted_under_the_reason_of_its_decision(decision: Decision, action: Action) -> None:
    job = CopyJob(Batch(1, "", []), listed("p/k", 1), decision, "")
    assert (job.decision.action, job.reason) == (action, decision.reason)
    job.decision = NEW
    assert job.reason == "new"


def test_no_text_of_a_reason_chooses_the_next_step() -> None:
    engine = Path(s3_crosscopy.__file__).parent / "engine"
    assert [path for path in engine.rglob("*.py") if "reason ==" in path.read_text(encoding="utf-8")] == []
