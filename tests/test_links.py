"""Links: references an author writes, and first mentions that are found by themselves."""

import re

import markdown
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from termbook.book import Book
from termbook.labels import plural
from termbook.links import Linker, LinkExtension, PageContext
from termbook.model import Moved, Scenario, Source, Term
from termbook.prose import references

EXTENSIONS = ["admonition", "attr_list", "def_list", "tables", "pymdownx.details",
              "pymdownx.superfences", "pymdownx.tabbed"]


def term(term_id: str, **keys) -> Term:
    keys = {"label": term_id.replace("-", " ").capitalize(), "definition": "A thing.", **keys}
    return Term.model_validate({"@id": term_id, **keys})


def book_of(*terms: Term, **kinds) -> Book:
    return Book(terms={one.id: one for one in terms}, **kinds)


BOOK = book_of(
    term("user", definition="Who uses it."), term("end-user", alt_labels=["consumer"]),
    term("party"), term("box"), term("box-office"), term("less", label="LeSS"),
    term("xp", label="XP"), term("work", auto_link=False), term("person", inflections=["people"]),
    term("demo", hidden_labels=["show and tell"]),
    scenarios={"shop": Scenario.model_validate({
        "@id": "shop", "label": "Shop", "summary": "A *shop* for [users][user].",
        "cast": [{"role": "user", "player": "the shoppers", "why": "They shop.",
                  "sources": ["guide"]}],
    })},
    sources={"guide": Source.model_validate(
        {"@id": "guide", "title": "The Guide", "author": "Ann", "year": "2020", "type": "book"})},
    moved={"client": Moved.model_validate({"@id": "client", "moved_to": "end-user"})},
)


def page(text: str, book: Book = BOOK, **context):
    """The parsed HTML of a page, and the mentions that were recorded on it."""
    linker = Linker(book)
    linker.page = PageContext(**{"path": "glossary/page.md", **context})
    html = markdown.markdown(text, extensions=[*EXTENSIONS, LinkExtension(lambda: linker)])
    return LexborHTMLParser(html), linker.page.mentions


def links(text: str, **context) -> list[tuple[str, str]]:
    """Text and target of every link on the page."""
    tree, _ = page(text, **context)
    return [(one.text(), one.attributes["href"]) for one in tree.css("a")]


KNOWN = ["user", "end user", "User", "client", "shop", "guide", "user#section"]
REFERENCES = st.sampled_from([
    "[a][zzz]", "[zzz][]", "[a] [zzz]", "[a\nb][zzz]", "[a]\n[zzz]", "[`c`][zzz]", "[`]`][zzz]",
    "[a [b] c][zzz]", "![a][zzz]", "*[a][zzz]*", "[*a*][zzz]", "`[a][zzz]`", "`` [`a][zzz] ``",
    *(f"[a][{name}]" for name in KNOWN), *(f"[{name}][]" for name in KNOWN),
])
SURROUNDINGS = st.sampled_from([
    "a", "\n", "\n\n", "- ", "> ", "# ", "| ", "    ",
    "\n\n~~~\n[a][zzz]\n~~~\n\n", "\n\n```text\n[a][zzz]\n```\n\n",
    '=== "tab"\n\n    ', "!!! note\n\n    ", "[x](y)", "[z]: http://z.example\n",
])
PIECES = REFERENCES.map("{}. ".format) | SURROUNDINGS
BRACKETS = r"\[(?:[^\[\]]|\[[^\[\]]*\])*\]"
UNRESOLVED = re.compile(rf"{BRACKETS}(?:{BRACKETS})+")


@settings(max_examples=300)
@given(st.lists(PIECES, min_size=1, max_size=12).map("".join))
def test_a_reference_is_resolved_or_reported(text):
    """What still looks like a reference in the HTML, outside code, is one that is reported."""
    tree, _ = page(text)
    for code in tree.css("pre, code"):
        code.replace_with(re.sub(r"[\[\]]", "", code.text()))
    left = tree.body.text() if tree.body else ""
    unknown = [one.target for one in references(text) if Linker(BOOK).target(one.target) is None]
    told = {re.sub(r"[`*\[\]]", "", target) for target in unknown}
    for literal in filter(re.compile(r"\w").search, UNRESOLVED.findall(left)):
        assert any(target in literal for target in told), literal


@pytest.mark.parametrize(("text", "targets"), [
    ("[a][x], [y][], [a]\n[z] and ![i][p]", ["x", "y", "z", "p"]),
    ("`[a][x]` ``[`b][y]`` \\[c][z]\n\n```\n[d][w]\n```\n", []),
    ("[a][x]\n\n[x]: https://example.org/\n", []),
    ("[1] [a][x] and [2] [b](c) and [a][b](c)", ["x"]),
    ("[a][x] [b][y]", ["x", "y"]),
    ("[a [b] c][x] and [`]`][y]", ["x", "y"]),
    ("an ` unclosed quote\n\n[a][x] ` b", ["x"]),
    ("[ ][x] and [][] and [ ][ ]", ["x"]),
])
def test_references(text, targets):
    """Targets stand where they were written; code, escapes and own definitions are no target."""
    found = list(references(text))
    assert [one.target for one in found] == targets
    assert all(text.startswith(one.target, one.offset) for one in found)


