"""A newcomer writes a term, errs in many ways, and does what each message says: that suffices.

`PERSON` is a person who reads nothing but the message, and does it literally.
"""

import re
import shutil
from pathlib import Path

import goldens
import pytest
from typer.testing import CliRunner

from termbook.cli import app

NEW = ["new", "term", "--label", "Rye bun", "--group", "things", "--alt-label", "rye roll",
       "--definition", "A small round one, made of rye.", "--example", "One with seeds on it.",
       "--source", "loaf-book"]
FILE = "glossary/rye-bun.yml"
LINE = re.compile(r"(?P<path>[\w./ -]+?):(?P<line>\d+):(?P<column>\d+): "
                  r"(?P<severity>error|warning) (?P<code>[a-z0-9-]+): (?P<said>.+)")


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """A small book with a term that `termbook new` has made, and the answers it was told."""
    root = goldens.write(tmp_path_factory.mktemp("newcomer"), {
        "mkdocs.yml": "site_name: Bread\n", "schemas/term.schema.json": "{}",
        "docs/index.md": "# Bread\n\nHere is a rye roll for you.\n"})
    run(root, "fix")
    done = run(root, *NEW)
    assert done.exit_code == 0, done.stderr
    return root


def run(root: Path, *arguments: str):
    return CliRunner().invoke(app, [*arguments, "--root", str(root)])


def told(root: Path) -> list[dict[str, str]]:
    """What `termbook check` prints, line by line."""
    done = run(root, "check")
    found = [match.groupdict() for match in map(LINE.fullmatch, done.stderr.splitlines()) if match]
    assert (done.exit_code == 1) == any(one["severity"] == "error" for one in found)
    return found


def test_new_passes_the_check(start):
    """The file that `termbook new` writes is a draft, and otherwise has nothing wrong with it."""
    assert [(one["path"], one["code"]) for one in told(start)] == [(FILE, "draft")]


def swap(old, new):
    def err(root):
        text = (root / FILE).read_text("utf-8")
        assert old in text
        (root / FILE).write_text(text.replace(old, new, 1), encoding="utf-8")
    return err


def move(name):
    return lambda root: (root / FILE).rename(root / "glossary" / name)


