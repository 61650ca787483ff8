"""The whole site of another subject: forty terms of bread, built by the real command line."""

import inspect
import posixpath
import re
import shutil
from urllib.parse import unquote, urlsplit

import pytest
import sites

from termbook.load import read
from termbook.render import MACROS, Renderer

READING = read(sites.BREAD)
BOOK = READING.book


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return sites.build(tmp_path_factory.mktemp("bread"))


def test_the_fixture_is_what_it_says():
    """Forty terms, two scenarios with roles of their own, one debate; and nothing wrong with it."""
    counts = (len(BOOK.terms), len(BOOK.scenarios), len(BOOK.debates), len(BOOK.sources))
    assert counts == (40, 2, 1, 3)
    assert "customer" not in BOOK.terms and "product-owner" not in BOOK.terms
    done = sites.run("check", "--strict", root=sites.BREAD)
    assert (done.returncode, done.stdout) == (0, "")


def test_every_record_has_its_page(root):
    """Terms, scenarios, debates and sources have a page each, with its name as the one heading."""
    for entry in BOOK.entries.values():
        tree = sites.page(root, f"{entry.folder}/{entry.id}/")
        (heading,) = tree.css("h1")
        assert heading.text(deep=False).strip() == entry.label
        assert tree.css_first("title").text().startswith(entry.label)
    for index in ("", "glossary/", "scenarios/", "debates/", "sources/", "questions/", "about/"):
        assert sites.page(root, index).css_first("h1")
    assert (root / "site" / "404.html").is_file()


def test_every_link_of_the_site_leads_somewhere(root):
    """Each internal address on each page is a file of the site, each fragment an id on its page."""
    trees = sites.pages(root)
    ids = {path: {node.attributes["id"] for node in tree.css("[id]")}
           for path, tree in trees.items()}
    for path, tree in trees.items():
        for node in tree.css("a[href], link[href], script[src], img[src]"):
            address = urlsplit(node.attributes.get("href") or node.attributes.get("src") or "")
            if address.scheme or address.netloc or path == "404.html":
                continue
            joined = posixpath.normpath(posixpath.join(posixpath.dirname(path), address.path))
            target = joined if address.path else path
            if address.path.endswith("/") or not posixpath.splitext(target)[1]:
                target = posixpath.normpath(f"{target}/index.html")
            assert (root / "site" / unquote(target)).is_file(), (path, address)
            if address.fragment and not address.fragment.startswith("__"):
                assert unquote(address.fragment) in ids[target], (path, address)


def test_the_study_part(root):
    """A question with its options and reasons, what it tests and rests on, and ways to it."""
    article = sites.article(sites.page(root, "study/questions/mixing-and-shaping/m2/"))
    (question,) = BOOK.questions.values()
    text = " ".join(article.text().split())
    for part in (f"{question.frame}:", question.stem, *(one.text for one in question.options)):
        assert " ".join(part.split()) in text
    assert article.css_first(f'h2[id="q-{question.key}"]')
    right, *wrong = (one.text() for one in article.css("details strong"))
    assert sorted([right, *wrong]) == ["Right.", "Wrong.", "Wrong."]
    hrefs = [one.attributes["href"] for one in article.css("a")]
    for path in ("glossary/batter", "scenarios/village-bakery", "sources/hamelman-2012"):
        assert f"../../../../{path}/" in hrefs
    overview = sites.article(sites.page(root, "study/questions/mixing-and-shaping/"))
    assert overview.css_first("h2[id=task-m2] a").attributes["href"] == "m2/"
    target = f"study/questions/mixing-and-shaping/m2/#q-{question.key}"
    for page in ("sources/hamelman-2012/", "study/coverage/"):
        links = sites.page(root, page).css("article a")
        assert any(one.attributes["href"].endswith(target.removeprefix("study/" * (
            page == "study/coverage/"))) for one in links), page
    term = sites.article(sites.page(root, "glossary/hydration/"))
    assert term.css_first('a[href="../../study/coverage/#term-hydration"]').text() == "1 question"
    plan = sites.article(sites.page(root, "study/plan/"))
    assert [one.text(deep=False).strip() for one in plan.css("h3")][:3] == [
        "Day 1: Mixing and shaping", "Day 2: Mixing and shaping", "Day 3: the whole exam"]
    assert {path.name for path in (root / "site/study").glob("*.js")} == {"bank.js", "cards.js"}


