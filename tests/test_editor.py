"""What an editor offers an author: the real YAML language server on our schemas and settings."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import node
import pytest
import sites
import yaml
from lsp import LanguageServer
from sites import ROOT

from termbook.guarded_yaml import parse
from termbook.load import read
from termbook.model import Moved
from termbook.schemas import FILES, IDS_FILE, PLACES, modeline, schemas

SETTINGS = json.loads((ROOT / ".vscode" / "settings.json").read_text(encoding="utf-8"))
SCHEMAS = {name.split(".")[0]: json.loads(text) for name, text in schemas().items()}
# Names of whole records, which are offered with all keys that they must have.
TITLES = set(re.findall(r'"title": "(\w+)"', json.dumps(SCHEMAS)))
HOMES = {kind: f"{place}x.yml" if place.endswith("/") else place for place, kind in PLACES.items()}
BOOK = read(ROOT).book


@pytest.fixture(scope="module")
def server() -> Iterator[LanguageServer]:
    running = LanguageServer(node.program("yaml-language-server"), SETTINGS)
    yield running
    running.close()


@pytest.fixture
def book(tmp_path) -> Path:
    """Our schemas in a folder of their own, with no content beside them."""
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    return tmp_path


def resolved(part: dict, schema: dict) -> dict:
    """A part of a schema with what it refers to in the same file; of two kinds, the first."""
    first = part if "$ref" in part else next(iter(part.get("anyOf", [])), {})
    name = re.fullmatch(r"#/\$defs/(\w+)", first.get("$ref", ""))
    return {**schema["$defs"][name[1]], **part} if name else part


def sample(part: dict, schema: dict, told: dict, keys: tuple = ()):
    """A value with every key that the schema knows; notes in `told` what each key is for."""
    part = resolved(part, schema)
    if told_of := part.get("properties"):
        for key, inner in told_of.items():
            told[*keys, key] = inner["description"]
        return {key: sample(inner, schema, told, (*keys, key)) for key, inner in told_of.items()}
    if part.get("type") == "array":
        return [sample(part["items"], schema, told, (*keys, 0))]
    if part.get("type") == "object":
        (inner,) = part.get("patternProperties", {"": part.get("additionalProperties")}).values()
        return {"x": sample(inner, schema, told, (*keys, "x"))}
    plain = {"boolean": True, "integer": 3}.get(str(part.get("type")), "x")
    return part.get("enum", [plain])[0]


@pytest.mark.parametrize("kind", FILES)
def test_hover_tells_what_every_key_is_for(kind, server, book):
    """On each key of each kind of file the text of the model is shown."""
    told: dict = {}
    data = sample(SCHEMAS[kind], SCHEMAS[kind], told)
    text = f"{modeline(HOMES[kind])}\n{yaml.safe_dump(data, sort_keys=False)}"
    path, marks = book / HOMES[kind], {}
    parse(text, marks)
    server.problems({path: text})
    places = {keys: marks[keys, True] for keys in told}
    shown = {keys: server.hover(path, place.line, place.column + 1).replace("\\", "")
             for keys, place in places.items()}
    assert len(told) >= 4
    assert {keys: text for keys, text in told.items() if text not in shown[keys]} == {}


@pytest.mark.parametrize("kind", FILES)
def test_every_key_is_offered(kind, server, book):
    """In an empty file every key of its kind is offered, and none of it fills in nothing."""
    schema = SCHEMAS[kind]
    if kind == "sources":
        schema, place = {**schema, **schema["additionalProperties"]}, "x:\n  |"
    else:
        place = "|"
    offered = server.offered(book / HOMES[kind], f"{modeline(HOMES[kind])}\n{place}")
    known = set(resolved(schema, schema)["properties"])
    moved = {"moved_to"} if Moved.__name__ in json.dumps(schema) else set()
    assert offered.keys() - TITLES == known | moved
    assert not [text for text in offered.values() if re.search(r"null|\[\]|\{\}", text)]


@pytest.mark.parametrize(("kind", "place", "known"), [
    ("term", "contrast:\n  - |", {"term", "difference", "example", "told_apart_in"}),
    ("term", "claims:\n  - source: x\n    |", {"at", "says"}),
    ("scenario", "cast:\n  - |", {"role", "player", "why", "sources"}),
    ("question", "options:\n  - text: x\n    |", {"correct", "place", "match", "reason"}),
    ("term", "status: |", {"draft", "reviewed", "deprecated"}),
    ("scenario", "flows:\n  - what: |",
     {"money", "product", "requirements", "constraints", "evidence"}),
    ("term", "contrast:\n  - term: |", BOOK.terms.keys()),
    ("term", "contrast:\n  - term: cust|omer", BOOK.terms.keys()),
    ("term", "contrast:\n  - told_apart_in: |", BOOK.scenarios.keys()),
    ("term", "broader: [|]", BOOK.terms.keys()),
    ("term", "related:\n  - |", BOOK.terms.keys()),
    ("term", "claims:\n  - source: |", BOOK.sources.keys()),
    ("term", "exam: [D6, |]", BOOK.tasks.keys()),
    ("debate", "positions:\n  - scenarios: [|]", BOOK.scenarios.keys()),
    ("question", "debates: [|]", BOOK.debates.keys()),
    ("scenario", "cast:\n  - role: |", BOOK.terms.keys()),
    ("term", "moved_to: |", BOOK.entries.keys()),
])
def test_what_is_offered_in_a_place(kind, place, known, server, book):
    """Within a record its keys are offered, and for an id just the ids that there are."""
    write_ids(book)
    offered = server.offered(book / HOMES[kind], f"{modeline(HOMES[kind])}\n{place}")
    # Between brackets the server also offers to begin a list, in its own words.
    own = {one for one in offered if one.startswith("- (array item)")}
    assert offered.keys() - TITLES - own == set(known)


def write_ids(root: Path) -> None:
    """The ids of the content as it is now, whatever the committed file says."""
    shutil.copy(ROOT / "mkdocs.yml", root)
    for name in ("glossary", "scenarios", "debates", "study", "sources.yml"):
        if not (root / name).exists():
            (root / name).symlink_to(ROOT / name)
    assert sites.run("schemas", root=root).returncode == 0


def test_content_is_marked_where_it_is_wrong_and_nowhere_else(server):
    """Nothing in the real content is complained of; a fault in it is, at its line."""
    paths = [ROOT / path for path in BOOK.texts]
    texts = {path: path.read_text(encoding="utf-8") for path in paths}
    customer = ROOT / "glossary" / "customer.yml"
    wrong = texts[customer].replace("\nbroader:", "\nborader:")
    line = wrong.split("\n").index("borader: [stakeholder]") + 1
    told = server.problems({**texts, customer: wrong})
    assert len(told) > 150
    assert {path: one for path, one in told.items() if one} == {
        customer: [(line, "Property borader is not allowed.")]}


@pytest.mark.parametrize(("text", "line", "message"), [
    ("label: X\ndefinition: A thing.\nlables: [y]\n", 4, "Property lables is not allowed."),
    ("label: X\n\ndefinition: A thing.\nstatus: done\n", 5, "Value is not accepted."),
    ("label: X\ndefinition: A thing.\nbroader: [Not An Id]\n", 4, "does not match the pattern"),
    ("label: X\nnote: No definition.\n", 2, 'Missing property "definition".'),
    ("label: X\ndefinition: A thing.\nclaims:\n  - source: y\n    say: z\n", 6, "Property say is"),
    (f"label: X\ndefinition: {'long ' * 61}\n", 3, "longer than the maximum length of 300"),
])
def test_a_fault_is_marked_at_its_line(text, line, message, server, book):
    """What `termbook check` finds in one file, the editor marks at the same line."""
    path = book / HOMES["term"]
    told = server.problems({path: f"{modeline(HOMES['term'])}\n{text}"})[path]
    assert [number for number, said in told if message in said] == [line]


def test_a_new_id_is_allowed_and_then_offered(server, tmp_path):
    """An id that is not there yet is no fault; the next build or preview offers it."""
    root = sites.copy(tmp_path / "bread")
    (root / "schemas").mkdir()
    assert sites.run("schemas", root=root).returncode == 0
    (root / "glossary" / "bagel.yml").write_text("label: Bagel\ndefinition: A ring.\n")
    path, place = root / "glossary" / "roll.yml", "label: x\ndefinition: y\nrelated:\n  - |"
    text = f"{modeline('glossary/x.yml')}\n{place}"
    assert server.problems({path: text.replace("|", "bagel")}) == {path: []}
    assert "bagel" not in server.offered(path, text)
    assert sites.run("check", root=root).returncode == 0
    assert "bagel" not in (root / "schemas" / IDS_FILE).read_text(encoding="utf-8")
    assert sites.run("build", root=root).returncode == 0
    again = LanguageServer(node.program("yaml-language-server"), SETTINGS)
    assert again.offered(path, text).keys() == read(root).book.terms.keys()
    again.close()


def test_a_fresh_clone_has_ids_to_offer():
    """The ids are in the repository: editors complete nothing when a schema refers to no file."""
    data = json.loads((ROOT / "schemas" / IDS_FILE).read_text(encoding="utf-8"))
    kinds = re.findall(rf"{IDS_FILE}#/\$defs/(\w+)", json.dumps(SCHEMAS))
    assert set(kinds) == data["$defs"].keys()
    assert all(one["defaultSnippets"] for one in data["$defs"].values())


def test_settings_of_editors():
    """What an editor needs is recommended, in the dev container too; nothing is asked elsewhere."""
    wanted = json.loads((ROOT / ".vscode" / "extensions.json").read_text("utf-8"))
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
    assert "redhat.vscode-yaml" in wanted["recommendations"]
    assert container["customizations"]["vscode"]["extensions"] == wanted["recommendations"]
    assert SETTINGS["yaml.schemaStore.enable"] is False
    assert (ROOT / ".editorconfig").read_text(encoding="utf-8").startswith("root = true\n")
