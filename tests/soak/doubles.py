"""What the random runs watch with: what S3 did and which state was kept."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

from s3_crosscopy.model.checkpoint import CheckpointState
from s3_crosscopy.model.objects import Page
from s3_crosscopy.model.operations import ListPage
from s3_crosscopy.testing.port_wrapper import Wrapped
from tests.engine.test_resume import Death

T = TypeVar("T")


class Applied(Wrapped):
    """Counts what S3 did: copies by destination key, and the answers that were lost count as well."""

    def __init__(self, inner: Any, done: Counter[str], page: int) -> None:
        super().__init__(inner)
        self._done = done
        self._page = page
        self._lock = threading.Lock()

    def list_page(self, op: ListPage) -> Page:
        return super().list_page(op._replace(max_keys=min(op.max_keys, self._page)))

    def _request(self, call: str, bucket: str, key: str, send: Callable[[], T]) -> T:
        said = send()
        if call in ("CopyObject", "CompleteMultipartUpload"):
            with self._lock:
                # The key of a copy is the source's, that of Complete the destination's.
                self._done[key.partition("/")[2]] += 1
        return said


class Remembering(Death):
    """Knows how many copies there were at the newest state that was kept."""

    def __init__(self, done: Counter[str]) -> None:
        super().__init__()
        self.copies_saved = 0
        self._done = done

    def save(self, state: CheckpointState) -> None:
        copies = self._done.total()
        super().save(state)
        if not self.dead:
            self.copies_saved = copies
