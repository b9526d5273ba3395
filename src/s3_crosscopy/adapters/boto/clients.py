"""Makes the boto3 clients of one principal from its session, endpoint and configuration.

Imported late, because boto3 costs a second of CPU to import and to make the first client.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError

from s3_crosscopy.adapters.boto.bounded_clients import bound
from s3_crosscopy.adapters.boto.client_renewal import RenewingClient
from s3_crosscopy.adapters.boto.config_checks import one_line
from s3_crosscopy.adapters.boto.credential_errors import quoted_settings
from s3_crosscopy.adapters.boto.debug_lines import redact_debug_lines
from s3_crosscopy.adapters.boto.error_mapping import translated
from s3_crosscopy.adapters.boto.profile_roles import profile_of
from s3_crosscopy.adapters.boto.read_timeouts import READ_TIMEOUT_S
from s3_crosscopy.adapters.boto.redaction import make_harmless
from s3_crosscopy.adapters.boto.s3 import BotoS3
from s3_crosscopy.adapters.boto.s3_dates import parser_factory
from s3_crosscopy.core.same_service import service_of
from s3_crosscopy.errors import CrossCopyError, InvalidInput, S3Error
from s3_crosscopy.model.access_points import AccessPoint, access_point
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.outcomes import Reason

LOG = logging.getLogger("s3_crosscopy")
FEW = 4
"""Connections of a client that writes a report."""


def default_config(max_concurrency: int) -> Config:
    """The defaults of our clients where they differ from botocore's; the user's own configuration overrides them.

    One connection for each request in flight; no checksums of bodies that we do not send.
    """
    return Config(
        max_pool_connections=max_concurrency + 4,
        read_timeout=READ_TIMEOUT_S,
        tcp_keepalive=True,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        user_agent_extra="s3-crosscopy",
    )


class S3Clients:
    """Makes the clients of one principal: its credentials, its endpoints and its configuration.

    session: a `boto3.Session`; its clients refresh their credentials themselves.
    endpoint_url, sts_endpoint_url: the servers; None is AWS.
    region_name: where to ask for a bucket's Region; None is the session's, or us-east-1.
    verify: as in boto3, False or the path of a CA bundle; None is botocore's default.
    config: overrides `default_config`.
    label: the user's name for the principal in messages, such as `profile 'B'` or `connection 'aws_raw'`.
    new_session: reads the credentials again when a token has expired and cannot be refreshed; None if it cannot.
    role_arn: the role that was assumed to make the session; None if not known.
    chained: True if it was assumed with temporary credentials; None if not known.
    """

    def __init__(
        self,
        session: Any,
        *,
        endpoint_url: str | None = None,
        sts_endpoint_url: str | None = None,
        region_name: str | None = None,
        verify: bool | str | None = None,
        config: Config | None = None,
        label: str = "",
        new_session: Callable[[], Any] | None = None,
        role_arn: str | None = None,
        chained: bool | None = None,
    ) -> None:
        self._session = session
        self._endpoint_url = endpoint_url
        self._sts_endpoint_url = sts_endpoint_url
        self._region_name = region_name
        self._verify = verify
        self._config = config
        self._label = label
        self._new_session = new_session
        self._generation = 0
        self._lock = threading.Lock()
        self.role_arn = role_arn
        self.chained = chained

    def s3(self, bucket: Bucket, max_concurrency: int) -> BotoS3:
        """The client for a bucket, in the bucket's own Region; `region_name` is only where to ask for it.

        An access point's ARN tells its Region.

        Raises S3Error with Reason.MISSING if there is no such bucket.
        """
        point = access_point(bucket.name)
        first = point.region if point else self._region_name or self._session.region_name or "us-east-1"
        s3 = self._of_region(first, max_concurrency)
        bucket_region = s3.region(bucket)
        if bucket_region is None or bucket_region == first:
            return s3
        return self._of_region(bucket_region, max_concurrency)

    def client(self, bucket: Bucket) -> Any:
        """A boto3 client for the bucket of a report or a manifest, in the bucket's Region."""
        return RenewingClient(self.s3(bucket, FEW))

    def _of_region(self, region: str, max_concurrency: int) -> BotoS3:
        generation = self._generation

        def renewed() -> Any | None:
            nonlocal generation
            if self._new_session is None:
                return None
            generation = self._renewed(generation)
            return self._client(region, max_concurrency)

        return BotoS3(self._client(region, max_concurrency), renewed)

    def _renewed(self, generation: int) -> int:
        """Make a new session, unless another client of this principal has done so. Returns the session's generation."""
        assert self._new_session is not None
        with self._lock:
            if generation == self._generation:
                try:
                    self._session = self._new_session()
                except CrossCopyError as error:
                    LOG.warning("new credentials could not be had: %s", str(error).partition("\n")[0])
                    raise
                self._generation += 1
            return self._generation

    @property
    def server(self) -> str:
        """The endpoint's URL; "" for AWS."""
        return self._endpoint_url or ""

    @property
    def service(self) -> str:
        """The S3 service that this principal reaches, as `core.same_service` names it. Makes no request.

        Read from a client, because the environment and AWS's configuration file may name an endpoint too.
        """
        region = self._region_name or self._session.region_name or "us-east-1"
        return service_of(self._client(region, FEW).meta.endpoint_url, self._aws())

    def _aws(self) -> Mapping[str, str]:
        """AWS's DNS suffixes and the service behind each, from botocore's own table."""
        core = getattr(self._session, "_session", None)
        if core is None:
            return {}
        table = core.get_component("data_loader").load_data("partitions")
        outputs = [partition["outputs"] for partition in table["partitions"]]
        names = {output["dnsSuffix"]: f"AWS ({output['dnsSuffix']})" for output in outputs}
        return {**names, **{output["dualStackDnsSuffix"]: names[output["dnsSuffix"]] for output in outputs}}

    @property
    def label(self) -> str:
        """The user's name for the principal; "" for boto's own credential chain."""
        return self._label

    @property
    def session(self) -> Any:
        """The `boto3.Session` that signs requests now."""
        return self._session

    @property
    def asks_aws(self) -> bool:
        """True if STS is AWS's own; another endpoint may have none."""
        return self._sts_endpoint_url is None

    def caller_identity(self) -> Mapping[str, Any]:
        """Call GetCallerIdentity of STS, once and with short time-outs. Raises S3Error."""
        region = self._region_name or self._session.region_name or "us-east-1"
        # Over the user's own settings, which may be the only way through a proxy.
        quick = (self._config or Config()).merge(
            Config(connect_timeout=5, read_timeout=5, retries={"total_max_attempts": 1})
        )
        try:
            with translated("GetCallerIdentity", "", ""):
                sts = self._session.client(
                    "sts", region_name=region, endpoint_url=self._sts_endpoint_url, verify=self._verify, config=quick
                )
                bound(sts)
                redact_debug_lines()
                identity: Mapping[str, Any] = sts.get_caller_identity()
        except ValueError as error:  # botocore's, for an endpoint that is no URL
            make_harmless(error)
            raise S3Error(
                call="GetCallerIdentity", bucket="", key="", code="ParamValidationError", status=0,
                message=one_line(error), reason=Reason.INVALID,
            ) from error  # fmt: skip
        return identity

    def bucket_behind(self, point: AccessPoint) -> str | None:
        """The bucket of an access point, by one GetAccessPoint; None if that is denied, or at a server without it."""
        if self._endpoint_url is not None:
            return None
        quick = (self._config or Config()).merge(Config(connect_timeout=5, read_timeout=5))
        try:
            with translated("GetAccessPoint", point.arn, ""):
                control = self._session.client("s3control", region_name=point.region, verify=self._verify, config=quick)
                bound(control)
                redact_debug_lines()
                return str(control.get_access_point(AccountId=point.account, Name=point.name)["Bucket"])
        except (S3Error, KeyError):
            return None

    def principal(self) -> str | None:
        """The ARN of the caller and the label; None if STS gives no ARN and there is no label."""
        try:
            arn = str(self.caller_identity()["Arn"])
        except (S3Error, KeyError):
            return self._label or None
        return f"{arn} ({self._label})" if self._label else arn

    def _named(self, error: Exception) -> str:
        """The error's text, after the setting whose value it quotes."""
        core = getattr(self._session, "_session", None)
        settings = ", ".join(quoted_settings(str(error), profile_of(core) if core is not None else {}))
        return f"{settings}: {one_line(error)}" if settings else one_line(error)

    def _client(self, region: str, max_concurrency: int) -> Any:
        config = default_config(max_concurrency)
        if self._config is not None:
            config = config.merge(self._config)
        # A client keeps the parser factory that the session has at this moment; other clients keep their own.
        core = getattr(self._session, "_session", None)
        session_factory = core.get_component("response_parser_factory") if core is not None else None
        if core is not None:
            core.register_component("response_parser_factory", parser_factory())
        redact_debug_lines()
        try:
            return self._session.client(
                "s3", region_name=region, endpoint_url=self._endpoint_url, verify=self._verify, config=config
            )
        except (BotoCoreError, ValueError, TypeError, AttributeError) as error:
            prefix = f"{self._label}: " if self._label else ""
            text = self._named(error)
            make_harmless(error)
            raise InvalidInput(f"{prefix}the S3 client cannot be made: {text}") from error
        finally:
            if core is not None:
                core.register_component("response_parser_factory", session_factory)
