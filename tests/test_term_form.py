"""The form for a new term: it makes the file that `termbook new` would, and finds its faults."""

from __future__ import annotations

import json
import random
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sites
import yaml
from axe_playwright_python.base import AXE_SCRIPT
from conftest import REPOSITORY, ROOT, copy_content
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Locator, Page, expect
from test_accessibility import RUN_AXE, TAGS

from termbook.authoring.emit import record_yaml
from termbook.authoring.forms import FORMS
from termbook.authoring.new import proposed_id
from termbook.checks import check
from termbook.exports.term_form import form_script, names_script
from termbook.guarded_yaml import HIDDEN, MAX_BYTES, is_plain, parse
from termbook.load import read
from termbook.model import Term
from termbook.problems import errors
from termbook.schemas import modeline, record_schema

FORM = "contribute/form/"
ASSETS = ROOT / "theme" / "assets"
ID = "rye-bun"
PATH = f"glossary/{ID}.yml"
# In a book on bread: a term with every key, and nothing wrong.
SOUND: dict[str, Any] = {
    "label": "Rye bun", "group": "things", "alt_labels": ["rye roll"],
    "definition": "A small round one, made of rye.", "examples": ["One with seeds on it."],
    "hidden_labels": ["ryebun"], "inflections": ["buns of rye"], "status": "draft",
    "note": "Best on the [same day][bread].\n\n- With butter\n- Without", "broader": ["bread"],
    "related": ["rye-flour", "salt"], "sources": ["hamelman-2012"], "exam": ["M1"],
    "contrast": [{"term": "flatbread", "difference": "One is flat.", "example": "A wrap.",
                  "told_apart_in": "village-bakery"}],
    "claims": [{"source": "mcgee-2004", "at": "p. 12", "says": "Rye stays moist."}],
    "faq": [{"question": "Is it heavy?", "answer": "It is."}], "reviewed_on": "2026-01-31",
    "auto_link": "false",
}
OVEN = "label: Oven\ndefinition: A hot box for a rusk.\nexamples: [x]\n"


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Path:
    """A small book with schemas, in which a term is tried out."""
    root = sites.copy(tmp_path_factory.mktemp("form") / "bread", {"glossary/oven.yml": OVEN})
    shutil.copytree(ROOT / "schemas", root / "schemas")
    return root


@pytest.fixture(scope="module")
def pure(browser: Browser, book: Path):
    """A page with the form's scripts and the small book's data, and nothing else."""
    with browser.new_context() as context:
        page = context.new_page()
        for name in ("term-file.js", "term-faults.js"):
            page.add_script_tag(path=ASSETS / name)
        known = read(book).book
        page.add_script_tag(content=form_script(known, "") + names_script(known))
        page.evaluate("() => { window.checks = TermbookFaults.of(termbookForm, termbookNames); }")
        yield page


def made(pure: Page, record_id: str, typed: dict[str, Any]) -> tuple[dict, str, list[dict]]:
    """What becomes of typed values: the record's data, the text of its file, and its faults."""
    return tuple(pure.evaluate("""([id, typed]) => {
      const data = TermbookFile.record(termbookForm.schema, typed);
      return [data, TermbookFile.text(termbookForm, data), checks.find(id, data)];
    }""", [record_id, typed]))


def as_text(fault: dict[str, Any]) -> str:
    return f"{fault['message']}. {fault['hint']}"


def told(root: Path, path: str, text: str) -> list[str]:
    """What `termbook check` finds wrong when `text` stands in the file at `path`."""
    file = root / path
    before = file.read_text("utf-8") if file.exists() else None
    file.write_bytes(text.encode())
    try:
        reading = read(root)
        found = errors([*reading.problems, *check(reading.book)])
    finally:
        if before is None:
            file.unlink()
        else:
            file.write_text(before, "utf-8")
    return [f"{one.message}. {one.hint}" for one in found]


def new(path: str, data: dict[str, Any]) -> str:
    """The text that `termbook new` writes for `data`, without comments on further keys."""
    return f"{modeline(path)}\n{record_yaml(path, Term, data, comments=False)}"


# What becomes of the fields


