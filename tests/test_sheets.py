"""PDF sheets: the same quiz as on the site, a key that is right, tagged, and the same bytes."""

from __future__ import annotations

import io
from pathlib import Path

import pypdf
import pytest
import sites
from selectolax.lexbor import LexborHTMLParser
from sites import ROOT

from termbook.exports.sheets import BadDraw, Draw, sheets, written
from termbook.load import read
from termbook.model import Domain, Exam, Task
from termbook.study.bank import Bank, Item, bank
from termbook.study.draw import exam, largest_exam, matching, option_order, practice, quotas
from termbook.study.question import Option

BOOK = read(ROOT).book
BANK = bank(BOOK)
URL = "https://example.org/a/"


def both(draw: Draw) -> list[LexborHTMLParser]:
    return [LexborHTMLParser(html) for html in written(BOOK, BANK, draw, "Site", URL)]


def texts(tree: LexborHTMLParser, selector: str) -> list[str]:
    return [" ".join(node.text(deep=True).split()) for node in tree.css(selector)]


def test_a_sheet_holds_the_quiz_of_the_site():
    """Questions and options in the order of the draw, on both sheets; the reasons on one."""
    items = practice(matching(BANK.items, "internal-it", derived=False), "group", 8)
    sheet, key = both(Draw(" group ", 8, "internal-it", authored=True))
    for tree in (sheet, key):
        assert [one.split(" Choose all")[0].split(" More than")[0].split(" Put them")[0]
                .split(" Find what")[0] for one in texts(tree, ".stem")] == [
            item.stem for item in items]
        assert f"Seed group, 8 questions, bank {BANK.version}." in texts(tree, "h1 + p")[0]
        assert tree.css_first("h1").attributes["data-draw"] == (
            f"Seed group · 8 questions · bank {BANK.version}")
    options = [item.options[place].text for item in items for place in option_order(item, "group")]
    assert texts(sheet, ".options > li") == [" ".join(one.split()) for one in options]
    assert len(sheet.css(".options p")) == 0 and len(key.css(".options p")) == len(options)


def test_an_exam_on_paper_keeps_its_quotas():
    number = largest_exam(BANK.items, BANK.weights)
    items = Draw("x", number, exam=True).items(BOOK, BANK)
    assert items == exam(BANK.items, BANK.weights, "x", number)
    for domain, quota in quotas(BANK.weights, number).items():
        assert len(matching(items, domain=domain)) == quota


def question(kind: str, *options: Option) -> Item:
    return Item("00000001", kind, "", "Q?", options, (), "", ("A1",), "A", "easy", (), (), "", "x/")


@pytest.mark.parametrize("kind, fields", [
    ("one", [{}, {"correct": True}, {}]),
    ("several", [{"correct": True}, {}, {"correct": True}, {}]),
    ("depends", [{"correct": True}, {"correct": True}, {}]),
    ("order", [{"place": 3}, {"place": 1}, {"place": 4}, {"place": 2}]),
    ("match", [{"match": "red"}, {"match": "blue"}, {"match": "red"}]),
])
@pytest.mark.parametrize("seed", ["1", "2", "3", "4"])
def test_the_key_is_right(kind, fields, seed):
    """Its letters lead on the other sheet to what the record holds, however options are mixed."""
    options = [Option(text=f"o{place}", reason="So.", **one) for place, one in enumerate(fields)]
    some = Bank((question(kind, *options),), {"A": 100})
    sheet, key = (LexborHTMLParser(html)
                  for html in written(BOOK, some, Draw(seed, 1), "Site", ""))
    letters = dict(zip("ABCD", texts(sheet, ".options > li"), strict=False))
    answer = texts(key, ".short > li")[0].split(", ")
    if kind == "order":
        assert [letters[one] for one in answer] == ["o1", "o3", "o0", "o2"]
    elif kind == "match":
        numbers = dict(enumerate(texts(sheet, ".matches > li"), 1))
        pairs = {letters[one[0]]: numbers[int(one[2:])] for one in answer}
        assert pairs == {"o0": "red", "o1": "blue", "o2": "red"}
    else:
        assert {letters[one] for one in answer} == {
            one.text for one in options if one.correct}


def test_things_to_put_in_order_do_not_stand_in_it():
    """Whatever the seed: one in 24 of all orders would give the answer away."""
    options = [Option(text=f"o{place}", reason="So.", place=place) for place in range(1, 5)]
    item = question("order", *options)
    some, ordered = Bank((item,), {"A": 100}), 0
    for seed in map(str, range(60)):
        ordered += option_order(item, seed) == [0, 1, 2, 3]
        sheet = LexborHTMLParser(written(BOOK, some, Draw(seed, 1), "Site", "")[0])
        assert texts(sheet, ".options > li") != ["o1", "o2", "o3", "o4"]
    assert ordered


def test_the_address_on_a_sheet_leads_to_the_same_quiz(quiz):
    """The site's scripts read it, and draw the same questions with the same options from it."""
    data = {"version": BANK.version, "items": [
        {"key": item.key, "domain": item.domain, "derived": item.derived, "tasks": item.tasks,
         "scenario": item.scenario, "options": [{} for _ in item.options]} for item in BANK.items
    ], "scenarios": [{"id": one} for one in BOOK.scenarios],
        "domains": [{"id": one, "tasks": []} for one in BANK.weights]}
    for draw in (Draw("a", 7), Draw(" Đội & co #1 100% ", 300, domain="M"),
                 Draw("x=1&n=2", 9, "internal-it", authored=True), Draw("e\u0301", 12, exam=True)):
        items = draw.items(BOOK, BANK)
        page, fragment = draw.address(BANK, len(items)).split("#")
        assert page == f"study/{'exam' if draw.exam else 'practice'}/"
        theirs = quiz.evaluate("""([text, bank, weights]) => {
          const {matching, practice, exam, optionOrder} = termbookDraw;
          const wanted = termbookQuiz.wantedBy(text, bank);
          const drawn = weights ? exam(bank.items, weights, wanted.seed, wanted.number)
            : practice(matching(bank.items, wanted), wanted.seed, wanted.number);
          return [wanted.changed, wanted.unknown,
            drawn.map((item) => [item.key, optionOrder(item, wanted.seed)])];
        }""", [f"#{fragment}", data, list(BANK.weights.items()) if draw.exam else None])
        assert theirs == [False, [], [
            [item.key, option_order(item, draw.clean_seed)] for item in items]]


