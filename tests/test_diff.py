"""`termbook diff`: fixture pull requests in tests/diffs, and the command on real Git history.

A fixture holds `edits` of the book in base.yml: a file's new text, null for a file that is gone, or
pairs of old and new words; and what a reviewer is told, as `text`, some also as `json`, `markdown`.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import goldens
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from sites import ROOT

from termbook.diff.compare import word_diff
from termbook.diff.review import Review, review
from termbook.diff.text import FORMATS
from termbook.load import read

BASE = yaml.safe_load((goldens.DIFFS / "base.yml").read_text(encoding="utf-8"))["files"]
NAMES = [path.stem for path in goldens.DIFFS.glob("*.yml") if path.stem != "base"]
# Taken back, a move is none: the former id would have to lead on.
MOVES = {"former-id-dropped", "source-renamed", "term-renamed", "term-renamed-and-relabelled",
         "terms-merged"}


def fixture(name: str) -> dict:
    return yaml.safe_load((goldens.DIFFS / f"{name}.yml").read_text(encoding="utf-8"))


def edited(path: str, edit):
    """A file of the base after an edit; words that are to be replaced stand there just once."""
    if not isinstance(edit, list):
        return edit
    text = {**goldens.clean_files(), **BASE}[path]
    for old, new in edit:
        assert text.count(old) == 1, (path, old)
        text = text.replace(old, new)
    return text


def reviewed(name: str, folder: Path) -> Review:
    edits = fixture(name)["edits"]
    before = goldens.write(folder / "before", BASE)
    after = goldens.write(
        folder / "after", {**BASE, **{path: edited(path, edit) for path, edit in edits.items()}})
    assert bool(read(after).problems) == (name == "unread-record")
    return review(read(before).book, read(after).book)


def update(name: str, told: dict[str, str]) -> None:
    path = goldens.DIFFS / f"{name}.yml"
    head = path.read_text(encoding="utf-8").partition("\ntext:")[0]
    blocks = ("".join(f"  {line}".rstrip() + "\n" for line in text.splitlines())
              for text in told.values())
    tails = (f"{form}: |2\n{block}" for form, block in zip(told, blocks, strict=True))
    path.write_text(f"{head}\n{''.join(tails)}", encoding="utf-8")


@pytest.mark.parametrize("name", sorted(NAMES))
def test_pull_request(name, tmp_path, request):
    """A pull request is told as just these changes, in each of these formats."""
    found = reviewed(name, tmp_path)
    told = {form: FORMATS[form](found) for form in fixture(name) if form != "edits"}
    if request.config.getoption("--update-goldens"):
        update(name, told)
    assert {"edits": fixture(name)["edits"], **told} == fixture(name)


def test_there_are_thirty():
    """Enough pull requests, each format among them, and some that lose an id."""
    forms = [form for name in NAMES for form in fixture(name)]
    assert len(NAMES) >= 30 and forms.count("text") == len(NAMES)
    assert min(forms.count("json"), forms.count("markdown")) >= 5


@pytest.mark.parametrize("name", sorted(set(NAMES) - MOVES))
def test_a_change_taken_back(name, tmp_path):
    """With the two books exchanged, what was added is removed, and the other way round."""
    there = reviewed(name, tmp_path).changes
    books = [read(tmp_path / folder).book for folder in ("after", "before")]
    turn = {"added": "removed", "removed": "added"}
    assert sorted((one.kind, one.path[:1], one.action) for one in review(*books).changes) == sorted(
        (one.kind, one.path[:1], turn.get(one.action, one.action)) for one in there)


def test_a_book_that_did_not_change(tmp_path):
    """A book compared with itself is said to be the same; so is the real one."""
    for root in (goldens.write(tmp_path, BASE), ROOT):
        book = read(root).book
        assert review(book, book) == Review((), (), (), ())


@pytest.mark.parametrize("name", goldens.NAMES)
def test_broken_books_are_compared(name, tmp_path):
    """Whatever is wrong with a book, it can be told what it changes, in every format."""
    broken = read(goldens.write(tmp_path / "a", goldens.golden(name)["files"])).book
    clean = read(goldens.write(tmp_path / "b", {})).book
    for found in (review(clean, broken), review(broken, clean)):
        assert all(form(found) for form in FORMATS.values())


@pytest.mark.parametrize(("before", "after", "told"), [
    ("a b c", "a  b\nc", [("both", "a b c")]),
    ("a b, c", "a x, c", [("both", "a"), ("before", " b"), ("after", " x"), ("both", ", c")]),
    ("a b", "a b!", [("both", "a b"), ("after", "!")]),
    ("one two", "three four", [("before", "one two"), ("after", " three four")]),
])
def test_words(before, after, told):
    """Words that stayed, those of the former text, those of the latter, in reading order."""
    assert word_diff(before, after) == told


@given(st.text("ab ,.\n"), st.text("ab ,.\n"))
def test_words_make_up_both_texts(before, after):
    """Without what is new the former text is left, without what is gone the latter."""
    words = word_diff(before, after)
    for side, text in (("before", before), ("after", after)):
        told = "".join(one.text for one in words if one.side in ("both", side))
        assert re.sub(r"\s", "", told) == re.sub(r"\s", "", text)


@pytest.fixture
def repository(tmp_path) -> Path:
    """A repository whose subfolder `book` holds the base, committed on the branch main."""
    root = goldens.write(tmp_path / "book", {**BASE, "mkdocs.yml": "site_name: Bread\n"})
    git(root, "init", "-q", "-b", "main", "..")
    commit(root)
    return root


def git(root: Path, *arguments: str) -> None:
    who = ["-c", "user.name=Anna", "-c", "user.email=anna@bread.example"]
    subprocess.run(["git", "-C", str(root), *who, *arguments], check=True, capture_output=True)


def commit(root: Path, **files: str | None) -> None:
    for path, text in files.items():
        write(root, path, text)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "A change", "--allow-empty")


def write(root: Path, name: str, text: str | None) -> None:
    path = root / "glossary" / f"{name}.yml"
    path.write_text(text) if text else path.unlink()


def diff(root: Path, *arguments: str) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "termbook", "diff", "--root", str(root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root.parent)
    return done.returncode, done.stdout, done.stderr


CRUST = "label: Crust\ndefinition: The hard outside.\nexamples: [An end.]\nrelated: [oven]\n"


def test_the_files_as_they_are_now(repository):
    """Without HEAD the files on disk count, committed or not; the repository is left alone."""
    write(repository, "crust", CRUST)
    code, told, complaint = diff(repository, "main")
    assert (code, complaint) == (0, "")
    assert told.startswith("+ term crust: Crust: The hard outside.\n+   related: oven\n")
    data = json.loads(diff(repository, "main", "--format", "json")[1])
    assert [one["id"] for one in data["changes"]] == ["crust", "crust"]
    assert diff(repository, "main", "HEAD")[1] == "No change in what is said\n"
    assert diff(repository, "main", "--format", "markdown")[1].startswith("## 1 term added")


def test_two_revisions(repository):
    """What a branch did counts from where it left BASE, whatever came to BASE since then."""
    git(repository, "switch", "-q", "-c", "mine")
    commit(repository, crust=CRUST)
    git(repository, "switch", "-q", "main")
    commit(repository, yeast=CRUST.replace("Crust", "Yeast"))
    for head in ([], ["HEAD"]):
        assert diff(repository, "mine", *head)[1].startswith("+ term yeast")
    code, told, _ = diff(repository, "main", "mine")
    assert code == 0 and "term crust" in told and "yeast" not in told


def test_a_vanished_id_fails(repository):
    """A published id that leads nowhere is an error; its hint, followed word by word, mends it."""
    write(repository, "eater", None)
    code, told, _ = diff(repository, "HEAD")
    assert code == 1 and 'error vanished-id: "eater" was published and is gone' in told
    path, line = re.search(r'Write (\S+) with the one line "(.+)…"', told).groups()
    (repository / path).write_text(f"{line}baker\n")
    code, told, _ = diff(repository, "HEAD")
    assert code == 0 and "~ term baker: moved here from eater" in told


def test_what_cannot_be_compared(repository):
    """An unknown revision, or one that would be an option, is refused; unread files are told."""
    for wrong in ("nowhere", "--output=x"):
        code, told, complaint = diff(repository, "--", wrong)
        assert (code, told) == (2, "")
        assert complaint == f'Git knows no revision "{wrong}" in {repository}\n'
    write(repository, "eater", "label: [\n")
    code, told, complaint = diff(repository, "HEAD")
    assert (code, told) == (0, "No change in what is said\n")
    assert complaint.startswith("1 problem found while reading")


def test_a_revision_is_read_as_it_is(repository):
    """No link and no attribute of the repository decides what a revision holds."""
    (repository / ".gitattributes").write_text("*.yml export-ignore\nglossary/* text eol=crlf\n")
    (repository / "glossary" / "link.yml").symlink_to("/etc/passwd")
    commit(repository)
    assert diff(repository, "main~1", "main")[:2] == (0, "No change in what is said\n")
