"""`make demo-access`: a cross-account copy that is denied, explained, allowed and done, on a gateway that enforces.

Everything is on this machine and made for the occasion. Exit code 0 only if every step went as it should.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import pytest
from examples.demo.ending import unwind_on_signals
from examples.demo_access import world
from examples.demo_access.story import STORY
from examples.demo_access.terminal import Terminal, step
from tests.servers.rgw import RgwServer


def main() -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="s3-crosscopy-demo-access-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        step("Starting a Ceph gateway, which enforces policies as S3 does", began)
        try:
            with RgwServer.start(folder / "ceph") as rgw:
                return _tell(rgw, folder, began)
        # The tests' way to say that Ceph is not here and cannot be installed.
        except (pytest.skip.Exception, pytest.fail.Exception) as missing:
            print(f"demo-access: {' '.join(str(missing.msg).split())}", file=sys.stderr)
            return 1


def _tell(rgw: RgwServer, folder: Path, began: float) -> int:
    world.make(rgw)
    terminal = Terminal(folder, world.environment(folder, rgw), began)
    for sentence in world.SENTENCES:
        terminal.say(sentence)
    terminal.say(f"wanted: {world.SOURCE} copied to {world.DEST}, {len(world.objects())} objects")
    for number, one in enumerate(STORY, 1):
        terminal.step(f"{number}. {one.title}")
        if not one.play(terminal, rgw):
            print(f"\ndoes not hold: {one.holds}", file=sys.stderr)
            return 1
        terminal.say(f"=> {one.holds}")
    print(f"\nEverything holds: denied, explained, allowed, copied in {time.monotonic() - began:.0f} s.")
    return 0


if __name__ == "__main__":
    unwind_on_signals()
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