@pytest.mark.parametrize("draw, message", [
    (Draw("", 5), "A seed has 1 to 60 characters"),
    (Draw("x" * 61, 5), "A seed has 1 to 60 characters"),
    (Draw("1", 5, scenario="internal-tt"), 'not a scenario. Did you mean "internal-it"'),
    (Draw("1", 5, domain="Z"), '"Z" is not a domain. There are M, L, P, D'),
    (Draw("1", 9, exam=True), "An exam of this bank has 10 to .* questions, not 9"),
    (Draw("1", 999, exam=True), "An exam of this bank has 10 to .* questions, not 999"),
    (Draw("1", 20, domain="M", exam=True), "leave out --scenario, --domain and --authored"),
])
def test_a_draw_that_cannot_be_is_refused(draw, message):
    with pytest.raises(BadDraw, match=message):
        draw.items(BOOK, BANK)


def test_nothing_to_draw_from_is_refused():
    """A bank without questions of a kind, and one that is too small for an exam."""
    book = type(BOOK)(exam=Exam(title="E", outline="1", checked_on="2026-01-01", sources=("s",),
                                domains=(Domain(id="A", label="A", weight=100,
                                                tasks=(Task(id="A1", label="T"),)),)))
    some = Bank((), {"A": 100})
    with pytest.raises(BadDraw, match="No question is like that"):
        Draw("1", 5, domain="A").items(book, some)
    with pytest.raises(BadDraw, match="too small for an exam"):
        Draw("1", 10, exam=True).items(book, some)


def test_words_stay_words():
    """What looks like HTML in a record or an option is printed as it stands."""
    options = [Option(text=f"<b>{one}</b> & {one}", reason="<script>", correct=one == "a")
               for one in "abc"]
    some = Bank((question("one", *options),), {"A": 100})
    for html in written(BOOK, some, Draw("<i>", 1), "<u>Site</u>", URL):
        tree = LexborHTMLParser(html)
        assert not tree.css("b, script, i, u")
        assert "<b>a</b> & a" in " ".join(texts(tree, ".options > li"))


def test_sheets_are_tagged_for_screen_readers():
    """PDF/UA: language, title, marked content with headings and lists; no date and no random id."""
    for content in sheets(BOOK, BANK, Draw("group", 3), "Site", URL):
        reader = pypdf.PdfReader(io.BytesIO(content))
        root = reader.trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "en"
        assert root["/ViewerPreferences"]["/DisplayDocTitle"]
        assert b'pdfuaid:part="1"' in root["/Metadata"].get_data()
        assert "group" in reader.metadata.title
        assert "/CreationDate" not in reader.metadata and "/ID" not in reader.trailer
        tags = list(structure(root["/StructTreeRoot"]))
        assert {"/H1", "/H2", "/L", "/LI", "/P"} <= set(tags)
        text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
        assert f"Seed group · 3 questions · bank {BANK.version}" in text
        links = {link["/A"]["/URI"] for page in reader.pages for link in page.get("/Annots", [])}
        assert links == {f"{URL}study/practice/#seed=group&n=3&bank={BANK.version}"}


def structure(node):
    """The tags of a PDF's structure tree."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for one in node:
            yield from structure(one)
    elif isinstance(node, dict):
        if "/S" in node:
            yield node["/S"]
        yield from structure(node.get("/K", []))


def export(root: Path, *options: str, **env: str):
    done = sites.run("export", "sheets", *options, root=root, env=env)
    assert "Traceback" not in done.stderr
    return done


def test_the_command_writes_the_same_bytes_twice(tmp_path):
    """Whatever the time zone and the order of sets; the key lies beside the sheet."""
    root = sites.copy(tmp_path / "bread")
    for number, name in enumerate(("a", "b")):
        done = export(root, "--out", str(tmp_path / name / "quiz.pdf"), "--number", "3",
                      TZ=("Asia/Ho_Chi_Minh", "America/Lima")[number], PYTHONHASHSEED=str(number))
        assert done.returncode == 0, done.stderr
    assert sites.tree(tmp_path / "a") == sites.tree(tmp_path / "b")
    assert sorted(sites.tree(tmp_path / "a")) == ["quiz-key.pdf", "quiz.pdf"]


def test_the_command_says_what_is_missing(tmp_path):
    """Without Pango, or with a draw that cannot be: what to do, exit 2, and no file."""
    root = sites.copy(tmp_path / "bread")
    (tmp_path / "weasyprint.py").write_text(
        "print('carefully follow')\nraise OSError(\"cannot load library 'pango': no such file\")\n")
    done = export(root, PYTHONPATH=str(tmp_path))
    assert done.returncode == 2 and "apt install libpango-1.0-0" in done.stderr
    assert "carefully" not in done.stdout + done.stderr
    done = export(root, "--scenario", "village-bakry")
    assert done.returncode == 2 and 'Did you mean "village-bakery"?' in done.stderr
    assert export(root, "--number", "0").returncode == 2
    assert not list(root.glob("*.pdf"))
