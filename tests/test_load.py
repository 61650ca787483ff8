"""Loading: whatever stands in a file, it is read as text or reported, and nothing is raised."""

import json
import os
import signal
import subprocess
import sys
import unicodedata
from pathlib import Path

import goldens
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sites import build, copy, tree

from termbook import load as of_load
from termbook import workers
from termbook.checks import check
from termbook.guarded_yaml import HIDDEN, Malformed, Marks, hidden_in, parse
from termbook.load import load, read
from termbook.model import Debate, Exam, Scenario, Settings, Source, Term
from termbook.problems import BookError

PATHS = [*goldens.clean_files(), "glossary/new.yml", "glossary/Ünïcode.yml", "docs/new.md",
         "link-status.json"]
KEYS = sorted({
    info.alias or name
    for model in (Term, Scenario, Debate, Source, Exam, Settings)
    for name, info in model.model_fields.items()
})

WORDS = st.sampled_from(["bread", "dough", "baker", "loaf-book", "farmhouse", "A1", "no", "010",
                         "", "[x][y]", "draft", "[bread][]", "bread#x", "\\", "`", "2026-01-31"])
VALUES = st.recursive(
    WORDS | st.text(max_size=5) | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
)
RECORDS = st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), VALUES)
YAMLISH = st.text(alphabet=list("abc:- \n\t\r\"'[]{}#&*!|>%@`~?,\\x0<.…é\u0301\u202e\u2028\x00"))
CONTENTS = (
    st.binary()
    | YAMLISH.map(str.encode)
    | RECORDS.map(lambda data: yaml.safe_dump(data, allow_unicode=True, sort_keys=False).encode())
)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return goldens.write(tmp_path_factory.mktemp("book"), {})


@settings(max_examples=300)
@given(st.sampled_from(PATHS), CONTENTS)
@example("sources.yml", b"loaf-book: {title: [a], type: book}")
@example("glossary/bread.yml", b"a: [\x85\xff")
def test_any_content_is_read_or_reported(root: Path, path, content):
    """No file makes the loader or a check raise; each problem has a place in a file."""
    before = (root / path).read_bytes() if (root / path).exists() else None
    (root / path).write_bytes(content)
    try:
        reading = read(root)
        for problem in [*reading.problems, *check(reading.book)]:
            lines = (root / problem.place.path).read_bytes().split(b"\n")
            assert 1 <= problem.place.line <= len(lines)
            assert problem.message and problem.hint
        if before is None and path.endswith(".yml"):
            read_or_told = reading.book.paths | {one.place.path: 1 for one in reading.problems}
            assert Path(path).stem in read_or_told or path in read_or_told
    finally:
        (root / path).unlink() if before is None else (root / path).write_bytes(before)


@settings(max_examples=300)
@given(YAMLISH | RECORDS.map(yaml.safe_dump))
def test_admitted_yaml_is_what_yaml_says(text):
    """What we admit has the structure that YAML gives it, every scalar a text, every mark found."""
    marks: Marks = {}
    try:
        data = parse(text, marks)
    except Malformed as error:
        assert error.message and error.hint
        return
    assert data == normal(yaml.load(unicodedata.normalize("NFC", text), yaml.CBaseLoader))
    assert not any(HIDDEN.search(leaf) for leaf in leaves(data))
    assert all((keys, False) in marks for keys in paths(data))


def normal(data):
    """`data` with every text in Unicode normal form C, also those written as escapes."""
    if isinstance(data, dict):
        return {normal(key): normal(item) for key, item in data.items()}
    if isinstance(data, list):
        return [normal(item) for item in data]
    return data and unicodedata.normalize("NFC", data)


def leaves(data):
    if isinstance(data, dict | list):
        return [one for item in children(data).values() for one in leaves(item)]
    return [data] if data else []


def paths(data, keys=()):
    yield from [keys] if data is not None else []
    for key, item in children(data).items():
        yield from paths(item, (*keys, key))


