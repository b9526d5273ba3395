"""The page of grants, from `plan.permissions`."""

from __future__ import annotations

from docs.writers.table import code, options_as_code, page, table

from s3_crosscopy.access.rules.permissions import PERMISSIONS

HEAD = """\
What each run needs, from the table that `s3-crosscopy doctor` probes and `s3-crosscopy policies` prints. Across
accounts both the principal's own policy and that of the bucket (or key) must allow each action; within one account the
principal's own is enough. Where nobody else reads the source, the reader's rows are the copier's. "When" is the option
that brings a row; rows without one always count.

One more is optional, and neither probed nor printed: with `s3:DeleteObject` on the destination's keys
(`s3:DeleteObjectVersion` in a bucket with versions) a copy [that could not be given its
tags](large-objects.md#tags-that-could-not-be-put) is deleted again; without it the failure says what to do.
"""


def grants_page() -> str:
    """The page docs/permissions.md."""
    rows = (
        (code(row.action), row.party.value, row.place.value, options_as_code(row.when.text), row.why)
        for row in PERMISSIONS
    )
    return page("Grants", HEAD, table(("action", "who", "where", "when", "what for"), rows))
