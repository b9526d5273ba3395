"""Builds sdist and wheel without a network, the wheel from the sdist: what a release does."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
BUILD_TIMEOUT_S = 120.0


class Release(NamedTuple):
    """The two files of a release."""

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


def build(folder: Path) -> Release:
    """Build both into an empty folder."""
    _hatchling(ROOT, "sdist", folder)
    (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    _hatchling(folder / sdist.name.removesuffix(".tar.gz"), "wheel", folder)
    (wheel,) = folder.glob("*.whl")
    return Release(sdist, wheel)


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
