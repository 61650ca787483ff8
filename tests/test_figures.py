"""Figures: whatever a scenario holds, its figure is sound, legible and the same each time."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from termbook.figures.figure import ATTRIBUTE, ELEMENT, figure_titles, flow_figure, named_figure
from termbook.figures.flowchart import BOLD, MARGIN, draw
from termbook.figures.lettering import measure, wrap
from termbook.model import Scenario
from termbook.problems import BookError

ROOT = Path(__file__).parent.parent
FIGURES = ROOT / "docs" / "figures"
NAMES = ["money-and-use", "product-owner-boundary", "satisfaction-gap", "story-map-lanes"]
SVG = "{http://www.w3.org/2000/svg}"
KINDS = ("money", "product", "requirements", "constraints", "evidence")
HOSTILE = (
    "<script>alert(1)</script>",
    '"onload="alert(1)',
    "]]> <!-- <![CDATA[ &amp; &#0; {{ 7 * 7 }} {% raw %}",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "W" * 80,
    "👩‍👩‍👧‍👦🏳️‍🌈 families 🧑🏿‍🚀",
    "العملاء الذين يدفعون",
    "z\u0301\u0302\u0303a\u0308\u0324lgo",
    "khách hàng và người dùng",
    "お客様は神様です、とは限らない",
    "bell \x07, null \x00, not a character \ufffe",
    "\u202eright to left\u202c",
)
ANY = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=120)
TEXTS = st.one_of(st.sampled_from(HOSTILE), ANY).filter(str.strip)


class Box(NamedTuple):
    """A line of text and the room it takes when the reader's font is a wide one."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


class Case(NamedTuple):
    """A scenario to draw and the labels of its terms."""

    scenario: Scenario
    labels: dict[str, str]

    def svg(self) -> str:
        return flow_figure(self.scenario, self.labels.__getitem__, href_of)


def href_of(term: str) -> str:
    return f"../glossary/{term}/"


def label_of(term: str) -> str:
    return term.replace("-", " ").capitalize()


