"""Estimates the cost of a copy by given prices, line by line, and its duration at a given rate.

A line is shown if its quantity is known; what is unknown or not counted is named in words and never guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from s3_crosscopy.core.estimate.request_count import PART, WRITES, dest_class, of_run
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.model.dry_run import DryRunStats
from s3_crosscopy.model.options import CopyOptions
from s3_crosscopy.model.plan import AT_MOST, LIST, Cost, CostLine, Duration, Plan, Requests, StorageLine
from s3_crosscopy.model.prices import OTHER, Prices
from s3_crosscopy.model.s3_limits import ARCHIVE_CLASSES

GB = 2**30
"""Bytes that S3 bills as a GB (S3 pricing: "1 GB = 1024^3 bytes" in its examples)."""

ALWAYS_LEFT_OUT = (
    "second attempts, tags of large objects that do not fit a header, what is overwritten, and discounts",
    "the run's own few requests: where buckets are, who signs, reading a manifest, writing a report",
)
_SMALL = frozenset({"STANDARD_IA", "ONEZONE_IA", "GLACIER_IR"})


class Pricing(NamedTuple):
    """Inputs of an estimate besides the dry run's statistics.

    rate: requests per second, or None. source_region, dest_region: None if not known.
    elsewhere: True if the server is not AWS.
    """

    prices: Prices
    rate: float | None = None
    source_region: str | None = None
    dest_region: str | None = None
    elsewhere: bool = False


def make_plan(
    spec: CopySpec, dry_run_stats: DryRunStats, pages: tuple[int, int], pricing: Pricing | None, *, whole: bool
) -> Plan:
    """Return the plan of a dry run, without cost if `pricing` is None.

    pages: pages listed of source and destination. whole: False if the dry run stopped early.
    """
    requests = of_run(spec, dry_run_stats, pages)
    cost = estimate(spec.options, dry_run_stats, requests, pricing) if pricing is not None else None
    rate = (pricing.rate if pricing is not None else None) or spec.options.max_requests_per_second
    number = sum(row.number for row in requests)
    return Plan(dry_run_stats, requests, whole, cost, Duration(number / rate, rate) if rate else None)


def estimate(options: CopyOptions, dry_run_stats: DryRunStats, requests: Sequence[Requests], pricing: Pricing) -> Cost:
    """Return the lines of the cost, and in words what they do not include."""
    prices = pricing.prices
    lines = (
        *_request_lines(requests, prices),
        *_kms_lines(options, requests, prices),
        *_retrieval_lines(dry_run_stats, prices),
        *_transfer_lines(dry_run_stats, pricing),
    )
    storage = tuple(_storage_lines(options, dry_run_stats, prices))
    left_out = tuple(_left_out(options, dry_run_stats, requests, pricing))
    return Cost(prices.currency, prices.date, prices.region, prices.source, lines, storage, left_out)


def _request_lines(requests: Sequence[Requests], prices: Prices) -> Iterator[CostLine]:
    for row in requests:
        price = _price(row, prices)
        if price is not None:
            yield CostLine(row.label, row.number, "requests", price, 1000, row.bound)


def _price(row: Requests, prices: Prices) -> float | None:
    table = prices.put_per_1000 if row.call in (*WRITES, LIST) else prices.get_per_1000
    return table.get(row.storage_class)


def _kms_lines(options: CopyOptions, requests: Sequence[Requests], prices: Prices) -> Iterator[CostLine]:
    """Yield at most one KMS request per write, if the copies are encrypted with a KMS key and without a Bucket Key."""
    writes = _writes(requests)
    if not options.uses_kms or options.bucket_key_enabled or not writes:
        return
    # dsse has no Bucket Keys. The bucket's own setting is unknown, and so are S3's KMS requests for an upload.
    off = options.bucket_key_enabled is False or options.kms_encryption_type == "aws:kms:dsse"
    exact = off and not any(row.call == PART for row in requests)
    label = f"KMS for the copies, {'without' if off else 'if there is no'} Bucket Key"
    yield CostLine(label, writes, "requests", prices.kms_per_10000, 10_000, "" if exact else AT_MOST)


def _writes(requests: Sequence[Requests]) -> int:
    return sum(row.number for row in requests if row.call in WRITES)


def _retrieval_lines(dry_run_stats: DryRunStats, prices: Prices) -> Iterator[CostLine]:
    """Yield retrieval fees. Restored archive objects were paid for by their restore, and have no price here."""
    for storage_class, copies in sorted(dry_run_stats.classes.items()):
        price = prices.retrieval_per_gb.get(storage_class)
        if price is not None and copies.bytes and storage_class not in ARCHIVE_CLASSES:
            yield CostLine(f"retrieval from {storage_class}", copies.bytes / GB, "GB", price, 1)


def _transfer_lines(dry_run_stats: DryRunStats, pricing: Pricing) -> Iterator[CostLine]:
    source, dest = pricing.source_region, pricing.dest_region
    if source is None or dest is None or source == dest or not dry_run_stats.to_copy.bytes:
        return
    table = pricing.prices.transfer_per_gb
    price = table.get(dest, table[OTHER]) if source == pricing.prices.region else table[OTHER]
    yield CostLine(f"transfer from {source} to {dest}", dry_run_stats.to_copy.bytes / GB, "GB", price, 1)


def _storage_lines(options: CopyOptions, dry_run_stats: DryRunStats, prices: Prices) -> Iterator[StorageLine]:
    sizes: Counter[str] = Counter()
    for storage_class, copies in dry_run_stats.classes.items():
        sizes[dest_class(options, storage_class)] += copies.bytes
    for storage_class, size in sorted(sizes.items()):
        price = prices.storage_per_gb_month.get(storage_class)
        if price is not None:
            yield StorageLine(storage_class, size / GB, price, prices.minimum_days.get(storage_class, 0))


def _left_out(
    options: CopyOptions, dry_run_stats: DryRunStats, requests: Sequence[Requests], pricing: Pricing
) -> Iterator[str]:
    """Yield what the sum does not include, the most expensive first."""
    if pricing.elsewhere:
        yield "what this server costs: it is not AWS, and the prices are those of AWS"
    yield from _of_regions(dry_run_stats, pricing)
    yield from _of_keys(options, _writes(requests), pricing.prices)
    unpriced = sorted({row.storage_class for row in requests if _price(row, pricing.prices) is None})
    if unpriced:
        yield f"requests of {', '.join(unpriced)}, which the prices do not name"
    yield from _of_classes({dest_class(options, name) for name in dry_run_stats.classes})
    if dry_run_stats.archived.objects:
        yield f"restoring {dry_run_stats.archived.objects:,} archived objects, which are not copied"
    yield from ALWAYS_LEFT_OUT


def _of_regions(dry_run_stats: DryRunStats, pricing: Pricing) -> Iterator[str]:
    where = {"source": pricing.source_region, "destination": pricing.dest_region}
    unknown = [side for side, region in where.items() if region is None]
    if unknown and dry_run_stats.to_copy.bytes and not pricing.elsewhere:
        yield f"transfer between Regions: that of the {' and '.join(unknown)} is not known"
    others = sorted({region for region in where.values() if region not in (None, pricing.prices.region)})
    if others and not pricing.elsewhere:
        yield f"what {', '.join(map(str, others))} costs more or less than {pricing.prices.region}"


def _of_keys(options: CopyOptions, writes: int, prices: Prices) -> Iterator[str]:
    if not writes:
        return
    price = f"up to a request for each copy, part and HEAD, {prices.kms_per_10000:g} {prices.currency} per 10,000"
    if options.kms_encryption_type is None:
        yield f"KMS, if the source or the destination bucket encrypts with a KMS key: {price}"
        return
    if options.bucket_key_enabled:
        yield "KMS for the copies: few requests, by the Bucket Key"
    yield f"KMS for source objects, if they are encrypted with a KMS key: {price}"


def _of_classes(classes: set[str]) -> Iterator[str]:
    """Yield what storage classes bill beyond bytes and objects (S3 pricing, footnotes to the table of storage)."""
    if small := sorted(classes & _SMALL):
        yield f"{' and '.join(small)} bill every object as 128 KiB at least, in storage"
    if archives := sorted(classes & ARCHIVE_CLASSES):
        yield f"{' and '.join(archives)} bill 40 KiB more for each object, in storage"
    if "INTELLIGENT_TIERING" in classes:
        yield "INTELLIGENT_TIERING's monthly fee for each object of 128 KiB and more"
