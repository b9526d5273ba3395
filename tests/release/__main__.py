"""`make release-check`: build both distributions, install each into a fresh environment, and see it work there.

First the core, without Airflow; then the provider over it, also as an upgrade from 0.1.0. The dependencies are those
of the lock, each file held against the lock's hash; nothing else of the lock is installed. What was looked at lies in
dist/ then, with the core's SBOM.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

from packaging.metadata import Metadata

from s3_crosscopy.airflow.provider_info import get_provider_info
from tests.release.built import PROVIDER, ROOT, Release, build, build_as_0_1
from tests.release.dependencies import needed, requirements
from tests.release.sbom import bom

DIST = ROOT / "dist"
LOCK = ROOT / "requirements" / "dev.txt"
CORE = "s3-crosscopy"
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
print(importlib.metadata.version("s3-crosscopy"))
"""

CORE_IMPORTS = """
import importlib.util
from s3_crosscopy import copy, Report
from s3_crosscopy.testing import MemoryS3
assert importlib.util.find_spec("airflow") is None, "Airflow is installed"
try:
    import s3_crosscopy.airflow.operator
except ImportError as error:
    print(error)
"""


class Installed:
    """A fresh environment in `folder` with these wheels, in which commands run far from the project's own files."""

    def __init__(self, folder: Path, wheels: Sequence[Release], extras: Sequence[str] = ()) -> None:
        folder.mkdir()
        self.folder = folder
        self._bin = folder / "env" / "bin"
        venv.create(folder / "env", with_pip=True)
        wanted = folder / "requirements.txt"
        wanted.write_text(hashed(wheels, extras, LOCK.read_text(encoding="utf-8")))
        started = time.monotonic()
        self.pip("install", "--require-hashes", "--no-deps", "--only-binary", ":all:", "--requirement", str(wanted))
        self.took_s = time.monotonic() - started
        # Nothing was resolved: that nothing is missing, too, is seen here.
        self.pip("check")

    def size(self) -> str:
        """Seconds, packages and megabytes of the installation, without pip."""
        (packages,) = self._bin.parent.glob("lib/python3*/site-packages")
        files = [
            path for path in packages.rglob("*") if path.is_file() and path.relative_to(packages).parts[0] != "pip"
        ]
        count = len(list(packages.glob("*.dist-info"))) - 1
        return f"{count} packages, {sum(path.stat().st_size for path in files) >> 20} MB, {self.took_s:.0f} s"

    def pip(self, command: str, *arguments: str) -> str:
        """pip's output."""
        options = ("--disable-pip-version-check", "--quiet") if command != "check" else ("--disable-pip-version-check",)
        return self.run("python", "-m", "pip", command, *options, *arguments, timeout_s=INSTALL_TIMEOUT_S)

    def run(self, command: str, *arguments: str, timeout_s: float = LOOK_TIMEOUT_S) -> str:
        """What a command of the environment printed."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PYTHON"))}
        done = subprocess.run(
            [str(self._bin / command), *arguments],
            cwd=self.folder,
            env={**inherited, "AIRFLOW_HOME": str(self.folder / "airflow"), "PYTHONWARNINGS": "ignore"},
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        assert done.returncode == 0, f"{command} {' '.join(arguments[:3])}: {done.stdout}{done.stderr}"
        return done.stdout


def hashed(wheels: Sequence[Release], extras: Sequence[str], lock: str) -> str:
    """The wheels and the dependencies of the first, the core, as requirements with hashes. Source distributions are
    built by what nobody pinned, so there are none."""
    own = [
        f"{wheel.metadata()['Name']} @ {wheel.wheel.as_uri()} "
        f"--hash=sha256:{hashlib.sha256(wheel.wheel.read_bytes()).hexdigest()}\n"
        for wheel in wheels
    ]
    names = needed(wheels[0].metadata().get_all("Requires-Dist") or [], extras)
    return "".join(own) + requirements(lock, names)


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


def without_airflow(installed: Installed) -> str:
    """The core is imported and its command starts; the operator says that Airflow is missing."""
    said = installed.run("python", "-I", "-c", CORE_IMPORTS).strip()
    assert "airflow" in said, said
    return f"{installed.run('s3-crosscopy', '--version').strip()}; the operator: {said}"


def upgrade(installed: Installed, former: Path, dist: Path) -> str:
    """After pip's upgrade from 0.1.0 the import names the command that repairs it; then everything works."""
    installed.pip("uninstall", "--yes", CORE, PROVIDER)
    installed.pip("install", "--no-deps", "--no-index", str(former))
    offline = ("--no-index", "--find-links", str(dist))
    installed.pip("install", "--upgrade", *offline, PROVIDER)
    said = installed.run("python", "-I", "-c", "try: import s3_crosscopy\nexcept ImportError as error: print(error)")
    repair = said.strip().rpartition(": pip ")[2].split()
    assert repair[:1] == ["install"], f"not the message of an upgrade: {said!r}"
    installed.pip("install", *repair[1:], *offline)
    installed.pip("check")
    imports(installed)
    return said.strip()


LOOKS: tuple[Callable[[Installed], str], ...] = (imports, command, provider, plugin)


def _json(said: str) -> list[dict[str, object]]:
    """What a command printed as JSON, behind whatever else it printed."""
    found: list[dict[str, object]] = json.loads(said[said.index("[{") :])
    return found


def main() -> None:
    """Look, and say what was seen."""
    with tempfile.TemporaryDirectory(prefix="crosscopy-release-") as made:
        folder = Path(made)
        core, metadata_alone = (
            build(_folder(folder / "built" / name), project)
            for name, project in ((CORE, ROOT), (PROVIDER, ROOT / "provider"))
        )
        for release in (core, metadata_alone):
            tell("built", f"{release.sdist.name}, {release.wheel.name}")
            tell("metadata", metadata_is_valid(release))
        alone = Installed(folder / "core", [core])
        tell("installed", f"{CORE} by hashes: {alone.size()}")
        tell("core", without_airflow(alone))
        installed = Installed(folder / "provider", [core, metadata_alone], ["airflow"])
        tell("installed", f"{PROVIDER} by hashes: {installed.size()}")
        for look in LOOKS:
            tell(look.__name__, look(installed))
        tell("sbom", write_bom(core))
        keep(core, metadata_alone)
        tell("upgrade", upgrade(installed, build_as_0_1(_folder(folder / "former")), DIST))


def _folder(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


def keep(*releases: Release) -> None:
    """What was looked at, in dist/: what is uploaded is nothing else."""
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    for path in (path for release in releases for path in release.wheel.parent.iterdir() if path.is_file()):
        shutil.copy2(path, DIST)
    tell("kept", str(DIST.relative_to(ROOT)) + "/")


def tell(what: str, seen: str) -> None:
    """One line."""
    sys.stdout.write(f"{what:>10}  {seen}\n")


if __name__ == "__main__":
    main()
