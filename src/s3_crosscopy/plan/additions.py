"""Names for statements that mend a document which may have ours already.

IAM, S3 and KMS take each Sid once in a document (IAM User Guide, "Sid"). What is missing is a part of what is needed,
and comes in rounds: what a listing would tell is known to be missing only when the listing is granted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from s3_crosscopy.model.access import Policy

# The actions say that, too.
_KIND = re.compile("(?:Objects|Bucket)$")


def additions(printed: Iterable[Policy]) -> tuple[Policy, ...]:
    """The same policies, each statement named by its actions too: the same ones are not missing twice."""
    return tuple(
        one._replace(document={**one.document, "Statement": [_named(each) for each in one.document["Statement"]]})
        for one in printed
    )


def _named(statement: dict[str, Any]) -> dict[str, Any]:
    actions = "".join(action.partition(":")[2] for action in statement["Action"])
    return {**statement, "Sid": f"{_KIND.sub('', statement['Sid'])}{actions}"}