def test_a_sound_term_is_written_as_termbook_new_writes_it(pure, book):
    """With every key: the same bytes, no fault, and the check accepts it."""
    data, text, faults = made(pure, ID, SOUND)
    keys = list(record_schema(Term)["properties"])
    assert data == SOUND and set(keys) - set(SOUND) == {"replaced_by", "first_id"}
    assert list(data) == [key for key in keys if key in SOUND]
    assert text == new(PATH, data)
    assert faults == [] and told(book, PATH, text) == []


def test_plain_texts_are_plain_in_the_browser_too(pure):
    """Texts that YAML could take for something else are quoted by both writers, and no others."""
    parts = [*"ab -:#?,[]{}&*!|>'\"%@`=<~.+_0123456789eExXoOyYnNtTzZ\\/é\u0301٣😀\t", "yes", "No",
             "null", "true", "0x1f", "0o7", "1e5", "12:30", "2026-01-31", "2026-1-1 1:02:03", "- ",
             ": ", " #", "..", "---", ".inf", ".nan", "0b1", "1_000", "<<"]
    draw = random.Random(7)
    texts = ["".join(draw.choices(parts, k=draw.randint(0, 6))) for _ in range(5000)]
    theirs = pure.evaluate("texts => texts.map((text) => "
                           "[TermbookFile.isPlain(text), TermbookFile.isPlain(text, true)])", texts)
    ours = [[is_plain(text), is_plain(text, flow=True)] for text in texts]
    assert {text for text, one, other in zip(texts, ours, theirs, strict=True)
            if one != other} == set()
    assert 500 < sum(plain for plain, _ in ours) < 4500


SIGNS = st.characters(exclude_categories=["Cs", "Cn", "Co"], exclude_characters="".join(
    sign for sign in map(chr, range(0x10000)) if HIDDEN.match(sign)))
AWKWARD = st.sampled_from([
    "yes", "No", "null", "~", "010", "1.5", "2026-01-31", "12:30", "- a", "# b", "a: b", "a #b",
    "'", '"', "\\", "x: 'y' \"z\"", "[a]", "{a}", "a, b", "*a", "&a", "!a", "%a", "@a", "`a`", "?",
    "constructor", "__proto__", "toString", "ﬁ", "ẞ", "İ", "e\u0301", "Đội", "العملاء", "👩‍🍳", "=",
    "  spaces  ", "a\tb", "tail ", "long " * 40, "w" * 130, "Bread", "the baker", "doughs", "loaf",
    "`<b>` <i>", "[x][bread]", "[y][salt][]", "[z][nowhere]", "`[x][nowhere]`", "**bold**", "<br>",
])
WORDS = st.one_of(AWKWARD, st.text(SIGNS, min_size=1, max_size=40))
LINE = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
PROSE = st.lists(st.one_of(LINE, st.sampled_from(["", "- item", "    code", "> said", "| a |"])),
                 min_size=1, max_size=5).map("\n".join)
TERMS = st.sampled_from(["bread", "salt", "dough", "rye-flour", "yeast", "flour", "basket", "nope"])


