"""The house rules: who imports whom, generated files are current, documents tell everything."""

import ast
import re
from importlib import import_module
from typing import get_args

import goldens
import pytest
import typer.main
from sites import ROOT

from termbook import cli, load
from termbook.authoring.emit import fields
from termbook.book import Book
from termbook.guarded_yaml import parse
from termbook.model import Debate, Entry, Record, Scenario, Term
from termbook.render import MACROS, Renderer
from termbook.schemas import FILES, IDS_FILE, example, schemas
from termbook.study.question import Question

ENGINE = ROOT / "termbook"
MODULES = {
    ".".join(path.relative_to(ENGINE).with_suffix("").parts): ast.parse(path.read_text("utf-8"))
    for path in sorted(ENGINE.rglob("*.py"))
}
# The only modules, or packages of modules, that may import one of ours …
ONLY_FOR = {
    "__main__": set(), "cli": {"__main__"}, "commands": set(),  # `cli` loads them by their names
    "plugin": {"commands", "live"}, "live": {"commands"},
    "publish": {"commands"}, "fingerprint": {"commands", "finished"},
    "finished": {"commands", "plugin"},
    "load": {"commands", "plugin", "authoring"},
    "guarded_yaml": {"load", "layout", "authoring", "exports"},
    "misfits": {"load", "layout", "authoring"}, "authoring": {"commands"},
    "render": {"commands", "plugin", "generated_page", "authoring", "diff"},
}
# The command line, which alone asks and tells people something.
COMMANDS = {"cli", "terminal", "commands"}
# … and of others.
ONLY_IN = {
    "mkdocs": {"apart", "commands", "live", "plugin", "generated_page", "frame"},
    "material": {"plugin"}, "mkdocs_macros": set(), "watchdog": {"live"},
    "yaml": {"guarded_yaml"}, "typer": COMMANDS,
    "logging": {"commands", "live", "plugin", "generated_page"}, "nh3": {"plugin"},
    "ahocorasick": {"labels"},
    "multiprocessing": {"workers"}, "requests": set(), "urllib.request": set(), "random": set(),
    "urllib3": {"linkcheck"}, "genanki": {"exports"}, "weasyprint": {"exports"}, "minify": {"slim"},
    "anki": set(),
}
FOUNDATIONS = {"problems": set(), "model": {"problems"}}
# What reads files beside the loader reads the built site, its own code, or what it will edit.
READERS = {"load", "plugin", "live", "cache", "fingerprint", "linkcheck", "exports", "authoring"}


def imports(name: str) -> set[str]:
    """Dotted names that a module imports; ours as they are called within the package."""
    found = set()
    for node in ast.walk(MODULES[name]):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level:
            above = name.split(".")[: -node.level]
            base = ".".join([*above, *([node.module] if node.module else [])])
            inner = {f"{base}.{one.name}".strip(".") for one in node.names}
            found |= (inner & MODULES.keys()) or {base}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module)
    return found


def top(name: str) -> str:
    """The package, or else the module, that a dotted name of ours belongs to."""
    return name.partition(".")[0]


OURS = {name: imports(name) & MODULES.keys() for name in MODULES}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_what_it_may(name):
    """What stands on top is not imported from below, and each task has one home."""
    foreign = {".".join(one.split(".")[:end]) for one in imports(name) for end in (1, 2)}
    foreign -= MODULES.keys()
    here = top(name)
    wrong = {one for one in OURS[name] if here not in {top(one), *ONLY_FOR.get(top(one), {here})}}
    wrong |= {one for one in foreign if here not in ONLY_IN.get(one, {here})}
    wrong |= OURS[name] - FOUNDATIONS.get(name, OURS[name])
    assert not wrong, f"{name} imports {wrong}"


def test_rules_name_modules_that_exist():
    """A rule about a module that is gone would guard nothing."""
    named = {*ONLY_FOR, *FOUNDATIONS, *READERS}.union(*ONLY_FOR.values(), *ONLY_IN.values())
    assert named <= set(map(top, MODULES))


def test_imports_run_in_no_circle():
    """From any module, following imports never comes back to it."""
    for start in OURS:
        reached, queue = set(), [start]
        while queue:
            reached |= (new := OURS[queue.pop()] - reached)
            queue.extend(new)
        assert start not in reached, start


def calls(name: str) -> set[str]:
    """The names of functions and methods that a module calls, and sys.stdout or sys.stderr."""
    nodes = list(ast.walk(MODULES[name]))
    found = {getattr(node.func, "attr", getattr(node.func, "id", ""))
             for node in nodes if isinstance(node, ast.Call)}
    return found | {node.attr for node in nodes if isinstance(node, ast.Attribute)
                    and getattr(node.value, "id", "") == "sys"}


def test_only_the_rim_prints_and_only_the_loader_reads_content():
    """Problems are data until a command or the plugin prints them; files are texts once loaded."""
    printing = {name for name in MODULES if calls(name) & {"print", "echo", "secho", "stdout",
                                                           "stderr", "getLogger"}}
    reading = {name for name in MODULES if calls(name) & {"open", "read_text", "read_bytes"}}
    assert set(map(top, printing)) <= {*COMMANDS, "plugin", "live"}
    assert set(map(top, reading)) <= READERS