def children(data):
    if isinstance(data, dict):
        return data
    return dict(enumerate(data)) if isinstance(data, list) else {}


def test_scalars_stay_text():
    """What YAML would turn into a flag, number or date stays what was written."""
    written = ["no", "Yes", "off", "true", "null", "~", "12:30:45", "010", "0x1F", "1e3", "1_000",
               "2026-01-31", "2026-01-31 10:00:00", ".inf", ".nan", "=", "<<", "3.10"]
    assert parse("".join(f"- {word}\n" for word in written)) == written
    keys = [word for word in written if word not in ("<<", "~")]
    assert list(parse("".join(f"{word}: x\n" for word in keys))) == keys


def test_texts_in_a_book_stay_text(tmp_path):
    """Labels and ids that look like other types reach the model as they were written."""
    term = "label: 12:30:45\nalt_labels: [no, 010, 2026-01-31, ~]\ndefinition: null\n"
    source = goldens.clean_files()["sources.yml"] + "no:\n  title: 1e3\n  year: 0900\n  type: web\n"
    book = load(goldens.write(tmp_path, {"glossary/null.yml": term, "sources.yml": source}))
    assert book.terms["null"].label == "12:30:45"
    assert book.terms["null"].alt_labels == ("no", "010", "2026-01-31", "~")
    assert (book.sources["no"].title, book.sources["no"].year) == ("1e3", 900)


BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))


@pytest.mark.parametrize(("text", "code"), [
    ("note: " + "[" * 30_000, "too-deep"),
    ("note: " + "{a: " * 30_000, "too-deep"),
    ("- " * 30_000 + "a", "too-deep"),
    ("? " * 30_000 + "a", "yaml-syntax"),
    (BOMB, "yaml-feature"),
    ("a: &a\n  <<: *a\n", "yaml-feature"),
    ("%TAG ! tag:example.org,2000:\n---\na: !b c\n", "yaml-feature"),
    ("a: !!python/object/apply:os.system [ls]\n", "yaml-feature"),
    ("{" + "a, " * 20_001 + "}", "duplicate-key"),
    ("[" + "a, " * 20_001 + "]", "too-large"),
    ("x" * 262_145, "too-large"),
])
@pytest.mark.parametrize("path", ["glossary/bread.yml", "sources.yml", "termbook.yml"])
def test_bombs_are_refused(tmp_path, path, text, code):
    """What would overflow a stack or fill the memory is one problem, in every kind of file."""
    reading = read(goldens.write(tmp_path, {path: text}))
    assert [(one.place.path, one.code) for one in reading.problems] == [(path, code)]


def test_line_ends_do_not_matter(tmp_path):
    """A file saved by an editor on Windows says the same, at the same places."""
    crlf = {path: text.replace("\n", "\r\n") for path, text in goldens.clean_files().items()}
    windows = load(goldens.write(tmp_path / "windows", crlf))
    unix = load(goldens.write(tmp_path / "unix", {}))
    assert windows.entries == unix.entries and windows.exam == unix.exam
    for entry in unix.entries.values():
        assert windows.locate(entry.id, ("sources", 0)) == unix.locate(entry.id, ("sources", 0))


def test_an_empty_folder_is_an_empty_book(tmp_path):
    """Nothing is required of a book, not even to have a file."""
    assert load(tmp_path, check).entries == {}


def test_load_raises_every_problem_at_once(tmp_path):
    """Errors of the loader and of the checks come together, warnings too."""
    goldens.write(tmp_path, {
        "glossary/bun.yml": "label: Bun\ndefinition: A loaf.\nrelated: [loaf]\n",
        "glossary/roll.yml": "label: Roll\n",
    })
    with pytest.raises(BookError) as caught:
        load(tmp_path, check)
    assert {one.code for one in caught.value.problems} == {
        "draft", "missing-key", "no-example", "unknown-term",
    }


