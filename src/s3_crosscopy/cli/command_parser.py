"""The class of the command line's parsers. Imports little, because every call of the command pays for it."""

from __future__ import annotations

import argparse
from typing import NoReturn

from s3_crosscopy.errors import InvalidInput

PROGRAM = "s3-crosscopy"


class Parser(argparse.ArgumentParser):
    """An ArgumentParser that raises InvalidInput, so that an error is one line instead of argparse's usage."""

    def error(self, message: str) -> NoReturn:
        raise InvalidInput(f"{message}; see {self.prog} --help")
