"""The layout of a scenario's flows: who gives what to whom, drawn for a phone first.

Every role is a card, and the cards stand in one column. A card says what its role gives, and the
line under each gift runs on as a wire to the side of the receiver's card: down on the right, up
on the left, like the hands of a clock. A wire has a lane to itself, short ones inside and long
ones outside, so that no wire runs along another and no text shares its place with a line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from typing import NamedTuple

from ..model import Flow, Scenario
from .lettering import BOLD, wrap

WIDTH = 360  # user units, a phone's width
SIZES = {"label": 15 * BOLD, "kind": 14 * BOLD, "player": 14, "what": 14}  # as in the template
LEADING = 19
MARGIN, PAD, GAP = 4, 10, 18
HEAD = 14  # from a card to its nearest lane: room for an arrowhead
STEP = 9  # from lane to lane, and from arrow to arrow on the side of a card


class Text(NamedTuple):
    """One line of text, `y` being its baseline, and what it is: a key of SIZES."""

    part: str
    y: int
    text: str


@dataclass(frozen=True)
class Route:
    """From which card to which, counted from the top, and in which lane of a side."""

    number: int
    flow: Flow
    start: int
    end: int
    lane: int = 0

    @property
    def down(self) -> bool:
        """Whether it runs down, on the right; from a role to itself it runs up."""
        return self.end > self.start

    @property
    def reach(self) -> tuple[int, int]:
        """Highest and lowest step it passes: a card's head is one step and its rows the next."""
        steps = (2 * self.start + 1, 2 * self.end)
        return min(steps), max(steps)

    def meets(self, other: Route) -> bool:
        """Whether the two cannot share a lane."""
        apart = self.reach[1] < other.reach[0] or other.reach[1] < self.reach[0]
        return self.down == other.down and not apart


class Row(NamedTuple):
    """What a card says of one flow, above the line at `y` that runs on as its wire."""

    route: Route
    y: int
    texts: list[Text]


class Card(NamedTuple):
    """A role: its head, down to `split`, is a link and takes arrows; its rows are its gifts."""

    role: str
    top: int
    split: int
    bottom: int
    head: list[Text]
    rows: list[Row]


class Wire(NamedTuple):
    """The line of a flow: from `start` out to its lane at `x`, along it, and in to `end`."""

    what: str
    start: tuple[int, int]
    x: int
    end: tuple[int, int]


class Drawing(NamedTuple):
    """Everything the template draws, in user units."""

    left: int
    right: int
    height: int
    cards: list[Card]
    wires: list[Wire]


def draw(scenario: Scenario, label_of: Callable[[str], str]) -> Drawing:
    """The layout of a scenario's flows: cards in one column, wires on both sides of it."""
    roles = _order(scenario.flows)
    routes = _routes(scenario.flows, roles)
    column = _Column(routes, _gutter(routes, False), WIDTH - _gutter(routes, True), label_of)
    cards: list[Card] = []
    for place, role in enumerate(roles):
        player = ", ".join(cast.player for cast in scenario.cast if cast.role == role)
        top = cards[-1].bottom + GAP if cards else MARGIN
        cards.append(column.card(place, role, player, top))
    wires = [column.wire(route, cards) for route in routes]
    return Drawing(column.left, column.right, cards[-1].bottom + MARGIN, cards, wires)


def _order(flows: Sequence[Flow]) -> list[str]:
    """The roles from top to bottom: near those they deal with, and giving down rather than up."""
    order = list(dict.fromkeys(role for flow in flows for role in (flow.from_, flow.to)))
    while True:
        better = min(_moves(order), key=partial(_length, flows))
        if _length(flows, better) >= _length(flows, order):
            return order
        order = better


def _moves(order: list[str]) -> Iterator[list[str]]:
    for role in order:
        others = [other for other in order if other != role]
        for place in range(len(order)):
            yield [*others[:place], role, *others[place:]]


