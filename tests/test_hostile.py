"""Hostile text in every field of every record neither runs nor breaks a page."""

import copy
import functools
import json
import operator
import re
import shutil

import pytest
import sites
from pydantic import TypeAdapter

from termbook.guide import Guide
from termbook.load import read
from termbook.model import (
    Debate,
    Entry,
    Exam,
    Markdown,
    Scenario,
    Settings,
    Source,
    Term,
    leaves,
)

SUM = "{{ 7919*7919 }}"
ANSWER = str(7919 * 7919)
# For definitions, which hold no markup.
PLAIN = f'"onclick="alert(1)" {SUM} {{% raw %}} {{{{ config }}}} {{# c #}} {{## d ##}} &lt;b&gt;'
# For Markdown, which holds no HTML outside code: see tests/golden/html-in-prose.yml.
PROSE = f"""\
hostile `<script>alert(1)</script>` ``<img src=x onerror="`alert(1)`">`` {PLAIN}
[x](javascript:alert(1)) ![i](https://evil.example/){{: onerror="alert(1)" }} \\<svg onload=a()>
&#60;script&#62;alert(1)&#60;/script&#62; *em*{{: onclick="alert(1)" }}
[y](https://evil.example/ "onclick=alert(1)"){{: onclick="alert(1)" href="javascript:alert(1)" }}

paragraph
{{: onclick="alert(1)" style="position:fixed" }}

# heading {{: onfocus="alert(1)" }}

??? note "{PLAIN}"

    Folded.
"""
# For plain texts, which hold whatever was written.
HOSTILE = f"""\
hostile <script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)> {PLAIN}
<a href="javascript:alert(1)">z</a> <iframe srcdoc="<script>alert(1)</script>"></iframe> <form>
</title></textarea></article></body><base href="//evil.example/"><style>*{{display:none}}</style>
<!-- <math><mtext><table> [x](javascript:alert(1)) {{: onclick="alert(1)" }} # heading > - 1. |
"""
DATE, URL = "2026-01-31", "https://example.org/?a=1&b='"
# What a field must hold instead, by its key: ids, and texts of a given form.
FIXED = {
    "source": "evil-source", "sources": "evil-source", "term": "plain", "terms": "evil",
    "broader": "plain", "related": "plain", "role": "evil", "from": "plain", "to": "evil",
    "whose": "evil", "told_apart_in": "evil-scene", "scenarios": "evil-scene", "exam": "t1",
    "group": "people", "groups": {"people": HOSTILE}, "id": "t1", "weight": "100",
    "language": "en", "required_roles": "evil",
    "former_tasks": {HOSTILE: "t1"},
}


def hostile(kind: type) -> dict:
    """Data for every key of a record, each text of it hostile."""
    schema = TypeAdapter(kind).json_schema(by_alias=True)
    data = copy.deepcopy(_object(schema, schema.get("$defs", {})))
    record = kind.model_validate(data | ({"@id": "x"} if issubclass(kind, Entry) else {}))
    for leaf in leaves(record):
        if isinstance(leaf.marker, Markdown):
            holder = functools.reduce(operator.getitem, leaf.keys[:-1], data)
            holder[leaf.keys[-1]] = PROSE
    return data


def _object(schema, defs):
    # The file's name; what only deprecated or renamed records have; what stands for `scenarios`.
    left_out = ("@id", "replaced_by", "first_id", "go_to")
    keys = {key: one for key, one in schema["properties"].items() if key not in left_out}
    return {key: _value(key, one, defs) for key, one in keys.items()}


def _value(key, schema, defs):
    schema = next((one for one in schema.get("anyOf", []) if one.get("type") != "null"), schema)
    if "$ref" in schema:
        return _object(defs[schema["$ref"].rpartition("/")[2]], defs)
    if schema.get("type") == "array":
        return [_value(key, schema["items"], defs)] * schema.get("minItems", 1)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "boolean":
        return "true"
    if schema.get("type") == "integer":
        return FIXED.get(key, "2026")
    if key in FIXED:
        return FIXED[key]
    forms = {"d{4}": DATE, "https": URL}
    formed = [text for form, text in forms.items() if form in schema.get("pattern", "")]
    return formed[0] if formed else PLAIN if "maxLength" in schema else HOSTILE


