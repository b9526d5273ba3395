"""The page of metrics, from `airflow.metrics`. That module needs Airflow, so it is imported when the page is made."""

from __future__ import annotations

from docs.writers.table import code, page, table

HEAD = """\
Each copy sends these metrics with Airflow's own, if `[metrics]` is configured (StatsD or OpenTelemetry). Nothing else
is needed. Airflow's prefix (`statsd_prefix`, `otel_prefix`) is added before the names. A dry run sends none. If a
metric cannot be sent, that is a warning and never a failure of the copy.

StatsD gets each value at once. OpenTelemetry gets what a task counted every `otel_interval_milliseconds` and when the
task ends, on every version of Airflow; before Airflow 3.3 a timing is a gauge there.
"""


def metrics_page() -> str:
    """The page docs/metrics.md."""
    from s3_crosscopy.airflow.metrics import METRICS, PREFIX, TAGS

    rows = ((code(f"{PREFIX}.{one.name}"), one.kind.value, one.unit, one.meaning, one.log_line) for one in METRICS)
    return page(
        "Metrics",
        HEAD,
        table(("name", "kind", "unit", "what", "sent by"), rows),
        "Every metric has these tags, as soon as the copy knows their values:\n",
        table(("tag", "what"), ((code(name), text) for name, text in TAGS.items())),
    )