def _length(flows: Sequence[Flow], order: list[str]) -> tuple[int, int]:
    steps = [order.index(flow.to) - order.index(flow.from_) for flow in flows]
    return sum(map(abs, steps)), sum(step < 0 for step in steps)


def _routes(flows: Sequence[Flow], roles: list[str]) -> list[Route]:
    """A route for every flow. Short ones choose first: their lanes are nearest to the cards."""
    loose = [
        Route(number, flow, roles.index(flow.from_), roles.index(flow.to))
        for number, flow in enumerate(flows)
    ]
    routes: list[Route] = []
    for route in sorted(loose, key=lambda r: (r.reach[1] - r.reach[0], r.number)):
        taken = {other.lane for other in routes if route.meets(other)}
        free = next(lane for lane in count() if lane not in taken)
        routes.append(replace(route, lane=free))
    return routes


def _gutter(routes: list[Route], down: bool) -> int:
    lanes = [route.lane for route in routes if route.down == down]
    return MARGIN + HEAD + STEP * max(lanes) if lanes else MARGIN


@dataclass(frozen=True)
class _Column:
    """Where the cards stand, between `left` and `right`, and the routes that join them."""

    routes: list[Route]
    left: int
    right: int
    label_of: Callable[[str], str]

    def card(self, place: int, role: str, player: str, top: int) -> Card:
        """The card at `place`, tall enough for its texts and for the arrows into its head."""
        head = self.lines(top + 6, label=self.label_of(role), player=player)
        ports = max(len(self.arrivals(place, down)) for down in (True, False))
        split = max(_foot(head, top) + 8, top + STEP * (ports + 1))
        rows: list[Row] = []
        for route in self.gifts(place):
            above = rows[-1].y if rows else split
            kind = f"{route.flow.what.capitalize()} to {self.label_of(route.flow.to)}"
            texts = self.lines(above + 5, kind=kind, what=route.flow.label)
            rows.append(Row(route, _foot(texts, above) + 5, texts))
        return Card(role, top, split, rows[-1].y + 5 if rows else split, head, rows)

    def lines(self, top: int, **parts: str) -> list[Text]:
        """The texts of `parts` one under another, broken to the width of a card."""
        room = self.right - self.left - 2 * PAD
        lines = [(p, line) for p, text in parts.items() for line in wrap(text, room, SIZES[p])]
        return [Text(p, top + LEADING * n - 5, line) for n, (p, line) in enumerate(lines, 1)]

    def gifts(self, place: int) -> list[Route]:
        """The routes that leave a card, in the order in which they do not cross each other."""
        mine = [route for route in self.routes if route.start == place]
        return sorted(mine, key=lambda r: (r.down, -r.lane if r.down else r.lane))

    def arrivals(self, place: int, down: bool) -> list[Route]:
        """The routes into one side of a card, from top to bottom, again without crossings."""
        mine = [route for route in self.routes if route.end == place and route.down == down]
        return sorted(mine, key=lambda r: r.lane if down else -r.lane)

    def wire(self, route: Route, cards: list[Card]) -> Wire:
        """The way of `route`: a line under its row, its lane, and the head of its receiver."""
        near, far = (self.right, self.left) if route.down else (self.left, self.right)
        out = 1 if route.down else -1
        row = next(row for row in cards[route.start].rows if row.route == route)
        return Wire(
            route.flow.what,
            (far + out * PAD, row.y),
            near + out * (HEAD + STEP * route.lane),
            (near, self.port(route, cards[route.end])),
        )

    def port(self, route: Route, card: Card) -> int:
        """The height at which `route` arrives: the arrows of a side stand around its middle."""
        arrivals = self.arrivals(route.end, route.down)
        above = arrivals.index(route) - len(arrivals)
        return (card.top + card.split + STEP * (len(arrivals) + 1)) // 2 + STEP * above


def _foot(texts: list[Text], otherwise: int) -> int:
    return texts[-1].y + 5 if texts else otherwise