def test_without_an_exam_there_is_no_study_part(tmp_path):
    """No page, no script and no link: who has no exam pays nothing for the study part."""
    root = sites.copy(tmp_path)
    shutil.rmtree(root / "study")
    for term in (root / "glossary").glob("*.yml"):
        term.write_text(re.sub(r"^exam: .*\n", "", term.read_text("utf-8"), flags=re.MULTILINE),
                        encoding="utf-8")
    done = sites.run("build", root=root)
    assert done.returncode == 0, done.stderr
    assert not (root / "site" / "study").exists()
    assert not any("study" in (node.attributes["href"] or "")
                   for tree in sites.pages(root).values() for node in tree.css("article a"))


def test_links_tell_the_definition(root):
    """Prose links to terms by themselves and by reference; a link's title is its preview."""
    links = {node.text(): node.attributes
             for node in sites.article(sites.page(root, "glossary/bread/")).css("a")}
    for name, target in (("flour", "flour"), ("gluten", "gluten"), ("oven spring", "oven-spring")):
        assert links[name]["href"] == f"../{target}/"
        assert links[name]["title"] == BOOK.terms[target].definition
    assert links["Hamelman 2012"]["title"].endswith("(Jeffrey Hamelman, 2012)")
    assert sites.article(sites.page(root, "glossary/baker/")).css_first('a[href="../lame/"]')
    scoring = sites.article(sites.page(root, "glossary/scoring/"))
    assert "with a lame" in scoring.text() and not scoring.css('p a[href="../lame/"]')


def test_a_scenario_tells_who_plays_the_role(root):
    """On a scenario's page the preview of a role names its player there."""
    article = sites.article(sites.page(root, "scenarios/hospital-kitchen/"))
    titles = {node.attributes["title"]
              for node in article.css('p a[href="../../glossary/eater/"]')}
    assert titles == {f"Here: the patients. {BOOK.terms['eater'].definition}"}
    flows = article.css_first("svg.tb-flows")
    assert "rolls on a tray" in flows.text()
    assert flows.css_first('a[href="../../glossary/payer/"]')


def test_a_term_tells_its_parts_contrasts_and_debates(root):
    """A term's page shows what was written elsewhere: its parts, contrasts, debates, narrower."""
    eater = sites.article(sites.page(root, "glossary/eater/")).text()
    assert "the patients." in eater and "the villagers." in eater
    dough = sites.article(sites.page(root, "glossary/dough/")).text()
    assert "a dough is picked up and shaped" in dough and "Told apart in Village bakery" in dough
    bread = sites.article(sites.page(root, "glossary/bread/")).text()
    assert "Must bread rise?" in bread and "Narrower: Flatbread, Soda bread" in bread
    assert "M1 Choose ingredients" in bread


def test_the_index_holds_every_term_under_its_letter(root):
    """A to Z, each term once, with its definition, other names and group."""
    tree = sites.page(root, "glossary/")
    terms = tree.css("article dt > a")
    assert [one.text() for one in terms] == sorted(
        (term.label for term in BOOK.terms.values()), key=str.casefold)
    letters = [one.text(deep=False) for one in tree.css("article h2")]
    assert letters == sorted({term.label[0] for term in BOOK.terms.values()})
    assert [one.text() for one in tree.css("article .letters a")] == letters
    text = sites.article(tree).text()
    assert all(term.definition in text for term in BOOK.terms.values())
    assert "boulanger" in text and "Measures" in text


def test_the_grid_shows_roles_by_scenarios(root):
    """One row a role, required ones first; one column a scenario; no empty cell."""
    table = sites.page(root, "scenarios/").css_first("article table")
    # On a phone, where the columns are gone, a cell also names its scenario.
    rows = [[(cell.css_first("a") or cell).text().strip() for cell in row.css("th, td")]
            for row in table.css("tr")]
    assert rows[0] == ["Role", "Hospital kitchen", "Village bakery"]
    assert [row[0] for row in rows[1:]] == ["Miller", "Baker", "Eater", "Payer"]
    assert rows[4] == ["Payer", "the insurers", "the villagers"]
    labels = [cell.css_first(".scenario").text() for cell in table.css("tr")[4].css("td")[1:]]
    assert labels == rows[0][1:]
    others = sites.article(sites.page(root, "scenarios/")).text()
    assert "Inspector: the food authority (Hospital kitchen)" in others


