"""A build is spared only where it would change nothing."""

import os
import shutil
from pathlib import Path

import pytest
from sites import build, copy, run, tree

from termbook import plugin
from termbook.commands import build as building
from termbook.commands import check as checking
from termbook.fingerprint import of_inputs, of_times

SPARED = "Nothing has changed"


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture
def root(built, tmp_path) -> Path:
    """The bread site, built."""
    return shutil.copytree(built, tmp_path / "site", symlinks=True)


@pytest.fixture
def settled(root) -> Path:
    """The same, built where it is, as a copy of a site is not known to be whole."""
    assert SPARED not in run("build", root=root).stderr
    assert SPARED in run("build", root=root).stderr
    return root


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, "utf-8")


def test_nothing_changed(settled):
    """The second build says so, and leaves the site alone; what is found is told all the same."""
    before = os.readlink(settled / "site")
    done = run("build", root=settled)
    assert done.returncode == 0 and SPARED in done.stderr and "0 problems" in done.stderr
    assert os.readlink(settled / "site") == before


CHANGES = {
    "a term": lambda root: write(root, "glossary/bun.yml", "label: Bun\ndefinition: Round.\n"),
    "a term that goes": lambda root: (root / "glossary" / "lame.yml").unlink(),
    "a page": lambda root: write(root, "docs/more.md", "# More\n"),
    "a picture": lambda root: write(root, "docs/more.svg", "<svg/>"),
    "the theme": lambda root: write(root, "theme/partials/new.html", "x"),
    "a hidden folder of the theme": lambda root: write(root, "theme/.icons/new.svg", "<svg/>"),
    "the settings": lambda root: write(root, "termbook.yml", "language: de\n"),
    "macros": lambda root: write(root, "macros.py", "x = 1\n"),
    "a name alone": lambda root: (root / "macros.py").rename(root / "macro.py"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_file_counts(root, change):
    """In what was read, and in when it was touched."""
    before, touched = of_inputs(root, "1", {}), of_times(root, is_root=True)
    assert (of_inputs(root, "1", {}), of_times(root, is_root=True)) == (before, touched)
    change(root)
    assert of_inputs(root, "1", {}) != before
    assert of_times(root, is_root=True) != touched


def test_what_stands_elsewhere_counts(root, tmp_path, monkeypatch):
    """The commit, settings that are inherited, the environment they name, and what is linked."""
    found = [of_inputs(root, "1", {}), of_inputs(root, "2", {})]
    write(tmp_path, "above/base.yml", "INHERIT: 'top.yml'\nsite_name: !ENV [NAME_OF_IT, Bread]\n")
    write(tmp_path, "above/top.yml", "site_author: Ann\n")
    config = (root / "mkdocs.yml").read_text("utf-8")
    write(root, "mkdocs.yml", f"INHERIT: ../above/base.yml\n{config}")
    found.append(of_inputs(root, "2", {}))
    write(tmp_path, "above/top.yml", "site_author: Bob\n")
    found.append(of_inputs(root, "2", {}))
    monkeypatch.setenv("NAME_OF_IT", "Cake")
    found.append(of_inputs(root, "2", {}))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    found.append(of_inputs(root, "2", {}))
    (root / "docs" / "linked").symlink_to(tmp_path / "above", target_is_directory=True)
    found.append(of_inputs(root, "2", {}))
    write(tmp_path, "above/more.md", "# More\n")
    found.append(of_inputs(root, "2", {}))
    assert len(set(found)) == len(found)


def test_what_was_made_does_not_count(root, tmp_path):
    """Nor does a folder that leads back to itself keep anybody from coming to an end."""
    (root / "docs" / "again").symlink_to(root / "docs", target_is_directory=True)
    before, touched = of_inputs(root, "1", {}), of_times(root, is_root=True)
    for path in (".cache/x", "__pycache__/x.pyc", "docs/__pycache__/x.pyc", "site/more.html"):
        write(root, path, "made")
    assert of_inputs(root, "1", {}) == before
    assert of_times(root, is_root=True) == touched


@pytest.mark.parametrize("damage", [
    lambda site: (site / "index.html").write_text("gone wrong"),
    lambda site: (site / "404.html").unlink(),
    lambda site: (site / "more.html").write_text("not ours"),
    lambda site: (site / "glossary" / "lame" / "index.html").touch(),
])
def test_a_site_that_is_not_as_it_was_is_built(settled, damage):
    """Whoever changed it, the next build mends it."""
    before = tree(settled / "site")
    damage(settled / "site")
    done = run("build", root=settled)
    assert done.returncode == 0 and SPARED not in done.stderr
    assert tree(settled / "site") == before


@pytest.mark.parametrize("where, what", [(checking, "read"), (plugin, "build")])
def test_an_edit_during_the_build(tmp_path, monkeypatch, capsys, where, what):
    """What was read is not known then, so the next build is not spared."""
    root = copy(tmp_path)
    term = root / "glossary" / "lame.yml"
    text, usual = term.read_text("utf-8"), getattr(where, what)

    def edited(*arguments, **more):
        found = usual(*arguments, **more)
        term.write_text(text.replace("definition:", "note: New.\ndefinition:"))
        return found

    monkeypatch.setattr(where, what, edited)
    building.build(root, 1)
    term.write_text(text)
    monkeypatch.setattr(where, what, usual)
    building.build(root, 1)
    building.build(root, 1)
    assert [SPARED in line for line in capsys.readouterr().err.splitlines() if "Open" in line] == [
        False, False, True]


def test_what_was_read_already_is_not_read_again(root):
    """It counts as it was read, and so do its path and whether it belongs to the surroundings."""
    path = "glossary/lame.yml"
    text = (root / path).read_text("utf-8")
    whole = of_inputs(root, "1", {})
    assert of_inputs(root, "1", {path: text}) == whole
    (root / path).write_text("label: Other\n", "utf-8")
    assert of_inputs(root, "1", {path: text}) == whole != of_inputs(root, "1", {})
    here, other = (of_inputs(root, "1", {path: one}, {path}) for one in (text, "label: Other\n"))
    assert here.every != other.every and here.surroundings == other.surroundings
