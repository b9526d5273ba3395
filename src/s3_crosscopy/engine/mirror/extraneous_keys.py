"""The keys that only the destination has, in one run: the look of the main phase, and the delete phase."""

from __future__ import annotations

from typing import NamedTuple

from s3_crosscopy.engine.mirror.delete_record import DeleteRecord
from s3_crosscopy.engine.mirror.extraneous_look import ExtraneousLook
from s3_crosscopy.model.extraneous import Extraneous
from s3_crosscopy.model.mirror_state import Deleting, Looked


class ExtraneousKeys(NamedTuple):
    """Both are None in a run without them. What the delete phase counted replaces what the main phase had seen."""

    look: ExtraneousLook | None = None
    deletes: DeleteRecord | None = None

    def looked(self) -> Looked | None:
        """Return the progress of the look, for a later attempt."""
        return None if self.look is None else self.look.snapshot()

    def deleting(self) -> Deleting | None:
        """Return the progress of the deletes, for a later attempt."""
        return None if self.deletes is None else self.deletes.snapshot()

    def result(self) -> Extraneous | None:
        """Return the counts for the report; None if the run did not look."""
        seen = None if self.look is None else self.look.result()
        return seen if self.deletes is None else self.deletes.result(seen)