def scenario(*flows: tuple[str, str, str, str], label: str = "Shop", **players: str) -> Scenario:
    cast = [
        {"role": role, "player": player, "why": "Because.", "sources": ["seed"]}
        for role, player in (players or {"nobody": "no one"}).items()
    ]
    keys = ("from", "to", "what", "label")
    data = {"cast": cast, "flows": [dict(zip(keys, flow, strict=True)) for flow in flows]}
    return Scenario.model_validate({"@id": "shop", "label": label, "summary": "x", **data})


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Scenarios of 2 to 9 roles and 1 to 12 flows, in circles and both ways, with any text."""
    roles = [f"role-{letter}" for letter in "abcdefghi"[: draw(st.integers(2, 9))]]
    role, what = st.sampled_from(roles), st.sampled_from(KINDS)
    flows = draw(st.lists(st.tuples(role, role, what, TEXTS), min_size=1, max_size=12))
    players = draw(st.dictionaries(role, TEXTS))
    labels = {role: draw(TEXTS) for role in roles}
    return Case(scenario(*flows, label=draw(TEXTS), **players), labels)


def boxes(svg: str) -> list[Box]:
    """The boxes of all lines of text, from what stands in the file."""
    return [_box(text) for text in ET.fromstring(svg).iter(SVG + "text")]


def _box(text: ET.Element) -> Box:
    size, strong = float(text.get("font-size", 14)), text.get("font-weight") == "700"
    line, x, y = text.text or "", float(text.get("x", 0)), float(text.get("y", 0))
    width = measure(line, size * BOLD if strong else size)
    left = x - {"start": 0, "middle": width / 2, "end": width}[text.get("text-anchor", "start")]
    return Box(line, left, y - 0.8 * size, left + width, y + 0.25 * size)


def overlap(one: Box, other: Box) -> bool:
    across = one.left < other.right and other.left < one.right
    return across and one.top < other.bottom and other.top < one.bottom


def faults(svg: str) -> list[str]:
    """All that makes a figure unsound or illegible."""
    root, texts = ET.fromstring(svg), boxes(svg)
    width, height = map(float, root.get("viewBox", "").split()[2:])
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    named = [root.get("aria-labelledby"), root.get("aria-describedby")]
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    keys = {key for element in root.iter() for key, _ in element.items()}
    found = [f"cut: {t}" for t in texts if t.left < 0 or t.right > width or t.bottom > height]
    found += [f"above: {t}" for t in texts if t.top < 0]
    found += [f"overlap: {a} {b}" for a, b in itertools.combinations(texts, 2) if overlap(a, b)]
    found += [f"ids: {ids}"] * (len(set(ids)) < len(ids) or not set(named) <= set(ids))
    found += [f"element: {tag}" for tag in tags if not ELEMENT.fullmatch(tag)]
    found += [f"attribute: {key}" for key in keys if not ATTRIBUTE.fullmatch(key)]
    return found


def test_what_xml_cannot_hold_is_as_wide_as_what_is_drawn_for_it():
    """A line is broken by the width of what stands in it, and not of what was asked for."""
    assert measure("\x1b\x00", 10) == measure("\ufffd\ufffd", 10)


@given(cases())
def test_any_scenario_is_drawn_soundly(case: Case) -> None:
    assert faults(case.svg()) == []


@given(cases())
def test_every_role_is_a_link_and_every_flow_is_told(case: Case) -> None:
    root = ET.fromstring(case.svg())
    flows = case.scenario.flows
    roles = {role for flow in flows for role in (flow.from_, flow.to)}
    links = [link.get("href", "") for link in root.iter(SVG + "a")]
    arrows = [path for path in root.iter(SVG + "path") if path.get("class") == "tb-arrow"]
    assert sorted(links) == sorted(map(href_of, roles))
    assert len(arrows) == len(flows)
    assert root.findtext(SVG + "desc", "").count(" gives ") >= len(flows)


@given(cases())
def test_wires_keep_apart_from_texts_and_from_each_other(case: Case) -> None:
    drawing = draw(case.scenario, case.labels.__getitem__)
    for wire in drawing.wires:
        assert MARGIN <= wire.x < drawing.left or drawing.right < wire.x <= 360 - MARGIN
    texts = boxes(case.svg())
    rows = [wire.start[1] for wire in drawing.wires]
    assert [text for text in texts for y in rows if text.top < y < text.bottom] == []
    for one, other in itertools.combinations(drawing.wires, 2):
        spans = [sorted((wire.start[1], wire.end[1])) for wire in (one, other)]
        apart = spans[0][1] < spans[1][0] or spans[1][1] < spans[0][0]
        assert one.x != other.x or apart
        assert one.end != other.end


@given(cases())
def test_the_same_scenario_gives_the_same_bytes(case: Case) -> None:
    again = Case(case.scenario.model_copy(deep=True), dict(case.labels))
    assert case.svg() == again.svg()


@given(TEXTS, st.integers(60, 340))
def test_wrapping_keeps_every_letter_and_the_width(text: str, room: int) -> None:
    lines = wrap(text, room, 14)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert [line for line in lines if measure(line, 14) > room] == []


def test_text_stays_text() -> None:
    script, quote = HOSTILE[:2]
    svg = flow_figure(scenario(("a", "b", "money", script), a=quote), str, str)
    assert "<script" not in svg
    assert {script, quote} <= {text.text for text in ET.fromstring(svg).iter(SVG + "text")}


def test_a_chain_is_drawn_downwards_whatever_the_order_of_its_flows() -> None:
    links = [("b", "c"), ("d", "e"), ("a", "b"), ("c", "d")]
    chain = scenario(*((one, other, "product", "x") for one, other in links))
    assert [card.role for card in draw(chain, str).cards] == ["a", "b", "c", "d", "e"]


def test_the_description_tells_the_flows_in_the_order_of_the_file() -> None:
    flows = scenario(("end-user", "payer", "evidence", "use"), ("payer", "team", "money", "fee"))
    desc = ET.fromstring(flow_figure(flows, label_of, href_of)).findtext(SVG + "desc", "")
    assert desc == "End user gives Payer evidence: use. Payer gives Team money: fee."


def test_no_flows_no_figure() -> None:
    assert flow_figure(scenario(), label_of, href_of) == ""


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.yml")), ids=lambda p: p.stem)
def test_our_scenarios_are_drawn_soundly(path: Path) -> None:
    data = yaml.load(path.read_text("utf-8"), yaml.BaseLoader)
    if "cast" in data:
        ours = Scenario.model_validate({"@id": path.stem, **data})
        assert faults(flow_figure(ours, label_of, href_of)) == []


@pytest.mark.parametrize("name", NAMES)
def test_our_named_figures_are_sound(name: str) -> None:
    svg = named_figure(FIGURES, name, label_of, href_of)
    assert faults(svg) == []
    assert svg == named_figure(FIGURES, name, label_of, href_of)


def test_titles_of_figures() -> None:
    assert figure_titles(FIGURES, label_of) == {
        "money-and-use": "Three ways in which money and use go together or part",
        "product-owner-boundary": "The Product owner on the boundary of the developing "
        "organisation",
        "satisfaction-gap": "How increments shrink the Satisfaction gap",
        "story-map-lanes": "User story map with a lane for each group",
    }


def figure(folder: Path, body: str, name: str = "x") -> str:
    """The named figure whose template has this in its <svg>."""
    text = f'<svg xmlns="http://www.w3.org/2000/svg">{body}</svg>'
    (folder / f"{name}.svg.jinja").write_text(text, "utf-8")
    return named_figure(folder, name, label_of, href_of)


def test_a_figure_may_call_what_it_is_given(tmp_path: Path) -> None:
    body = "<title>T</title><a href=\"{{ href_of('payer') }}\">{{ label_of('payer') }}</a>"
    assert '<a href="../glossary/payer/">Payer</a>' in figure(tmp_path, body)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<title> </title>", "it has no <title>"),
        ("<title>T</title><g>", "mismatched tag"),
        ("<title>T</title><script/>", "<script> is not allowed"),
        ("<title>T</title><x:script xmlns:x='http://www.w3.org/2000/svg'/>", "<script> is not"),
        ("<title>T</title><foreignObject/>", "<foreignObject> is not allowed"),
        ("<title>T</title><use href='#a'/>", "<use> is not allowed"),
        ("<title>T</title><g onload='f()'/>", 'onload="f()" is not allowed'),
        ("<title>T</title><g style='x'/>", 'style="x" is not allowed'),
        ("<title>T</title><g fill='url(http://a.example/)'/>", "is not allowed"),
        ("<title>T</title><a href=' javascript:f()'>x</a>", "not a link within the site"),
        ("<title>T</title><a href='//a.example/'>x</a>", "not a link within the site"),
        ("<title>T</title><!-- x -->", "comments and declarations"),
        ("<title>{{ nothing }}</title>", "'nothing' is undefined"),
        ("<title>{{ label_of.__globals__ }}</title>", "is unsafe"),
        ("<title>{% for %}</title>", "Expected"),
    ],
)
def test_a_figure_that_does_more_than_draw_is_refused(
    tmp_path: Path, body: str, complaint: str
) -> None:
    with pytest.raises(BookError) as caught:
        figure(tmp_path, body)
    (problem,) = caught.value.problems
    where = tmp_path / "x.svg.jinja"
    assert (problem.code, problem.place.path) == ("bad-figure", where.as_posix())
    assert complaint in problem.message


@pytest.mark.parametrize("name", ["missing", "../../theme/x", "/etc/passwd"])
def test_a_missing_figure_is_a_problem(tmp_path: Path, name: str) -> None:
    with pytest.raises(BookError, match="bad-figure"):
        named_figure(tmp_path, name, label_of, href_of)
