"""A web server on loopback that misbehaves by the path it is asked for, and counts what it does.

Hosts are told apart by the name they are asked by: `resolve` leads every name to this server.
"""

from __future__ import annotations

import socket
import ssl
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Lock, Thread

CERTIFICATE = Path(__file__).parent / "safe.example.pem"
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello"
DRIPS, BEAT = 100, 0.02  # two seconds, far beyond the patience of who is tested with it
ENDLESS = 256 * 2**20  # bytes; nobody should want so many


@dataclass
class Visit:
    """One request: `number` counts those for this address, from 1; `sent` the bytes that left."""

    sock: socket.socket
    host: str
    path: str
    head: str
    number: int = 0
    sent: int = 0

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)
        self.sent += len(data)

    def drip(self, piece: bytes) -> None:
        """Send a piece again and again, each soon enough to look alive."""
        for _ in range(DRIPS):
            self.send(piece)
            time.sleep(BEAT)

    def flood(self, piece: bytes) -> None:
        """Send a piece until nobody wants it any more."""
        while self.sent < ENDLESS:
            self.send(piece)


Behaviour = Callable[[Visit], None]


def head(status: str, *headers: str) -> bytes:
    """An answer without a body."""
    lines = [f"HTTP/1.1 {status}", *headers, "Content-Length: 0", "", ""]
    return "\r\n".join(lines).encode()


def says(*answers: bytes) -> Behaviour:
    """Give these answers, one a visit, and the last one ever after."""
    return lambda visit: visit.send(answers[min(visit.number, len(answers)) - 1])


def leads(to: str, status: str = "301 Moved Permanently") -> Behaviour:
    """Redirect to an address."""
    return says(head(status, f"Location: {to}"))


def reset(visit: Visit) -> None:
    """Break the connection rather than close it."""
    visit.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def silent(visit: Visit) -> None:
    """Say nothing at all until the visitor goes."""
    visit.sock.recv(1)


@dataclass
class Log:
    """What the server saw: every visit in turn, and the most at once at one host and in all."""

    visits: list[Visit] = field(default_factory=list)
    at_host: int = 0
    in_all: int = 0

    def count(self, path: str) -> int:
        return sum(visit.path == path for visit in self.visits)


class Misbehaving(ThreadingTCPServer):
    """Serves `behaviours` by path; a path that is not among them is fine."""

    request_queue_size = 64
    daemon_threads = True

    def __init__(self, behaviours: dict[str, Behaviour], secure: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behaviours, self.log = behaviours, Log()
        self.lock, self.inside = Lock(), Counter[str]()
        self.port = self.server_address[1]
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if secure else None
        if self.tls:
            self.tls.load_cert_chain(CERTIFICATE)

    def url(self, path: str, host: str = "some.example") -> str:
        return f"http{'s' if self.tls else ''}://{host}:{self.port}{path}"

    def resolve(self, host: str, port: int) -> list[str]:
        """The IP addresses of any host: this machine, whatever its name."""
        return ["127.0.0.1"]

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: visitors hang up, as they should."""


class _Handler(BaseRequestHandler):
    server: Misbehaving

    def handle(self) -> None:
        sock = self.request
        if self.server.tls:
            sock = self.server.tls.wrap_socket(sock, server_side=True)
        lines = _request(sock).split("\r\n")
        host = next(line[6:] for line in lines if line.startswith("Host: ")).partition(":")[0]
        path = lines[0].split(" ")[1]
        visit = Visit(sock, host, path, "\n".join(lines))
        self._enter(visit)
        self.server.behaviours.get(path, says(FINE))(visit)
        sock.close()

    def _enter(self, visit: Visit) -> None:
        """Be in for a moment before anything is said, so that who comes meanwhile is noticed."""
        server, log = self.server, self.server.log
        with server.lock:
            log.visits.append(visit)
            visit.number = log.count(visit.path)
            server.inside[visit.host] += 1
            log.at_host = max(log.at_host, server.inside[visit.host])
            log.in_all = max(log.in_all, server.inside.total())
        time.sleep(BEAT)
        with server.lock:
            server.inside[visit.host] -= 1


def _request(sock: socket.socket) -> str:
    """The head of a request. Raises ConnectionError when there is none, but encrypted words."""
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        data += (more := sock.recv(4096))
        if data.startswith(b"\x16"):
            sock.sendall(head("400 Bad Request"))
        if not more or data.startswith(b"\x16"):
            raise ConnectionError
    return data.decode()


@contextmanager
def misbehaving(
    behaviours: dict[str, Behaviour] | None = None, *, secure: bool = False
) -> Iterator[Misbehaving]:
    """A misbehaving server on a free port."""
    with Misbehaving(behaviours or {}, secure) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
