"""Estimates what a self-test costs at AWS, before it begins: upper limits of requests and bytes, times list prices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from s3_crosscopy.core.estimate.cost import GB
from s3_crosscopy.model.prices import OTHER, Prices
from s3_crosscopy.selftest.object_specs import ObjectSpec
from s3_crosscopy.selftest.refusal_checks import REQUEST_CHECKS
from s3_crosscopy.selftest.resume_checks import OBJECTS_TO_COPY
from s3_crosscopy.selftest.upload_checks import COPIED, KILLED_UPLOADS

EGRESS_PER_GB: Final = 0.09
"""List price of data out of AWS to the internet, first 10 TB; nothing within a Region."""
COPIES: Final = 2
"""Each object is copied once on each data path."""
_FEW_WRITES, _FEW_READS = 150, 150
"""Listings, uploads and small objects of the other checks, generously."""
_KILLED_WRITES, _KILLED_READS = 24, 8
"""For each copy that is killed within its upload, and its resume."""


class PlannedRequests(NamedTuple):
    """Upper limits. puts: PUT, COPY, POST and LIST. gets: all others that are billed; deletes are free."""

    puts: int
    gets: int
    copied_bytes: int
    downloaded_bytes: int
    kms: int


def planned_requests(specs: Sequence[ObjectSpec]) -> PlannedRequests:
    """Return the upper limits for these objects, as if both buckets encrypted with KMS by default."""
    parts = sum(len(spec.parts) + 2 for spec in specs if spec.parts)
    written = sum(1 for spec in specs if not spec.parts) + parts
    size = sum(spec.size for spec in specs)
    killed = len(KILLED_UPLOADS)
    killed_bytes = killed * sum(spec.size for spec in specs if spec.name == COPIED)
    puts = (1 + COPIES) * written + parts + 3 * OBJECTS_TO_COPY + 2 * len(REQUEST_CHECKS)
    puts += killed * _KILLED_WRITES + _FEW_WRITES
    gets = 6 * len(specs) + 2 * len(REQUEST_CHECKS) + killed * _KILLED_READS + _FEW_READS
    copied, downloaded = (COPIES + 2) * size + 2 * killed_bytes, COPIES * size + size // 2 + killed_bytes
    return PlannedRequests(puts, gets, copied, downloaded, kms=puts + gets)


class SelftestCost(NamedTuple):
    """The estimate in `currency`, by what it is for."""

    currency: str
    requests: float
    kms: float
    transfer: float
    download: float

    @property
    def total(self) -> float:
        """The sum."""
        return self.requests + self.kms + self.transfer + self.download


def selftest_cost(planned: PlannedRequests, prices: Prices) -> SelftestCost:
    """Return the estimate at STANDARD's prices, as if the buckets were in two Regions and the caller outside AWS."""
    requests = planned.puts * prices.put_per_1000["STANDARD"] + planned.gets * prices.get_per_1000["STANDARD"]
    return SelftestCost(
        prices.currency,
        requests / 1000,
        planned.kms * prices.kms_per_10000 / 10_000,
        planned.copied_bytes / GB * prices.transfer_per_gb[OTHER],
        planned.downloaded_bytes / GB * EGRESS_PER_GB,
    )


def cost_text(planned: PlannedRequests, cost: SelftestCost) -> str:
    """Return the estimate in one line."""
    size = planned.downloaded_bytes // 2**20
    return (
        f"at most {planned.puts:,} writes and lists, {planned.gets:,} reads and {size} MiB of downloads:"
        f" less than {cost.total:.3f} {cost.currency} at AWS's list prices"
    )
