"""One address asked, as a careful visitor asks: what does it show?

Only the head of an answer is read, so no body can be too long, too slow or wrong. What a server
can do to us is bounded all the same: a try by time, whatever drips in meanwhile (but for the
look-up of a name, which the system bounds); a line and the number of lines by http.client;
redirects and tries by number. A host is asked one thing at a time with a pause between two, and
never when it is in a private network: an address in a contributed file must not make a machine
ask its neighbours. What is looked up is what is connected to, so a name cannot change its mind.
"""

from __future__ import annotations

import errno
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from http import HTTPStatus
from http.client import HTTPException
from ipaddress import ip_address
from threading import Event, Lock, Timer
from typing import NamedTuple
from urllib.parse import urljoin

import certifi
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, LocationParseError, LocationValueError
from urllib3.util import Retry, Url, parse_url

from .. import __version__
from .status import TIMEOUT, Seen

PAUSE = 1.0
BACKOFF = (2.0, 8.0)  # seconds before the second and the third try
LONGEST_WAIT = 60.0
MOST_REDIRECTS = 10
MOST_IPS = 4
PORTS = {"http": 80, "https": 443}
PERMANENT, TEMPORARY = {301, 308}, {302, 303, 307}
GONE = {404, 410}
PRIVATE = "its host is in a private network, never asked"
HEADERS = {
    "User-Agent": f"Mozilla/5.0 (compatible; Termbook/{__version__}; link check)",
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Accept-Language": "en,*;q=0.5",
    "Connection": "close",
}

Resolve = Callable[[str, int], list[str]]
Sleep = Callable[[float], object]


class NotPublic(Exception):
    """A host is in a private network, or is this very machine."""


class Stopped(Exception):
    """A client was told to stop."""