def some(one: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[list[Any]]:
    return st.lists(one, max_size=most)


TYPED = st.fixed_dictionaries({"label": LINE, "definition": LINE}, optional={
    "group": st.sampled_from(["", "things", "steps"]), "alt_labels": some(WORDS, 12),
    "hidden_labels": some(WORDS), "inflections": some(WORDS), "note": PROSE,
    "examples": some(PROSE), "broader": some(TERMS), "related": some(TERMS),
    "contrast": some(st.fixed_dictionaries({"term": TERMS, "difference": PROSE}, optional={
        "example": PROSE, "told_apart_in": st.just("village-bakery")}), 2),
    "claims": some(st.fixed_dictionaries(
        {"source": st.just("mcgee-2004"), "says": PROSE}, optional={"at": WORDS}), 2),
    "faq": some(st.fixed_dictionaries({"question": LINE, "answer": PROSE}), 1),
    "exam": some(st.sampled_from(["M1", "M2"])), "sources": some(st.just("hamelman-2012"), 1),
    "status": st.sampled_from(["draft", "reviewed"]),
    "auto_link": st.sampled_from(["true", "false"]),
})
seen = {"sound": 0, "faulty": 0}


def stage(fault: dict[str, Any]) -> int:
    """When the check finds it: in the text, in the record, or only when it knows both."""
    if fault["code"] == "hidden-character":
        return 0
    return 1 if re.match("bad-|unknown-value|.*-too-long", fault["code"]) else 2


# To make a failing example smaller would take minutes.
@settings(max_examples=150, phases=[Phase.generate],
          suppress_health_check=list(HealthCheck))
@given(typed=TYPED)
def test_any_words_come_back_and_both_judge_alike(pure, book, typed):
    """Whatever is typed: the file is that of `termbook new`, is read back as it was meant, and is
    refused by the form just when the check refuses it."""
    data, text, faults = made(pure, ID, typed)
    refused = [one for one in faults if not one["canWait"]]
    codes = {one["code"] for one in refused}
    if "empty" in codes:  # what must be there is missing from the file
        assert told(book, PATH, text)
        return
    if "hidden-character" not in codes:  # with one there is no such file
        assert text == new(PATH, data)
        note = {"note": f"{data['note']}\n"} if "note" in data else {}
        assert parse(text) == {**data, **note}
    problems = told(book, PATH, text)
    assert bool(problems) == bool(refused), (problems, refused)
    first = min(map(stage, refused), default=0)
    assert {as_text(one) for one in refused if stage(one) == first} <= set(problems)
    seen["faulty" if refused else "sound"] += 1


def test_the_words_were_of_both_kinds():
    """Of the terms that were made up, many were sound and many were not."""
    print(seen)
    assert min(seen.values()) > 15


# What both refuse


def but(**more: Any) -> dict[str, Any]:
    return {**SOUND, **more}


CONTRAST, CLAIM = SOUND["contrast"][0], SOUND["claims"][0]
FAULTS = {
    "no label": (but(label=""), '"label" is empty'),
    "no definition": (but(definition=" "), '"definition" is empty'),
    "definition too long": (but(definition="ü" * 301), '"definition" has 301 characters'),
    "markup in the definition": (but(definition="A **small** one."), "the definition holds markup"),
    "a link in the definition": (but(definition="A [roll][bread]."), "the definition holds markup"),
    "defined by its own name": (but(definition="Two rye buns."), '"rye-bun" uses the name it'),
    "defined in a circle": (but(label="Rusk", definition="It comes out of an oven."),
                            '"oven" and "rye-bun" are defined only by each other'),
    "a label of another": (but(label="BREAD"), '"BREAD" already names the term "bread"'),
    "a name of another": (but(alt_labels=["x", "Oven"]), '"Oven" already names the term "oven"'),
    "an unknown term": (but(related=["salt", "yaest"]), 'Did you mean "yeast"?'),
    "an unknown term, unlike any": (but(broader=["zzzz"]), "Add it to glossary/, or remove it"),
    "a source for a term": (but(related=["mcgee-2004"]), "It is a source: name a term here"),
    "a former id": (but(related=["basket"]), 'It is now "banneton": write that'),
    "a label for an id": (but(related=["Rye flour"]), 'Write the id, such as "rye-flour"'),
    "an unknown source": (but(sources=["mcgee-2005"]), 'Did you mean "mcgee-2004"?'),
    "an unknown task": (but(exam=["X9"]), "Use one of: M1, M2"),
    "an unknown scenario": (but(contrast=[{**CONTRAST, "told_apart_in": "city-bakery"}]),
                            '"city-bakery" is not a scenario'),
    "an unknown group": (but(group="thing"), 'Did you mean "things"?'),
    "an unknown status": (but(status="done"), '"done" is not a value of "status"'),
    "related to itself": (but(related=[ID]), 'refers to itself in "related"'),
    "contrast with itself": (but(contrast=[{**CONTRAST, "term": ID}]), 'to itself in "contrast"'),
    "related twice": (but(related=["salt", "salt"]), '"related" in glossary/rye-bun.yml'),
    "contrast twice": (but(contrast=[CONTRAST, CONTRAST]), '"contrast" in glossary/rye-bun.yml'),
    "contrast without a difference": (but(contrast=[{**CONTRAST, "difference": ""}]),
                                      '"difference" is empty'),
    "a claim without a source": (but(claims=[{**CLAIM, "source": ""}]), '"source" is empty'),
    "a claim without words": (but(claims=[{**CLAIM, "says": " \n "}]), '"says" is empty'),
    "an answer without a question": (but(faq=[{"question": "", "answer": "x"}]), '"question" is e'),
    "a hidden character": (but(note="a\u200bb"), "hidden character (ZERO WIDTH SPACE)"),
    "text that runs backwards": (but(label="a\u202eb"), "(RIGHT-TO-LEFT OVERRIDE)"),
    "a control character": (but(definition="a\x07b"), "hidden character (U+0007)"),
    "HTML in a note": (but(note="a <script>b"), 'an HTML tag ("<script>")'),
    "an unknown reference": (but(examples=["x", "A [bun][bunn]."]), '"bunn" names no record'),
    "a date that is none": (but(reviewed_on="31.1.2026"), '"31.1.2026" is not a date'),
    "deprecated for nothing": (but(status="deprecated"), 'is deprecated without "replaced_by"'),
    "replaced in use": (but(replaced_by="bread"), "but is not deprecated"),
    "far too long": (but(note="x " * MAX_BYTES), "the file is over 256 KiB"),
}
# Of these the form says the same with another way to mend it.
OTHER_HINTS = {"far too long"}


@pytest.mark.parametrize("name", FAULTS)
def test_what_the_check_refuses_the_form_refuses_in_the_same_words(pure, book, name):
    """One fault, told by the form alone and by `termbook check` for the same data."""
    typed, words = FAULTS[name]
    data, _, faults = made(pure, ID, typed)
    (fault, *others) = [one for one in faults if not one["canWait"]]
    assert words in as_text(fault)
    assert all(one["code"] == fault["code"] or "defined" in one["code"] for one in others)
    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, default_style="'")
    if fault["code"] == "hidden-character":  # which YAML would escape
        text = f"# {typed['label']}{typed['note']}{typed['definition']}\n{text}"
    problems = told(book, PATH, text)
    if name in OTHER_HINTS:
        assert fault["message"] in "\n".join(problems)
    else:
        assert as_text(fault) in problems


