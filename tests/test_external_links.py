"""`termbook links --external`: whatever a server does, it is judged right and asked with care."""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from itertools import accumulate, takewhile
from pathlib import Path
from threading import Barrier
from typing import NamedTuple
from urllib.parse import urlsplit

import goldens
import pytest
import sites
from hypothesis import given
from hypothesis import strategies as st
from misbehaving import (
    CERTIFICATE,
    ENDLESS,
    FINE,
    Behaviour,
    Misbehaving,
    head,
    leads,
    misbehaving,
    reset,
    says,
    silent,
)
from typer.testing import CliRunner
from urllib3.util import parse_url

from termbook.cli import app
from termbook.commands import links
from termbook.linkcheck.external import AT_ONCE, NobodyAnswered, ask_all, due
from termbook.linkcheck.fetch import (
    BACKOFF,
    MOST_REDIRECTS,
    PAUSE,
    Client,
    NotPublic,
    Stopped,
    Unfollowed,
    _answer,
    _target,
    public_addresses,
)
from termbook.linkcheck.status import LinkStatus, Seen, as_file, from_file, judge
from termbook.load import read
from termbook.render import Renderer

DAY = date(2026, 11, 2)
MOVED = "301 Moved Permanently"
BAD, BUSY, GONE = "500 Internal Server Error", "503 Service Unavailable", "404 Not Found"
TOO_MANY = "429 Too Many Requests"


class Case(NamedTuple):
    """How a server behaves, what that shows, how often it is asked, what is waited between."""

    behaves: Behaviour
    shows: Seen
    asked: int = 1
    waits: list[float] = []


def failing(reason: str, status: int | None = None) -> Seen:
    return Seen("failing", status, reason)


def unknown(reason: str, status: int | None = None) -> Seen:
    return Seen("unknown", status, reason)


NO_HTTP = failing("what comes is no HTTP answer")
CUT = failing("the connection is cut too early")
ASTRAY = "it redirects to what is no web address"
THRICE: list[float] = [2, 1, 8, 1]  # a wait before each new try, and a pause before each request

# Trusts the server of safe.example and nobody else.
TLS = ssl.create_default_context(cafile=CERTIFICATE)

