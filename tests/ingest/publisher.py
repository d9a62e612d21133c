"""A publisher on this machine: a local HTTP server that says what a test scripts, faults included.

Belongs here: the wire and its faults, and a clock on which nobody sleeps. Does not belong here: any publisher's
protocol (the connector's own tests script it).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

from ingest.clients.http import Clock

Fault = Literal["", "cut", "hang up"]
"""How a reply goes wrong on the wire: less body than promised, or no reply at all."""


@dataclass(frozen=True)
class Say:
    """One scripted reply."""

    body: bytes | str | Mapping[str, Any] | Sequence[Any] = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Fault = ""

    @property
    def data(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Heard:
    """One request as it arrived. Header names are in lower case."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


Script = Say | Callable[[Heard], Say]


class Publisher:
    """Answers each path by its script: replies in order, the last one for ever; 404 where there is none."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.heard: list[Heard] = []
        self._scripts: dict[str, list[Script]] = {}
        self._lock = threading.Lock()

    def answers(self, path: str, *scripts: Script) -> None:
        """Script a path; `*` stands for every path without a script of its own."""
        self._scripts[path] = list(scripts)

    def say(self, heard: Heard) -> Say:
        with self._lock:
            self.heard.append(heard)
            scripts = self._scripts.get(heard.path) or self._scripts.get("*") or [Say("no such page", 404)]
            script = scripts.pop(0) if len(scripts) > 1 else scripts[0]
        return script if isinstance(script, Say) else script(heard)


class _Handler(BaseHTTPRequestHandler):
    """One connection. The server carries the publisher whose scripts it follows."""

    protocol_version = "HTTP/1.1"
    # Head and body go out at once: one that waits for the other's receipt costs 40 ms a request.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._reply()

    def do_POST(self) -> None:
        self._reply()

    def _reply(self) -> None:
        assert isinstance(self.server, _Server)
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        params = dict(parse_qsl(parts.query, keep_blank_values=True))
        say = self.server.publisher.say(Heard(self.command, parts.path, params, headers, body))
        if say.fault == "hang up":
            self.close_connection = True
        else:
            self._write(say)

    def _write(self, say: Say) -> None:
        half = len(say.data) // 2
        parts = [say.data[:half], say.data[half:]]
        length = {"Content-Length": str(len(say.data))}
        if say.headers.get("Transfer-Encoding") == "chunked":
            parts, length = [b"%x\r\n%b\r\n" % (len(part), part) for part in parts if part], {}
            parts.append(b"0\r\n\r\n")
        self.send_response(say.status)
        for name, value in {**length, **say.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(parts[0])
        self.wfile.flush()
        if say.fault == "cut":
            self.close_connection = True
        else:
            self.wfile.write(b"".join(parts[1:]))

    def log_message(self, *_: object) -> None:
        """A test says what matters by itself."""


class _Server(ThreadingHTTPServer):
    publisher: Publisher


@contextmanager
def publishing() -> Iterator[Publisher]:
    """A publisher that listens on a free port of this machine until the block ends."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.publisher = Publisher(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.publisher
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class PatientClock(Clock):
    """A clock that stands still but for the waits, which it counts instead of sleeping.

    `tick` is how many seconds pass with every look at it: a slow world.
    """

    def __init__(self, today: datetime = datetime(2021, 1, 5, 12, tzinfo=UTC), tick: float = 0.0) -> None:
        self.waits: list[float] = []
        self._passed = 0.0
        self._tick = tick
        self._start = today
        super().__init__(self._monotonic, self._now, self._sleep)

    def _monotonic(self) -> float:
        self._passed += self._tick
        return self._passed

    def _now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self._passed += seconds
