"""Loads botocore's descriptions of services in a third of botocore's time, which is most of that of a first client."""

from __future__ import annotations

import gzip
import json
import os
from typing import Any

from botocore.loaders import JSONFileLoader, Loader
from botocore.session import Session

SERVICES = ("s3", "sso", "sso-oidc", "sts")
"""The services of our clients, and of those that botocore makes to obtain credentials."""


class SharedFiles(JSONFileLoader):  # type: ignore[misc]
    """Parses each file once for all sessions of the process, to dicts instead of botocore's OrderedDicts.

    botocore completes some of them in place, always in the same way; its own loader shares them among all clients of a
    session.
    """

    def __init__(self) -> None:
        self._parsed = _PARSED

    def load_file(self, file_path: str) -> Any:
        if file_path not in self._parsed:
            content = _read(file_path)
            if content is None:
                return None
            self._parsed[file_path] = json.loads(content)
        return self._parsed[file_path]


_PARSED: dict[str, Any] = {}


def _read(file_path: str) -> bytes | None:
    if os.path.isfile(f"{file_path}.json"):
        with open(f"{file_path}.json", "rb") as file:
            return file.read()
    if os.path.isfile(f"{file_path}.json.gz"):
        with gzip.open(f"{file_path}.json.gz", "rb") as file:
            return file.read()
    return None


class ModelLoader(Loader):  # type: ignore[misc]
    """Does not search the directories of all 400 services of AWS before it loads one of `SERVICES`."""

    FILE_LOADER_CLASS = SharedFiles
    _searches = True

    def list_available_services(self, type_name: str) -> list[str]:
        """The services that have such a file."""
        services: list[str] = super().list_available_services(type_name) if self._searches else [*SERVICES]
        return services

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        """The description of a service."""
        self._searches = service_name not in SERVICES
        try:
            return super().load_service_model(service_name, type_name, api_version)
        finally:
            self._searches = True


def quick_session() -> Session:
    """A botocore session with such a loader."""
    session = Session()

    def loader() -> ModelLoader:
        # As botocore.loaders.create_loader: the setting is read when the session knows its profile.
        paths = (session.get_config_variable("data_path") or "").split(os.pathsep)
        return ModelLoader([os.path.expanduser(os.path.expandvars(path)) for path in paths if path])

    session.lazy_register_component("data_loader", loader)
    return session
