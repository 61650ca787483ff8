"""What changed between two Books, told as knowledge: records, their parts, and relations.

A record is compared with its former self field by field. An id that has moved is followed first,
so that a rename is one change and not a hundred. Items of a list are paired by name, then by
likeness; relations are compared as pairs of terms, whichever side they are written on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any, Literal, NamedTuple

from ..book import Book
from ..links import preview
from ..model import (
    AnyEntry,
    Contrast,
    Flow,
    Markdown,
    Measure,
    Record,
    Refers,
    Source,
    Term,
    leaves,
    marked_fields,
)
from ..prose import record_key, references
from ..study.question import Question

Action = Literal["added", "removed", "moved", "changed", "reordered"]
Marker = Refers | Markdown | None
Records = Mapping[str, AnyEntry | Question]

KINDS = ("term", "scenario", "debate", "source", "question", "page", "exam", "guide", "settings")
RELATIONS = ("broader", "related", "contrast")
# Items that their first field does not tell apart.
NAMES: dict[type[Record], Callable[[Any], str]] = {
    Flow: lambda flow: f"{flow.from_} to {flow.to}",
    Measure: lambda measure: f"{measure.when} for {measure.whose}",
}
NAME_LIMIT = 40
ALIKE = 0.5


@dataclass(frozen=True)
class Change:
    """One difference: in which record, where in it (nowhere: the record itself), and what.

    `touches` holds the ids of other records whose pages show the part that changed.
    """

    kind: str
    id: str
    action: Action = "changed"
    path: tuple[str, ...] = ()
    before: str | None = None
    after: str | None = None
    touches: frozenset[str] = frozenset()

    @property
    def relation(self) -> bool:
        """Whether two terms gained or lost a relation."""
        depth = 2 if self.path[:1] == ("contrast",) else 1
        between = self.kind == "term" and self.path and self.path[0] in RELATIONS
        return bool(between) and len(self.path) == depth and self.action in ("added", "removed")

    def at(self, step: str, touches: Iterable[str] = ()) -> Change:
        """A change one step deeper in the same record."""
        return replace(self, path=(*self.path, step), touches=self.touches.union(touches))


class Words(NamedTuple):
    """A run of words, each with the blank before it, that both texts have or only one of them."""

    side: Literal["both", "before", "after"]
    text: str


def word_diff(before: str, after: str) -> list[Words]:
    """Two texts word by word; those with little in common are told whole, one after the other."""
    old, new = _words(before), _words(after)
    bare_old, bare_new = [word.strip() for word in old], [word.strip() for word in new]
    matcher = SequenceMatcher(None, bare_old, bare_new, autojunk=False)
    if matcher.ratio() < ALIKE:
        return [Words("before", "".join(old)), Words("after", " " + "".join(new))]
    found: list[Words] = []
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag != "equal" and start < end:
            found.append(Words("before", "".join(old[start:end])))
        if new_start < new_end:
            side: Literal["both", "after"] = "both" if tag == "equal" else "after"
            found.append(Words(side, "".join(new[new_start:new_end])))
    return found


def _words(text: str) -> list[str]:
    """The words and marks of a text, each with one blank before it if there was any."""
    found = re.findall(r"(\s*)(\w+(?:[-'’]\w+)*|[^\w\s])", text.strip())
    return [f"{' ' if blank else ''}{word}" for blank, word in found]


def changes(base: Book, head: Book) -> tuple[Change, ...]:
    """Every change from `base` to `head`, ordered by kind and record.

    What could not be read in one of them is left out.
    """
    moves = moved_ids(base, head)
    unread = base.unread | head.unread
    after = _kinds(head, unread)
    before = {
        kind: _followed_records(records, moves, after[kind])
        for kind, records in _kinds(base, unread).items()
    }
    found = [
        *_moved(base, head, moves),
        *_joined(base, head, moves),
        *(change for kind in after for change in _records(kind, before[kind], after[kind])),
        *_relations(before["term"], after["term"]),
        *_shared(base, head, unread),
        *_pages(base.docs, head.docs),
    ]
    return tuple(sorted(found, key=lambda one: (KINDS.index(one.kind), one.id, one.path != ())))


def moved_ids(base: Book, head: Book) -> dict[str, str]:
    """Former id → the id it has in `head`; a question is known by its key."""
    keys = {question.key: question.id for question in head.questions.values()}
    questions = {
        old: keys[question.key] for old, question in base.questions.items()
        if old not in head.questions and question.key in keys
    }
    return {old: moved.moved_to for old, moved in head.moved.items()} | questions


def _kinds(book: Book, unread: Iterable[str]) -> dict[str, Records]:
    kinds: dict[str, Records] = {
        "term": book.terms, "scenario": book.scenarios, "debate": book.debates,
        "source": {} if "sources.yml" in unread else book.sources, "question": book.questions,
    }
    return {
        kind: {one: record for one, record in records.items() if one not in set(unread)}
        for kind, records in kinds.items()
    }


def _followed_records(records: Records, moves: Mapping[str, str], after: Records) -> Records:
    """`records` under the ids they have become; one that joined another record is left out."""
    moved = {moves[one]: record for one, record in records.items() if moves.get(one) in after}
    stayed = {one: record for one, record in records.items() if one not in moves}
    return {one: _followed(record, None, moves) for one, record in (moved | stayed).items()}


def _followed(value: Any, marker: Marker, moves: Mapping[str, str]) -> Any:
    """`value` with every id in it replaced by what it has become."""
    if isinstance(value, str) and isinstance(marker, Refers):
        return moves.get(value, value)
    if isinstance(value, str) and isinstance(marker, Markdown):
        return re.sub(r"(?<=\]\[)[a-z0-9-]+(?=\])", lambda one: moves.get(one[0], one[0]), value)
    if isinstance(value, tuple):
        return tuple(_followed(item, marker, moves) for item in value)
    if isinstance(value, Record) and moves:
        return value.model_copy(update={
            name: _followed(getattr(value, name), inner, moves)
            for name, _, inner in marked_fields(type(value))
        })
    return value


def _moved(base: Book, head: Book, moves: Mapping[str, str]) -> Iterator[Change]:
    for old, new in moves.items():
        known = base.moved.get(old)
        if new in head.records and (not known or moves.get(known.moved_to, known.moved_to) != new):
            yield Change(head.records[new].kind, new, "moved", before=old, after=new)


def _joined(base: Book, head: Book, moves: Mapping[str, str]) -> Iterator[Change]:
    """Records that moved into one that was there, or of another kind: what they said is gone."""
    for old, new in moves.items():
        lost, heir = base.records.get(old), head.records.get(new)
        if lost and (heir is None or heir.kind != lost.kind or new in base.records):
            yield Change(lost.kind, old, "removed", before=_gist(lost))


def _records(kind: str, before: Records, after: Records) -> Iterator[Change]:
    for one in before.keys() | after.keys():
        if one not in before:
            yield Change(kind, one, "added", after=_gist(after[one]))
        elif one not in after:
            yield Change(kind, one, "removed", before=_gist(before[one]))
        else:
            yield from _fields(Change(kind, one), before[one], after[one])


def _gist(entry: AnyEntry | Question) -> str:
    """A record in a sentence or two: its name, and the preview of a link to it."""
    if isinstance(entry, Question):
        return entry.label
    return preview(entry) if isinstance(entry, Source) else f"{entry.label}: {preview(entry)}"


def _fields(at: Change, before: Record, after: Record) -> Iterator[Change]:
    for name, key, marker in marked_fields(type(after)):
        if at.path or not isinstance(after, Term) or name not in RELATIONS:
            yield from _values(at.at(key), getattr(before, name), getattr(after, name), marker)


def _values(at: Change, before: Any, after: Any, marker: Marker) -> Iterator[Change]:
    """The changes from one value to another at the place `at`."""
    if before == after:
        return
    if isinstance(before, Record) and isinstance(after, Record):
        yield from _fields(at, before, after)
    elif isinstance(before, dict) and isinstance(after, dict):
        for key in before | after:
            yield from _values(at.at(key), before.get(key), after.get(key), None)
    elif isinstance(before, tuple) and isinstance(after, tuple):
        prose = isinstance(marker, Markdown)
        names_only = all(isinstance(item, str) for item in (*before, *after)) and not prose
        yield from (_members if names_only else _items)(at, before, after, marker)
    else:
        yield _value(at, before, after, marker)


def _value(at: Change, before: Any, after: Any, marker: Marker) -> Change:
    action: Action = "added" if before is None else "removed" if after is None else "changed"
    named = _named(before, marker) ^ _named(after, marker)
    besides = at.path[-1]
    return replace(at, action=action, before=_told(before, besides), after=_told(after, besides),
                   touches=at.touches | named)


def _members(
    at: Change, before: tuple[str, ...], after: tuple[str, ...], marker: Marker
) -> Iterator[Change]:
    """Ids or names gained and lost; their order says nothing."""
    for value in before:
        if value not in after:
            yield _value(at, value, None, marker)
    for value in after:
        if value not in before:
            yield _value(at, None, value, marker)


def _items(
    at: Change, before: tuple[Any, ...], after: tuple[Any, ...], marker: Marker
) -> Iterator[Change]:
    """Records or prose gained, lost, changed or put into another order."""
    pairs = _paired(before, after)
    for old, new in pairs:
        was = None if old is None else before[old]
        is_ = None if new is None else after[new]
        item = was if is_ is None else is_
        inner = at
        if isinstance(item, Record):
            inner = at.at(_name(item), _own_ids(was) | _own_ids(is_))
        yield from _values(inner, was, is_, marker)
    kept = [old for old, new in pairs if old is not None and new is not None]
    if kept != sorted(kept):
        yield replace(at, action="reordered")


def _paired(
    before: tuple[Any, ...], after: tuple[Any, ...]
) -> list[tuple[int | None, int | None]]:
    """Positions of items that are the same item: equal, else of one name, else much alike."""
    pair: dict[int, int] = {}
    rules: tuple[Callable[[Any, Any], float], ...] = (
        lambda old, new: old == new,
        lambda old, new: isinstance(new, Record) and _name(old) == _name(new),
        likeness,
    )
    for rule in rules:
        scores = sorted(
            (-rule(before[old], after[new]), new, old)
            for new in range(len(after)) if new not in pair
            for old in range(len(before)) if old not in pair.values()
        )
        for score, new, old in scores:
            if -score >= ALIKE and new not in pair and old not in pair.values():
                pair[new] = old
    gone = [(old, None) for old in range(len(before)) if old not in pair.values()]
    return [*((pair.get(new), new) for new in range(len(after))), *gone]


def likeness(old: Any, new: Any) -> float:
    """How much two values have in common, word by word: from 0 to 1."""
    words = (_told(old) or "").split(), (_told(new) or "").split()
    return SequenceMatcher(None, words[0], words[1], autojunk=False).ratio()


def _name(item: Record) -> str:
    """What tells an item from the others of its list: its first field, as a rule."""
    first = marked_fields(type(item))[0][0]
    name = NAMES.get(type(item), lambda one: str(getattr(one, first)))(item)
    return name if len(name) <= NAME_LIMIT else name[: NAME_LIMIT - 1].rsplit(" ", 1)[0] + "…"


def _told(value: Any, besides: str = "") -> str | None:
    """A value as text; of a record, each key that says more than the name `besides`."""
    if isinstance(value, Record):
        told = {
            key: _told(getattr(value, name)) for name, key, _ in marked_fields(type(value))
            if getattr(value, name) != type(value).model_fields[name].default
        }
        return "; ".join(f"{key}: {text}" for key, text in told.items() if text != besides)
    if isinstance(value, tuple):
        return ", ".join(_told(item) or "" for item in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _named(value: Any, marker: Marker) -> frozenset[str]:
    """The ids that a value names, in a field or by a reference in prose."""
    if isinstance(value, Record):
        found = [_named(text, inner) for _, text, inner in leaves(value)]
        return frozenset().union(*found)
    if isinstance(value, str) and isinstance(marker, Refers):
        return frozenset({value})
    if isinstance(value, str) and isinstance(marker, Markdown):
        return frozenset(record_key(one.target) for one in references(value))
    return frozenset()


def _own_ids(item: Record | None) -> frozenset[str]:
    """The ids in an item's own fields, without those of items within it."""
    own = leaves(item) if item else ()
    return frozenset(
        value for keys, value, marker in own if isinstance(marker, Refers) and len(keys) <= 2
    )


