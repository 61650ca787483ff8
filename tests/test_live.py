"""What the live server shows before the whole site is made anew, and what it waits for."""

import os
import threading
from pathlib import Path

import pytest
from sites import copy

from termbook import live, plugin
from termbook.load import read
from termbook.plugin import Superseded

WAS = "A blade on a handle, for cutting the surface just before the oven."
NEW = "Made of something else."


@pytest.fixture
def site(tmp_path):
    """The bread site behind a server that does not serve yet."""
    root = copy(tmp_path / "bread")
    folder = tmp_path / "served"
    folder.mkdir()
    found = live._Live(root / "mkdocs.yml", "127.0.0.1:0", folder)
    found.root = root
    yield found
    found._plugins.on_shutdown()
    found._server.server_close()


def define(root: Path, term: str, words: str) -> None:
    """Give a term another definition."""
    file = root / "glossary" / f"{term}.yml"
    lines = file.read_text("utf-8").splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if line.startswith("definition:"))
    end = next((number for number in range(at + 1, len(lines)) if lines[number][0] not in " \n"),
               len(lines))
    file.write_text("".join([*lines[:at], f"definition: {words}\n", *lines[end:]]), "utf-8")


def article(site, path: str) -> str:
    html = Path(site._server.root, path, "index.html").read_text("utf-8")
    return html[html.index("<article") : html.index("</article")]


def test_an_edited_record_comes_first(site):
    """Its page has the new text, with all around it; other pages follow with the whole site."""
    before = article(site, "glossary/lame")
    define(site.root, "lame", NEW)
    assert site._plugin.renew(1)
    after = article(site, "glossary/lame")
    assert NEW in after and NEW not in before
    assert after.replace(NEW, WAS) == before
    assert NEW not in article(site, "glossary")
    assert not site._plugin.renew(1)  # nothing further
    served = site._server.root
    site._follow()
    assert NEW in article(site, "glossary") and article(site, "glossary/lame") == after
    assert site._server.root != served and not Path(served).exists()


def test_what_waits_for_the_whole_site(site):
    """A record that comes, a fault, and more records than are quicker alone."""
    define(site.root, "lame", NEW)
    define(site.root, "dough", NEW)
    assert not site._plugin.renew(1) and site._plugin.renew(2)
    define(site.root, "lame", "[broken")
    assert not site._plugin.renew(2)
    define(site.root, "lame", "Mended.")
    assert site._plugin.renew(2)
    (site.root / "glossary" / "bun.yml").write_text("label: Bun\ndefinition: Round.\n")
    define(site.root, "lame", NEW)
    assert not site._plugin.renew(2)
    assert "Mended." in article(site, "glossary/lame")


def test_a_newer_change_ends_a_build(site):
    """What is served stays until the next build is whole, and pages can be renewed all the same."""
    served = site._server.root
    site._server._changed()
    with pytest.raises(Superseded):
        site._whole(site._config())
    assert site._server.root == served and "lame" in article(site, "glossary/lame")
    assert [one.name for one in Path(served).parent.iterdir()] == [Path(served).name]
    define(site.root, "lame", NEW)
    assert site._plugin.renew(1) and NEW in article(site, "glossary/lame")


def test_a_build_before_leaves_nothing_behind(site, tmp_path):
    """MkDocs uses one plugin for all builds of a process."""
    with pytest.raises(Superseded):
        site._server._changed()
        site._whole(site._config())
    root = copy(tmp_path / "other")
    define(root, "lame", NEW)
    plugin.build(root / "mkdocs.yml", tmp_path / "built", read(root).book)
    assert NEW in (tmp_path / "built" / "glossary" / "lame" / "index.html").read_text("utf-8")
    folder = tmp_path / "more"
    folder.mkdir()
    again = live._Live(site.root / "mkdocs.yml", "127.0.0.1:0", folder)
    again._server.server_close()
    assert WAS in article(again, "glossary/lame")


def test_browsers_are_told_at_once(site):
    """Those that show a page load it again, and none waits for the rest of the site."""
    server = site._server
    before = server._visible_epoch
    define(site.root, "lame", NEW)
    server._wanted_epoch += 10
    server._changed()  # a second change comes at once, so the rest is left to that
    site._follow()
    assert before < server._visible_epoch == server._wanted_epoch


def rewrite(file: Path) -> None:
    file.write_text("label: Bun\n")


def replace(file: Path) -> None:
    fresh = file.with_suffix(".new")
    fresh.write_text("label: Bun\n")
    os.replace(fresh, file)


@pytest.mark.parametrize("change", [rewrite, replace, os.remove, Path.read_text])
@pytest.mark.parametrize("whole_folder", [True, False])
def test_changes_are_told_and_reading_is_none(tmp_path, change, whole_folder):
    """Of a file below a folder, and of one that is watched itself, however it is written."""
    told = threading.Event()
    file = tmp_path / "kept" / "bun.yml"
    file.parent.mkdir()
    file.write_text("label: Roll\n")
    server = live._Server(told.set, "127.0.0.1", 0, str(tmp_path), "/")
    server._changed = told.set
    server.watch(str(file.parent if whole_folder else file))
    server.observer.start()
    try:
        (tmp_path / "other.yml").write_text("x")
        change(file)
        assert told.wait(0.5 if change is Path.read_text else 30) is (change is not Path.read_text)
    finally:
        server.observer.stop()
        server.observer.join()
        server.server_close()


def test_what_is_remembered_is_what_is_there(tmp_path):
    """A file is read again when it was written, also to the same length; a faulty one always."""
    root, memory = copy(tmp_path), {}
    first = read(root, memory).book
    assert first == read(root, memory).book == read(root).book
    term = read(root, memory).book.terms["lame"]
    assert term is first.terms["lame"]
    file = root / "glossary" / "lame.yml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("label: Lame", "label: Male"), "utf-8")
    os.utime(file, ns=(0, 0))
    assert read(root, memory).book.terms["lame"].label == "Male"
    file.write_text("label: [", "utf-8")
    faults = [read(root, memory).problems, read(root, memory).problems]
    assert faults[0] and faults[0] == faults[1]
    file.unlink()
    assert "lame" not in read(root, memory).book.terms
