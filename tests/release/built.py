"""Builds sdist and wheel of both distributions without a network, the wheel from the sdist: what a release does."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PROVIDER = "airflow-provider-s3-crosscopy"
BUILD_TIMEOUT_S = 120.0


class Release(NamedTuple):
    """The two files of a distribution."""

    sdist: Path
    wheel: Path

    def names(self) -> set[str]:
        """What the wheel holds."""
        with zipfile.ZipFile(self.wheel) as archive:
            return set(archive.namelist())

    def metadata_text(self) -> str:
        """The wheel's METADATA."""
        return self._of_dist_info("METADATA")

    def metadata(self) -> Message:
        """The same by its headers."""
        return Parser().parsestr(self.metadata_text())

    def entry_points(self) -> str:
        """The wheel's entry points, as they are written."""
        return self._of_dist_info("entry_points.txt")

    def _of_dist_info(self, name: str) -> str:
        (path,) = (one for one in self.names() if one.endswith(f".dist-info/{name}"))
        with zipfile.ZipFile(self.wheel) as archive:
            return archive.read(path).decode()


def build(folder: Path, project: Path = ROOT) -> Release:
    """Build both files of a distribution into an empty folder."""
    _hatchling(project, "sdist", folder)
    (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    _hatchling(folder / sdist.name.removesuffix(".tar.gz"), "wheel", folder)
    (wheel,) = folder.glob("*.whl")
    return Release(sdist, wheel)


def build_as_0_1(folder: Path) -> Path:
    """Build a wheel as 0.1.0 was: one distribution, with the provider's name, that held the package itself."""
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("README.md", "LICENSE"):
        shutil.copy2(ROOT / name, folder)
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for pattern, former in ((r'^name = ".*"', f'name = "{PROVIDER}"'), (r'^version = ".*"', 'version = "0.1.0"')):
        project = re.sub(pattern, former, project, count=1, flags=re.MULTILINE)
    (folder / "pyproject.toml").write_text(project, encoding="utf-8")
    _hatchling(folder, "wheel", folder / "dist")
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


def _hatchling(project: Path, target: str, into: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(into)],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=BUILD_TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
