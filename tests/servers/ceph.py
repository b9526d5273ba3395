"""A Ceph cluster of one monitor, one OSD in memory and one gateway, on loopback, in one directory.

Knows how to bring the three processes up and down; users, roles and S3 are `rgw.py`'s. Tried with Ceph 16.2
(Debian 12).
"""

from __future__ import annotations

import os
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Sequence
from pathlib import Path

from tests.servers.processes import GuardedProcess, free_port

COMMAND_TIMEOUT_S = 60.0
READY_TIMEOUT_S = 60.0
READY_POLL_S = 0.05

CONFIGURATION = """\
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{mon_port},v1:127.0.0.1:{mon_port_v1}]
mon initial members = a
public network = 127.0.0.0/8
keyring = {path}/keyring
run dir = {path}
admin socket =
crash dir = {path}
log file = {path}/$name.log
ms type = async+posix
auth allow insecure global id reclaim = true
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 4G
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail warn = 1
mon data avail crit = 1
# Ready in 2 s instead of 13: the gateway creates seven pools, each a few map changes that wait 1 s by
# default, and a request sent before the OSD is up is sent again at the next tick, after 5 s by default.
paxos propose interval = 0.02
paxos min wait = 0.01
objecter tick interval = 0.2
[mon.a]
mon data = {path}/mon
[osd.0]
osd data = {path}/osd
keyring = {path}/osd/keyring
[client.rgw.a]
rgw frontends = beast endpoint=127.0.0.1:{rgw_port}
rgw thread pool size = 64
rgw dns name = localhost
rgw enable usage log = false
rgw enable ops log = false
rgw run sync thread = false
rgw s3 auth use sts = true
rgw sts key = abcdefghijklmnop
"""


class CephCluster:
    """Three processes and their directory. `start` raises with the logs' ends when one does not come up."""

    def __init__(self, path: Path, extra_conf: Sequence[str] = ()) -> None:
        self.path = path
        self.rgw_port = free_port()
        self._mon_port = free_port()
        self._mon_port_v1 = free_port()
        self._fsid = str(uuid.uuid4())
        self._extra_conf = extra_conf
        self._processes: list[GuardedProcess] = []

    @property
    def endpoint_url(self) -> str:
        return f"http://127.0.0.1:{self.rgw_port}"

    def start(self) -> None:
        for directory in ("mon", "osd"):
            (self.path / directory).mkdir(parents=True)
        text = CONFIGURATION.format(
            fsid=self._fsid,
            path=self.path,
            mon_port=self._mon_port,
            mon_port_v1=self._mon_port_v1,
            rgw_port=self.rgw_port,
        )
        (self.path / "ceph.conf").write_text(text + "".join(f"{line}\n" for line in self._extra_conf))
        self._make_keyrings()
        self._start_monitor()
        self._start_osd()
        self._spawn("radosgw", "-n", "client.rgw.a")
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop the gateway first: without its cluster it would only log."""
        while self._processes:
            self._processes.pop().stop()

    def run(self, program: str, *arguments: str) -> str:
        """Run one of Ceph's programs to its end, on this cluster."""
        done = subprocess.run(
            [program, "-c", f"{self.path}/ceph.conf", *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT_S,
            env={**os.environ, "CEPH_CONF": f"{self.path}/ceph.conf"},
        )
        if done.returncode != 0:
            raise self._failure(f"{program} {' '.join(arguments)}: {done.stderr[-2000:]}")
        return done.stdout

    def _spawn(self, program: str, *arguments: str) -> None:
        command = [program, "-c", f"{self.path}/ceph.conf", "-f", *arguments]
        self._processes.append(GuardedProcess(command, self.path / f"{program}.out"))

    def _make_keyrings(self) -> None:
        everything = [cap for service in ("mon", "osd", "mgr") for cap in ("--cap", service, "allow *")]
        self._key("keyring", "mon.", "--create-keyring", "--cap", "mon", "allow *")
        self._key("keyring", "client.admin", *everything)
        self._key("keyring", "client.rgw.a", *everything)
        self._key("osd/keyring", "osd.0", "--create-keyring", *everything)

    def _key(self, keyring: str, name: str, *arguments: str) -> None:
        self.run("ceph-authtool", str(self.path / keyring), "--gen-key", "-n", name, *arguments)

    def _start_monitor(self) -> None:
        monmap, keyring = f"{self.path}/monmap", f"{self.path}/keyring"
        address = f"[v2:127.0.0.1:{self._mon_port},v1:127.0.0.1:{self._mon_port_v1}]"
        self.run("monmaptool", "--create", "--addv", "a", address, "--fsid", self._fsid, monmap)
        self.run("ceph-mon", "-i", "a", "--mkfs", "--monmap", monmap, "--keyring", keyring)
        self._spawn("ceph-mon", "-i", "a")
        self.run("ceph", "auth", "import", "-i", keyring)

    def _start_osd(self) -> None:
        osd_uuid = str(uuid.uuid4())
        self.run("ceph", "auth", "import", "-i", f"{self.path}/osd/keyring")
        self.run("ceph", "osd", "new", osd_uuid, "0")
        self.run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd_uuid)
        self.run("ceph", "osd", "crush", "add", "osd.0", "1.0", "root=default")
        self._spawn("ceph-osd", "-i", "0")

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_TIMEOUT_S
        while time.monotonic() < deadline and all(process.is_running() for process in self._processes):
            try:
                with urllib.request.urlopen(self.endpoint_url, timeout=2.0):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(READY_POLL_S)
        raise self._failure("the gateway did not come up")

    def _failure(self, reason: str) -> RuntimeError:
        ends = [
            f"{log.name}: {log.read_text(errors='replace')[-1500:]}"
            for pattern in ("*.log", "*.out")
            for log in sorted(self.path.glob(pattern))
        ]
        return RuntimeError("\n".join([f"Ceph: {reason}", *ends]))
