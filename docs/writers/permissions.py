"""The page of permissions, from `access.rules.permissions`."""

from __future__ import annotations

from docs.writers.table import code, options_as_code, page, table

from s3_crosscopy.access.rules.permissions import PERMISSIONS

HEAD = """\
The table has all permissions that a run needs. `s3-crosscopy doctor` tests them, `s3-crosscopy policies` prints them.
Across accounts, both the principal's own policy and the policy of the bucket (or key) must allow each action. Within
one account, the principal's own policy is enough. "Who" is the principal: the copier signs the copies, the reader
reads the source. Without a separate reader, the copier also needs the permissions of the reader. "When" says which
option or which objects require the permission; if it is empty, the permission is always needed.

One more permission is optional: `s3:DeleteObject` on the destination's keys, or `s3:DeleteObjectVersion` in a versioned
bucket. A run uses it only to delete its own copy, if [its tags could not be
set](large-objects.md#tags-that-could-not-be-put). Without it the copy stays, and the failure says what to do. The
doctor does not test this permission, and `policies` does not print it.
"""


def permissions_page() -> str:
    """The page docs/permissions.md."""
    rows = (
        (code(row.action), row.party.value, row.place.value, options_as_code(row.when.text), row.why)
        for row in PERMISSIONS
    )
    return page("Permissions", HEAD, table(("action", "who", "where", "when", "what for"), rows))
