"""The SBOM beside the wheel: CycloneDX as JSON, of everything that an installation of it with all extras comes to.

Written here and not by a tool: what the tools read from an environment is more than the wheel needs, and they know
nothing of the libraries inside pycurl's wheel. See docs/decisions/0011.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from importlib import metadata
from typing import Any, NamedTuple

from tests.release.built import Release
from tests.release.dependencies import Pin, direct, needed, pins

EXTRAS = ("airflow", "completion", "fast", "openlineage", "parquet")
NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")


class Native(NamedTuple):
    """A library inside pycurl's wheel; `said` is its name in `pycurl.version`, "" where that does not tell it."""

    name: str
    licence: str
    files: tuple[str, ...]
    said: str = ""


KERBEROS = ("libgssapi_krb5", "libk5crypto", "libkrb5", "libkrb5support", "libcom_err")
NATIVE = (
    Native("libcurl", "curl", ("libcurl",), "libcurl"),
    Native("OpenSSL", "Apache-2.0", ("libssl", "libcrypto"), "OpenSSL"),
    Native("nghttp2", "MIT", ("libnghttp2",), "nghttp2"),
    Native("nghttp3", "MIT", ("libnghttp3",), "nghttp3"),
    Native("ngtcp2", "MIT", ("libngtcp2", "libngtcp2_crypto_ossl"), "ngtcp2"),
    Native("sfparse", "MIT", ("libsfparse",)),
    Native("libssh2", "BSD-3-Clause", ("libssh2",), "libssh2"),
    Native(
        "MIT Kerberos", "MIT", ("libgssapi_krb5", "libk5crypto", "libkrb5", "libkrb5support", "libcom_err"), "mit-krb5"
    ),
    Native("brotli", "MIT", ("libbrotlicommon", "libbrotlidec"), "brotli"),
    Native("libpsl", "MIT", ("libpsl",), "libpsl"),
    Native("libidn2", "LGPL-3.0-or-later OR GPL-2.0-or-later", ("libidn2",)),
    Native("libunistring", "LGPL-3.0-or-later OR GPL-2.0-or-later", ("libunistring",)),
)


def bundled() -> frozenset[str]:
    """The libraries that this environment's pycurl brought, by the names of their files without hash and version."""
    files = metadata.files("pycurl") or ()
    return frozenset(one.name.split(".so")[0].rpartition("-")[0] for one in files if one.parts[0] == "pycurl.libs")


def bom(release: Release, lock: str) -> dict[str, Any]:
    """The SBOM of a release. The same release and lock are the same JSON."""
    told = release.metadata()
    name, version = told["Name"], told["Version"]
    requires = told.get_all("Requires-Dist") or []
    graph = needed(requires, EXTRAS)
    base, known = needed(requires), pins(lock)
    content = hashlib.sha256(release.wheel.read_bytes()).hexdigest()
    own = {
        **_named(name, version),
        "licenses": [{"expression": told["License-Expression"]}],
        "hashes": [{"alg": "SHA-256", "content": content}],
    }
    components = [_component(known[one], optional=one not in base) for one in sorted(graph)]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, content)}",
        "version": 1,
        "metadata": {"component": own},
        "components": components,
        "dependencies": [
            _depends(own["bom-ref"], direct(requires, EXTRAS), known),
            *(_depends(_ref(known[one]), graph[one], known) for one in sorted(graph)),
        ],
    }


def _component(pin: Pin, *, optional: bool) -> dict[str, Any]:
    page = f"pkg:pypi/{pin.name}@{pin.version}"
    hashes = [{"alg": "SHA-256", "content": one} for one in pin.hashes]
    made: dict[str, Any] = {
        **_named(pin.name, pin.version),
        "scope": "optional" if optional else "required",
        "externalReferences": [{"type": "distribution", "url": page, "hashes": hashes}],
    }
    if licence := _licence(pin.name):
        made["licenses"] = [licence]
    if pin.name == "pycurl":
        made["components"] = [_native(one) for one in NATIVE]
    return made


def _named(name: str, version: str) -> dict[str, Any]:
    purl = f"pkg:pypi/{name}@{version}"
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}


def _native(one: Native) -> dict[str, Any]:
    import pycurl

    versions = dict(part.split("/", 1) for part in pycurl.version.split() if "/" in part)
    made = {"type": "library", "bom-ref": f"pycurl:{one.name}", "name": one.name, "version": versions.get(one.said, "")}
    return {**made, "licenses": [{"expression": one.licence}]}


def _licence(name: str) -> dict[str, Any]:
    told = metadata.metadata(name).json
    if expression := told.get("license_expression"):
        return {"expression": expression}
    classified = [one.rpartition(" :: ")[2] for one in told.get("classifier") or () if one.startswith("License")]
    said = classified[0] if classified else str(told.get("license") or "").strip().split("\n")[0]
    return {"license": {"name": said}} if said else {}


def _depends(ref: str, on: Iterable[str], known: Mapping[str, Pin]) -> dict[str, Any]:
    return {"ref": ref, "dependsOn": sorted(_ref(known[one]) for one in on)}


def _ref(pin: Pin) -> str:
    return f"pkg:pypi/{pin.name}@{pin.version}"
