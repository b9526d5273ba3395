"""Two profiles whose endpoints are two servers: one line, and no request."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.servers.stub_server import StubServer

ELSEWHERE = "http://127.0.0.1:9"


def endpoints(**urls: str) -> None:
    """What the configuration file says of each profile."""
    lines = [f"[profile {name}]\nregion=us-east-1\nendpoint_url={url}\n" for name, url in urls.items()]
    Path(os.environ["AWS_CONFIG_FILE"]).write_text("".join(lines))


@pytest.mark.parametrize("command", ["copy", "doctor"])
def test_two_servers_are_one_line_and_no_request(shell: Shell, stub: StubServer, command: str) -> None:
    endpoints(a=stub.endpoint_url, b=ELSEWHERE)

    done = shell.run(command, shell.source, shell.dest, "--profile", "b", "--source-profile", "a")

    port = stub.endpoint_url.rpartition(":")[2]
    assert done.code == 2
    assert done.err == (
        f"s3-crosscopy: --endpoint-url: profile 'b' is at localhost:9, profile 'a' at localhost:{port}; a server-side"
        " copy needs both at one S3 service; if these are two names of one, give both the same\n"
    )
    assert stub.requests == []


def test_aws_and_another_server_are_two_services(shell: Shell) -> None:
    endpoints(b=ELSEWHERE, a="https://s3.us-east-1.amazonaws.com")

    done = shell.run("copy", shell.source, shell.dest, "--profile", "b", "--source-profile", "a")

    assert done.code == 2
    assert "profile 'b' is at localhost:9, profile 'a' at AWS (amazonaws.com);" in done.err


def test_two_names_of_this_machine_are_one_server(shell: Shell) -> None:
    shell.put("in/a")
    endpoints(a=shell.endpoint_url.replace("127.0.0.1", "localhost"), b=shell.endpoint_url)

    done = shell.run("copy", shell.source, shell.dest, "--profile", "b", "--source-profile", "a")

    assert (done.code, sorted(shell.copied())) == (0, ["out/a"])