class _Tie(NamedTuple):
    """A relation between two terms, and the term that it is written on."""

    owner: str
    other: str
    contrast: Contrast | None = None


def _relations(before: Records, after: Records) -> Iterator[Change]:
    """Relations between terms gained, lost and changed, whichever side holds them."""
    old, new = _ties(before), _ties(after)
    for key in sorted(old.keys() | new.keys()):
        was, is_ = old.get(key), new.get(key)
        tie = is_ or old[key]
        at = Change("term", tie.owner, path=(key[0],), touches=frozenset({tie.other}))
        if tie.contrast is None:
            if was is None or is_ is None:
                yield _value(at, was and was.other, is_ and is_.other, None)
        elif was and was.contrast and is_:
            same_side = was.contrast.model_copy(update={"term": tie.other})
            yield from _fields(at.at(tie.other), same_side, tie.contrast)
        else:
            yield _value(at.at(tie.other), was and was.contrast, is_ and is_.contrast, None)


def _ties(terms: Records) -> dict[tuple[str, ...], _Tie]:
    found: dict[tuple[str, ...], _Tie] = {}
    for one, term in terms.items():
        if isinstance(term, Term):
            for wide in term.broader:
                found["broader", one, wide] = _Tie(one, wide)
            for other in term.related:
                found["related", *sorted((one, other))] = _Tie(one, other)
            for contrast in term.contrast:
                pair = sorted((one, contrast.term))
                found["contrast", *pair] = _Tie(one, contrast.term, contrast)
    return {key: tie for key, tie in found.items() if tie.owner != tie.other}


def _shared(base: Book, head: Book, unread: Iterable[str]) -> Iterator[Change]:
    """Changes of the files that are there once: exam, guide and settings."""
    for kind, path, before, after in (
        ("exam", "study/exam.yml", base.exam, head.exam),
        ("guide", "guide.yml", base.guide, head.guide),
        ("settings", "termbook.yml", base.settings, head.settings),
    ):
        if path not in unread and before and after:
            yield from _fields(Change(kind, path), before, after)
        elif path not in unread and before is not after:
            yield Change(kind, path, "removed" if before else "added")


def _pages(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for path in before.keys() | after.keys():
        old, new = before.get(path), after.get(path)
        if old is None or new is None:
            yield Change("page", path, "removed" if new is None else "added")
        elif old != new:
            yield Change("page", path, path=("text",), before=old, after=new)
