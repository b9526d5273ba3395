"""The page of permissions, from `access.rules.permissions`."""

from __future__ import annotations

from docs.writers.table import code, options_as_code, page, table

from s3_crosscopy.access.rules.permissions import PERMISSIONS

HEAD = """\
The permissions that a run needs, from the table that `s3-crosscopy doctor` tests and `s3-crosscopy policies` prints.
Across accounts, both the principal's own policy and the policy of the bucket (or key) must allow each action. Within
one account, the principal's own policy is enough. "Who" is the principal: the copier signs the copies, the reader
reads the source. Without a separate reader, the copier needs the reader's rows too. "When" is the option that
requires the permission; rows without one always apply.

One more permission is optional, and neither tested nor printed: with `s3:DeleteObject` on the destination's keys
(`s3:DeleteObjectVersion` in a bucket with versions) a run deletes a copy [whose tags could not be
set](large-objects.md#tags-that-could-not-be-put). Without it, the failure says what to do.
"""


def permissions_page() -> str:
    """The page docs/permissions.md."""
    rows = (
        (code(row.action), row.party.value, row.place.value, options_as_code(row.when.text), row.why)
        for row in PERMISSIONS
    )
    return page("Permissions", HEAD, table(("action", "who", "where", "when", "what for"), rows))
