"""Pages of the site built before are taken over only where they are what would be written now."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from sites import copy, run, tree

FIXED = {"SOURCE_DATE_EPOCH": "1700000000"}


def built(root: Path) -> dict[str, str]:
    """The site of `root`, built anew with what was kept of it."""
    done = run("build", root=root, env=FIXED)
    assert done.returncode == 0, done.stderr
    return tree(root / "site")


def cold(root: Path, other: Path) -> dict[str, str]:
    """The site of `root`, built with nothing kept."""
    shutil.copytree(root, other, ignore=shutil.ignore_patterns("site", ".site", ".cache"))
    found = built(other)
    shutil.rmtree(other)
    return found


def taken(root: Path) -> set[str]:
    """The addresses of the pages that the site has in common with the one before."""
    site = (root / "site").resolve()
    return {path.parent.relative_to(site).as_posix() for path in site.rglob("index.html")
            if path.stat().st_nlink > 1}


def replace(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text("utf-8")
    assert old in text
    (root / path).write_text(text.replace(old, new, 1), "utf-8")


def commit(root: Path) -> None:
    git = ["git", "-C", str(root), "-c", "user.name=A", "-c", "user.email=a@b.example"]
    date = {"GIT_AUTHOR_DATE": "2026-01-02T12:00Z", "GIT_COMMITTER_DATE": "2026-01-02T12:00Z"}
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "add", "glossary"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "Bake"], check=True,
                   env={**os.environ, **date})


@pytest.fixture
def root(tmp_path):
    """The bread site, built."""
    root = copy(tmp_path / "root")
    built(root)
    return root


# What changes, some pages that must be written anew, and some that need not.
CHANGES = {
    "a note": (
        lambda root: replace(root, "glossary/lame.yml", "definition:", "note: New.\ndefinition:"),
        {"glossary/lame"}, {"glossary/bread", "sources/mcgee-2004"},
    ),
    "a definition, which links tell": (
        lambda root: replace(root, "glossary/leaven.yml", "definition: >-\n  ",
                             "definition: >-\n  What is new: "),
        {"glossary/leaven", "debates/must-bread-rise"}, {"glossary/banneton"},
    ),
    "a label, which any text may hold": (
        lambda root: replace(root, "glossary/lame.yml", "label: ", "label: La "),
        {"glossary/lame", "glossary/kneading"}, set(),
    ),
    "a sentence that mentions a term": (
        lambda root: replace(root, "glossary/lame.yml", "definition:",
                             "note: The poolish is near.\ndefinition:"),
        {"glossary/lame", "glossary/poolish"}, {"glossary/bread"},
    ),
    "a page by hand that mentions a term": (
        lambda root: replace(root, "docs/about.md", "# ", "A banneton is one.\n\n# "),
        {"glossary/banneton"}, set(),
    ),
    "the name of a scenario, which every page can be read for": (
        lambda root: replace(root, "scenarios/village-bakery.yml", "label: ", "label: A "),
        {"glossary/bread", "sources/mcgee-2004"}, set(),
    ),
    "a source": (
        lambda root: replace(root, "sources.yml", "author: Harold McGee", "author: Harold M."),
        {"sources/mcgee-2004"}, {"glossary/lame"},
    ),
    "a template": (
        lambda root: replace(root, "theme/partials/used-in.html", "Used in</h2>", "Used</h2>"),
        {"glossary/bread"}, set(),
    ),
    "the day on which a term was reviewed, which stands below what it says": (
        lambda root: replace(root, "glossary/lame.yml", "status:",
                             "reviewed_on: 2026-01-31\nstatus:"),
        {"glossary/lame"}, {"glossary/bread"},
    ),
    "the day on which a term was changed": (
        commit, {"glossary/bread"}, {"sources/mcgee-2004"},
    ),
    "a page of the site itself": (
        lambda root: (root / "site/glossary/bread/index.html").write_text("not ours"),
        {"glossary/bread"}, set(),
    ),
}


@pytest.mark.parametrize("change, anew, as_before", CHANGES.values(), ids=CHANGES)
def test_a_change_goes_wherever_it_shows(root, tmp_path, change, anew, as_before):
    """The site is the same, byte for byte, as when nothing was kept."""
    change(root)
    assert built(root) == cold(root, tmp_path / "cold")
    found = taken(root)
    assert anew.isdisjoint(found) and as_before <= found


def test_a_build_that_fails_takes_nothing_from_the_site(root):
    """What it had taken over by then is still the site's, and the next build is right."""
    before = tree(root / "site")
    replace(root, "docs/about.md", "# ", "[nowhere](nowhere.md)\n\n# ")
    assert run("build", root=root, env=FIXED).returncode == 1
    assert tree(root / "site") == before
    replace(root, "docs/about.md", "[nowhere](nowhere.md)\n\n", "")
    assert built(root) == before


def test_pages_that_cannot_have_two_names_are_written(root, tmp_path, monkeypatch):
    """Where a file system knows no hard links, or another build has removed them."""
    replace(root, "glossary/lame.yml", "definition:", "note: New.\ndefinition:")
    (root / "sitecustomize.py").write_text(
        "import os\ndef link(*_): raise PermissionError(1, 'no links')\nos.link = link\n"
    )
    (tmp_path / "with").mkdir()
    shutil.move(root / "sitecustomize.py", tmp_path / "with")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "with"))
    assert built(root) == cold(root, tmp_path / "cold") and taken(root) == set()