@pytest.mark.parametrize(("record_id", "message", "hint", "path"), [
    ("Rye Bun", '"Rye Bun" is not an id: lower-case ASCII letters', 'Write "rye-bun"', None),
    ("bánh-mì", '"bánh-mì" is not an id', 'Write "banh-mi"', None),
    ("2-buns", '"2-buns" is not an id', 'Write "the-2-buns"', None),
    ("-", '"-" is not an id', 'Write "name"', None),
    ("", '"id" is empty', "Write it", None),
    ("bread", 'the id "bread" is already used by glossary/bread.yml', "share one set of ids", None),
    ("basket", 'the id "basket" is already used by glossary/basket.yml', "Give one of the two",
     "scenarios/basket.yml"),
    ("village-bakery", 'the id "village-bakery" is already used by scenarios/village-bakery.yml',
     "Give one of the two", "glossary/village-bakery.yml"),
    ("mcgee-2004", 'the id "mcgee-2004" is already used by sources.yml', "Give one of the two",
     "glossary/mcgee-2004.yml"),
])
def test_an_id_is_refused(pure, book, record_id, message, hint, path):
    """An id that is none, or that is taken by a record of any kind, even by a former one."""
    _, text, faults = made(pure, record_id, SOUND)
    (fault,) = [one for one in faults if one["keys"] == ["id"]]
    assert message in fault["message"] and hint in fault["hint"]
    if record_id and not path and record_id != "bread":
        path = f"glossary/{record_id}.yml"
    if path:
        words = "is not an id" if "not an id" in message else "is already used by"
        assert any(f'"{record_id}" {words}' in one for one in told(book, path, text))


@pytest.mark.parametrize(("label", "proposed"), [
    ("Rye bun", "rye-bun"), ("Bread", "bread-2"), ("Basket", "basket-2"), ("Đội Ngũ", "doi-ngu"),
    ("5 Whys", "the-5-whys"), ("客户", "name"), ("baker's dozen", "bakers-dozen"),
    ("a very long name that goes on and on until nobody would type it", None),
    ("x" * 60, "x" * 48),
])
def test_an_id_is_proposed_as_termbook_new_proposes_it(pure, book, label, proposed):
    theirs = pure.evaluate("label => checks.proposedId(label)", label)
    assert theirs == proposed_id(read(book).book, FORMS["term"], {"label": [label]})
    assert proposed in (None, theirs) and len(theirs) <= 48


