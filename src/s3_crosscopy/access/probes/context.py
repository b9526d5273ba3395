"""What all probes share: the run, the sample, and how an answer becomes a finding."""

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
    """The questions of one examination. `problems` are the lines for what stops the run whatever the grants are."""

    def __init__(self, clients: ProbeClients, spec: CopySpec, sample: Sample | None) -> None:
        self.clients = clients
        self.spec = spec
        self.sample = sample
        self._problems: dict[str, None] = {}

    @property
    def problems(self) -> tuple[str, ...]:
        """One line each, each once."""
        return tuple(self._problems)

    def finding(self, permission: Permission, way: ProbeKind, bucket: Bucket, error: S3Error | None) -> Finding:
        """What an answer says of a grant, or that this bucket answers everything so."""
        if error is not None:
            self.note_obstacle(error)
            if error.reason is Reason.DENIED and self._is_foreign(permission.party, bucket):
                self._problems[wrong_owner(bucket)] = None
                return unknown(permission, f"S3 refuses everything: the bucket does not belong to {bucket.owner}")
        lists = not way.hides or error is None or self.lists(permission.party, permission.place)
        return judge(permission, way, error, lists=lists, expected_owner=bucket.owner)

    def note_obstacle(self, error: S3Error) -> None:
        """Keep the line of an error that is no question of grants."""
        if line := obstacle(error):
            self._problems[line] = None

    def lists(self, party: Party, place: Scope) -> bool:
        """Whether a party may list the source or the destination."""
        ask = list_source if place is Scope.SOURCE else list_dest
        return ask(self.clients, self.spec, party).ok

    def exists(self, sample: Sample) -> bool:
        """Whether the sample is known to be there: a denial then means the object and not its absence."""
        parties = self.clients.parties(Scope.SOURCE)
        return sample.size is not None or any(
            shows(list_source(self.clients, self.spec, one), sample.key) for one in parties
        )

    def dest_object(self) -> str | None:
        """The key of an object at the destination that the run's grants cover, if one is known."""
        if self.sample is not None and self.sample.there:
            return self.sample.dest_key
        listed = list_dest(self.clients, self.spec, Party.COPIER)
        if self.spec.single:
            return self.spec.dest_prefix if shows(listed, self.spec.dest_prefix) else None
        return real_key(listed, self.spec.dest_prefix)

    def head(self, party: Party, bucket: Bucket, key: str, **version: object) -> ProbeResponse:
        """HEAD of an object, without checksums, which would ask KMS as well.

        A denied HEAD has no body to say by what, so the first byte is asked for, which takes the same grant.
        """
        said = self.clients.ask(party, bucket, "HeadObject", Key=key, **version)
        if said.error is None or said.error.reason is not Reason.DENIED:
            return said
        again = self.get(party, bucket, key, None, **version)
        told = again.error is not None and again.error.reason is Reason.DENIED and not of_kms(again.error)
        return again if told else said

    def get(self, party: Party, bucket: Bucket, key: str, size: int | None, **version: object) -> ProbeResponse:
        """GET of the first byte, which an object of no bytes does not have; nothing of it is read."""
        first = {} if size == 0 else {"Range": "bytes=0-0"}
        return self.clients.ask(party, bucket, "GetObject", Key=key, **first, **version)

    def _is_foreign(self, party: Party, bucket: Bucket) -> bool:
        """Whether it is certain that another account owns the bucket than the one that is expected to."""
        if bucket.owner is None or not self.clients.ask(party, Bucket(bucket.name), "HeadBucket").ok:
            return False
        return not owned_by(self.clients, party, bucket.name, bucket.owner)
