"""Prepares the estimate of a dry run: prices, a request rate, and the Regions of the buckets."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

from s3_crosscopy.adapters.price_file import read_prices
from s3_crosscopy.core.estimate.cost import Pricing
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.errors import InvalidInput, S3Error
from s3_crosscopy.model import option_parsers as parse
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.prices import Prices
from s3_crosscopy.ports import S3


class EstimateRequest(NamedTuple):
    """Prices, and the requests per second that the duration is estimated by; None: the run's own limit."""

    prices: Prices
    rate: float | None = None


def requested(
    spec: CopySpec, prices: str | os.PathLike[str] | None = None, rate: object = None
) -> EstimateRequest | None:
    """The prices and the rate of a dry run; None for a real run. Raises InvalidInput."""
    if spec.options.dry_run:
        return EstimateRequest(read_prices(prices), None if rate is None else parse.rate("rate", rate))
    for name, value in (("prices", prices), ("rate", rate)):
        if value is not None:
            raise InvalidInput(f"{name}: means something only with dry_run=True")
    return None


def pricing_of(spec: CopySpec, estimate_by: EstimateRequest, source: S3, dest: S3, servers: Iterable[str]) -> Pricing:
    """The prices and the rate, with the Regions of the buckets: a HEAD each, unless the `servers` are not AWS."""
    if not all(map(_is_aws, servers)):
        return Pricing(estimate_by.prices, estimate_by.rate, elsewhere=True)
    return Pricing(estimate_by.prices, estimate_by.rate, _region(source, spec.source), _region(dest, spec.dest))


def _is_aws(server: str) -> bool:
    if server == "":
        return True
    from s3_crosscopy.adapters.boto.partitions import partitions

    suffixes = tuple(f".{partition.dns_suffix}" for partition in partitions().values())
    return (urlsplit(server).hostname or "").endswith(suffixes)


def _region(s3: S3, bucket: Bucket) -> str | None:
    try:
        return s3.region(bucket)
    except S3Error:
        return None
