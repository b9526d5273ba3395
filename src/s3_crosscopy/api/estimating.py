"""What the estimate of a dry run rests on: prices, a rate, and where the buckets are. A real run has none."""

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
    """The prices to estimate by, and the requests a second to reckon a duration with, None for the run's own limit."""

    prices: Prices
    rate: float | None = None


def requested(
    spec: CopySpec, prices: str | os.PathLike[str] | None = None, rate: object = None
) -> EstimateRequest | None:
    """What a dry run is to estimate by; None for a real run. Raises InvalidInput, one line each."""
    if spec.options.dry_run:
        return EstimateRequest(read_prices(prices), None if rate is None else parse.rate("rate", rate))
    for name, given in (("prices", prices), ("rate", rate)):
        if given is not None:
            raise InvalidInput(f"{name}: means something only with dry_run=True")
    return None


def pricing_of(spec: CopySpec, wish: EstimateRequest, source: S3, dest: S3, servers: Iterable[str]) -> Pricing:
    """The wish, and where the buckets are. Costs a HEAD of each bucket, unless the `servers` are not those of AWS."""
    if not all(map(_is_aws, servers)):
        return Pricing(wish.prices, wish.rate, elsewhere=True)
    return Pricing(wish.prices, wish.rate, _region(source, spec.source), _region(dest, spec.dest))


def _is_aws(server: str) -> bool:
    if server == "":
        return True
    from s3_crosscopy.adapters.boto.partitions import partitions

    ends = tuple(f".{one.dns_suffix}" for one in partitions().values())
    return (urlsplit(server).hostname or "").endswith(ends)


def _region(s3: S3, bucket: Bucket) -> str | None:
    try:
        return s3.region(bucket)
    except S3Error:
        return None
