"""`make release-check`: build both files, install the wheel alone into a fresh environment, and see it work there.

Its dependencies are those of the lock, each file held against the lock's hash; nothing else of the lock is installed.
What was looked at lies in dist/ then, with its SBOM.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from pathlib import Path

from packaging.metadata import Metadata

from s3_crosscopy.airflow.provider_info import get_provider_info
from tests.release.built import ROOT, Release, build
from tests.release.dependencies import needed, requirements
from tests.release.sbom import bom

DIST = ROOT / "dist"
LOCK = ROOT / "requirements" / "dev.txt"
PROVIDER = "airflow-provider-s3-crosscopy"
PLUGIN = "s3_crosscopy"
INSTALL_TIMEOUT_S = 900.0
LOOK_TIMEOUT_S = 180.0

IMPORTS = """
import importlib.metadata, importlib.util, pathlib
import s3_crosscopy
from s3_crosscopy.airflow import S3CrossAccountCopyOperator, S3CrossAccountCopyTaskGroup
from s3_crosscopy.airflow.plugin import routes
package = pathlib.Path(s3_crosscopy.__file__).parent
assert "site-packages" in package.parts, package
assert (package / "py.typed").exists()
assert "main.js" in routes.FILES
assert importlib.util.find_spec("moto") is None, "more than the wheel is installed"
print(importlib.metadata.version("airflow-provider-s3-crosscopy"))
"""


class Installed:
    """A fresh environment in `folder` with the wheel, in which commands run far from the project's own files."""

    def __init__(self, release: Release, folder: Path) -> None:
        self._release = release
        self._folder = folder
        self._bin = folder / "env" / "bin"
        venv.create(folder / "env", with_pip=True)
        wanted = folder / "requirements.txt"
        wanted.write_text(hashed(release, LOCK.read_text(encoding="utf-8")))
        self.run(
            *("python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--require-hashes", "--no-deps", "--only-binary", ":all:", "--requirement", str(wanted)),
            timeout_s=INSTALL_TIMEOUT_S,
        )
        # Nothing was resolved: that nothing is missing, too, is seen here.
        self.run("python", "-m", "pip", "check", "--disable-pip-version-check")

    def run(self, command: str, *arguments: str, timeout_s: float = LOOK_TIMEOUT_S) -> str:
        """What a command of the environment printed."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PYTHON"))}
        done = subprocess.run(
            [str(self._bin / command), *arguments],
            cwd=self._folder,
            env={**inherited, "AIRFLOW_HOME": str(self._folder / "airflow"), "PYTHONWARNINGS": "ignore"},
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        assert done.returncode == 0, f"{command} {' '.join(arguments[:3])}: {done.stdout}{done.stderr}"
        return done.stdout


def hashed(release: Release, lock: str) -> str:
    """The wheel and what it needs, as requirements with hashes. Source distributions are built by what nobody pinned,
    so there are none."""
    own = hashlib.sha256(release.wheel.read_bytes()).hexdigest()
    told = release.metadata()
    names = needed(told.get_all("Requires-Dist") or [])
    return f"{told['Name']} @ {release.wheel.as_uri()} --hash=sha256:{own}\n{requirements(lock, names)}"


def write_bom(release: Release) -> str:
    """The SBOM, beside the wheel."""
    made = bom(release, LOCK.read_text(encoding="utf-8"))
    path = release.wheel.parent / f"{release.wheel.name.split('-py3')[0]}.cdx.json"
    path.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    return f"{path.name}, {len(made['components'])} packages"


def metadata_is_valid(release: Release) -> str:
    """What an index refuses an upload for."""
    metadata = Metadata.from_email(release.metadata_text())
    return f"{metadata.name} {metadata.version}"


def imports(installed: Installed) -> str:
    """All that users import, from the installed wheel."""
    return installed.run("python", "-I", "-c", IMPORTS).strip().splitlines()[-1]


def command(installed: Installed) -> str:
    """The command tells its version."""
    said = installed.run("s3-crosscopy", "--version").strip()
    assert said.endswith(imports(installed)), said
    return said


def provider(installed: Installed) -> str:
    """Airflow knows all that the provider says of itself."""
    (told,) = _json(installed.run("airflow", "providers", "get", PROVIDER, "--full", "--output", "json"))
    mine = get_provider_info()
    assert set(mine) <= set(told), f"missing: {sorted(set(mine) - set(told))}"
    return ", ".join(sorted(mine))


def plugin(installed: Installed) -> str:
    """Airflow loads the plugin from the wheel."""
    told = _json(installed.run("airflow", "plugins", "--output", "json"))
    (mine,) = (one for one in told if one["name"] == PLUGIN)
    return str(mine["source"])


LOOKS: tuple[Callable[[Installed], str], ...] = (imports, command, provider, plugin)


def _json(said: str) -> list[dict[str, object]]:
    """What a command printed as JSON, behind whatever else it printed."""
    found: list[dict[str, object]] = json.loads(said[said.index("[{") :])
    return found


def main() -> None:
    """Look, and say what was seen."""
    with tempfile.TemporaryDirectory(prefix="crosscopy-release-") as made:
        folder = Path(made)
        (folder / "built").mkdir()
        release = build(folder / "built")
        tell("built", f"{release.sdist.name}, {release.wheel.name}")
        tell("metadata", metadata_is_valid(release))
        installed = Installed(release, folder)
        tell("installed", "the wheel alone, by hashes")
        for look in LOOKS:
            tell(look.__name__, look(installed))
        tell("sbom", write_bom(release))
        keep(release)


def keep(release: Release) -> None:
    """What was looked at, in dist/: what is uploaded is nothing else."""
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    for path in release.wheel.parent.iterdir():
        if path.is_file():
            shutil.copy2(path, DIST)
    tell("kept", str(DIST.relative_to(ROOT)) + "/")


def tell(what: str, seen: str) -> None:
    """One line."""
    sys.stdout.write(f"{what:>10}  {seen}\n")


if __name__ == "__main__":
    main()
