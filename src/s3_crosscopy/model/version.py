"""The version of this package: of both distributions, and in every summary."""

from __future__ import annotations

from typing import Final

VERSION: Final = "0.2.0"