def test_advice_does_not_stop_anybody(pure):
    """A name much like another, and a term without an example, are told and let through."""
    _, _, faults = made(pure, ID, but(label="Breads", examples=[], alt_labels=[]))
    assert [(one["code"], one["canWait"]) for one in faults] == [
        ("near", True), ("no-example", True)]
    assert as_text(faults[0]).startswith('"Breads" is much like "Bread" (glossary/bread.yml)')


def test_a_book_without_groups_asks_for_none(book, tmp_path):
    """There is nothing to choose from; a group that is written all the same is no key."""
    root = shutil.copytree(book, tmp_path / "bread")
    (root / "termbook.yml").write_text("language: en\n")
    script = form_script(read(root).book, "")
    assert "group" not in json.loads(script.partition("=")[2])["schema"]["properties"]


# The page


def field(page: Page, name: str) -> Locator:
    """The field of that label, as it stands on the page."""
    return page.locator("#tf-form").get_by_label(re.compile(rf"^{name}( \(required\))?$"))


def press(page: Page, name: str) -> None:
    page.locator(".tf").get_by_role("button", name=name, exact=True).click()


def status(page: Page) -> Locator:
    return page.locator("[data-status]")


def download(page: Page) -> tuple[str, str]:
    """The name and the text of the file that the page gives."""
    with page.expect_download() as got:
        press(page, "Download")
    return got.value.suggested_filename, got.value.path().read_text("utf-8")


