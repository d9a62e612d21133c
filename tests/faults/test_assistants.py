"""The server of tools over HTTP, as a process: a client of this machine is answered, a request for another host is not.

Belongs here: the address and whom it answers. Does not belong here: what the tools say (tests/end_to_end).
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from mcp import Client

from adoption.settings import REPOSITORY, Settings
from tests.faults.live import free_port, wait_until

pytestmark = pytest.mark.processes

CLI = "from adoption.cli.main import main; main()"
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
ACCEPT = {"Accept": "application/json, text/event-stream"}


def is_open(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def others() -> list[str]:
    """Addresses of this machine beyond the loopback one, if it has any."""
    addresses = {str(address[4][0]) for address in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    return sorted(address for address in addresses if not address.startswith("127."))


def test_it_answers_this_machine_and_nobody_else(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-c", CLI, "mcp", "--http", str(port)]
    environment = {**os.environ, **Settings(data=tmp_path).environment(), "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(command, cwd=REPOSITORY, env=environment) as process:
        try:
            wait_until(lambda: is_open(port), process, "it listens")

            async def call() -> tuple[list[str], bool]:
                async with Client(f"http://127.0.0.1:{port}/mcp") as client:
                    tools = await client.list_tools()
                    answer = await client.call_tool("search", {"words": "anvil"})
                    return [tool.name for tool in tools.tools], answer.is_error

            # nothing is published here: the error is the tool's own, not the server's
            assert asyncio.run(call()) == (["compare", "yoy", "why", "brief", "search"], True)
            url = f"http://127.0.0.1:{port}/mcp"
            foreign = [
                requests.post(url, json=PING, headers={**ACCEPT, **header}, timeout=30).status_code
                for header in ({"Host": "adoption.test"}, {"Origin": "https://adoption.test"})
            ]
            assert foreign == [421, 403]
            for address in others():
                with socket.socket() as client:
                    assert client.connect_ex((address, port)) != 0
        finally:
            process.terminate()
