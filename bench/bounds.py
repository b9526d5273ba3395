"""What bounds a figure: what was found out with a profiler, by row and transport. Edited by hand."""

from __future__ import annotations

from collections.abc import Mapping

BOUNDS: Mapping[tuple[str, str], str] = {}