MISTAKES = {
    "a key misspelt": swap("definition:", "defnition:"),
    "a key left out": swap("label: Rye bun\n", ""),
    "a key twice": swap("status: draft\n", "status: draft\nstatus: draft\n"),
    "keys out of order": swap("label: Rye bun\ngroup: things\n", "group: things\nlabel: Rye bun\n"),
    "an unknown group": swap("group: things", "group: thing"),
    "an unknown term": swap("status: draft", "related: [doguh]\nstatus: draft"),
    "an unknown source": swap("[loaf-book]", "[laof-book]"),
    "an unknown status": swap("status: draft", "status: drafted"),
    "an unknown reference": swap("# note: |\n#   …", "note: |\n  Made of [what][dogh]."),
    "a label for an id": swap("status: draft", "related: [Dough]\nstatus: draft"),
    "one text for a list": swap("alt_labels: [rye roll]", "alt_labels: rye roll"),
    "a word for a flag": swap("# auto_link: false", "auto_link: no"),
    "an unquoted colon": swap("label: Rye bun", "label: Bun: rye"),
    "an open quotation mark": swap("label: Rye bun", 'label: "Rye bun'),
    "a tab": swap("label: Rye bun\n", "label: Rye bun\n\thidden_labels: [bunn]\n"),
    "the id in the file": swap("label: Rye bun", "id: rye-bun\nlabel: Rye bun"),
    "a file name with capitals": move("Rye bun.yml"),
    "another ending": move("rye-bun.yaml"),
    "the name of another term": swap("[rye roll]", "[rye roll, Dough]"),
    "a relation to itself": swap("status: draft", "related: [rye-bun]\nstatus: draft"),
    "a definition that is too long": swap("made of rye.", "made of rye" + ", and rye" * 40 + "."),
    "markup in the definition": swap("round one", "round **one**"),
    "a replacement for a term in use": swap("# replaced_by: id-of-a-term", "replaced_by: dough"),
    "a hidden character": swap("round", "ro\u200bund"),
    "letters that are not composed": swap("rye.", "rye\u0300."),
    "spaces at the end": swap("label: Rye bun", "label: Rye bun   "),
    "a line that is too long": swap("made of rye.", "made of rye" + ", and rye" * 12 + "."),
    "no line break at the end": lambda root: (root / FILE).write_text(
        (root / FILE).read_text("utf-8").rstrip(), encoding="utf-8"),
    "something left to write": swap("# hidden_labels: […]", "hidden_labels: […]"),
    "no modeline": swap("# yaml-language-server: $schema=../schemas/term.schema.json\n", ""),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_every_message_alone_suffices(start, tmp_path, name):
    """Whoever follows the messages, one after the other, ends where nothing is left to say."""
    root = tmp_path / "book"
    shutil.copytree(start, root)
    MISTAKES[name](root)
    clean = {(FILE, "draft")}
    assert {(one["path"], one["code"]) for one in told(root)} != clean
    for _ in range(4):
        wrong = [one for one in told(root) if one["code"] != "draft"]
        if not wrong:
            break
        follow(root, wrong[0])
    assert {(one["path"], one["code"]) for one in told(root)} == clean


def follow(root: Path, problem: dict[str, str]) -> None:
    """Do what a message says, at its place, as a person who understands nothing else."""
    for pattern, act in PERSON.items():
        if found := re.search(pattern, problem["said"]):
            act(Here(root, **problem), found)
            return
    pytest.fail(f"The message does not say what to do: {problem['said']}")


class Here:
    """The place that a message names."""

    def __init__(self, root: Path, path: str, line: str, column: str, **more: str) -> None:
        self.root, self.path = root, root / path
        self.index, self.column = int(line) - 1, int(column) - 1
        self.lines = self.path.read_text("utf-8").split("\n")

    @property
    def line(self) -> str:
        return self.lines[self.index]

    @property
    def at(self) -> str:
        """The rest of the line from the column on."""
        return self.line[self.column :]

    def write(self, *lines: str) -> None:
        """Put `lines` in place of the line."""
        self.lines[self.index : self.index + 1] = lines
        self.path.write_text("\n".join(self.lines), encoding="utf-8")

    def replace(self, old: str, new: str) -> None:
        assert old in self.at
        self.write(self.line[: self.column] + self.at.replace(old, new, 1))


def quoted(here: Here) -> None:
    key, _, value = here.line.partition(": ")
    here.write(f"{key}: '{value}'")


def without(here: Here) -> None:
    """Remove the key at this place, with everything that is indented below it."""
    end = here.index + 1
    while here.lines[end].startswith(" "):
        end += 1
    del here.lines[here.index + 1 : end]
    here.write()


def shortened(here: Here) -> None:
    """Say less: keep the first five words of the text, wherever it begins."""
    here.index += here.line.endswith(">-")
    indent = re.match(" *", here.line)[0]
    here.write(indent + " ".join(here.line.split()[:5]) + ".")


def taken_out(here: Here, word: str) -> None:
    """Take an entry out of a list in brackets, and the key with it when nothing is left."""
    entries = re.search(r"\[(.*)\]", here.line)[1].split(", ")
    kept = [one for one in entries if one != word]
    here.write(*([f"{here.line.partition('[')[0]}[{', '.join(kept)}]"] if kept else []))


PERSON = {
    r"Run `termbook fix`": lambda here, found: run(here.root, "fix"),
    r'"([^"]+)" .*(?:Did you mean|Write the id, such as) "([^"]+)"': (
        lambda here, found: here.replace(*found.groups())),
    r'Add a line "(\w+): …"': lambda here, found: here.write(here.line, f"{found[1]}: Rye bun"),
    r"or remove (one|the key|\"replaced_by\")$": lambda here, found: without(here),
    r'Remove the line "\w+: …"': lambda here, found: here.write(),
    r'Rename (?:it|the file) to "([^"]+)"': (
        lambda here, found: here.path.rename(here.path.with_name(found[1]))),
    r'Write "(\w+: \w+)" or': lambda here, found: here.write(found[1]),
    r"Write (\w+: \[.*\])": lambda here, found: here.write(found[1]),
    r'Put a text that contains ": " in quotes': lambda here, found: quoted(here),
    r"Close the quotation mark": lambda here, found: here.write(here.line + here.at[0]),
    r"Indent with spaces, not tabs": lambda here, found: here.write(here.line.replace("\t", "")),
    r"Keep it in one of the two files|Remove it$": (
        lambda here, found: taken_out(here, re.match(r"[^,\]]*", here.at)[0])),
    r"Say less here": lambda here, found: shortened(here),
    r'holds markup \("(.+)"\).*Write plain text': (
        lambda here, found: here.write(here.line.replace(found[1], ""))),
    r"Delete it; it often comes": lambda here, found: here.replace(here.at[0], ""),
}
