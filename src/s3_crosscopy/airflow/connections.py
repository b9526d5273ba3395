"""Makes `S3Clients` from an Airflow connection id. Every setting of the connection is used, every mistake is one line.

Imported when a task runs, because it imports boto3 and the amazon provider.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from airflow.providers.amazon.aws.utils.connection_wrapper import AwsConnectionWrapper
from botocore.config import Config

from s3_crosscopy.adapters.boto.clients import S3Clients
from s3_crosscopy.adapters.boto.config_checks import (
    CONFIG_MAPPINGS,
    check_endpoint,
    check_region,
    check_tls,
    one_line,
)
from s3_crosscopy.adapters.boto.redaction import make_harmless, remember, secrets_of, without_values
from s3_crosscopy.adapters.boto.sessions import client_config
from s3_crosscopy.airflow.compat import find_connection
from s3_crosscopy.airflow.connection_extra import checked_extra, unknown_settings
from s3_crosscopy.airflow.credentials import session_of
from s3_crosscopy.errors import CrossCopyError, InvalidInput

LOG = logging.getLogger("s3_crosscopy")


def access_for(
    conn_id: str | None,
    argument: str,
    *,
    region_name: str | None,
    verify: bool | str | None,
    botocore_config: Mapping[str, Any] | None,
) -> S3Clients:
    """The S3 clients of a connection; `conn_id=None`: those of boto's own credential chain.

    `argument` is the name of the operator's argument with the id, for error messages. `region_name`, `verify` and
    `botocore_config` take precedence over the connection's settings; None: the connection's.

    Raises InvalidInput for a wrong connection, and PermanentFailure or RetryableFailure if it has no usable
    credentials.
    """
    over = client_config(botocore_config)
    check_region(region_name, "region_name")
    verify = check_tls(verify, "verify")
    extra = _check_connection(conn_id, argument) if conn_id is not None else {}
    label = "boto's own credential chain" if conn_id is None else f"connection {conn_id!r}"
    where = f"{argument}: {label}"
    for line in unknown_settings(extra):
        LOG.warning("%s: %s", where, line)
    new_hook = partial(_hook, conn_id, region_name, verify, over)
    with _usable(where):
        hook = new_hook()
        config = hook.conn_config.botocore_config
        endpoints = {name: hook.conn_config.get_service_endpoint_url(name) for name in ("s3", "sts")}
        for name, url in endpoints.items():
            check_endpoint(url, f"{where}: endpoint_url of {name}")
        check_region(hook.region_name, f"{where}: region_name")
        verify = check_tls(hook.verify, f"{where}: verify")
        session = session_of(hook, where, config)
    return S3Clients(
        session,
        endpoint_url=endpoints["s3"],
        sts_endpoint_url=endpoints["sts"],
        region_name=hook.region_name,
        verify=verify,
        config=config,
        label=label,
        new_session=partial(_new_session, new_hook, where),
        role_arn=hook.conn_config.role_arn,
        chained=_chained(hook.conn_config),
    )


def _chained(settings: AwsConnectionWrapper) -> bool | None:
    """True if the role was assumed with another role's session, None if unknown: only keys in the connection tell."""
    if settings.role_arn is None or settings.aws_access_key_id is None:
        return None
    return settings.aws_session_token is not None


def _hook(conn_id: str | None, region_name: str | None, verify: bool | str | None, over: Config | None) -> S3Hook:
    """A hook with the connection as it is now."""
    hook = S3Hook(aws_conn_id=conn_id, region_name=region_name, verify=verify)
    # The hook would replace the connection's config_kwargs by ours; calls to STS need both as well.
    hook.conn_config.botocore_config = merged(hook.conn_config.botocore_config, over)
    return hook


def _new_session(new_hook: Callable[[], S3Hook], where: str) -> Any:
    """A new session, for a token that expired early: the connection is read and its role assumed again."""
    with _usable(where):
        hook = new_hook()
        return session_of(hook, where, hook.conn_config.botocore_config)


def merged(under: Config | None, over: Config | None) -> Config | None:
    """Both configurations; `over` takes precedence setting by setting, also inside `retries`, `s3` and the like.

    `Config.merge` would replace those as a whole.
    """
    if under is None or over is None:
        return over or under
    both = {
        name: {**getattr(under, name), **getattr(over, name)}
        for name in CONFIG_MAPPINGS
        if getattr(under, name, None) and getattr(over, name, None)
    }
    return under.merge(over).merge(Config(**both))


def _check_connection(conn_id: object, argument: str) -> Mapping[str, Any]:
    """Check a connection and return its extra. Raises InvalidInput.

    The hook only logs a warning for these mistakes, and then uses the credentials of the worker.
    """
    if not isinstance(conn_id, str) or conn_id.strip() == "":
        raise InvalidInput(
            f"{argument}: {conn_id!r} is not a connection id; use one, or None for boto's own credential chain"
            " (did a template render to nothing?)"
        )
    try:
        connection = find_connection(conn_id)
    except (TypeError, ValueError, AttributeError) as error:
        # Without the text of the error: a secrets backend may quote the whole connection.
        raise InvalidInput(
            f"{argument}: connection {conn_id!r} cannot be read ({type(error).__name__}); check that the variable"
            f" AIRFLOW_CONN_... or the secret is a connection's JSON or URI"
        ) from None
    if connection is None:
        raise InvalidInput(
            f"{argument}: there is no connection {conn_id!r};"
            f" create it, or set {argument}=None for {_without(argument)}"
            " (one whose JSON or URI Airflow cannot read counts as none)"
        )
    if connection.conn_type and connection.conn_type != "aws":
        raise InvalidInput(
            f"{argument}: connection {conn_id!r} is of type {connection.conn_type!r}, not 'aws' (Amazon Web Services)"
        )
    if not any((connection.conn_type, connection.login, connection.extra)):
        raise InvalidInput(
            f"{argument}: connection {conn_id!r} has no type, no keys and no settings; check that the variable"
            f" AIRFLOW_CONN_... or the secret is a connection's JSON or URI"
        )
    if connection.host:
        LOG.warning(
            "%s: connection %r: its host is ignored; did you mean endpoint_url in its extra?", argument, conn_id
        )
    remember(connection.password)
    extra = checked_extra(connection.extra, f"{argument}: connection {conn_id!r}")
    remember(*secrets_of(extra))
    return extra


def _without(argument: str) -> str:
    """The meaning of None for this argument."""
    return "that of aws_conn_id" if argument == "source_aws_conn_id" else "boto's own credential chain"


@contextmanager
def _usable(where: str) -> Iterator[None]:
    """Raise InvalidInput, one line, for any error of the hook over the settings of a connection."""
    try:
        yield
    except CrossCopyError:
        raise
    except Exception as error:
        make_harmless(error)
        raise InvalidInput(f"{where} cannot be used: {_text_of(error)}") from error


def _text_of(error: Exception) -> str:
    """The error's text without values. A KeyError has only the missing name; other texts may be empty."""
    text = f"there is no {error}" if isinstance(error, KeyError) else one_line(error)
    return without_values(text) or type(error).__name__