class Unfollowed(Exception):
    """A redirect that is not followed; `seen` says what to make of it."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen
        super().__init__(seen.reason)


class Answer(NamedTuple):
    """What counts of the head of an answer; `retry_after` is in seconds."""

    status: int
    location: str
    retry_after: float


class Try(NamedTuple):
    """What one try showed; another, after `wait` seconds, may show more unless that is None."""

    seen: Seen
    wait: float | None = None


# From the narrower kind to the wider: the first that fits counts.
FAILURES: tuple[tuple[type[BaseException], Try], ...] = (
    (NotPublic, Try(Seen("unknown", reason=PRIVATE))),
    # Browsers fetch certificates that a server forgets to send; we do not.
    (ssl.SSLCertVerificationError, Try(Seen("unknown", reason="its certificate is not verified"))),
    (LocationValueError, Try(Seen("failing", reason="it is no web address"))),
    (UnicodeError, Try(Seen("failing", reason="there is no such host"))),
    (socket.gaierror, Try(Seen("failing", reason="there is no such host"), 0.0)),
    (ssl.SSLError, Try(Seen("failing", reason="no secure connection comes about"), 0.0)),
    (TimeoutError, Try(Seen("failing", reason="no answer comes in time"), 0.0)),
    (ConnectionRefusedError, Try(Seen("failing", reason="the connection is refused"), 0.0)),
    (ConnectionError, Try(Seen("failing", reason="the connection is cut too early"), 0.0)),
    (OSError, Try(Seen("failing", reason="its host is out of reach"), 0.0)),
    (BaseException, Try(Seen("failing", reason="what comes is no HTTP answer"), 0.0)),
)


def public_addresses(host: str, port: int) -> list[str]:
    """The IP addresses of a host. Raises NotPublic, OSError, and UnicodeError for a bad name."""
    infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    found = list(dict.fromkeys(str(info[4][0]) for info in infos))
    if not all(ip.is_global and not ip.is_multicast for ip in map(ip_address, found)):
        raise NotPublic(host)
    return found


class Client:
    """Asks addresses, from many threads if need be, and one thing at a time of each host.

    `timeout` bounds a try in seconds, with all its redirects but without waiting for a turn.
    `resolve` gives the IP addresses of a host and port, `sleep` waits for seconds (until
    `stop`, if it is not given), and `tls` says whose certificates are good.
    """

    def __init__(
        self,
        timeout: float = TIMEOUT,
        *,
        resolve: Resolve = public_addresses,
        sleep: Sleep | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._timeout, self._resolve = timeout, resolve
        self._over = Event()
        self._sleep: Sleep = sleep or self._over.wait
        self._tls = tls or ssl.create_default_context()
        if tls is None:
            # Python knows of no certificates on some machines.
            self._tls.load_verify_locations(certifi.where())
        self._guard = Lock()
        self._turns: dict[str, Lock] = {}
        self._asked: set[str] = set()

    def stop(self) -> None:
        """Ask nothing any more: who waits to ask gets Stopped."""
        self._over.set()

    def ask(self, address: str) -> Seen:
        """What an address shows; asked again, a little later, where that may help."""
        tried = self._try(address)
        for backoff in BACKOFF:
            if tried.wait is None or tried.wait > LONGEST_WAIT:
                break
            self._wait(max(backoff, tried.wait))
            tried = self._try(address)
        return tried.seen

    def _wait(self, seconds: float) -> None:
        if seconds:
            self._sleep(seconds)
        if self._over.is_set():
            raise Stopped

    def _try(self, address: str) -> Try:
        try:
            return self._follow(_url(address))
        except Unfollowed as redirect:
            return Try(redirect.seen)
        except (HTTPError, HTTPException, OSError, ValueError, NotPublic) as error:
            return _failure(error)

    def _follow(self, start: Url) -> Try:
        """What `start` shows at the end of its redirects."""
        url, moved, lasting, left = start, None, True, self._timeout
        visited = {start.url}
        while True:
            with self._turn(str(url.host)):
                began = time.monotonic()
                answer = self._request(url, left)
            left -= time.monotonic() - began
            if answer.status not in PERMANENT | TEMPORARY or not answer.location:
                return _verdict(start, url, moved, answer)
            url = _target(url, answer, visited)
            visited.add(url.url)
            lasting = lasting and answer.status in PERMANENT
            moved = url if lasting else moved

    @contextmanager
    def _turn(self, host: str) -> Iterator[None]:
        """Keep a host to oneself, after a pause if it was asked before."""
        with self._guard:
            lock = self._turns.setdefault(host, Lock())
        with lock:
            self._wait(PAUSE if host in self._asked else 0)
            self._asked.add(host)
            yield

    def _request(self, url: Url, timeout: float) -> Answer:
        """The head of the answer to a GET of `url`; of the body nothing is read."""
        end = time.monotonic() + timeout
        with (
            closing(self._connected(url, end)) as connection,
            _cut_off(connection.sock, end - time.monotonic()),
        ):
            connection.request("GET", url.request_uri, preload_content=False,
                               headers={**HEADERS, "Host": str(url.netloc)})
            with closing(connection.getresponse()) as response:
                return _answer(response.status, response.headers)

    def _connected(self, url: Url, end: float) -> HTTPConnection:
        """A connection to the first IP address of the host that takes one."""
        host = str(url.host).strip("[]")
        port = url.port or PORTS[str(url.scheme)]
        failure: Exception = TimeoutError()
        for ip in self._resolve(host, port)[:MOST_IPS]:
            if (left := end - time.monotonic()) <= 0:
                break
            # Half of the time that is left, so that another address has a chance too.
            connection = self._connection(url.scheme == "https", host, ip, port, left / 2)
            try:
                connection.connect()
                return connection
            except (HTTPError, OSError) as error:
                connection.close()
                failure = error
        raise failure

    def _connection(
        self, secure: bool, host: str, ip: str, port: int, timeout: float
    ) -> HTTPConnection:
        if secure:
            return HTTPSConnection(ip, port, timeout=timeout, server_hostname=host,
                                   ssl_context=self._tls)
        return HTTPConnection(ip, port, timeout=timeout)


@contextmanager
def _cut_off(sock: socket.socket, seconds: float) -> Iterator[None]:
    """Hang up after some seconds, and raise TimeoutError, however busy the other side is."""
    late = Event()

    def hang_up() -> None:
        late.set()
        with suppress(OSError):
            # That of the plain socket: an encrypted one would want to say goodbye.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)

    if seconds <= 0:
        raise TimeoutError
    sock.settimeout(seconds)
    timer = Timer(seconds, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if late.is_set():
            raise TimeoutError


def _answer(status: int, headers: Mapping[str, str]) -> Answer:
    # http.client takes a header for Latin-1; the addresses in them are UTF-8 if not ASCII.
    location = headers.get("Location", "").encode("latin-1").decode("utf-8", "replace")
    try:
        wait = Retry().parse_retry_after(headers.get("Retry-After", "0"))
    except (HTTPError, ValueError, OverflowError):
        wait = 0.0
    return Answer(status, location, wait)


def _url(address: str) -> Url:
    """What a server is asked for by an address. Raises LocationValueError when it is no such."""
    url = parse_url(address)._replace(auth=None, fragment=None)
    if url.scheme not in PORTS or not url.host:
        raise LocationParseError(address)
    return url


def _target(url: Url, answer: Answer, visited: set[str]) -> Url:
    """Where a redirect leads to. Raises Unfollowed when it leads nowhere, or round in a circle."""
    try:
        target = _url(urljoin(url.url, answer.location))
    except ValueError:
        wrong = Seen("failing", answer.status, "it redirects to what is no web address")
        raise Unfollowed(wrong) from None
    # Some servers send everybody round who does not keep their cookies.
    if target.url in visited:
        raise Unfollowed(Seen("unknown", answer.status, "it redirects in a circle"))
    if len(visited) > MOST_REDIRECTS:
        raise Unfollowed(Seen("unknown", answer.status, "it redirects again and again"))
    return target


def _verdict(start: Url, url: Url, moved: Url | None, answer: Answer) -> Try:
    status, words = answer.status, _words(answer.status)
    if status in GONE:
        return Try(Seen("failing", status, words))
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Try(Seen("unknown", status, words), answer.retry_after)
    if 500 <= status < 600:
        return Try(Seen("failing", status, words), answer.retry_after)
    if not 200 <= status < 300:
        return Try(Seen("unknown", status, words))
    if _is_home(url) and not _is_home(start):
        # Servers do so that have lost a page and do not like to say it.
        return Try(Seen("unknown", status, "it redirects to a home page"))
    return Try(Seen("moved", status, moved_to=moved.url) if moved else Seen("ok", status))


def _words(status: int) -> str:
    known = {one.value: f"{one.value} {one.phrase}" for one in HTTPStatus}
    return known.get(status, f"status {status}")


def _is_home(url: Url) -> bool:
    return url.path in (None, "", "/") and not url.query


def _failure(error: Exception) -> Try:
    """What it means that no answer came, and whether another try may bring one."""
    cause = error.__cause__ or error
    if isinstance(cause, socket.gaierror) and cause.errno in (socket.EAI_AGAIN, socket.EAI_FAIL):
        return Try(Seen("unknown", reason="its host cannot be looked up"), 0.0)
    if isinstance(cause, OSError) and cause.errno == errno.ENETUNREACH:
        return Try(Seen("unknown", reason="this machine has no way to its host"), 0.0)
    return next(tried for kind, tried in FAILURES if isinstance(cause, kind))
