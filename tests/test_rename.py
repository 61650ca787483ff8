"""A rename: whatever names the record follows, its old address lives on, all else stays."""

import difflib
import shutil
from pathlib import Path

import goldens
import pytest
import sites
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from termbook.authoring.files import write
from termbook.authoring.references import Rename, Unclear, in_page, in_settings
from termbook.authoring.rename import BESIDES, Refused, held_in, renamed
from termbook.book import Book
from termbook.checks import check
from termbook.cli import app
from termbook.figures.figure import figure_titles
from termbook.load import raw_texts, read
from termbook.problems import errors

CONTENT = ("debates", "docs", "glossary", "scenarios", "schemas", "study")
BREAD = read(sites.BREAD).book


def repository(folder: Path) -> Path:
    """A copy of this repository's content."""
    for name in CONTENT:
        shutil.copytree(sites.ROOT / name, folder / name)
    for file in sites.ROOT.glob("*.yml"):
        shutil.copy(file, folder)
    return folder


def texts(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): path.read_bytes().decode()
            for path in sorted(root.rglob("*")) if path.is_file() and "site" not in path.parts}


def changed(before: dict[str, str], after: dict[str, str]):
    """Path, old lines and new lines of every hunk between two trees."""
    for path in sorted({*before, *after}):
        old, new = (tree.get(path, "").split("\n") for tree in (before, after))
        for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, False).get_opcodes():
            if tag != "equal":
                yield path, old[a:b], new[c:d]


def test_customer_becomes_buyer_organisation(tmp_path):
    """In this repository: the check is green, only lines that name it change, figures are drawn."""
    root = repository(tmp_path)
    before = texts(root)
    done = CliRunner().invoke(
        app, ["rename", "customer", "buyer-organisation", "--root", str(root)])
    assert done.exit_code == 0, done.stderr
    after = texts(root)
    reading = read(root)
    assert errors([*reading.problems, *check(reading.book)]) == []
    assert after.keys() - before.keys() == {"glossary/buyer-organisation.yml"}
    stub = after["glossary/customer.yml"].split("\n")
    assert stub[0].startswith("# yaml-language-server") and stub[1:] == [
        "moved_to: buyer-organisation", ""]
    term = after.pop("glossary/buyer-organisation.yml")
    assert term.endswith("\nfirst_id: customer\n")
    after["glossary/customer.yml"] = term.removesuffix("first_id: customer\n")
    for path, old, new in changed(before, after):
        assert [line.replace("buyer-organisation", "customer") for line in new] == old, path
    labels = {record: one.label for record, one in reading.book.entries.items()}
    assert figure_titles(root / "docs/figures", labels.__getitem__)
    assert reading.book.resolve("customer") is reading.book.terms["buyer-organisation"]


def test_the_old_address_leads_to_the_new_page(tmp_path):
    """In a built site: pages, navigation, macros and links follow, and the old page redirects."""
    mkdocs = (sites.BREAD / "mkdocs.yml").read_text("utf-8")
    root = sites.copy(tmp_path, {
        "mkdocs.yml": f"{mkdocs}nav: [about.md, glossary/dough.md, scenarios/village-bakery.md]\n",
        "docs/glossary/dough.md": "# Dough\n\nBy hand. Its page: [bread](bread.md).\n",
        "docs/more.md": '[a](glossary/dough.md) {{ term("dough") }} [b][dough] [c](about.md)\n',
    })
    for old, new in (("dough", "bread-dough"), ("village-bakery", "old-bakery"),
                     ("banneton", "proofing-basket")):
        assert sites.run("rename", old, new, root=root).returncode == 0
    assert (root / "docs/more.md").read_text("utf-8") == (
        '[a](glossary/bread-dough.md) {{ term("bread-dough") }} [b][bread-dough] [c](about.md)\n')
    assert not (root / "docs/glossary/dough.md").exists()
    done = sites.run("build", root=root)
    assert done.returncode == 0, done.stderr
    for former, target in (("glossary/dough", "glossary/bread-dough"),
                           ("scenarios/village-bakery", "scenarios/old-bakery"),
                           ("glossary/banneton", "glossary/proofing-basket"),
                           ("glossary/basket", "glossary/proofing-basket")):
        link = sites.page(root, former).css_first("main a").attributes["href"]
        assert link == f"../../{target}/"
    assert "By hand" in sites.article(sites.page(root, "glossary/bread-dough")).text()