def test_warnings_alone_do_not_stop_a_load(tmp_path):
    """A draft is told by `termbook check`, and built all the same."""
    draft = "label: Bun\ndefinition: A small one.\n"
    assert "bun" in load(goldens.write(tmp_path, {"glossary/bun.yml": draft}), check).terms


def test_a_text_that_was_parsed_before_is_not_parsed_again(tmp_path, monkeypatch):
    """Whoever edits one file has one text parsed, and one that is gone is forgotten."""
    root = copy(tmp_path)
    parsed: dict[str, object] = {}
    first = read(root, parsed=parsed)
    term = root / "glossary" / "lame.yml"
    term.write_text(f"id: lame\n{term.read_text('utf-8')}", "utf-8")
    texts = []

    def noted(text, *marks):  # which are asked for where something is wrong
        texts.extend([] if marks else [text])
        return parse(text, *marks)

    monkeypatch.setattr(of_load, "parse", noted)
    known = json.loads(json.dumps(parsed))  # as a file gives it
    for _ in range(2):  # what a reader takes away from the data stays in what is known
        again = read(root, parsed=known)
        assert [one.code for one in again.problems] == ["unknown-key"]
    assert texts == [term.read_text("utf-8")] and len(known) == len(parsed)
    assert again.book == first.book


@pytest.fixture
def many_processes(monkeypatch):
    """However few files there are, three processes parse them."""
    monkeypatch.setattr(of_load, "FILES_FOR_A_WORKER", 1)
    monkeypatch.setattr(workers, "WORTH_A_WORKER", 1)


def broken(root: Path) -> Path:
    """The bread site with files of which each is wrong in another way."""
    files = {"glossary/rye.yml": "label: [", "glossary/oat.yml": "label: Oat\u200b\n",
             "glossary/malt.yml": "", "glossary/lame2.yml": "label: 3\n", "debates/lame.yml": "[",
             "scenarios/lame.yml": "label: Twice\n"}
    copy(root, files)
    (root / "glossary" / "bran.yml").write_bytes(b"label: \xff")
    return root


def test_several_processes_read_the_same(tmp_path, many_processes):
    """The same Book and the same problems, however many parse."""
    one, three = (read(broken(tmp_path / name), workers=number)
                  for name, number in (("one", 1), ("three", 3)))
    assert len(one.problems) >= 7
    assert three == one


def test_what_is_wrong_is_found_whoever_parses(tmp_path, many_processes, monkeypatch):
    """A process that is killed leaves its share to be parsed by the first."""
    root, usual, first = broken(tmp_path), of_load._data_of, os.getpid()
    expected = read(root)

    def killed(keyed):
        if os.getpid() != first:
            os.kill(os.getpid(), signal.SIGKILL)
        return usual(keyed)

    monkeypatch.setattr(of_load, "_data_of", killed)
    assert read(root, workers=3) == expected


def test_while_others_parse_something_else_is_done(tmp_path, many_processes):
    """Once, and only where there are others; what is read is the same."""
    root, done = broken(tmp_path), []
    readings = [read(root, workers=number, meanwhile=lambda: done.append("it"))
                for number in (1, 3)]
    assert done == ["it"] and readings[0] == readings[1]


def test_every_hidden_character_is_found_in_a_text():
    """The quick look at a text, which most texts pass, misses none."""
    signs = map(chr, range(sys.maxunicode + 1))
    assert [sign for sign in signs if bool(HIDDEN.search(sign)) != bool(hidden_in(sign))] == []


def test_a_check_parses_no_text_that_a_build_has_parsed(tmp_path):
    """It says the same as before, and writes nothing."""
    root = build(tmp_path)
    before = tree(root / ".cache")
    program = (
        "import sys; from termbook import load; usual = load.parse\n"
        "load.parse = lambda text, marks: usual(text, marks)  # to find a place, and not the data\n"
        "from termbook.cli import main; sys.argv[1:] = ['check']; main()"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0 and "0 problems" in done.stderr
    assert tree(root / ".cache") == before
