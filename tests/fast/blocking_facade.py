"""A blocking port whose hot requests go through a fast transport, one at a time: the contract suite for it."""

from __future__ import annotations

from s3_crosscopy.adapters.boto.s3 import BotoS3
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Facts, Page, Part
from s3_crosscopy.model.operations import Copied, Copy, CopyPart, Head, ListPage, Side
from s3_crosscopy.testing.port_wrapper import Wrapped
from tests.fast.transports import LONG_S, lane_over, value


class ThroughFast(Wrapped):
    """Everything cold is BotoS3's. `alone`: nothing hot may go to boto, but for what no request can be made of."""

    def __init__(self, port: BotoS3, *, alone: bool = True) -> None:
        super().__init__(port)
        self._transport = lane_over(port, alone=alone)

    def list_page(self, op: ListPage) -> Page:
        page = value(self._transport, op)
        assert isinstance(page, Page)
        return page

    def head(
        self,
        bucket: Bucket,
        key: str,
        *,
        if_match: str | None = None,
        part: int | None = None,
        version: str | None = None,
    ) -> Facts:
        """A HEAD of a part is cold."""
        if part is not None:
            return super().head(bucket, key, if_match=if_match, part=part, version=version)
        facts = value(self._transport, Head(Side.SOURCE, bucket, key, if_match or "", version))
        assert isinstance(facts, Facts)
        return facts

    def copy(self, op: Copy) -> Copied:
        copied = value(self._transport, op)
        assert isinstance(copied, Copied)
        return copied

    def copy_part(self, op: CopyPart) -> Part:
        part = value(self._transport, op)
        assert isinstance(part, Part)
        return part

    def close(self) -> None:
        self._transport.close(LONG_S)