@settings(max_examples=40)
@given(st.sampled_from(sorted(BREAD.records)), st.booleans())
def test_there_and_back_changes_no_byte(bread, old, keep):
    """A rename that is taken back leaves every file of the book as it was."""
    before = texts(bread)
    try:
        rename(bread, old, f"new-{old}", keep)
        reading = read(bread)
        assert errors([*reading.problems, *check(reading.book)]) == []
        assert f"new-{old}" in reading.book.records
        assert (old in reading.book.moved) == (keep and old not in BREAD.questions)
        rename(bread, f"new-{old}", old, keep=False)
        assert texts(bread) == before
    finally:
        shutil.rmtree(bread)
        shutil.copytree(sites.BREAD, bread)


@pytest.fixture(scope="module")
def bread(tmp_path_factory):
    return shutil.copytree(sites.BREAD, tmp_path_factory.mktemp("bread") / "book")


def rename(root: Path, old: str, new: str, keep: bool = True) -> None:
    write(root, renamed(read(root).book, root, raw_texts(root, *BESIDES), old, new, keep))


TERM = Rename("dough", "bread-dough", "glossary", frozenset({"dough", "batch"}))
SCENE = Rename("single-client", "one-client", "scenarios")
PAGES = [
    (TERM, "[x][dough] [x] [dough] [x][ dough ] [x][dough#part]",
     "[x][bread-dough] [x] [bread-dough] [x][ bread-dough ] [x][bread-dough#part]"),
    (TERM, "[dough][] [Dough][] [x][batch] [x][DOUGH] [x][doughs]", None),
    (SCENE, "[single-client][] [Single-Client] []",
     "[single-client][one-client] [Single-Client] [one-client]"),
    (TERM, "`[x][dough]` [x](dough) [dough](y.md) dough \\[x][dough]", None),
    (TERM, "[x][dough]\n\n[dough]: other.md", None),
    (TERM, "[a](../glossary/dough.md) [a](glossary/dough.md) [b](../scenarios/dough.md)",
     "[a](../glossary/bread-dough.md) [a](glossary/dough.md) [b](../scenarios/dough.md)"),
    (TERM, '<a href="../glossary/dough.md#x">', '<a href="../glossary/bread-dough.md#x">'),
    (TERM, "{{ definition('dough') }} {{ figure('dough') }} {{ mine('dough') }}",
     "{{ definition('bread-dough') }} {{ figure('dough') }} {{ mine('dough') }}"),
    (SCENE, '{{ figure("flow:single-client") }} {{ flow_figure( "single-client" ) }}',
     '{{ figure("flow:one-client") }} {{ flow_figure( "one-client" ) }}'),
]


@pytest.mark.parametrize(("change", "before", "after"), PAGES)
def test_references_in_a_page(change, before, after):
    """References by id, links to the page and macros change; names, code and other links do not."""
    assert in_page(change, before, "notes/page.md") == (after or before)


def test_the_navigation_follows():
    """The path of the page changes wherever mkdocs.yml names it, and nothing that ends like it."""
    before = "[glossary/dough.md, 'x': glossary/dough.md, vi/glossary/dough.md]\n/glossary/dough.md"
    assert in_settings(TERM, before).count("bread-dough") == 3
    assert "vi/glossary/dough.md" in in_settings(TERM, before)


FILES = {
    "mkdocs.yml": "site_name: Test\n",
    "glossary/brot.yml": "moved_to: bread\n",
    "glossary/dough.yml": 'label: Dough\r\nalt_labels: [batch]\r\ndefinition: Flour and water.\r\n'
    'note: "To [bake\\tit][bread] or [not][\\x62read]."  # bread\r\nexamples: [It is.]\r\n'
    "exam: [A1]\r\nsources: ['loaf-book']\r\nstatus: reviewed\r\n",
    "docs/figures/a.svg.jinja": '<svg xmlns="http://www.w3.org/2000/svg"><title>T</title>'
    '<text class="bread">{{ label_of("bread") }}: {{ "bread" }}</text></svg>',
}


