"""Makes the clients of copier and reader from the command line's AWS profiles or Airflow connections."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from s3_crosscopy.cli.arguments import keywords
from s3_crosscopy.errors import InvalidInput

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients

_CONNECTIONS = {
    "aws_conn_id": "Airflow connection that signs every copy, instead of --profile",
    "source_aws_conn_id": "Airflow connection that lists, HEADs and reads tags at the source",
}
_COMMON = ("region_name", "verify", "botocore_config")


def add_connections(group: argparse._ArgumentGroup) -> None:
    """Add --aws-conn-id and --source-aws-conn-id."""
    for name, text in _CONNECTIONS.items():
        group.add_argument("--" + name.replace("_", "-"), dest=name, metavar="ID", help=text)


def principals(namespace: argparse.Namespace) -> tuple[S3Clients, S3Clients | None]:
    """The clients of the copier and, if it is another principal, the reader. Raises InvalidInput or S3Error."""
    if namespace.aws_conn_id is None and namespace.source_aws_conn_id is None:
        return _from_profiles(namespace)
    for name in ("profile", "source_profile", "endpoint_url"):
        if getattr(namespace, name) is not None:
            raise InvalidInput(f"{name}: is for AWS profiles, not for Airflow connections; give only one of the two")
    return _from_connections(namespace)


def _from_profiles(namespace: argparse.Namespace) -> tuple[S3Clients, S3Clients | None]:
    from s3_crosscopy.adapters.boto.sessions import access

    common = _common(namespace)
    config = common.pop("botocore_config")

    def clients(profile: str | None, argument: str) -> S3Clients:
        return access(None, profile, argument, endpoint_url=namespace.endpoint_url, config=config, **common)

    reader = clients(namespace.source_profile, "source_profile") if namespace.source_profile is not None else None
    return clients(namespace.profile, "profile"), reader


def _from_connections(namespace: argparse.Namespace) -> tuple[S3Clients, S3Clients | None]:
    try:
        from s3_crosscopy.airflow.connections import access_for
    except ImportError as error:
        raise InvalidInput(f"aws_conn_id: Airflow and its amazon provider are not installed here ({error})") from error
    except Exception as error:
        # Importing Airflow reads its configuration, and raises any error in it.
        why = " ".join(str(error).split()) or type(error).__name__
        raise InvalidInput(f"aws_conn_id: the Airflow that is installed here cannot be used: {why}") from error
    common = _common(namespace)
    reader = None
    if namespace.source_aws_conn_id is not None:
        reader = access_for(namespace.source_aws_conn_id, "source_aws_conn_id", **common)
    return access_for(namespace.aws_conn_id, "aws_conn_id", **common), reader


def _common(namespace: argparse.Namespace) -> dict[str, Any]:
    return {**dict.fromkeys(_COMMON), **keywords(namespace, _COMMON)}
