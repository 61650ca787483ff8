"""The issue forms: GitHub would take them, and every page leads to one that is filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args
from urllib.parse import parse_qs, urlsplit

import pytest
import sites
import yaml
from conftest import REPOSITORY
from selectolax.lexbor import LexborHTMLParser
from sites import ROOT

from termbook.github import is_github, issue_form, new_file
from termbook.model import Source, Term

FOLDER = ROOT / ".github" / "ISSUE_TEMPLATE"
FORMS = {path.stem: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.yml"))
         if path.stem != "config"}
# GitHub's syntax: what an element may have as attributes, and which of them it must have.
TEXT = {"label", "description", "placeholder", "value"}
ATTRIBUTES = {
    "markdown": ({"value"}, {"value"}), "input": (TEXT, {"label"}),
    "textarea": (TEXT | {"render"}, {"label"}),
    "dropdown": ({"label", "description", "multiple", "options", "default"}, {"label", "options"}),
    "checkboxes": ({"label", "description", "options"}, {"label", "options"}),
}
TOP = {"name", "description", "body", "title", "labels", "assignees", "projects", "type"}
# Parameters of the address that mean something else to GitHub than a field.
TAKEN = {"template", "title", "body", "labels", "milestone", "assignees", "projects", "type"}


def faults(text: str) -> Iterator[str]:
    """What GitHub would find wrong with the text of an issue form."""
    form = yaml.safe_load(text)
    yield from (f"no {key}" for key in ("name", "description", "body") if not form.get(key))
    yield from (f"unknown {key}" for key in form.keys() - TOP)
    elements = form.get("body") or []
    if all(one.get("type") == "markdown" for one in elements):
        yield "nothing to fill in"
    ids = [one.get("id") for one in elements if one.get("type") != "markdown"]
    yield from (f"{one} is used twice" for one in {one for one in ids if ids.count(one) > 1})
    yield from (f"{one} is no id" for one in ids if not re.fullmatch(r"[\w-]+", one or "", re.A))
    yield from (f"{one} is no field to GitHub" for one in TAKEN.intersection(ids))
    labels = [(one.get("attributes") or {}).get("label") for one in elements]
    yield from (f"label {one} is used twice" for one in set(labels) - {None}
                if labels.count(one) > 1)
    for element in elements:
        yield from element_faults(element)


def element_faults(element: dict) -> Iterator[str]:
    kind, attributes = element.get("type"), element.get("attributes") or {}
    if kind not in ATTRIBUTES:
        yield f"unknown type {kind}"
        return
    known, needed = ATTRIBUTES[kind]
    yield from (f"{kind} with {key}" for key in attributes.keys() - known)
    yield from (f"{kind} without {key}" for key in needed if not attributes.get(key))
    yield from (f"{kind} with {key}" for key in element.keys() - {
        "type", "attributes", *([] if kind == "markdown" else ["id", "validations"])})
    required = (element.get("validations") or {}).get("required", False)
    if not isinstance(required, bool) or element.get("validations", {}).keys() - {"required"}:
        yield "required is no flag"
    options = attributes.get("options") or []
    names = [one.get("label") if kind == "checkboxes" else one for one in options]
    if len(set(names)) < len(names) or not all(isinstance(one, str) for one in names):
        yield "options are not different texts"


@pytest.mark.parametrize("name", FORMS)
def test_github_takes_the_form(name):
    """Each form keeps to the syntax of GitHub's issue forms, and asks for something."""
    assert list(faults(FORMS[name])) == []


@pytest.mark.parametrize(("name", "old", "new", "fault"), [
    ("new-term", "name: A term", "title: A term", "no name"),
    ("new-term", "description: Propose", "about: Propose", "no description"),
    ("new-term", "body:", "fields:", "no body"),
    ("new-term", "type: checkboxes", "type: checkbox", "unknown type checkbox"),
    ("new-term", "        - label: These", "        - name: These", "options are not different"),
    ("new-term", "id: alt_labels", "id: label", "label is used twice"),
    ("new-term", "id: alt_labels", "id: alt labels", "alt labels is no id"),
    ("new-term", "id: alt_labels", "id: labels", "labels is no field to GitHub"),
    ("new-term", "label: Other names", "label: The term", "label The term is used twice"),
    ("new-term", "      label: Other names\n", "", "input without label"),
    ("new-term", "      placeholder: Key", "      example: Key", "input with example"),
    ("new-term", "required: true", "required: always", "required is no flag"),
    ("missing-source", "- book", "- blog", "options are not different"),
    ("missing-source", "- book", "- 1", "options are not different"),
    ("wrong-definition", "      value: >-", "      text: >-", "markdown without value"),
])
def test_a_fault_in_a_form_is_found(name, old, new, fault):
    """A form that GitHub would refuse is one to us as well."""
    assert old in FORMS[name]
    assert fault in "\n".join(faults(FORMS[name].replace(old, new, 1)))


