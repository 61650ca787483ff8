"""`termbook links` finds every broken link of a built site, once, and nothing else."""

import importlib.util
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import TCPServer
from threading import Thread
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from termbook.linkcheck import site as linkcheck
from termbook.linkcheck.loopback import served
from termbook.linkcheck.site import BrokenLink, LinkCheckerFailed, LinkCheckerMissing, check_site

BASE = "/kb/"
CUSTOMER = "glossary/customer/index.html"
PAYER = "glossary/payer/index.html"
ALONE = "guides/nobody-links-here/index.html"

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<link rel="canonical" href="https://example.org{base}{address}">
<link rel="preconnect" href="https://fonts.example.org">
<link rel="stylesheet" href="{base}assets/site.css?v=1">
<meta property="og:image" content="https://example.org{base}assets/card.png">
<script src="{base}assets/site.js"></script>
</head><body>
<a href="#content">Skip</a><a href="#top">Up</a><a href="javascript:void(0)">Share</a>
<main id="content">{body}</main><!--body--></body></html>
"""
BODIES = {
    "index.html": """
        <a href="glossary/customer/">Customer</a> <a href="glossary/payer/#who%20pays">Payer</a>
        <a href="glossary/customer">without its slash</a> <a href="?a=1&amp;b=c+d#content">here</a>
        <a href="gi%E1%BA%A3i/">Giải</a> <a href="giải/#thích">thích</a> <a href="">again</a>
        <a href="https://example.org/another-site-of-ours/">elsewhere</a>
        <a href="https://example.com/">external</a> <a href="mailto:a@example.com">mail</a>
        <img src="assets/card.png" srcset="assets/card.png 1x, assets/card.png?2x 2x" alt="">
        <img src="data:image/png;base64,AAAA" srcset="data:image/png;base64,AAAA 1x" alt="">""",
    "glossary/index.html": '<a href="..">Home</a> <a href="./customer/index.html">Customer</a>',
    CUSTOMER: """<h2 id="pays">Who pays</h2> <a href="../payer/">Payer</a> <a href="#pays">¶</a>
        <a href="https://example.org/kb/glossary/payer/#content">whole address</a>""",
    PAYER: '<h2 id="who pays">Who pays</h2> <a href="/kb/glossary/">All</a> <a href="/kb">Home</a>',
    "giải/index.html": '<h2 id="thích">Giải thích</h2>',
    "old/index.html": '<meta http-equiv="refresh" content="0; url=../glossary/customer/#pays">',
    "404.html": '<a href="/kb/">Home</a> <a href="/kb/glossary/#content">Terms</a>',
    ALONE: '<a href="../../glossary/customer/#pays">Customer</a>',
}
ASSETS = {
    "assets/site.css": "body { background: url(card.png) }",
    "assets/site.js": "",
    "assets/card.png": "\x89PNG",
}

# (page, link as written, the HTML that holds it, a part of the reason)
BROKEN = [
    ("index.html", "glossary/custmer/", '<a href="glossary/custmer/">', "nothing is there"),
    (CUSTOMER, "../custmer/", '<a href="../custmer/">', "nothing is there"),
    (CUSTOMER, "../payer/#paid", '<a href="../payer/#paid">', 'has the id "paid"'),
    (PAYER, "../customer/#paid", '<a href="../customer/#paid">', 'has the id "paid"'),
    (PAYER, "#paid", '<a href="#paid">', 'has the id "paid"'),
    (PAYER, "../../giải/#nghĩa", '<a href="../../giải/#nghĩa">', 'has the id "nghĩa"'),
    ("index.html", "assets/gone.png", '<img src="assets/gone.png">', "nothing is there"),
    ("index.html", "assets/x2.png",
     '<img srcset="assets/card.png 1x,assets/x2.png 2x">', "nothing is there"),
    ("index.html", "/kb/assets/gone.js", '<script src="/kb/assets/gone.js"></script>', "nothing"),
    (CUSTOMER, "gone.css", '<link rel="stylesheet" href="gone.css">', "nothing is there"),
    (CUSTOMER, "https://example.org/kb/gone.png",
     '<meta property="og:image" content="https://example.org/kb/gone.png">', "nothing is there"),
    (PAYER, "../gone/", '<meta http-equiv="refresh" content="9; url=../gone/">', "nothing"),
    (PAYER, "https://example.org/kb/glossary/payee/",
     '<link rel="canonical" href="https://example.org/kb/glossary/payee/">', "nothing is there"),
    ("index.html", "https://example.net/kb/",
     '<link rel="canonical" href="https://example.net/kb/">', "address of this site"),
    (ALONE, "../../glossary/gone/", '<a href="../../glossary/gone/">', "nothing is there"),
    (ALONE, "../../glossary/customer/#gone", '<a href="../../glossary/customer/#gone">', "the id"),
    ("404.html", "/kb/gone/", '<a href="/kb/gone/">', "nothing is there"),
    ("404.html", "glossary/", '<a href="glossary/">', "begin with a slash"),
    (CUSTOMER, "/glossary/payer/", '<a href="/glossary/payer/">', "begins at /kb/"),
    (PAYER, "../../../glossary/", '<a href="../../../glossary/">', "begins at /kb/"),
]


@pytest.fixture
def site(tmp_path):
    """A clean site, reached through a symbolic link as a published one is."""
    for path, body in BODIES.items():
        address = path.removesuffix("index.html")
        html = PAGE.format(title=path, base=BASE, address=address, body=body)
        write(tmp_path / "built" / path, html)
    locs = "".join(
        f"<url><loc>https://example.org{BASE}{path.removesuffix('index.html')}</loc></url>"
        for path in BODIES
    )
    write(tmp_path / "built/sitemap.xml", f'<?xml version="1.0"?><urlset>{locs}</urlset>')
    for path, text in ASSETS.items():
        write(tmp_path / "built" / path, text)
    (tmp_path / "site").symlink_to("built")
    return tmp_path / "site"


def write(file, text):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def insert(file, text):
    html = file.read_text(encoding="utf-8")
    write(file, html.replace("<!--body-->", f"{text}<!--body-->"))


def source_of(page):
    folder = Path(page).parent
    return f"{folder}.yml" if folder.parent.name == "glossary" else None


def check(site, base_path=BASE, **options):
    return check_site(site, base_path=base_path, source_of=source_of, **options)


def test_clean_site(site):
    """A site without a broken link is told nothing about."""
    assert check(site) == []


def test_all_broken_links_and_no_other(site):
    """Twenty links of a dozen kinds are broken: each is found once, with page, reason, source."""
    for page, _, html, _ in BROKEN:
        insert(site / page, html)
    found = check(site)
    expected = sorted((page, link) for page, link, _, _ in BROKEN)
    assert len(expected) == 20
    assert [(one.page, one.link) for one in found] == expected
    reasons = {(page, link): reason for page, link, _, reason in BROKEN}
    assert [one for one in found if reasons[one.page, one.link] not in one.reason] == []
    assert {(one.page, one.source) for one in found} == {
        (page, source_of(page)) for page, _, _, _ in BROKEN
    }
    assert source_of(CUSTOMER) == "glossary/customer.yml"


def test_what_is_not_a_link_of_a_page(site):
    """The sitemap, a style sheet's images and ids that are there twice are checked as well."""
    sitemap = site / "sitemap.xml"
    gone = "https://example.org/kb/glossary/gone/"
    write(sitemap, sitemap.read_text().replace("<urlset>", f"<urlset><url><loc>{gone}</loc></url>"))
    write(site / "assets/site.css", "body { background: url('gone.png') }")
    insert(site / PAYER, '<p id="who pays">')
    assert check(site) == [
        BrokenLink("assets/site.css", "gone.png", "nothing is there", None),
        BrokenLink(
            PAYER, "#who pays", 'more than one element has the id "who pays"', "glossary/payer.yml"
        ),
        BrokenLink("sitemap.xml", gone, "nothing is there", None),
    ]


