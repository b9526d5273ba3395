"""Who signs, as a command line names them: AWS profiles, or the connections of the Airflow that is installed here."""

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
    """--aws-conn-id and --source-aws-conn-id."""
    for name, text in _CONNECTIONS.items():
        group.add_argument("--" + name.replace("_", "-"), dest=name, metavar="ID", help=text)


def principals(given: argparse.Namespace) -> tuple[S3Clients, S3Clients | None]:
    """The copier and, if there is another one, the reader. Raises InvalidInput, or what makes no credentials."""
    if given.aws_conn_id is None and given.source_aws_conn_id is None:
        return _of_profiles(given)
    for name in ("profile", "source_profile", "endpoint_url"):
        if getattr(given, name) is not None:
            raise InvalidInput(f"{name}: goes with AWS profiles, not with Airflow connections; leave one of them out")
    return _of_connections(given)


def _of_profiles(given: argparse.Namespace) -> tuple[S3Clients, S3Clients | None]:
    from s3_crosscopy.adapters.boto.sessions import access

    common = _common(given)
    config = common.pop("botocore_config")

    def named(profile: str | None, what: str) -> S3Clients:
        return access(None, profile, what, endpoint_url=given.endpoint_url, config=config, **common)

    reader = named(given.source_profile, "source_profile") if given.source_profile is not None else None
    return named(given.profile, "profile"), reader


def _of_connections(given: argparse.Namespace) -> tuple[S3Clients, S3Clients | None]:
    try:
        from s3_crosscopy.airflow.connections import access_for
    except ImportError as error:
        raise InvalidInput(f"aws_conn_id: Airflow and its amazon provider are not installed here ({error})") from error
    except Exception as error:
        # Importing Airflow reads its configuration, and raises whatever is wrong with that.
        why = " ".join(str(error).split()) or type(error).__name__
        raise InvalidInput(f"aws_conn_id: the Airflow that is installed here cannot be used: {why}") from error
    common = _common(given)
    reader = None
    if given.source_aws_conn_id is not None:
        reader = access_for(given.source_aws_conn_id, "source_aws_conn_id", **common)
    return access_for(given.aws_conn_id, "aws_conn_id", **common), reader


def _common(given: argparse.Namespace) -> dict[str, Any]:
    return {**dict.fromkeys(_COMMON), **keywords(given, _COMMON)}