ONE_ADDRESS = {
    "it is there": Case(says(FINE), Seen("ok", 200)),
    "it is there without a body": Case(says(head("204 No Content")), Seen("ok", 204)),
    "not found": Case(says(head(GONE)), failing(GONE, 404)),
    "gone for good": Case(says(head("410 Gone")), failing("410 Gone", 410)),
    "forbidden": Case(says(head("403 Forbidden")), unknown("403 Forbidden", 403)),
    "a status of its own": Case(says(head("999 No")), unknown("status 999", 999)),
    "too many requests": Case(says(head(TOO_MANY)), unknown(TOO_MANY, 429), 3, THRICE),
    "too many requests, then fine": Case(
        says(head(TOO_MANY, "Retry-After: 5"), FINE), Seen("ok", 200), 2, [5, 1]),
    "come back in an hour": Case(
        says(head(TOO_MANY, "Retry-After: 3600"), FINE), unknown(TOO_MANY, 429)),
    "come back in the year 9999": Case(
        says(head(BUSY, "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT"), FINE), failing(BUSY, 503)),
    "come back in the past": Case(
        says(head(BUSY, "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT"), FINE),
        Seen("ok", 200), 2, [2, 1]),
    "come back soon": Case(
        says(head(BUSY, "Retry-After: soon"), FINE), Seen("ok", 200), 2, [2, 1]),
    "come back after more digits than an int has": Case(
        says(head(BUSY, f"Retry-After: {'9' * 5000}"), FINE), Seen("ok", 200), 2, [2, 1]),
    "broken, then fine": Case(says(head(BAD), FINE), Seen("ok", 200), 2, [2, 1]),
    "broken": Case(says(head(BAD)), failing(BAD, 500), 3, THRICE),
    "not one word": Case(lambda visit: None, CUT, 3, THRICE),
    "a broken connection": Case(reset, CUT, 3, THRICE),
    "a broken connection, then fine": Case(
        lambda visit: reset(visit) if visit.number == 1 else visit.send(FINE),
        Seen("ok", 200), 2, [2, 1]),
    "another protocol": Case(says(b"220 mail.example ready\r\n"), NO_HTTP, 3, THRICE),
    "more header lines than anybody reads": Case(
        lambda visit: (visit.send(b"HTTP/1.1 200 OK\r\n"), visit.flood(b"X: y\r\n" * 1000)),
        NO_HTTP, 3, THRICE),
    "a header line without an end": Case(
        lambda visit: (visit.send(b"HTTP/1.1 200 OK\r\nX: "), visit.flood(b"y" * 65536)),
        NO_HTTP, 3, THRICE),
    "a status line without an end": Case(
        lambda visit: (visit.send(b"HTTP/1.1 200 "), visit.flood(b"y" * 65536)),
        NO_HTTP, 3, THRICE),
    "a body without an end": Case(
        lambda visit: (visit.send(b"HTTP/1.1 200 OK\r\n\r\n"), visit.flood(b"y" * 65536)),
        Seen("ok", 200)),
    "a body that drips": Case(
        lambda visit: (visit.send(b"HTTP/1.1 200 OK\r\n\r\n"), visit.drip(b"y")), Seen("ok", 200)),
    "less body than it says": Case(
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\nhello"), Seen("ok", 200)),
    "a length that is no number": Case(
        says(b"HTTP/1.1 200 OK\r\nContent-Length: long\r\n\r\nhello"), Seen("ok", 200)),
    "to another scheme": Case(leads("ftp://some.example/"), failing(ASTRAY, 301)),
    "to a script": Case(leads("javascript:alert(1)"), failing(ASTRAY, 301)),
    "to no address at all": Case(leads("http://["), failing(ASTRAY, 301)),
    "to itself": Case(leads(""), unknown(MOVED, 301)),
    "round in a circle": Case(leads("?"), unknown("it redirects in a circle", 301)),
    "home": Case(leads("/"), unknown("it redirects to a home page", 200), 1, [1]),
}


class Web:
    """A misbehaving server, and a client that finds it by any name and notes its waits."""

    def __init__(self, server: Misbehaving, **options: object) -> None:
        self.server, self.log = server, server.log
        self.waits: list[float] = []
        self.client = Client(**{
            "resolve": server.resolve, "sleep": self.waits.append, "tls": TLS, **options})

    def ask(self, path: str, host: str = "some.example") -> Seen:
        return self.client.ask(self.server.url(path, host))


@pytest.fixture
def web() -> Iterator[Web]:
    with misbehaving() as server:
        yield Web(server)


@pytest.mark.parametrize("name", ONE_ADDRESS)
def test_one_address(name, web):
    """Each way to misbehave is judged for what it is, and nothing is asked or read beyond that."""
    case = ONE_ADDRESS[name]
    web.server.behaviours["/it"] = case.behaves
    assert web.ask("/it") == case.shows
    assert web.log.count("/it") == case.asked
    assert web.waits == case.waits
    assert all(visit.sent < ENDLESS // 8 for visit in web.log.visits)


DRIPPING = {
    "never an answer": silent,
    "an answer that drips": lambda visit: (visit.drip(b"H"), visit.send(FINE)),
    "headers that drip": lambda visit: (
        visit.send(b"HTTP/1.1 200 OK\r\nX: "), visit.drip(b"y"), visit.send(b"\r\n\r\n")),
    "one more moment, please": lambda visit: (
        visit.drip(b"HTTP/1.1 100 Continue\r\n\r\n"), visit.send(FINE)),
}


@pytest.mark.parametrize("name", DRIPPING)
@pytest.mark.parametrize("secure", [False, True])
def test_an_answer_that_never_comes(name, secure):
    """However busy a server looks, it is left when its time is over, encrypted or not."""
    with misbehaving({"/it": DRIPPING[name]}, secure=secure) as server:
        web = Web(server, timeout=0.5)
        assert web.ask("/it", "safe.example") == failing("no answer comes in time")
        assert [one for one in web.waits if one != PAUSE] == [*BACKOFF]


def test_redirects_share_the_time_of_one_try():
    """A chain of slow redirects is left when the time of the whole is over."""
    with misbehaving() as server:
        for number in range(MOST_REDIRECTS):
            server.behaviours[f"/{number}"] = lambda visit: (
                visit.sock.settimeout(0.2), wait(visit), leads(f"/{int(visit.path[1:]) + 1}")(visit)
            )
        web = Web(server, timeout=0.7)
        assert web.ask("/0") == failing("no answer comes in time")
        assert web.log.count(f"/{MOST_REDIRECTS - 1}") == 0


def wait(visit) -> None:
    """Say nothing for as long as the socket waits."""
    with suppress(TimeoutError):
        visit.sock.recv(1)


@pytest.mark.parametrize(("statuses", "shows"), [
    ("301", Seen("moved", 200, moved_to="/1")),
    ("308 301", Seen("moved", 200, moved_to="/2")),
    ("301 302", Seen("moved", 200, moved_to="/1")),
    ("302", Seen("ok", 200)), ("303", Seen("ok", 200)), ("307 301", Seen("ok", 200)),
    ("300", unknown("300 Multiple Choices", 300)),
    (" ".join(["302"] * MOST_REDIRECTS), Seen("ok", 200)),
    (" ".join(["302"] * (MOST_REDIRECTS + 1)), unknown("it redirects again and again", 302)),
])
def test_redirects(statuses, shows, web):
    """A new address is one that only permanent redirects lead to; ten redirects are enough."""
    for number, status in enumerate(statuses.split()):
        web.server.behaviours[f"/{number}"] = leads(f"/{number + 1}", f"{status} There")
    new = shows.moved_to and web.server.url(shows.moved_to)
    assert web.ask("/0") == replace(shows, moved_to=new)
    assert len(web.log.visits) <= MOST_REDIRECTS + 1


def test_redirects_without_an_end(web):
    """A server that always has one more address is asked eleven times."""
    web.server.behaviours = {f"/it{'x' * more}": leads(f"/it{'x' * (more + 1)}")
                             for more in range(2 * MOST_REDIRECTS)}
    assert web.ask("/it") == unknown("it redirects again and again", 301)
    assert len(web.log.visits) == MOST_REDIRECTS + 1


def test_what_a_redirect_leads_to_is_judged(web):
    """A page that was moved to where nothing is has not moved, it is gone."""
    web.server.behaviours = {"/it": leads("/gone"), "/gone": says(head(GONE)),
                             "/busy": leads("/wall"), "/wall": says(head("403 Forbidden"))}
    assert web.ask("/it") == failing(GONE, 404)
    assert web.ask("/busy") == unknown("403 Forbidden", 403)


@pytest.mark.parametrize(("written", "plain"), [
    ("/new#part", "/new"), ("/tách trà", "/t%C3%A1ch%20tr%C3%A0"), ("/\x1b[31m", "/%1B%5B31m"),
    ('/"><b>', "/%22%3E%3Cb%3E"), ("//me:secret@some.example:{port}/new", "/new"),
    ("HTTP://SOME.example:{port}/New", "/New"),
])
def test_a_new_address_is_plain(written, plain, web):
    """Whatever letters a server writes, what is told and kept of it is a plain address."""
    web.server.behaviours["/it"] = leads(written.format(port=web.server.port))
    assert web.ask("/it").moved_to == web.server.url(plain)


@given(st.text(alphabet=st.characters(codec="latin-1")) | st.text(alphabet="htps:/@[]#?%.a1 \\"))
def test_any_location(location):
    """From any Location comes a plain address, or the word that there is none."""
    answer = _answer(301, {"Location": location})
    try:
        target = _target(parse_url("http://some.example/it"), answer, set())
    except Unfollowed:
        return
    assert LinkStatus(state="moved", checked_on=DAY, status=200, moved_to=target.url)


def test_a_visitor_is_polite(web):
    """Each request names the host and who asks, and brings nothing else along."""
    web.ask("/it?a=b#part", "me:secret@some.example")
    visit = web.log.visits[0]
    lines = visit.head.splitlines()
    assert lines[0] == "GET /it?a=b HTTP/1.1"
    assert f"Host: some.example:{web.server.port}" in lines
    assert re.search(r"^User-Agent: Mozilla/5\.0 .*Termbook", visit.head, re.M)
    assert not re.search("cookie|authorization|referer|secret", visit.head, re.I)


# Hosts


def test_a_host_that_refuses():
    """Where nobody listens, the connection is refused three times."""
    with misbehaving() as server:
        url = server.url("/it")
    waits: list[float] = []
    client = Client(resolve=server.resolve, sleep=waits.append, tls=TLS)
    assert client.ask(url) == failing("the connection is refused")
    assert waits == THRICE


@pytest.mark.parametrize(("error", "shows", "tries"), [
    (socket.gaierror(socket.EAI_NONAME, "no"), failing("there is no such host"), 3),
    (socket.gaierror(socket.EAI_AGAIN, "no"), unknown("its host cannot be looked up"), 3),
    (OSError(errno.ENETUNREACH, "no"), unknown("this machine has no way to its host"), 3),
    (OSError(errno.EHOSTUNREACH, "no"), failing("its host is out of reach"), 3),
    (UnicodeError("no"), failing("there is no such host"), 1),
])
def test_a_host_that_is_not_found(error, shows, tries):
    """A name that is not there, and a machine that cannot look it up, are two things."""
    tried = []

    def resolve(host: str, port: int) -> list[str]:
        tried.append(host)
        raise error

    client = Client(resolve=resolve, sleep=lambda seconds: None, tls=TLS)
    assert client.ask("https://some.example/it") == shows
    assert len(tried) == tries


def test_another_ip_address(web):
    """When one IP address of a host takes nobody, the next one is tried."""
    assert Web(web.server, resolve=lambda *host: ["::1", "127.0.0.1"]).ask("/") == Seen("ok", 200)


@pytest.mark.parametrize("host", [
    "127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
def test_a_private_host_is_never_asked(host, web):
    """An address of this machine is not asked, however it is written, nor after a redirect."""
    private = unknown("its host is in a private network, never asked")
    assert Web(web.server, resolve=public_addresses).ask("/it", host) == private
    assert web.log.visits == []
    guarded = Web(web.server, resolve=lambda name, port: (
        ["127.0.0.1"] if name == "some.example" else public_addresses(name, port)))
    web.server.behaviours["/it"] = leads(web.server.url("/secret", host))
    assert guarded.ask("/it") == private
    assert web.log.count("/secret") == 0


@pytest.mark.parametrize(("ips", "public"), [
    (["93.184.216.34", "2606:2800:21f:cb07::1"], True), (["93.184.216.34", "10.0.0.1"], False),
    (["169.254.169.254"], False), (["fe80::1%eth0"], False), (["fd00::1"], False),
    (["100.64.0.1"], False), (["224.0.0.1"], False),
])
def test_a_name_may_lead_to_a_private_host(ips, public, monkeypatch):
    """A host is asked only if each of its IP addresses is public."""
    infos = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ips]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *name, **more: infos)
    if public:
        assert public_addresses("some.example", 80) == ips
    else:
        with pytest.raises(NotPublic):
            public_addresses("some.example", 80)


@pytest.mark.parametrize("address", ["https://[bad/", "http:///x", "http://some.example:99999999/"])
def test_what_is_no_address(address):
    """What passes for an address in a file and is none asks nobody."""
    client = Client(resolve=pytest.fail, sleep=pytest.fail, tls=TLS)
    assert client.ask(address) == failing("it is no web address")


# Encryption


def test_certificates():
    """A certificate counts when its signer is trusted and it names the host."""
    with misbehaving(secure=True) as server:
        unverified = unknown("its certificate is not verified")
        assert Web(server).ask("/it", "safe.example") == Seen("ok", 200)
        assert Web(server).ask("/it", "other.example") == unverified
        assert Web(server, tls=None).ask("/it", "safe.example") == unverified
        assert [visit.host for visit in server.log.visits] == ["safe.example"]


def test_no_encryption_where_there_should_be(web):
    """A server that knows no encryption shows nothing at https://."""
    url = web.server.url("/it").replace("http:", "https:")
    assert web.client.ask(url) == failing("no secure connection comes about")
    assert web.log.visits == []


# Many addresses


def asked(web: Web, *paths_and_hosts: tuple[str, str]) -> dict[str, Seen]:
    urls = [web.server.url(path, host) for path, host in paths_and_hosts]
    return ask_all(urls, web.client, lambda: None)


def test_one_thing_at_a_time_of_a_host(web):
    """A host gets one request at a time, after a pause each, redirects and new tries among them."""
    web.server.behaviours = {
        "/0": leads(web.server.url("/1", "b.example")), "/2": says(head(BAD), FINE)}
    asked(web, *((f"/{number}", f"{host}.example") for number in range(6) for host in "ab"))
    assert web.log.at_host == 1
    # Twelve addresses, two redirects, and one new try.
    assert len(web.log.visits) == 15 and {one.host for one in web.log.visits} == {
        "a.example", "b.example"}
    assert web.waits.count(PAUSE) == 15 - 2 and web.waits.count(BACKOFF[0]) == 1


def test_hosts_are_asked_side_by_side(web):
    """A slow host keeps nobody else waiting, and no more than eight are asked at once."""
    meeting = Barrier(2)
    web.server.behaviours["/"] = lambda visit: (meeting.wait(30), visit.send(FINE))
    seen = asked(web, ("/", "a.example"), ("/", "b.example"))
    assert {one.state for one in seen.values()} == {"ok"}
    asked(web, *(("/it", f"host{number}.example") for number in range(30)))
    assert web.log.in_all <= AT_ONCE


def test_nobody_answers():
    """When not one of several hosts answers, that says more about this machine than about them."""
    with misbehaving({"/": lambda visit: None}) as server:
        web = Web(server)
        with pytest.raises(NobodyAnswered, match="None of 2 hosts"):
            asked(web, ("/", "a.example"), ("/", "b.example"))
        assert [one.state for one in asked(web, ("/", "a.example")).values()] == ["failing"]
        seen = asked(web, ("/", "a.example"), ("/fine", "b.example"))
        assert sorted(one.state for one in seen.values()) == ["failing", "ok"]


def test_an_interruption_ends_it(web):
    """Whoever interrupts is not kept waiting until the last address was asked."""
    def told() -> None:
        raise KeyboardInterrupt

    urls = [web.server.url(f"/{number}") for number in range(50)]
    with pytest.raises(KeyboardInterrupt):
        ask_all(urls, web.client, told)
    assert len(web.log.visits) < AT_ONCE
    with pytest.raises(Stopped):
        web.ask("/it")


def test_which_are_due():
    """What was asked lately is not asked again; the rest is, one address of each host in turn."""
    before = {f"http://{path}": LinkStatus(state="ok", checked_on=DAY - timedelta(age))
              for path, age in (("a/1", 5), ("a/2", 6), ("b/1", 400), ("b/2", -1), ("b/3", 0))}
    new = ["http://a/3", "http://c", "http://A:80/4"]
    assert due([*before, *new], before, DAY, 6) == [
        "http://a/2", "http://b/1", "http://c", "http://A:80/4", "http://a/3", "http://b/2"]
    assert set(due(before, before, DAY, 0)) == set(before)


# Judgement: a pure function of what was known and what is seen

FAILS, FINDS, WALL = failing(GONE, 404), Seen("ok", 200), unknown("403 Forbidden", 403)
NEW = Seen("moved", 200, moved_to="https://new.example/")
SIGHTS = st.sampled_from([FAILS, failing(BAD, 500), FINDS, WALL, NEW])


def history(sights: list[tuple[int, Seen]]) -> LinkStatus | None:
    """What is known in the end, each sight so many days after the one before."""
    known, on = None, DAY
    for days, seen in sights:
        on += timedelta(days)
        known = judge(known, seen, on)
    return known


@given(st.lists(st.tuples(st.integers(0, 5), SIGHTS), min_size=1))
def test_judgement(sights):
    """Dead is what failed at least twice, three days apart or more, and did nothing else since."""
    known = history(sights)
    days = list(accumulate(days for days, _ in sights))
    row = list(takewhile(lambda one: one[1][1].state == "failing",
                         reversed(list(zip(days, sights, strict=True)))))
    last, (_, seen) = days[-1], sights[-1]
    lasts = row[0][0] - row[-1][0] if row else 0
    assert known.state == ("dead" if lasts >= 3 else seen.state)
    first = DAY + timedelta(row[-1][0]) if row else None
    assert known.first_failed_on == first and known.checked_on == DAY + timedelta(last)
    assert (known.status, known.reason, known.moved_to) == (seen.status, seen.reason, seen.moved_to)


@given(st.lists(st.tuples(st.integers(-5, 5), SIGHTS), min_size=1))
def test_a_wrong_clock_kills_nobody(sights):
    """Whatever day it is said to be, what is dead has failed on two of them, three days apart."""
    known, days = history(sights), list(accumulate(days for days, _ in sights))
    if known.state == "dead":
        failed = [day for day, (_, seen) in zip(days, sights, strict=True)
                  if seen.state == "failing"]
        assert max(failed) - min(failed) >= 3


@pytest.mark.parametrize(("days", "state"), [(0, "failing"), (2, "failing"), (3, "dead")])
def test_three_days(days, state):
    """Two failures on one day, or two days apart, are not enough."""
    assert history([(0, FAILS), (days, FAILS)]).state == state


@pytest.mark.parametrize("between", [FINDS, WALL])
def test_a_sign_of_life_between(between):
    """An answer between two failures, be it a closed door, makes the second one the first."""
    assert history([(0, FAILS), (2, between), (7, FAILS)]).state == "failing"


@given(st.dictionaries(st.sampled_from("abc").map("https://{}.example/".format),
                       st.lists(st.tuples(st.integers(0, 5), SIGHTS), min_size=1).map(history)))
def test_the_file_keeps_what_is_known(statuses):
    """What is written is read again, and is the same text in whatever order it was found."""
    text = as_file(statuses)
    assert from_file(text) == statuses
    assert as_file(dict(reversed(statuses.items()))) == text


# The command

SOURCES = """\
loaf-book:
  title: The Loaf Book
  type: book
  url: http://loaf.example:{port}/it
  archived: https://archive.example/loaf
crumb-guide:
  title: The Crumb Guide
  type: guide
  url: "http://crumb.example:{port}/{path}#part"
"""


class Command:
    """`termbook links --external` on a small book, on a day of ours, with the server as the web."""

    def __init__(self, root: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.web, self.day = root, web, DAY
        monkeypatch.setattr("termbook.linkcheck.fetch.Client", lambda timeout: web.client)
        monkeypatch.setattr(links, "_today", lambda: self.day)
        self.sources("fine")

    def sources(self, path: str) -> None:
        text = SOURCES.format(port=self.web.server.port, path=path)
        goldens.write(self.root, {"mkdocs.yml": "", "sources.yml": text})

    def run(self, *options: str, code: int = 0) -> list[str]:
        """The lines that it prints, without the one on its progress and the time it took."""
        done = CliRunner().invoke(
            app, ["links", "--external", "--root", str(self.root), *options])
        assert done.exit_code == code, done.output
        port = str(self.web.server.port)
        lines = done.output.replace(f":{port}", "").splitlines()
        return [re.sub(r", \d+\.\d s$", "", line) for line in lines if line[:6] != "Asking"]

    @property
    def kept(self) -> dict[str, LinkStatus]:
        return read(self.root).book.link_status


@pytest.fixture
def command(tmp_path, web, monkeypatch) -> Command:
    return Command(tmp_path, web, monkeypatch)


def test_all_is_well(command):
    """Every address is asked once, and what it shows is kept with the day."""
    assert command.run() == ["2 addresses (2 ok), 2 asked"]
    assert sorted(visit.path for visit in command.web.log.visits) == ["/fine", "/it"]
    assert {str(one.checked_on) for one in command.kept.values()} == {"2026-11-02"}
    assert {path.name for path in command.root.iterdir() if path.is_file()} == {
        "link-status.json", "mkdocs.yml", "sources.yml", "termbook.yml"}


def test_a_life_and_death(command):
    """Over three weeks an address fails, dies, is found elsewhere, and comes back."""
    answers = iter([head(GONE), head(GONE), FINE])
    command.web.server.behaviours["/it"] = lambda visit: visit.send(next(answers))
    place, url = "sources.yml:4:8:", '"http://loaf.example/it"'
    assert command.run() == [
        f"{place} warning failing-address: {url} fails since 2026-11-02 (404 Not Found). "
        "It is dead if it still fails on 2026-11-05 or later",
        "2 addresses (1 failing, 1 ok), 2 asked"]
    command.day += timedelta(7)
    assert command.run(code=1) == [
        f"{place} error dead-address: {url} is dead since 2026-11-02 (404 Not Found). "
        "Write the address where it is now, if there is one; readers are led to the archived copy",
        "2 addresses (1 dead, 1 ok), 2 asked"]
    command.day += timedelta(7)
    assert command.run() == ["2 addresses (2 ok), 2 asked"]


def test_what_authors_are_told(command):
    """Each address that is not as it should be is told with its place and what to write."""
    command.web.server.behaviours = {
        "/fine": leads("/new"), "/it": says(head("403 Forbidden"))}
    assert command.run() == [
        'sources.yml:4:8: warning unknown-address: "http://loaf.example/it" shows nothing clear '
        "(403 Forbidden). Open it in a browser to see whether it is still there",
        'sources.yml:9:8: warning moved-address: "http://crumb.example/fine#part" has moved for '
        'good. Write "http://crumb.example/new#part"',
        "2 addresses (1 moved, 1 unknown), 2 asked"]


def test_a_dead_address_without_a_copy(command):
    """Who has no archived copy is told to add one."""
    command.web.server.behaviours = {"/fine": says(head("410 Gone"))}
    command.run()
    command.day += timedelta(7)
    told = command.run(code=1)[0]
    assert told.startswith("sources.yml:9:8: error dead-address:")
    assert told.endswith('or add "archived: …" with a web archive\'s copy')


def test_nobody_is_asked_twice(command):
    """Two sources at parts of one page are one address; what is known lately is not asked."""
    port = command.web.server.port
    (command.root / "sources.yml").write_text(
        SOURCES.format(port=port, path="fine").replace("crumb.example", "loaf.example")
        .replace("/fine#", "/it#"), encoding="utf-8")
    assert command.run() == ["1 address (1 ok), 1 asked"]
    command.day += timedelta(5)
    assert command.run() == ["1 address (1 ok), 0 asked"]
    assert command.run("--max-age", "5") == ["1 address (1 ok), 1 asked"]
    assert command.run("--max-age", "0") == ["1 address (1 ok), 1 asked"]
    assert command.web.log.count("/it") == 3


def test_an_address_that_is_written_no_more(command):
    """What no source names is forgotten, and a new address is asked at once."""
    command.run()
    command.sources("new")
    assert command.run() == ["2 addresses (2 ok), 1 asked"]
    assert sorted(urlsplit(address).path for address in command.kept) == ["/it", "/new"]


DAMAGED = {
    "": "link-status.json:1:1: {} (Invalid JSON: EOF while parsing a value at line 1 column 0)",
    '{"version": 1,\n "addresses": {]': (
        "link-status.json:2:16: {} (Invalid JSON: key must be a string at line 2 column 16)"),
    '{"version": 2, "addresses": {}}': "link-status.json:1:1: {} (version: Input should be 1)",
    '{"version": 1, "addresses": {"http://x": {"state": "dead", "checked_on": "2026-11-02", '
    '"reason": "x", "first_failed_on": "2026-11-01"}}}': (
        "link-status.json:1:1: {} (addresses: http://x: Value error, nothing is dead before it has "
        "failed for 3 days)"),
}


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_file(text, command):
    """A file that does not tell is told of, stays when a run ends badly, and else is replaced."""
    file = command.root / "link-status.json"
    file.write_text(text, encoding="utf-8")
    warning = DAMAGED[text].format(
        "warning bad-link-status: the file does not tell what is known of addresses"
    ) + ". Restore it, or run `termbook links --external`, which replaces it"
    command.web.server.behaviours = {"/it": reset, "/fine": reset}
    assert command.run(code=2) == [
        warning, "None of 2 hosts gave an answer: is this machine online?",
        "Nothing was kept; link-status.json is as it was."]
    assert file.read_text(encoding="utf-8") == text
    command.web.server.behaviours = {}
    assert command.run() == [warning, "2 addresses (2 ok), 2 asked"]
    assert command.run() == ["2 addresses (2 ok), 0 asked"]


def test_a_file_that_cannot_be_written(command):
    """What cannot be written is said in a line, without a traceback."""
    (command.root / "link-status.json").mkdir()
    lines = command.run(code=2)
    assert "Is a directory" in lines[0] and "Is a directory" in lines[1]


def test_sources_that_cannot_be_read(command):
    """With a source that cannot be read nobody is asked, so that nothing is forgotten."""
    command.run()
    before = command.kept
    with (command.root / "sources.yml").open("a") as file:
        file.write("third-book: {titel: Third, type: book}\n")
    lines = command.run(code=1)
    assert lines[0].startswith("sources.yml:10:14: error unknown-key:")
    assert lines[-1] == "Nobody was asked: mend these problems first"
    assert command.kept == before


def test_no_addresses(command):
    """A book whose sources have no addresses has nothing to ask and nothing to keep."""
    goldens.write(command.root, {})
    assert command.run() == ["No source has an address"]
    assert not (command.root / "link-status.json").exists()


@pytest.mark.parametrize("options", [
    ["--max-age", "1"], ["--timeout", "5"], ["--external", "--max-age", "-1"],
    ["--external", "--timeout", "0"], ["--external", "--timeout", "601"],
    ["--external", "--max-age", "soon"]])
def test_misuse(options, command):
    """Options that mean nothing are refused, and nobody is asked."""
    done = CliRunner().invoke(app, ["links", "--root", str(command.root), *options])
    assert done.exit_code == 2 and "Invalid value" in done.output
    assert command.web.log.visits == []


def test_the_real_command_asks_no_private_host(command):
    """What is run for real leaves this machine alone, whatever a source says, and tells so."""
    port = command.web.server.port
    (command.root / "sources.yml").write_text(
        SOURCES.replace("loaf.example", "127.0.0.1").replace("crumb.example", "localhost")
        .format(port=port, path="fine"), encoding="utf-8")
    done = sites.run("links", "--external", root=command.root)
    assert done.returncode == 0 and "2 addresses (2 unknown), 2 asked" in done.stderr
    assert done.stderr.count("its host is in a private network, never asked") == 2
    assert command.web.log.visits == []


# Pages

ADDRESSES = {
    "mcgee-2004": "https://dead.example/", "hamelman-2012": "https://moved.example/",
    "codex-152": "https://wall.example/",
}
ARCHIVED = "https://archive.example/(2020)/https://dead.example/"


def with_addresses(text: str) -> str:
    """The bread site's sources.yml with the addresses above, and a copy of the first."""
    text = re.sub(r"\n  url: .*", "", text)
    for source, url in ADDRESSES.items():
        text = text.replace(f"{source}:\n", f"{source}:\n  url: {url}\n", 1)
    return text.replace("dead.example/\n", f"dead.example/\n  archived: {ARCHIVED}\n")


@pytest.fixture(scope="module")
def bread(tmp_path_factory) -> Path:
    """The bread site, built with a dead address, a moved one, and one that says little."""
    known = {
        "https://dead.example/": history([(0, FAILS), (7, FAILS)]),
        "https://moved.example/": history([(6, NEW)]),
        "https://wall.example/": history([(7, unknown("<img src=x onerror=alert(1)>", 403))]),
    }
    return sites.build(tmp_path_factory.mktemp("bread"), {
        "sources.yml": with_addresses((sites.BREAD / "sources.yml").read_text(encoding="utf-8")),
        "link-status.json": as_file(known)})


def words(root: Path, address: str) -> str:
    return " ".join(sites.article(sites.page(root, address)).text().split())


def test_the_bibliography_tells(bread):
    """The list of sources says when addresses were checked, and which are lost or moved."""
    told = words(bread, "sources/")
    assert ("Addresses last checked between 2026-11-08 and 2026-11-09: 1 gone, 1 moved, "
            "1 without a clear answer.") in told
    assert "Not found at its address since 2026-11-02; there is an archived copy." in told
    links = {link.attributes["href"]: link.text()
             for link in sites.article(sites.page(bread, "sources/")).css("a")}
    assert links[ARCHIVED] == "archived copy" and links["https://new.example/"] == "has moved"


def test_a_dead_source_offers_its_copy(bread):
    """The page of a source that is gone begins with the copy, and names both addresses."""
    page = sites.article(sites.page(bread, "sources/mcgee-2004/"))
    warning = page.css_first(".admonition.warning")
    assert warning.css_first("p").text() == "Not found at its address since 2026-11-02"
    assert warning.css_first("a").attributes["href"] == ARCHIVED
    told = words(bread, "sources/mcgee-2004/")
    assert f"Archived copy: {ARCHIVED}" in told and "Address: https://dead.example/" in told
    assert "last checked: 2026-11-09, not found since 2026-11-02 (404 Not Found)" in told


def test_a_living_source_says_when_it_was_checked(bread):
    """Other pages say the day, and where the source is now; nothing in the file is markup."""
    moved = words(bread, "sources/hamelman-2012/")
    assert "Address last checked: 2026-11-08, moved to https://new.example/" in moved
    wall = sites.page(bread, "sources/codex-152/")
    assert "no clear answer (<img src=x onerror=alert(1)>)" in sites.article(wall).text()
    assert not wall.css("article img, .admonition.warning")


def test_without_the_file_pages_say_nothing(tmp_path):
    """A book of which nothing is known looks as it always did; a copy is named all the same."""
    book = read(goldens.write(tmp_path, {"sources.yml": SOURCES.format(port=80, path="x")})).book
    renderer = Renderer(book)
    assert "checked" not in renderer.bibliography() + renderer.source_page("loaf-book")
    assert renderer.bibliography().startswith("- [")
    assert "**Archived copy:** <https://archive.example/loaf>" in renderer.source_page("loaf-book")
    assert "rchived" not in renderer.source_page("crumb-guide")
