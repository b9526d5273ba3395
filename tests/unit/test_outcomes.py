from __future__ import annotations

import json
import pickle
import re
from pathlib import Path

import pytest

import s3_crosscopy
from s3_crosscopy.airflow.metrics import METRICS
from s3_crosscopy.airflow.plugin.progress_model import Status, TaskProgress
from s3_crosscopy.airflow.plugin.run_progress import summarize
from s3_crosscopy.airflow.plugin.view_json import view_to_json
from s3_crosscopy.cli.run_text import counts_text
from s3_crosscopy.core.state.batch import Batch
from s3_crosscopy.model.outcomes import Outcome, outcome_label
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.report.digest import Digest, Timeline
from s3_crosscopy.report.page.outcome_sections import outcomes
from s3_crosscopy.report.report_reader import FinishedReport

ROOT = Path(s3_crosscopy.__file__).parent


@pytest.mark.parametrize("outcome", Outcome)
def test_a_batch_counts_any_outcome_and_repeats_the_key_only_if_the_outcome_says_so(outcome: Outcome) -> None:
    batch = Batch(1, "", [])
    batch.take("a")
    batch.sealed = True
    batch.end("a", outcome, "why", size=3)
    counts = batch.tally.as_dict()
    assert (counts[outcome.value], counts["listed"], batch.tally.gap()) == (1, 1, 0)
    assert sum(counts[name] for name in Tally.OUTCOMES) == 1
    assert (batch.tally.reasons, batch.done()) == ({"why": 1}, not outcome.repeated)


@pytest.mark.parametrize("outcome", Outcome)
def test_command_page_and_tab_call_an_outcome_by_its_label(outcome: Outcome) -> None:
    counts = Tally.of({"listed": 2, outcome.value: 2}, {}, {}).as_dict()
    assert f"2 {outcome.label}" in counts_text(counts).split(", ")

    report = FinishedReport(counts, {}, Digest(0, True, {}, {}, Timeline(1.0)))
    section = outcomes(report)
    (table,) = section.tables
    (row,) = (row for row in table.rows if row[0].text == outcome.label)
    assert (row[1].text, row[3].text) == ("2", outcome.meaning)
    assert f"2 listed = 2 {outcome.label}" in section.notes[0]

    view = json.loads(json.dumps(view_to_json(summarize([TaskProgress("copy", Status.RUNNING)]))))
    assert [outcome.value, outcome.label] in view["outcomes"]


def test_every_outcome_of_a_copy_is_a_metric() -> None:
    metrics = {metric.name: metric.meaning for metric in METRICS}
    for outcome in set(Outcome) - {Outcome.WOULD_COPY, Outcome.NOT_ATTEMPTED}:
        assert metrics[outcome.value].startswith(outcome.meaning)


def test_an_outcome_is_its_name_as_a_key_and_as_json() -> None:
    counts: dict[str, int] = {Outcome.HELD_BACK: 1}
    assert counts["held_back"] == {"held_back": 1}[Outcome.HELD_BACK] == 1
    assert json.dumps({Outcome.FAILED: Outcome.FAILED}) == '{"failed": "failed"}'
    assert pickle.loads(pickle.dumps(Outcome.MISSING)) is Outcome.MISSING is Outcome("missing")
    assert [outcome_label(name) for name in ("listed", "held_back", "failed")] == ["listed", "held back", "failed"]


def test_only_the_enum_has_the_labels_and_meanings() -> None:
    texts = {outcome.meaning for outcome in Outcome} | {
        outcome.label for outcome in Outcome if outcome.label != outcome.value
    }
    quoted = re.compile("|".join(f"[\"'`]{re.escape(text)}[\"'`]" for text in sorted(texts)))
    files = [path for path in ROOT.rglob("*") if path.suffix in (".py", ".js")]
    named = {str(path.relative_to(ROOT)) for path in files if quoted.search(path.read_text(encoding="utf-8"))}
    assert named == {"model/outcomes.py"}