def test_one_broken_address_on_every_page(site):
    """linkchecker names one page for each broken address; we name them all."""
    for path in BODIES:
        insert(site / path, '<a href="/kb/gone/">')
    assert [(one.page, one.link) for one in check(site)] == [
        (path, "/kb/gone/") for path in sorted(BODIES)
    ]


def test_site_at_the_root(tmp_path):
    """Without a path in site_url an address that begins with a slash belongs to the site."""
    write(tmp_path / "index.html", '<p id="a"><a href="/b/#b"></a> <a href="/c/"></a>')
    write(tmp_path / "b/index.html", '<p id="b"><a href="/#a"></a> <a href="../../#a"></a>')
    assert check(tmp_path, "/") == [BrokenLink("index.html", "/c/", "nothing is there", None)]


def test_large_pages_are_checked(tmp_path):
    """A page beyond linkchecker's own limit of 1 MiB is not skipped."""
    write(tmp_path / "index.html", '<a href="big/#last"></a> <a href="big/#lost"></a>')
    text = "Who pays is not always who uses. " * 50_000
    write(tmp_path / "big/index.html", f'<p>{text}</p><p id="last"><a href="../gone/"></a></p>')
    assert [(one.page, one.link) for one in check(tmp_path, "/")] == [
        ("big/index.html", "../gone/"),
        ("index.html", "big/#lost"),
    ]