@pytest.mark.parametrize(("written", "link"), [
    ("[they][user]", ("they", "user.md")),
    ("[End  user][]", ("End  user", "end-user.md")),
    ("[them][consumer]", ("them", "end-user.md")),
    ("[a show][show and tell]", ("a show", "demo.md")),
    ("[clients][client]", ("clients", "end-user.md")),
    ("[here][user#examples]", ("here", "user.md#examples")),
    ("[the book][guide]", ("the book", "../sources/guide.md")),
    ("[the shop][shop]", ("the shop", "../scenarios/shop.md")),
])
def test_reference_leads_to_its_record(written, link):
    """A reference names an id, a former id or any name of a term, and may name a section."""
    assert links(written) == [link]


def test_first_mention_of_each_section():
    """A term is linked once below each heading, by whichever of its names comes first."""
    text = "Users and a user.\n\n## A user\n\nThe user, a consumer, the end user.\n\nUser."
    assert [name for name, _ in links(text)] == ["Users", "user", "consumer"]


@pytest.mark.parametrize(("written", "href"), [
    ("[They][user]", "user.md"), ("[They](user.md)", "user.md"),
    ("[They][user#examples]", "user.md#examples"), ("[They](user.md#examples)", "user.md#examples"),
])
def test_a_written_link_is_the_first_mention(written, href):
    """After a reference or a plain link to its page, the section does not link the term again."""
    found = links(f"{written} are a user. User.\n\n# Next\n\nA user.")
    assert found == [("They", href), ("user", "user.md")]


@pytest.mark.parametrize(("text", "found"), [
    ("the end user", ["end user"]), ("the box office, a box", ["box office", "box"]),
    ("the end-user", []), ("an end\nuser", ["end\nuser"]),
    ("users, parties, boxes, END USERS", ["users", "parties", "boxes", "END USERS"]),
    ("people and person's", ["people"]), ("less is LeSS, xp not XP", ["LeSS", "XP"]),
    ("non-user, user_id, user/box, superuser, users'", ["users"]), ("much work", []),
    ("İ the user", ["user"]), ("a “user”, (box).", ["user", "box"]),
    ("*user* and **end user**", ["user", "end user"]),
])
def test_names_in_prose(text, found):
    """The longest name wins; regular plurals count; capitals count where they tell names apart."""
    assert [name for name, _ in links(text)] == found


@pytest.mark.parametrize(("name", "many"), [
    ("user", "users"), ("party", "parties"), ("boy", "boys"), ("box", "boxes"),
    ("church", "churches"), ("process", "processes"), ("end user", "end users"), ("quiz", "quizes"),
])
def test_plural(name, many):
    """The regular plural of the last word; irregular ones are inflections."""
    assert plural(name) == many


@given(st.text(alphabet="enduserx -sLS.İ", max_size=40))
def test_matches_are_names_of_their_terms(text):
    """Matches lie in order without overlap, and each is a name of the term it leads to."""
    end = 0
    for match in BOOK.labels.find(text):
        assert match.start >= end
        end = match.end
        one = BOOK.terms[match.term]
        known = {one.label, *one.alt_labels, *one.inflections}
        known |= {plural(name) for name in known}
        assert text[match.start:end].lower() in {name.lower() for name in known}


@pytest.mark.parametrize("text", [
    "# A user", "`user`", "```\nuser\n```", "    user", "[the user](other.md)", "> A user.",
    "| user |\n|---|\n",
])
def test_never_linked(text):
    """Headings, code, links, quotations and table heads keep their words as they are."""
    tree, _ = page(text)
    assert not [one for one in tree.css("a") if one.attributes["href"] != "other.md"]


def test_never_on_its_own_page_nor_where_switched_off():
    """A term's own page does not link it, nor a page with auto_link off; references stay."""
    assert links("A user of a box.", entry=BOOK.terms["user"]) == [("box", "box.md")]
    assert links("A user, [work][].", auto_link=False) == [("work", "work.md")]


def test_tables_lists_and_details_are_linked():
    """Cells, items and folded text are prose."""
    for text in ("| a |\n|---|\n| user |\n", "- user\n", "??? note\n\n    user\n", "a\n:   user\n"):
        assert links(text) == [("user", "user.md")]


def titles(text: str, **context) -> list[str | None]:
    return [one.attributes.get("title") for one in page(text, **context)[0].css("a")]


def test_previews():
    """A link tells the definition; inside a scenario, who plays the role comes before it."""
    text = "A user of [the shop][shop], after [the guide][guide]."
    assert titles(text) == ["Who uses it.", "A shop for users.", "The Guide (Ann, 2020)"]
    assert titles("A user, a box.", entry=BOOK.scenarios["shop"]) == [
        "Here: the shoppers. Who uses it.", "A thing."]
    assert titles("[They][user], a box.", previews=False) == [None, None]


def test_mentions_are_recorded_with_their_sentence():
    """Every link to a record is a mention, found or written, with the sentence it stands in."""
    text = "Nothing here. Is a *user* the [boss][guide]? Yes, end\nuser.\n\n- One box,\n  two.\n"
    _, mentions = page(text)
    assert mentions == [
        ("user", "Is a user the boss?"),
        ("guide", "Is a user the boss?"),
        ("end-user", "Yes, end user."),
        ("box", "One box, two."),
    ]


def test_a_page_does_not_mention_itself():
    """A reference to the page's own record, such as to a section of it, is no mention."""
    _, mentions = page("See [below][user#more].", entry=BOOK.terms["user"])
    assert mentions == []


def test_long_sentences_are_cut_between_words():
    """At most 240 characters of a sentence are kept."""
    _, mentions = page("A user " + "goes on " * 50 + "for ever.")
    assert len(mentions[0].sentence) <= 240 and mentions[0].sentence.endswith((" on…", " goes…"))
