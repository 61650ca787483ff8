"""The links of this very knowledge base, judged by linkchecker and by lychee."""

from __future__ import annotations

from conftest import BASE
from test_linkcheck import lychee

from termbook.linkcheck.site import check_site


def test_no_link_of_the_built_site_is_broken(content, book):
    site = content / "site"
    assert len(list(site.rglob("*.html"))) > len(book.entries)
    assert check_site(site, base_path=BASE, source_of=lambda page: None) == []


def test_lychee_finds_none_either(content):
    done = lychee(content / "site", BASE)
    assert done.returncode == 0, done.stdout