def book() -> dict[str, str]:
    debate = hostile(Debate)
    debate["positions"] = [
        one | {"sources": [source]}
        for one, source in zip(debate["positions"], ("evil-source", "other"), strict=True)]
    return {path: json.dumps(data) for path, data in {
        "termbook.yml": hostile(Settings), "study/exam.yml": hostile(Exam),
        "sources.yml": {"evil-source": hostile(Source), "other": {"title": "O", "type": "web"}},
        "guide.yml": hostile(Guide),
        "glossary/evil.yml": hostile(Term), "glossary/was.yml": {"moved_to": "evil"},
        "glossary/plain.yml": {"label": "Plain", "definition": "Nothing."},
        "scenarios/evil-scene.yml": hostile(Scenario), "debates/evil-debate.yml": debate,
    }.items()}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = sites.copy(tmp_path_factory.mktemp("hostile"))
    for name in ("glossary", "scenarios", "debates", "docs", "study/questions"):
        shutil.rmtree(folder / name)
    for path, text in {**book(), "docs/about.md": "# About\n\nAll about [plain][].\n"}.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    done = sites.run("build", root=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def own_scripts(tmp_path_factory):
    """The scripts inside the pages of a site without hostile text: the theme's own."""
    pages = sites.pages(sites.build(tmp_path_factory.mktemp("bread")))
    return {one.text() for tree in pages.values() for one in tree.css("script")}


def test_every_text_is_hostile(root):
    """No text of these records is harmless by mistake: ids, dates and addresses aside."""
    records = read(root).book
    evil = [one for name, one in records.entries.items() if name.startswith("evil")]
    harmless = {leaf.value for record in [*evil, records.exam] for leaf in leaves(record)
                if SUM not in leaf.value}
    words = {"other", "draft", "before-release", "money", "article"}
    assert len(evil) == 4 and harmless <= {*map(str, FIXED.values()), DATE, URL} | words


def test_no_script_but_the_themes_own(root, own_scripts):
    """Every script of every page is a file of the site, or one that harmless pages hold too."""
    for path, tree in sites.pages(root).items():
        for script in tree.css("script"):
            if "json" in (script.attributes.get("type") or ""):
                json.loads(script.text())  # data, which no browser runs
                continue
            source = script.attributes.get("src")
            assert script.text() in own_scripts, (path, script.html)
            assert source is None or not re.match(r"\w+:|//", source), (path, source)


def test_nothing_that_runs(root):
    """No event handler, no script address, no frame, form, base or style from a text."""
    for path, tree in sites.pages(root).items():
        for node in tree.css("*"):
            for name, value in node.attributes.items():
                address = re.sub(r"[\x00-\x20]", "", value or "").lower()
                assert not name.startswith("on"), (path, node.html)
                assert not address.startswith(("javascript:", "vbscript:", "data:text")), path
                assert name != "style" or "position" not in address, (path, node.html)
        assert not tree.css("iframe, object, embed, base, math, article form, article style")


def test_no_template_is_run(root):
    """What looks like a template in a text is shown as it was written, and computed nowhere."""
    for file in (root / "site").resolve().rglob("*"):
        assert not file.is_file() or ANSWER.encode() not in file.read_bytes(), file
    for folder, name in (("glossary", "evil"), ("scenarios", "evil-scene"),
                         ("debates", "evil-debate"), ("sources", "evil-source")):
        shown = sites.article(sites.page(root, f"{folder}/{name}/")).text()
        assert SUM in shown and "{% raw %}" in shown and "{{ config }}" in shown


def test_plain_texts_are_shown_as_they_were_written(root):
    """Tags and marks in a name are its letters: on its own page and wherever it is named."""
    written = " ".join(HOSTILE.split()).replace("  ", " ")
    for path in ("glossary/evil/", "scenarios/evil-scene/", "debates/evil-debate/",
                 "sources/evil-source/", "glossary/", "scenarios/", "debates/", "sources/"):
        shown = " ".join(sites.article(sites.page(root, path)).text().split())
        assert written in shown, path


def test_no_page_is_broken(root):
    """Each page still has one article inside one main, and its title tells what was written."""
    for path, tree in sites.pages(root).items():
        assert len(tree.css("head title")) == len(tree.css("html > head > title")) == 1
        assert len(tree.css("body")) == len(tree.css("main")) == 1
        assert len(tree.css("main article")) == (0 if path == "glossary/was/index.html" else 1)
    title = sites.page(root, "glossary/evil/").css_first("title").text()
    assert title.startswith("hostile")
    assert "<script>alert(1)</script>" in sites.page(root, "glossary/was/").css_first("a").text()
