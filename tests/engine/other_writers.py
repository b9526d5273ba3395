"""Other writers at the destination, and a record that shows if one of their objects was replaced unseen."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Facts, Page, Part
from s3_crosscopy.model.operations import Copied, Copy, ListPage
from s3_crosscopy.ports import BlockingS3
from s3_crosscopy.testing import MemoryStore
from s3_crosscopy.testing.port_wrapper import Wrapped

OtherWriter = Callable[[str], None]
"""Writes, or does not write, the key of a request that is about to be made."""


class Watched(Wrapped):
    """The destination's client. `before` runs before each write, and `lost` has the keys replaced without being seen.

    A write may replace only what the newest answer about its key showed.
    """

    def __init__(self, inner: BlockingS3, store: MemoryStore, before: OtherWriter) -> None:
        super().__init__(inner)
        self.lost: list[str] = []
        self.sent: list[str] = []
        self._store = store
        self._before = before
        self._seen: dict[str, str | None] = {}

    def list_page(self, op: ListPage) -> Page:
        page = super().list_page(op)
        if op.bucket.name == "dst":
            self._seen.update({row.key: row.etag for row in page.objects})
        return page

    def head(self, bucket: Bucket, key: str, **which: Any) -> Facts:
        if bucket.name != "dst":
            return super().head(bucket, key, **which)
        self._seen[key] = None
        facts = super().head(bucket, key, **which)
        self._seen[key] = facts.etag
        return facts

    def copy(self, op: Copy) -> Copied:
        self.sent.append(op.expected)
        return self._written(op.dest_key, lambda: super(Watched, self).copy(op))

    def complete_upload(
        self, bucket: Bucket, key: str, upload_id: str, parts: Sequence[Part], args: Mapping[str, object]
    ) -> Copied:
        self.sent.append(str(args.get("IfMatch") or args.get("IfNoneMatch") or ""))
        return self._written(key, lambda: super(Watched, self).complete_upload(bucket, key, upload_id, parts, args))

    def _written(self, key: str, write: Callable[[], Copied]) -> Copied:
        self._before(key)
        replaced = self._store.buckets["dst"].objects.get(key)
        copied = write()
        if replaced is not None and replaced.etag != self._seen.get(key):
            self.lost.append(key)
        self._seen[key] = copied.etag
        return copied


def at_random(store: MemoryStore, dice: random.Random, share: float) -> OtherWriter:
    """A writer that is faster with this share of the writes: it writes, deletes, or copies the same object."""

    def writes(key: str) -> None:
        if dice.random() >= share:
            return
        if key in store.buckets["dst"].objects and dice.random() < 0.3:
            store.delete("dst", key)
        elif dice.random() < 0.3:
            store.put("dst", key, store.get("src", "p/" + key.removeprefix("q/")).content)
        else:
            store.put("dst", key, dice.randbytes(dice.randrange(1, 6)))

    return writes
