"""The page of metrics, from `airflow.metrics`. That module needs Airflow, so it is imported when the page is made."""

from __future__ import annotations

from docs.writers.table import code, page, table

HEAD = """\
Airflow's own metrics carry these: where `[metrics]` is configured (StatsD or OpenTelemetry), each copy sends them, and
needs nothing else. Airflow's prefix (`statsd_prefix`, `otel_prefix`) stands before the names. A dry run sends none, and
a metric that cannot be sent is a warning, never a failure of the copy.
"""


def metrics_page() -> str:
    """The page docs/metrics.md."""
    from s3_crosscopy.airflow.metrics import METRICS, PREFIX, TAGS

    rows = ((code(f"{PREFIX}.{one.name}"), one.kind.value, one.unit, one.meaning, one.told) for one in METRICS)
    return page(
        "Metrics",
        HEAD,
        table(("name", "kind", "unit", "what", "told by"), rows),
        "Every metric has these tags, once the copy knows them:\n",
        table(("tag", "what"), ((code(name), text) for name, text in TAGS.items())),
    )