def test_macros_py_holds_no_logic():
    """mkdocs-macros runs macros.py without making it a module: one function, few imports."""
    tree = ast.parse((ROOT / "macros.py").read_text("utf-8"))
    modules = {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert modules <= {"termbook.plugin", "termbook.render"}
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert [one.name for one in functions] == ["define_env"]


def test_schemas_are_current():
    """schemas/ holds what `termbook schemas` writes; the ids in it may lag behind the content."""
    written = {path.name: path.read_text("utf-8") for path in (ROOT / "schemas").iterdir()}
    assert written.pop(IDS_FILE)
    assert written == schemas()


def content_files() -> dict[str, str]:
    """Every YAML file of the content, and the name of its schema."""
    shared = {load.SETTINGS_FILE: "termbook", load.SOURCES_FILE: "sources",
              load.EXAM_FILE: "exam", load.GUIDE_FILE: "guide"}
    return shared | {
        path.relative_to(ROOT).as_posix(): model.kind
        for model in (Term, Scenario, Debate, Question)
        for path in (ROOT / model.folder).glob("*.yml")
    }


def test_every_content_file_names_its_schema():
    """The first line of a content file leads editors to the schema of its kind."""
    files = content_files()
    assert len(files) > 100 and set(files.values()) <= FILES.keys()
    for path, kind in files.items():
        first = (ROOT / path).read_text("utf-8").split("\n")[0]
        up = "../" * path.count("/")
        assert first == f"# yaml-language-server: $schema={up}schemas/{kind}.schema.json", path


@pytest.fixture(scope="module")
def documents():
    """What contributors read: the guides, with what their reference macros give."""
    paths = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs/contribute").glob("*.md")]
    renderer = Renderer(Book())
    return re.sub(r"\{\{ (\w+_reference)\(\) \}\}", lambda macro: getattr(renderer, macro[1])(),
                  "\n".join(path.read_text("utf-8") for path in paths))


def every_record() -> set[type[Record]]:
    """The records that people write: all that the files with a schema are made of."""
    found, queue = set(), list(FILES.values())
    while queue:
        one = queue.pop()
        if isinstance(one, type) and issubclass(one, Record) and one not in found:
            found.add(one)
            queue += [info.annotation for info in one.model_fields.values()]
        queue += get_args(one)
    assert len(found) > 20
    return found


def test_every_key_is_documented(documents):
    """Each key of each record stands in the documents as code."""
    fields = [field for kind in every_record() for field in kind.model_fields.items()]
    keys = {info.alias or name for name, info in fields} - {"@id"}
    assert [key for key in sorted(keys) if f"`{key}`" not in documents] == []


def sample(kind: type[Record], documents: str) -> dict:
    """A record with every key, made of the examples that the documents give."""
    data: dict = {}
    for field in fields(kind):
        if field.models:
            inner = sample(field.models[0], documents)
            data[field.key] = [inner] * 3 if field.many else inner
        else:
            assert field.info.examples, f"{kind.__name__}.{field.key} has no example"
            line = f"{field.key}: {example(field.info.examples[0])}"
            assert f"Example: `{line}`" in documents
            data |= parse(line)
    return data


def test_every_key_is_documented_by_an_example_that_fits(documents):
    """Each key of each record has an example, and the examples of a record make one together."""
    for kind in every_record():
        own_id = {"@id": "new"} if issubclass(kind, Entry) else {}
        kind.model_validate({**own_id, **sample(kind, documents)})


def test_every_problem_code_is_documented(documents):
    """Each code that `termbook check` prints stands in the documents as code."""
    assert [code for code in goldens.codes() if f"`{code}`" not in documents] == []


def test_every_command_and_option_is_documented(documents):
    """Each command stands in the documents with its name, and each of its options."""
    group = typer.main.get_command(cli.app)
    commands = {name: group.get_command(None, name) for name in cli.COMMANDS}
    assert [name for name in commands if f"`termbook {name}" not in documents] == []
    options = {option for command in commands.values() for one in command.params
               for option in one.opts if option.startswith("--")}
    assert [option for option in sorted(options) if f"`{option}" not in documents] == []


def made(name: str) -> set[str]:
    """The names that a module assigns to at its top level."""
    return {target.id for node in MODULES[name].body if isinstance(node, ast.Assign)
            for target in node.targets if isinstance(target, ast.Name)}


def test_every_command_is_found_by_its_name():
    """The table of the command line names each command, and the module that has it."""
    modules = [name for name in MODULES if name.startswith("commands.") and "app" in made(name)]
    assert len(modules) >= 6
    assert {
        command: name.removeprefix("commands.") for name in modules
        for command in typer.main.get_group(import_module(f"termbook.{name}").app).commands
    } == cli.COMMANDS


def test_every_macro_is_documented(documents):
    """Each macro stands in the documents as a call."""
    assert [name for name in MACROS if f"`{name}(" not in documents] == []


def test_lock_files_name_no_host():
    """Locked packages come from wherever the reader's tools are set to look."""
    apart = [ROOT / "bench/peers/requirements.lock", ROOT / "tests/anki/requirements.lock"]
    locks = [*ROOT.glob("*.lock"), *apart]
    assert len(locks) >= 4
    for path in locks:
        text = path.read_text("utf-8")
        assert "--hash=sha256:" in text
        assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host", text), path