def test_no_other_host_is_asked(site):
    """Links to other hosts are left alone, even when a proxy is set."""
    asked = []

    class Witness(BaseHTTPRequestHandler):
        def handle(self):
            asked.append(self.client_address)

    with TCPServer(("127.0.0.1", 0), Witness) as witness:
        Thread(target=witness.serve_forever, daemon=True).start()
        port = witness.server_address[1]
        other = f"http://localhost:{port}/"
        for html in (f'<a href="{other}">', f'<img src="{other}a.png">', f'<iframe src="{other}">'):
            insert(site / CUSTOMER, html)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("http_proxy", other)
            assert check(site) == []
        witness.shutdown()
    assert asked == []


def test_lychee_agrees(site):
    """Another link checker finds the clean site clean, and sees a missing page and anchor."""
    assert lychee(site).returncode == 0
    insert(site / CUSTOMER, '<a href="../gone/"></a><a href="../payer/#gone"></a>')
    broken = lychee(site)
    assert broken.returncode == 2
    assert "gone" in broken.stdout


def lychee(site, base="/kb/"):
    """Run lychee over a built site whose pages lie below the path `base` of their host."""
    built = site.resolve()
    return subprocess.run(
        [
            Path(sys.executable).with_name("lychee"), "--offline", "--no-progress",
            "--include-fragments", "--index-files", "index.html", "--root-dir", built,
            "--remap", f"file://{built}{base}?(.*) file://{built}/$1", *built.rglob("*.html"),
        ],
        capture_output=True, text=True, timeout=60, check=False,
    )


def test_material_site(tmp_path):
    """What Material puts on every page is not taken for a broken link."""
    write(tmp_path / "mkdocs.yml", MATERIAL)
    write(tmp_path / "docs/index.md", "# Home\n\n[Customer](glossary/customer.md#who-pays)\n")
    write(tmp_path / "docs/glossary/customer.md", CUSTOMER_PAGE)
    write(tmp_path / "docs/glossary/payer.md", "# Payer\n\n## Say\n\n## Say\n\n[Up](../index.md)\n")
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"], cwd=tmp_path, check=True,
        capture_output=True, timeout=60, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
    )
    assert check(tmp_path / "site") == []


MATERIAL = """
site_name: Terms
site_url: https://example.org/kb/
repo_url: https://example.com/terms
theme:
  name: material
  font: false
  features: [content.tabs.link, navigation.tabs, navigation.top, navigation.footer, search.share]
  palette:
    - {scheme: default, toggle: {icon: material/weather-night, name: Dark}}
    - {scheme: slate, toggle: {icon: material/weather-sunny, name: Light}}
markdown_extensions:
  - footnotes
  - attr_list
  - toc: {permalink: true}
  - pymdownx.superfences
  - pymdownx.tabbed: {alternate_style: true}
"""
CUSTOMER_PAGE = """# Customer

## Who pays

=== "Agency"

    The [payer](payer.md#say_1).[^1]

=== "Platform"

    The advertiser.

[^1]: A note.
"""


def test_linkchecker_is_missing(site, monkeypatch):
    """Without linkchecker the command says what to install."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(LinkCheckerMissing, match="pip install LinkChecker"):
        check(site)


def test_settings_are_missing(site, tmp_path):
    """Without its settings linkchecker would let anchors pass, so it is not run."""
    with pytest.raises(LinkCheckerMissing, match="no-such-file: the settings"):
        check(site, config=tmp_path / "no-such-file")


def test_it_never_hangs(site):
    """When the time is over linkchecker is stopped."""
    with pytest.raises(LinkCheckerFailed, match=r"took more than 0\.1 seconds"):
        check(site, timeout=0.1)


def test_linkchecker_fails(site, tmp_path):
    """Settings that linkchecker cannot read are not taken for a clean site."""
    write(tmp_path / "rc", "[checking]\nthreads=many\n")
    with pytest.raises(LinkCheckerFailed, match="invalid literal"):
        check(site, config=tmp_path / "rc")


def test_linkchecker_skips_pages(site, monkeypatch):
    """When linkchecker ends well but early, that is an error."""
    honest = linkcheck._rows
    monkeypatch.setattr(linkcheck, "_rows", lambda output: honest(output)[:2])
    with pytest.raises(LinkCheckerFailed, match="left out"):
        check(site)


def test_nothing_to_check(tmp_path):
    """A folder without pages, or none at all, is an error and not a clean site."""
    for folder in (tmp_path, tmp_path / "gone"):
        with pytest.raises(FileNotFoundError):
            check(folder)


def test_served_as_a_web_host_does(site):
    """Unknown addresses and folders get 404.html, and linkchecker is told not to wait."""
    with served(site.resolve(), BASE) as server:
        answer = urlopen(f"{server.home}glossary/customer")
        assert answer.url == f"{server.home}glossary/customer/"
        assert answer.headers["LinkChecker"]
        for path in ("/kb/gone/", "/kb/assets/", "/kb/../../etc/passwd", "/", "/kbx/"):
            with pytest.raises(HTTPError, match="404") as error:
                urlopen(server.home.removesuffix(BASE) + path)
            assert b'<a href="/kb/">Home</a>' in error.value.read()
