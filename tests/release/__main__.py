"""`make release-check`: build both files, install the wheel alone into a fresh environment, and see it work there.

The versions of its dependencies are those of the lock; nothing else of the lock is installed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from pathlib import Path

from packaging.metadata import Metadata

from s3_crosscopy.airflow.provider_info import get_provider_info
from tests.release.built import ROOT, Release, build

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
        (folder / "constraints.txt").write_text(constraints(LOCK.read_text(encoding="utf-8")))
        self.run(
            *("python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--constraint", str(folder / "constraints.txt"), str(release.wheel)),
            timeout_s=INSTALL_TIMEOUT_S,
        )

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


def constraints(lock: str) -> str:
    """The versions of a lock without its hashes: with them pip would want one of the wheel too."""
    return "\n".join(re.sub(r" *\\$", "", line) for line in lock.splitlines() if re.match(r"[a-z0-9]", line)) + "\n"


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
        tell("installed", "the wheel alone")
        for look in LOOKS:
            tell(look.__name__, look(installed))


def tell(what: str, seen: str) -> None:
    """One line."""
    sys.stdout.write(f"{what:>10}  {seen}\n")


if __name__ == "__main__":
    main()