def write_term(page: Page) -> None:
    field(page, "Label").fill("Key account")
    field(page, "Definition").fill("An organisation that a named person looks after.")


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until `target` has the focus."""
    for _ in range(60):
        if target.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not reach {target}")


def test_a_term_written_by_keyboard_passes_the_check(page, tmp_path):
    """Without a mouse the form is filled in and the file taken; the knowledge base accepts it."""
    page.goto(FORM)
    typing = [
        ("Label", "Key account: “big”"), ("Group", "Roles"), ("Alt labels 1", "major account"),
        ("Definition", "An organisation that a named person looks after, for it is worth it."),
        ("Note", "Said of a [customer][], not of a person."), ("Examples 1", "A bank."),
        ("Broader 1", "customer"), ("Sources 1", "babok-v3"),
    ]
    for name, text in typing:
        tab_to(page, field(page, name))
        page.keyboard.type(text)
    page.get_by_label("Alt labels 1", exact=True).focus()
    tab_to(page, page.get_by_role("button", name="Add to alt labels"))
    page.keyboard.press("Enter")
    page.keyboard.type("no")
    tab_to(page, page.get_by_role("button", name="Add to claims"))
    page.keyboard.press("Enter")
    claim = page.get_by_role("group", name="Claims 1")
    for name, text in (("Source", "scrum-guide-2020"), ("Says", "One person owns the order.")):
        tab_to(page, claim.get_by_label(re.compile(f"^{name}")))
        page.keyboard.type(text)
    tab_to(page, page.locator("[data-do=download]"))
    with page.expect_download() as got:
        page.keyboard.press("Enter")
    name, text = got.value.suggested_filename, got.value.path().read_text("utf-8")
    assert name == "key-account-big.yml"
    root = tmp_path / "knowledge"
    copy_content(root)
    (root / "glossary" / name).write_text(text, "utf-8")
    done = sites.run("check", root=root)
    assert done.returncode == 0, done.stderr
    codes = re.findall(rf"^glossary/{name}:\d+:\d+: \w+ ([\w-]+)", done.stderr, re.MULTILINE)
    assert set(codes) <= {"draft", "orphan"}
    term = read(root).book.terms["key-account-big"]
    assert (term.label, term.alt_labels) == ("Key account: “big”", ("major account", "no"))
    assert term.claims[0].says == "One person owns the order." and term.group == "roles"
    assert term.note == "Said of a [customer][], not of a person."


def test_every_key_has_a_field(page):
    """The form is made from the schema: each key with its help and, where it helps, an example."""
    page.goto(FORM)
    page.locator(".tf-more summary").click()
    schema = record_schema(Term)
    del schema["properties"]["first_id"]  # which only a rename writes
    for key, part in schema["properties"].items():
        name = key.capitalize().replace("_", " ")
        box = page.locator(".tf-field, .tf-list").filter(
            has=page.locator(f"label:text-is('{name}'), legend:text-is('{name}'), "
                             f"label:has-text('{name} (required)')")).first
        expect(box).to_be_visible()
        expect(box).to_contain_text(part["description"])
    expect(field(page, "Label").locator("xpath=..")).to_contain_text("Example: Key account")
    expect(field(page, "Status")).to_have_value("draft")
    assert not page.get_by_text("First id").count()
    assert field(page, "Group").locator("option").count() > 5


def test_the_id_follows_the_label_until_it_is_written(page):
    page.goto(FORM)
    field(page, "Label").fill("Key account")
    expect(field(page, "Id")).to_have_value("key-account")
    expect(page.locator("[data-path]")).to_have_text("glossary/key-account.yml")
    field(page, "Id").fill("ka")
    field(page, "Label").fill("Key accounts")
    expect(field(page, "Id")).to_have_value("ka")
    field(page, "Id").fill("")
    field(page, "Label").fill("Customer")
    expect(field(page, "Id")).to_have_value("customer-2")


def test_faults_are_told_at_their_fields_and_in_a_summary(page):
    """Nothing is given away: the summary has the focus and leads to each field that is wrong."""
    page.goto(FORM)
    label, definition = field(page, "Label"), field(page, "Definition")
    label.focus()
    definition.focus()
    expect(page.locator(".tf-error")).to_have_count(0)  # nobody is scolded for passing by
    definition.fill("A `thing`.")
    field(page, "Note").focus()
    expect(definition).to_have_attribute("aria-invalid", "true")
    expect(definition).to_have_accessible_description(re.compile("the definition holds markup"))
    page.locator(".tf-more summary").click()
    field(page, "Reviewed on").fill("today")
    page.locator(".tf-more summary").click()
    press(page, "Download")
    summary = page.get_by_role("group", name="4 things are to be mended:")
    expect(summary).to_be_focused()
    links = summary.get_by_role("link").all_inner_texts()
    assert [one.split(":")[0] for one in links] == ["Label", "Id", "Definition", "Reviewed on"]
    summary.get_by_role("link", name="Reviewed on").click()
    expect(field(page, "Reviewed on")).to_be_focused()


def test_a_draft_survives_until_it_is_discarded(page):
    """What was written is there after a reload, with every row; discarding asks first."""
    page.goto(FORM)
    expect(page.locator("[data-draft]")).to_be_hidden()
    write_term(page)
    press(page, "Add to contrast")
    contrast = page.get_by_role("group", name="Contrast 1")
    contrast.get_by_label(re.compile("^Term")).fill("customer")
    press(page, "Add to examples")
    field(page, "Examples 2").fill("two\nlines")
    field(page, "Id").fill("ka")
    text = page.locator("[data-text]").inner_text()
    page.reload()
    expect(page.locator("[data-draft]")).to_be_visible()
    assert page.locator("[data-text]").inner_text() == text
    expect(field(page, "Examples 2")).to_have_value("two\nlines")
    expect(field(page, "Id")).to_have_value("ka")
    expect(page.locator(".tf-error")).to_have_count(0)
    press(page, "Discard the draft")
    page.get_by_role("button", name="Cancel").click()
    assert page.locator("[data-text]").inner_text() == text
    press(page, "Discard the draft")
    page.get_by_role("button", name="Discard", exact=True).click()
    expect(status(page)).to_have_text("The form is empty.")
    expect(field(page, "Label")).to_be_focused()
    assert page.evaluate("Object.keys(localStorage).filter(key => /term-form/.test(key))") == []
    page.reload()
    expect(field(page, "Label")).to_have_value("")
    expect(page.locator("[data-draft]")).to_be_hidden()


@pytest.mark.parametrize("kept", [
    "{", "null", "7", "[]", '{"values": {"nothing": "x", "claims": {"length": 3}}}',
    '{"id": 7, "values": {"label": 7, "examples": "x", "contrast": [null]}}',
])
def test_a_damaged_draft_does_no_harm(page, kept):
    page.goto(FORM)
    page.evaluate("kept => localStorage.setItem('termbook-term-form', kept)", kept)
    page.reload()
    expect(page.locator("[data-draft]")).to_be_visible(visible="contrast" in kept)
    write_term(page)
    name, text = download(page)
    assert name == "key-account.yml" and parse(text)["label"] == "Key account"


def test_two_tabs_show_the_same_draft(page):
    page.goto(FORM)
    other = page.context.new_page()
    other.goto(FORM)
    write_term(page)
    expect(field(other, "Label")).to_have_value("Key account")


def test_a_browser_that_keeps_nothing_says_so(page):
    page.add_init_script("""const setItem = Storage.prototype.setItem;
      Storage.prototype.setItem = function (key, value) {
        if (key === "termbook-term-form") throw new DOMException("full");
        setItem.call(this, key, value);
      }""")
    page.goto(FORM)
    warning = page.get_by_text("does not let the page keep your draft")
    expect(warning).to_be_hidden()
    write_term(page)
    expect(warning).to_be_visible()
    assert download(page)[0] == "key-account.yml"


def test_rows_come_and_go(page):
    """A row that is removed is gone from the file, and focus stays where one can go on."""
    page.goto(FORM)
    write_term(page)
    field(page, "Alt labels 1").fill("one")
    press(page, "Add to alt labels")
    expect(field(page, "Alt labels 2")).to_be_focused()
    field(page, "Alt labels 2").fill("two")
    press(page, "Remove alt labels 1")
    expect(page.get_by_role("button", name="Add to alt labels")).to_be_focused()
    expect(field(page, "Alt labels 1")).to_have_value("two")
    assert parse(download(page)[1])["alt_labels"] == ["two"]


def test_a_fault_in_a_later_row_stands_at_that_row(page):
    """Empty rows before it are no entries, and yet the message finds its field."""
    page.goto(FORM)
    write_term(page)
    for _ in range(2):
        press(page, "Add to related")
    field(page, "Related 3").fill("custmer")
    press(page, "Download")
    expect(field(page, "Related 3")).to_have_attribute("aria-invalid", "true")
    page.get_by_role("link", name='Related 3: "custmer" is not a term.').click()
    expect(field(page, "Related 3")).to_be_focused()


def test_copy(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(FORM)
    write_term(page)
    press(page, "Copy")
    expect(status(page)).to_contain_text("Copied. It belongs into the file glossary/key-acc")
    assert page.evaluate("navigator.clipboard.readText()") == download(page)[1]


def test_github_opens_with_the_file_filled_in(page):
    """The address has the file's name and its whole text; one that is too long is not tried."""
    page.goto(FORM)
    page.evaluate("document.addEventListener('click', (event) => { window.led = "
                  "!event.defaultPrevented; event.preventDefault(); })")
    github = page.get_by_role("link", name="Open on GitHub")
    github.click()
    assert not page.evaluate("led")
    expect(page.locator(".tf-summary")).to_be_focused()
    write_term(page)
    field(page, "Note").fill("100 % & more #1\n\nĐội 🍞")
    github.click()
    assert page.evaluate("led")
    address = urlsplit(github.get_attribute("href"))
    assert f"https://{address.netloc}{address.path}" == f"{REPOSITORY}/new/main/glossary"
    assert parse_qs(address.query) == {
        "filename": ["key-account.yml"], "value": [download(page)[1]]}
    field(page, "Note").fill("ü" * 1400)
    github.click()
    assert not page.evaluate("led")
    expect(status(page)).to_contain_text("too long to be sent along with an address. Copy it")
    empty = status(page).get_by_role("link", name="an empty file on GitHub")
    assert empty.get_attribute("href") == (
        f"{REPOSITORY}/new/main/glossary?filename=key-account.yml")