@pytest.fixture
def book(tmp_path) -> Path:
    return goldens.write(tmp_path, FILES)


def test_a_chain_is_led_to_the_new_id(book):
    """What led to the old id leads to the new one, at once."""
    (book / "glossary/dough.yml").write_text("label: Dough\ndefinition: Flour.\nexamples: [It.]\n")
    rename(book, "bread", "loaf")
    moved = read(book).book.moved
    assert {one: moved[one].moved_to for one in moved} == {"brot": "loaf", "bread": "loaf"}


def test_a_source_gets_another_key(book):
    """Citations follow, quoted ones too; the old key leads to the new one, below it."""
    rename(book, "loaf-book", "big-loaf-book")
    text = (book / "sources.yml").read_text("utf-8")
    assert text.startswith("big-loaf-book:\n  title: The Loaf Book\n  type: book\n"
                           "loaf-book:\n  moved_to: big-loaf-book\ncrumb-guide:\n")
    assert b"sources: ['big-loaf-book']\r\nstatus" in (book / "glossary/dough.yml").read_bytes()


def test_a_literal_in_a_figure_is_the_id_only_if_nothing_else_changes(book):
    """What a figure asks for by id follows; its own words and classes stay."""
    (book / "glossary/dough.yml").unlink()
    rename(book, "bread", "loaf")
    assert '"bread">{{ label_of("loaf") }}: {{ "bread" }}<' in (
        book / "docs/figures/a.svg.jinja").read_text("utf-8")


def test_a_figure_that_cannot_be_drawn_is_not_guessed_at(book):
    """Which words of it are ids shows only in the drawing."""
    figure = book / "docs/figures/a.svg.jinja"
    figure.write_text('{{ label_of("nobody") }} {{ label_of("baker") }}')
    with pytest.raises(Refused, match=r"a\.svg\.jinja names \"baker\""):
        rename(book, "baker", "bun-maker")


REFUSED = [
    ("braed", "loaf", '"braed" is not a record. Did you mean "bread"?'),
    ("brot", "loaf", '"brot" has moved to "bread". Rename that'),
    ("bread", "Big Loaf", '"Big Loaf" is not an id. Write "big-loaf"'),
    ("bread", "baker", '"baker" is already the id of glossary/baker.yml. Choose another'),
    ("dough", "brot", '"brot" is already the id of glossary/brot.yml. Choose another'),
    ("bread", "batch", '"batch" is a name of the term "dough" (glossary/dough.yml). Choose another '
     "id, or references by that name would lead astray"),
    ("bread", "loaf", 'glossary/dough.yml names "bread" in a way that cannot be replaced with '
     "certainty. Write it plainly there, or replace it by hand"),
]


@pytest.mark.parametrize(("old", "new", "message"), REFUSED)
def test_what_cannot_be_done_changes_nothing(book, old, new, message):
    """A refused rename says why on one line, exits 1 and leaves every byte as it was."""
    before = texts(book)
    done = CliRunner().invoke(app, ["rename", old, new, "--root", str(book)])
    assert (done.exit_code, done.stderr) == (1, f"{message}\n")
    assert texts(book) == before
    with pytest.raises((Refused, Unclear)):
        rename(book, old, new)


def test_a_book_with_errors_is_not_touched(book):
    """Who cannot read all references cannot change them all: the errors come first."""
    (book / "glossary/dough.yml").write_text("label: [")
    before = texts(book)
    done = CliRunner().invoke(app, ["rename", "bread", "loaf", "--root", str(book)])
    assert done.exit_code == 1 and "Nothing was renamed" in done.stderr
    assert texts(book) == before


def test_every_record_of_a_book_is_looked_at():
    """Each record that a Book holds is searched for references, so that none is forgotten."""
    held = [id(one.record) for some in held_in(BREAD).values() for one in some]
    assert len(held) == len(set(held))
    there = {*BREAD.records.values(), *BREAD.moved.values()}
    assert len(held) == len(there) + sum(
        one is not None for one in (BREAD.settings, BREAD.exam, BREAD.guide))
    assert held_in(Book()) == {}