def test_pages_list_where_they_are_used(root):
    """A page names the pages that link to it, with the sentence of the first mention."""
    used = sites.page(root, "glossary/gluten/").css_first(".used-in")
    assert [one.text() for one in used.css("dt")] == ["Autolyse", "Bread", "Windowpane test"]
    assert "A foam set by heat, whose walls are gluten and starch." in used.text()
    assert sites.page(root, "glossary/bread/").css_first('.used-in a[href="../../about/"]')
    cited = sites.article(sites.page(root, "sources/mcgee-2004/")).text()
    assert all(name in cited for name in ("Bread", "Gluten", "Yeast", "Must bread rise?"))


def test_a_former_id_leads_to_the_new_page(root):
    """The page under a former id says where its content went, with and without a script."""
    tree = sites.page(root, "glossary/basket/")
    target = "../../glossary/banneton/"
    assert tree.css_first("main a").attributes["href"] == target
    assert tree.css_first("script").attributes["data-target"] == target
    assert f"url={target}" in tree.html
    canonical = tree.css_first("link[rel=canonical]").attributes["href"]
    assert canonical == "https://bread.example/book/glossary/banneton/"
    source = sites.page(root, "sources/mcgee/").css_first("main a")
    assert source.attributes["href"] == "../../sources/mcgee-2004/"


def test_the_edit_link_leads_to_the_yaml_file(tmp_path):
    """A generated page is edited where its record is written."""
    edit = "theme:\n  features: [content.action.edit]\n"
    mkdocs = (sites.BREAD / "mkdocs.yml").read_text(encoding="utf-8").replace(
        "features: [content.tabs.link]", edit.split("\n")[1].strip())
    root = sites.build(tmp_path, {"mkdocs.yml": mkdocs})
    link = sites.page(root, "glossary/bread/").css_first('a[rel="edit"]')
    assert link.attributes["href"].endswith("/edit/main/glossary/bread.yml")


def test_two_builds_give_the_same_bytes(root, tmp_path):
    """Neither the folder, the time zone nor the hash seed leaves a trace in the site."""
    other = sites.copy(tmp_path / "elsewhere")
    done = sites.run("build", root=other, env={"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"})
    assert done.returncode == 0, done.stderr
    assert sites.tree(other / "site") == sites.tree(root / "site")


ARGUMENTS = {"term_id": "bread", "scenario_id": "village-bakery", "debate_id": "must-bread-rise",
             "source_id": "mcgee-2004", "name": "loaf"}
# Of those that make one of several pages, its path.
PATHS = {"bank_index_page": "study/derived/pairs", "bank_page": "study/derived/pairs/things",
         "letter_page": "glossary/letter/b.md"}
FIGURE = '<svg xmlns="http://www.w3.org/2000/svg"><title>A loaf</title><text>oval</text></svg>'


def test_a_page_by_hand_replaces_a_generated_one(tmp_path):
    """`docs/glossary/bread.md` is the page of bread, with what the theme adds to that."""
    text = '# By hand\n\nSays: {{ definition("bread") }}\n\nMade of flour.\n'
    root = sites.build(tmp_path, {"docs/glossary/bread.md": text})
    tree = sites.page(root, "glossary/bread/")
    article = sites.article(tree)
    assert tree.css_first("h1").text(deep=False) == "By hand"
    assert f"Says: {BOOK.terms['bread'].definition}" in article.text()
    assert "Who says what" not in article.text()
    assert article.css_first('.used-in a[href="../flatbread/"]')
    assert sites.page(root, "glossary/flour/").css_first('.used-in a[href="../bread/"]')


def test_a_page_by_hand_can_call_every_macro(tmp_path):
    """Each macro that macros.py offers gives something on a page of one's own."""
    calls = {
        name: [ARGUMENTS.get(one) or PATHS[name]
               for one in inspect.signature(getattr(Renderer, name)).parameters if one != "self"]
        for name in MACROS
    }
    text = "# By hand\n\n" + "\n\n".join(
        f"Before {name}.\n\n{{{{ {name}({', '.join(map(repr, given))}) }}}}\n\nAfter {name}."
        for name, given in calls.items())
    settings = (sites.BREAD / "termbook.yml").read_text("utf-8") + "letter_pages_beyond: 20\n"
    root = sites.build(tmp_path, {"docs/all.md": text, "docs/figures/loaf.svg.jinja": FIGURE,
                                  "termbook.yml": settings})
    article = sites.article(sites.page(root, "all/"))
    shown = article.text()
    for name in MACROS:
        between = shown.partition(f"Before {name}.")[2].partition(f"After {name}.")[0]
        assert between.strip(), name
    assert "Traceback" not in shown
    assert [one.text() for one in article.css("svg title")][0] == "A loaf"