def test_elsewhere_than_on_github_the_file_is_taken(page):
    """Where no page makes a file from an address, none is offered."""
    page.route("**/contribute/form.js", lambda route: route.fulfill(
        body=route.fetch().text().replace(f'"newTerm":"{REPOSITORY}/new/main/glossary"',
                                          '"newTerm":""')))
    page.goto(FORM)
    write_term(page)
    expect(page.get_by_role("link", name="Open on GitHub")).to_be_hidden()
    assert download(page)[0] == "key-account.yml"


def test_what_the_form_knows_is_told_as_text(page):
    """Words of records that look like HTML are offered as words."""
    image = "<img src=x onerror=y>"
    page.route("**/contribute/names.js", lambda route: route.fulfill(
        body=route.fetch().text().replace('"names":["Customer"', f'"names":["{image}"')))
    page.goto(FORM)
    field(page, "Label").focus()
    option = page.locator("#tf-ids-term option[value=customer]")
    assert option.get_attribute("label") == image
    assert page.locator(".tf img").count() == 0


def test_without_the_names_nothing_is_taken(browser, site):
    """If they do not load, the form says so, gives no file that nobody checked, and asks again."""
    with browser.new_context(base_url=site) as context:
        page = context.new_page()
        page.route("**/contribute/names.js", lambda route: route.abort())
        page.goto(FORM)
        write_term(page)
        press(page, "Download")
        expect(status(page)).to_contain_text("did not load")
        page.unroute("**/contribute/names.js")
        assert download(page)[0] == "key-account.yml"


