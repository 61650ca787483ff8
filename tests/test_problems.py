"""Every problem is told with its place, what is wrong and how to mend it: see tests/golden/."""

import ast
import re
from pathlib import Path

import goldens
import pytest

import termbook
from termbook.checks import CHECKS
from termbook.load import read
from termbook.problems import BookError, Place, Problem, as_annotation, as_text, did_you_mean

SOURCES = sorted(Path(termbook.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize("name", goldens.NAMES)
def test_golden(name, tmp_path, monkeypatch, request):
    """A book is told all its problems at once, sorted, each with path:line:column and a fix."""
    root = goldens.lay_out(tmp_path, name)
    monkeypatch.chdir(root)
    found = goldens.lines(goldens.problems(root))
    if request.config.getoption("--update-goldens"):
        goldens.update(name, found)
    assert found == goldens.golden(name)["problems"]


@pytest.mark.parametrize("name", goldens.NAMES)
def test_places_exist(name, tmp_path, monkeypatch):
    """A problem points into a file that is there, at a line and column that it has."""
    root = goldens.lay_out(tmp_path, name)
    monkeypatch.chdir(root)
    for problem in goldens.problems(root):
        path, line, column = problem.place
        assert (root / path).exists() or (tmp_path / "before" / path).exists()
        if (root / path).is_file():
            text = (root / path).read_bytes().decode("utf-8", "replace").split("\n")
            assert 1 <= column <= len(text[line - 1]) + 1


@pytest.mark.parametrize("line", "".join(map(goldens.expected, goldens.NAMES)).splitlines())
def test_lines_read_well(line):
    """Place, severity, code, what is wrong (no full stop doubled), and a hint that tells a fix."""
    shape = r"[\w./-]+:\d+:\d+: (error|warning) [a-z0-9-]+: (.+[^.])\. [A-Z].*[^.\s]"
    assert re.fullmatch(shape, line)
    assert not re.search(r"\bNone\b|\[key\]|\(\)|\{\}|, $", line)


def test_every_check_has_a_golden(tmp_path):
    """Each rule finds something in some golden file."""
    fired = set()
    for name in goldens.NAMES:
        book = read(goldens.write(tmp_path / name, goldens.golden(name)["files"])).book
        fired |= {check.__name__ for check in CHECKS if any(check(book))}
    assert fired == {check.__name__ for check in CHECKS}


def test_every_code_has_a_golden():
    """Each problem code that the sources can give stands in some golden file, and no other."""
    shown, written = set(goldens.codes()), codes_in_sources()
    assert [code for code in written if not any(re.fullmatch(code, one) for one in shown)] == []
    assert [one for one in shown if not any(re.fullmatch(code, one) for code in written)] == []


def codes_in_sources() -> set[str]:
    """A pattern for every code that is given to a parameter named `code`, or returned as one."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    index = dict(filter(None, map(_code_parameter, nodes)))
    found = set()
    for node in nodes:
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if len(node.args) > index.get(name, len(node.args)):
                found |= set(_patterns(node.args[index[name]]))
        elif isinstance(node, ast.FunctionDef) and _returns_code(node):
            returned = [one.value for one in ast.walk(node) if isinstance(one, ast.Return)]
            pairs = [value for value in returned if isinstance(value, ast.Tuple)]
            found |= {code for pair in pairs for code in _patterns(pair.elts[0])}
    return found


def _code_parameter(node: ast.AST) -> tuple[str, int] | None:
    """The name of a function or dataclass that takes a `code`, and the code's place in a call."""
    if isinstance(node, ast.ClassDef):
        names = [one.target.id for one in node.body if isinstance(one, ast.AnnAssign)]
        init = [one for one in node.body if getattr(one, "name", "") == "__init__"]
        names = [one.arg for one in init[0].args.args[1:]] if init else names
    elif isinstance(node, ast.FunctionDef):
        names = [one.arg for one in node.args.args if one.arg != "self"]
    else:
        return None
    return (node.name, names.index("code")) if "code" in names else None


def _returns_code(function: ast.FunctionDef) -> bool:
    """Whether a function gives code, message and hint, as those of misfits.py do."""
    return bool(function.returns) and ast.unparse(function.returns) == "tuple[str, str, str]"


def _patterns(node: ast.AST) -> list[str]:
    """What a string expression can give; nothing for a code that is only handed on."""
    if isinstance(node, ast.IfExp):
        return _patterns(node.body) + _patterns(node.orelse)
    if isinstance(node, ast.Constant):
        return [re.escape(node.value)]
    if isinstance(node, ast.JoinedStr):
        parts = (_patterns(part)[0] if isinstance(part, ast.Constant) else "[a-z_]+"
                 for part in node.values)
        return ["".join(parts)]
    return []


def test_annotation():
    """GitHub reads properties up to a comma or colon, and lines up to a line break."""
    problem = Problem(Place("a,b:c.yml", 3, 4), "bad-id", "50 % of\r\nit", "Mend it")
    assert as_annotation(problem) == (
        "::error file=a%2Cb%3Ac.yml,line=3,col=4,title=bad-id::50 %25 of%0D%0Ait. Mend it"
    )


def test_book_error_tells_every_problem_in_order():
    """The exception's text holds all lines, sorted by place."""
    late = Problem(Place("b.yml", 2, 1), "late", "second", "Mend it", "warning")
    early = Problem(Place("a.yml", 10, 1), "early", "first", "Mend it")
    error = BookError([late, early])
    assert error.problems == (early, late)
    assert str(error) == "a.yml:10:1: error early: first. Mend it\n" + as_text(late)


@pytest.mark.parametrize(("word", "hint"), [
    ("custmer", 'Did you mean "Customer"?'), ("CUSTOMER", 'Did you mean "Customer"?'),
    ("zeppelin", "Look it up"), ("", "Look it up"),
])
def test_did_you_mean(word, hint):
    """The nearest known word, whatever its capitals; else the other hint."""
    assert did_you_mean(word, ["Customer", "end-user"], "Look it up") == hint