def test_there_are_the_forms_that_people_look_for():
    """A new term, a wrong definition, a missing source, anything else, and an issue without one."""
    assert set(FORMS) == {"new-term", "wrong-definition", "missing-source", "suggest-a-change"}
    config = yaml.safe_load((FOLDER / "config.yml").read_text("utf-8"))
    assert config == {"blank_issues_enabled": True}
    body = yaml.safe_load(FORMS["missing-source"])["body"]
    (offered,) = (one["attributes"]["options"] for one in body if one.get("id") == "kind")
    assert offered == list(get_args(Source.model_fields["type"].annotation))


def suggestion(html: str) -> dict[str, str] | None:
    """The parameters of a page's "Suggest a change"; None without one."""
    links = [one.attributes["href"] for one in LexborHTMLParser(html).css("a[href]")
             if one.text() == "Suggest a change"]
    assert html.count("/issues/new") == len(links) <= 1
    if not links:
        return None
    address = urlsplit(links[0])
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{REPOSITORY}/issues/new"
    asked = parse_qs(address.query, strict_parsing=True)
    assert all(len(one) == 1 for one in asked.values())
    return {key: one for key, (one,) in asked.items()}


def test_every_page_leads_to_a_form_that_has_its_fields(content, book):
    """Each page has one such link; its parameters are fields, and hold what the page says."""
    ids = {name: {one.get("id") for one in yaml.safe_load(text)["body"]}
           for name, text in FORMS.items()}
    seen = {"wrong-definition.yml": 0, "suggest-a-change.yml": 0}
    for path in sorted((content / "site").rglob("index.html")):
        html = path.read_text("utf-8")
        if "data-target=" in html:  # only leads elsewhere
            continue
        asked = suggestion(html)
        assert asked, path
        seen[asked["template"]] += 1
        fields = asked.keys() - {"template", "title"}
        assert "page" in fields <= ids[asked["template"].removesuffix(".yml")]
        where = path.parent.relative_to(content / "site").as_posix().removeprefix(".")
        assert asked["page"] == f"https://example.org/knowledge/{where}{'/' if where else ''}"
        entry = next((one for one in [book.entries.get(path.parent.name)]
                      if one and where == f"{one.folder}/{one.id}"), None)
        definition = entry.definition if isinstance(entry, Term) else None
        assert asked.get("definition") == definition
        if entry:
            about = "Change" if definition is None else "Definition"
            assert asked["title"] == f"{about}: {entry.label}"
    assert seen["wrong-definition.yml"] == len(book.terms)
    assert seen["suggest-a-change.yml"] > len(book.entries) - len(book.terms) + 8


AWKWARD = "50 % & more? #1 = “A” + ‘b’/c; naïve 🍞 <i>"


def test_any_words_arrive_as_they_are(tmp_path):
    """Signs that mean something in an address or in HTML are told to the form as they stand."""
    term = {"glossary/x.yml": f"label: '{AWKWARD}'\ndefinition: 'Long: {'ü & 100 % ' * 28}.'\n"
                              "examples: [x]\n"}
    config = (sites.BREAD / "mkdocs.yml").read_text("utf-8")
    assert "https://forge.example/bread/book" in config
    root = sites.build(tmp_path, {
        **term, "mkdocs.yml": config.replace("https://forge.example/bread/book", REPOSITORY),
        "docs/salt.md": "---\ndescription: x\n---\n\n# Salt & <em>water</em> 100 %\n\nWords.\n"})
    html = (root / "site/glossary/x/index.html").read_text("utf-8")
    assert suggestion(html) == {
        "template": "wrong-definition.yml", "title": f"Definition: {AWKWARD}",
        "page": "https://bread.example/book/glossary/x/",
        "definition": f"Long: {'ü & 100 % ' * 28}."}
    salt = suggestion((root / "site/salt/index.html").read_text("utf-8"))
    assert salt["title"] == "Change: Salt & water 100 %"


def test_elsewhere_than_on_github_there_is_no_such_form(tmp_path):
    """A repository on another host gets no link that would lead nowhere, nor one without any."""
    for number, config in enumerate([
        "repo_url: https://forge.example/bread/book", "repo_url: ''",
    ]):
        text = (sites.BREAD / "mkdocs.yml").read_text("utf-8")
        root = sites.build(tmp_path / str(number), {
            "mkdocs.yml": re.sub("repo_url: .*", config, text)})
        for path in (root / "site").rglob("*.html"):
            assert "/issues/" not in path.read_text("utf-8")


@pytest.mark.parametrize(("address", "github"), [
    ("https://github.com/a/b", True), ("https://github.com/a/b/", True),
    ("https://github.bakery.example/a/b", True), ("https://bakery.ghe.com/a/b", True),
    ("https://forge.example/github.com/b", False), ("https://notgithub.com/a/b", False),
    ("", False),
])
def test_addresses_on_github(address, github):
    assert is_github(address) == github
    if github:
        base = address.rstrip("/")
        assert issue_form(address, "x", page="a b&c") == (
            f"{base}/issues/new?template=x.yml&page=a%20b%26c")
        assert new_file(address, "edit/main/", "glossary") == f"{base}/new/main/glossary"
        assert new_file(address, "edit/main/book/", "glossary") == f"{base}/new/main/book/glossary"