@pytest.mark.parametrize("width", [320, 390, 768, 1350])
def test_it_fits_the_window(page, width):
    """Neither long words nor faults make the page scroll sideways."""
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(FORM)
    field(page, "Label").fill("W" * 200)
    field(page, "Related 1").fill("W" * 200)
    press(page, "Add to contrast")
    page.get_by_role("group", name="Contrast 1").get_by_label(re.compile("^Diff")).fill("W" * 400)
    press(page, "Download")
    expect(page.locator(".tf-summary")).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width


def test_nothing_inline(page):
    """No style or handler is written into an element, so that the security policy holds."""
    page.goto(FORM)
    write_term(page)
    press(page, "Add to claims")
    press(page, "Download")
    assert page.evaluate("""[...document.querySelectorAll(".tf *")]
      .flatMap(element => element.getAttributeNames())
      .filter(name => name === "style" || name.startsWith("on"))""") == []


def test_from_a_folder(browser, content):
    """The unzipped site needs no server: the form is there, keeps the draft and gives the file."""
    with browser.new_context() as context:
        page = context.new_page()
        errors: list[object] = []
        page.on("pageerror", lambda error: errors.append(error))
        page.on("console", lambda message: errors.append(message.text))
        page.goto((content / "site" / FORM / "index.html").as_uri())
        write_term(page)
        page.reload()
        assert download(page)[0] == "key-account.yml"
        assert errors == []


def test_without_javascript(browser, site):
    """The page says what to do instead, and shows nothing that would not work."""
    with browser.new_context(base_url=site, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(FORM)
        expect(page.get_by_text("The form needs JavaScript")).to_be_visible()
        expect(page.get_by_role("link", name="write the file by hand")).to_be_visible()
        expect(page.locator("#tf-form, [data-text], .tf button").first).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1350])
def test_axe_finds_nothing_in_a_form_full_of_faults(browser, site, width, scheme):
    """With rows, faults, the summary and the dialog open; the plain page is among all others."""
    with browser.new_context(base_url=site, color_scheme=scheme, reduced_motion="reduce",
                             viewport={"width": width, "height": 900}) as context:
        page = context.new_page()
        page.goto(FORM)
        page.locator(".tf-more summary").click()
        for name in ("contrast", "claims", "faq", "related"):
            press(page, f"Add to {name}")
        field(page, "Definition").fill("A `thing`")
        field(page, "Related 2").fill("customr")
        page.get_by_role("group", name="Claims 1").get_by_label("At", exact=True).fill("here")
        press(page, "Download")
        expect(page.locator(".tf-summary")).to_be_focused()
        page.evaluate(AXE_SCRIPT)
        assert page.evaluate(RUN_AXE, TAGS) == []
        press(page, "Discard the draft")
        assert page.evaluate(RUN_AXE, TAGS) == []
