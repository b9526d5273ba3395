"""The ETag index of a copy by several tasks: where that of each pair is, and how the lists of its shards are merged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from s3_crosscopy.api.etag_indexes import index_files, index_pair
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.errors import CrossCopyError
from s3_crosscopy.model.events import Warned
from s3_crosscopy.shards.merge_results import first_began
from s3_crosscopy.shards.result import ShardResult
from s3_crosscopy.shards.shard import Shard, place_of_publish

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients
    from s3_crosscopy.ports import EventSink

NAME_DIGITS = 12
NOT_MERGED = "the ETag index of {} is not renewed, the next run compares what this one copied: {}"


def index_folder(shard: Shard) -> str:
    """The folder of the index of a shard's pair; "" if there is only one pair.

    Named by the pair and not by its number, which may be another one in the next run.
    """
    if shard.pairs == 1:
        return ""
    digest = hashlib.sha256(json.dumps([shard.source, shard.dest]).encode()).hexdigest()
    return f"pair-{digest[:NAME_DIGITS]}/"


def merge_index_of_pair(
    spec: CopySpec,
    signer: S3Clients,
    shards: Sequence[Shard],
    results: Sequence[ShardResult],
    published: ShardResult | None,
    sink: EventSink | None,
) -> None:
    """Merge the lists that the shards of one pair, and its publish run, have written. An error is a warning."""
    from s3_crosscopy.etag_index.index_merge import Part, merge_index

    parts = [Part(shard.place, (shard.range,), result.began) for shard, result in zip(shards, results, strict=True)]
    if published is not None:
        parts.append(Part(place_of_publish(shards[0].pair, shards[0].pairs), (), published.began))
    try:
        files = index_files(spec, signer, index_folder(shards[0]))
        assert files is not None, "the option is set"
        warning = merge_index(files, index_pair(spec, ()), parts, first_began(results))
    except CrossCopyError as error:
        warning = NOT_MERGED.format(spec.source_url, error)
    if warning and sink is not None:
        sink.emit(Warned(warning))
