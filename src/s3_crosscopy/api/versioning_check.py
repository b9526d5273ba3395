"""Refuses a run that deletes, before it copies anything, if its destination's bucket could not give anything back."""

from __future__ import annotations

from s3_crosscopy.api.inputs import errors_naming
from s3_crosscopy.core.mirror.judgement import judge_versioning, no_versions
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.ports import S3


def check_versioning(spec: CopySpec, dest: S3) -> None:
    """Raise InvalidInput if extraneous keys are to be deleted and the bucket has no versions.

    Raises PermanentFailure or RetryableFailure if it may not be asked. Makes no request in a run that deletes nothing.
    """
    options = spec.options
    if options.extraneous != "delete" or options.permanent_delete or options.dry_run:
        return
    with errors_naming("extraneous"):
        status = dest.versioning(spec.dest)
    if not judge_versioning(status, permanent=False).may:
        raise InvalidInput(f"extraneous: 'delete' is refused, because {no_versions(status)}")
