"""Opens the ETag index of a run, at the place that the option `etag_index` names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from s3_crosscopy.api.inputs import errors_naming
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.model.etag_index import IndexPair
from s3_crosscopy.model.events import Warned

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients
    from s3_crosscopy.api.run_steps import Run
    from s3_crosscopy.etag_index.stored_index import StoredIndex
    from s3_crosscopy.model.checkpoint import CheckpointState
    from s3_crosscopy.report.files import RemovableFiles


def index_pair(spec: CopySpec, servers: Sequence[str]) -> IndexPair:
    """The pair of places that the index of this copy is of. `servers`: the endpoints of both sides."""
    return IndexPair(
        spec.source_url, spec.dest_url, spec.source.name, spec.dest.name, tuple(servers), spec.options.compare
    )


def index_files(spec: CopySpec, copier: S3Clients, folder: str = "") -> RemovableFiles | None:
    """The files of the ETag index, in this folder of the option's place; None without that option.

    Raises InvalidInput for a place that cannot be used.
    """
    if spec.options.etag_index is None:
        return None
    from s3_crosscopy.report.files import files_at

    place = f"{spec.options.etag_index.rstrip('/')}/{folder}" if folder else spec.options.etag_index
    with errors_naming("etag_index"):
        return files_at(place, copier.client, "etag_index", bucket=spec.etag_index_bucket)


def open_index(run: Run, resumed: CheckpointState | None) -> StoredIndex | None:
    """The ETag index of a run, None without one. Emits a warning if there is one that cannot be used."""
    request = run.request
    files = index_files(request.spec, request.copier, request.scope.index_folder)
    if files is None:
        return None
    from s3_crosscopy.etag_index.stored_index import StoredIndex

    if not request.spec.options.dry_run:
        files.prepare()
    index = StoredIndex(files, index_pair(request.spec, request.servers), request.scope.below)
    index.open(resumed.began if resumed is not None else "")
    if index.warning:
        run.sink.emit(Warned(index.warning))
    return index if index.writable or request.spec.options.dry_run else None
