"""The shared state of all probes: the run, the sample, and problems that are independent of permissions."""

from __future__ import annotations

from s3_crosscopy.access.examination import Finding, Party, Permission, Sample, Scope
from s3_crosscopy.access.probes.bucket_settings import owned_by, wrong_owner
from s3_crosscopy.access.probes.probe_clients import ProbeClients, ProbeResponse
from s3_crosscopy.access.probes.sample import list_dest, list_source, real_key, shows
from s3_crosscopy.access.rules.error_messages import of_kms
from s3_crosscopy.access.rules.probe_verdict import ProbeKind, judge, obstacle, unknown
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.outcomes import Reason


class ProbeContext:
    """The context of one examination. `problems` are lines for what ends the run whatever the permissions are."""

    def __init__(self, clients: ProbeClients, spec: CopySpec, sample: Sample | None) -> None:
        self.clients = clients
        self.spec = spec
        self.sample = sample
        self._problems: dict[str, None] = {}

    @property
    def problems(self) -> tuple[str, ...]:
        """The problems, each once and on one line."""
        return tuple(self._problems)

    def finding(self, permission: Permission, kind: ProbeKind, bucket: Bucket, error: S3Error | None) -> Finding:
        """The finding for a permission from a response; unknown if the bucket has another owner than expected."""
        if error is not None:
            self.note_obstacle(error)
            if error.reason is Reason.DENIED and self._is_foreign(permission.party, bucket):
                self._problems[wrong_owner(bucket)] = None
                return unknown(permission, f"S3 denies everything: the bucket does not belong to {bucket.owner}")
        lists = not kind.hides or error is None or self.lists(permission.party, permission.place)
        return judge(permission, kind, error, lists=lists, expected_owner=bucket.owner)

    def note_obstacle(self, error: S3Error) -> None:
        """Keep the line of an error that no permission can change."""
        if line := obstacle(error):
            self._problems[line] = None

    def lists(self, party: Party, place: Scope) -> bool:
        """True if a party may list the source or the destination."""
        list_place = list_source if place is Scope.SOURCE else list_dest
        return list_place(self.clients, self.spec, party).ok

    def exists(self, sample: Sample) -> bool:
        """True if the sample is known to exist: access denied then means the object and not its absence."""
        parties = self.clients.parties(Scope.SOURCE)
        return sample.size is not None or any(
            shows(list_source(self.clients, self.spec, party), sample.key) for party in parties
        )

    def dest_object(self) -> str | None:
        """The key of an object at the destination that the run's permissions cover; None if none is known."""
        if self.sample is not None and self.sample.there:
            return self.sample.dest_key
        listed = list_dest(self.clients, self.spec, Party.COPIER)
        if self.spec.single:
            return self.spec.dest_prefix if shows(listed, self.spec.dest_prefix) else None
        return real_key(listed, self.spec.dest_prefix)

    def head(self, party: Party, bucket: Bucket, key: str, **version: object) -> ProbeResponse:
        """HEAD of an object, without checksums, which would involve KMS.

        A denied HEAD has no body with the cause, so the first byte is read, which needs the same permission.
        """
        head = self.clients.ask(party, bucket, "HeadObject", Key=key, **version)
        if head.error is None or head.error.reason is not Reason.DENIED:
            return head
        get = self.get(party, bucket, key, None, **version)
        denied_by_s3 = get.error is not None and get.error.reason is Reason.DENIED and not of_kms(get.error)
        return get if denied_by_s3 else head

    def get(self, party: Party, bucket: Bucket, key: str, size: int | None, **version: object) -> ProbeResponse:
        """GET of the first byte, or of an empty object (`size` 0; None: unknown). The content is not read."""
        byte_range = {} if size == 0 else {"Range": "bytes=0-0"}
        return self.clients.ask(party, bucket, "GetObject", Key=key, **byte_range, **version)

    def _is_foreign(self, party: Party, bucket: Bucket) -> bool:
        """True if the bucket certainly belongs to another account than the expected owner."""
        if bucket.owner is None or not self.clients.ask(party, Bucket(bucket.name), "HeadBucket").ok:
            return False
        return not owned_by(self.clients, party, bucket.name, bucket.owner)
