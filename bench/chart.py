"""A chart of what a cold build costs at each size, as SVG: both axes are logarithmic."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from xml.etree import ElementTree as ET

from .results import Results

WIDTH, HEIGHT = 720, 440
LEFT, RIGHT, TOP, BOTTOM = 70, 560, 50, 390
# Told apart without colour too: each line is dashed in its own way, and named at its end.
INKS = ("#8b1e3f", "#1f5fa8", "#2e7d32", "#6a3fa0", "#b35900", "#37474f", "#00707a", "#9c2bad")
DASHES = ("", "8 3", "2 3", "10 3 2 3", "5 5", "12 4", "1 4", "6 2 2 2")
# Room for the name of a line.
_NAME = 16

Point = tuple[float, float]


def chart(results: Results) -> str:
    """The SVG of one run; peers without a cold build at a size have no point there."""
    lines = {peer: _points(results, peer) for peer in results.peers}
    times = [seconds for points in lines.values() for _, seconds in points]
    x = _scale(min(results.sizes), max(results.sizes), LEFT + 20, RIGHT - 10)
    y = _scale(min(times), max(times), BOTTOM - 20, TOP + 10)
    root = ET.Element("svg", {
        "xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img",
        "aria-labelledby": "title desc", "font-family": "sans-serif", "font-size": "13",
    })
    ET.SubElement(root, "title", {"id": "title"}).text = "CPU time of a cold build"
    ET.SubElement(root, "desc", {"id": "desc"}).text = _description(lines)
    ET.SubElement(root, "rect", {"width": f"{WIDTH}", "height": f"{HEIGHT}", "fill": "#fff"})
    _text(root, LEFT, 28, f"CPU seconds of a cold build, {results.date}", **{"font-size": "16"})
    _axes(root, results.sizes, list(_ticks(min(times), max(times))), x, y)
    ends = _apart({peer: y(points[-1][1]) for peer, points in lines.items() if points})
    for number, (peer, points) in enumerate(lines.items()):
        if points:
            _line(root, peer, number, [(x(terms), y(seconds)) for terms, seconds in points],
                  ends[peer])
    ET.indent(root)
    return ET.tostring(root, encoding="unicode") + "\n"


def _points(results: Results, peer: str) -> list[Point]:
    rows = [row for terms in results.sizes if (row := results.row(terms, peer))]
    found = [(float(row.terms), row.median("cold.cpu")) for row in rows]
    return [(terms, seconds) for terms, seconds in found if seconds]


def _description(lines: dict[str, list[Point]]) -> str:
    return " ".join(
        f"{peer}: " + ", ".join(f"{seconds:.2f} s for {terms:,.0f} terms"
                                for terms, seconds in points) + "."
        for peer, points in lines.items() if points
    )


def _scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    """A function from a value to a place; a single value stands at the start."""
    span = math.log(high / low) or 1
    return lambda value: start + (end - start) * math.log(value / low) / span


def _ticks(low: float, high: float) -> Iterator[float]:
    """1, 2 and 5 times the powers of ten from `low` to `high`."""
    for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1):
        yield from (step * 10**power for step in (1, 2, 5) if low <= step * 10**power <= high)


def _axes(
    root: ET.Element, sizes: list[int], ticks: list[float],
    x: Callable[[float], float], y: Callable[[float], float],
) -> None:
    for seconds in ticks:
        _path(root, [(LEFT, y(seconds)), (RIGHT, y(seconds))], stroke="#ddd")
        _text(root, LEFT - 8, y(seconds) + 4, f"{seconds:g} s", **{"text-anchor": "end"})
    for size in sizes:
        _path(root, [(x(size), TOP), (x(size), BOTTOM)], stroke="#ddd")
        _text(root, x(size), BOTTOM + 20, f"{size:,}", **{"text-anchor": "middle"})
    _path(root, [(LEFT, TOP), (LEFT, BOTTOM), (RIGHT, BOTTOM)], stroke="#333")
    _text(root, (LEFT + RIGHT) / 2, BOTTOM + 40, "terms", **{"text-anchor": "middle"})


def _line(root: ET.Element, peer: str, number: int, places: list[Point], name_at: float) -> None:
    ink = INKS[number % len(INKS)]
    look = {"stroke": ink, "stroke-width": "2.5", "stroke-dasharray": DASHES[number % len(DASHES)]}
    _path(root, places, **{name: value for name, value in look.items() if value})
    for across, down in places:
        ET.SubElement(root, "circle", {"cx": f"{across:.1f}", "cy": f"{down:.1f}", "r": "4",
                                       "fill": ink})
    to_name = {"stroke": "#999", "stroke-dasharray": "1 3"}
    _path(root, [places[-1], (RIGHT + 14, name_at)], **to_name)
    _text(root, RIGHT + 18, name_at + 4, peer, fill=ink)


def _apart(places: dict[str, float]) -> dict[str, float]:
    """The places of names, moved down where they would touch, and up together if they leave."""
    order = sorted(places, key=lambda name: places[name])
    moved = dict(places)
    for above, below in pairwise(order):
        moved[below] = max(moved[below], moved[above] + _NAME)
    over = max(0, max(moved.values()) - BOTTOM)
    return {name: place - over for name, place in moved.items()}


def _path(root: ET.Element, places: list[Point], **look: str) -> None:
    drawn = " ".join(f"{across:.1f},{down:.1f}" for across, down in places)
    ET.SubElement(root, "polyline", {"points": drawn, "fill": "none", **look})


def _text(root: ET.Element, across: float, down: float, text: str, **look: str) -> None:
    place = {"x": f"{across:.1f}", "y": f"{down:.1f}", "fill": "#222"}
    ET.SubElement(root, "text", {**place, **look}).text = text
