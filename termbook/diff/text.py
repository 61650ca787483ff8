"""A review printed: as text for terminals and comments, as Markdown, and as JSON."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import groupby

from ..problems import as_text as problem_text
from ..prose import escape
from .compare import Change, word_diff
from .review import Review

WIDTH = 100
CONTEXT = 5
SIGNS = {"added": "+", "removed": "-", "moved": "~", "changed": "~", "reordered": "~"}
STEP = " › "


def as_text(review: Review) -> str:
    """Signs as in a textual diff, in the first column; words as `[-before-] {+after+}`."""
    lines = [problem_text(problem) for problem in review.problems]
    for (kind, one), some in _by_record(review):
        lines += ["", *([] if _of_whole(some) else [f"  {kind} {one}"])]
        for change in some:
            where = f"  {STEP.join(change.path)}" if change.path else f"{kind} {one}"
            lines.append(_wrapped(SIGNS[change.action], where, _said(change)))
    lines += ["", *_reach(review), summary(review)]
    return "\n".join(lines).lstrip("\n") + "\n"


def as_markdown(review: Review) -> str:
    """For a page of its own, such as a job summary; words before and after as `<del>`, `<ins>`."""
    parts = [f"## {escape(summary(review))}"]
    parts += [f"- **error:** {escape(problem_text(problem))}" for problem in review.problems]
    for (kind, one), some in _by_record(review):
        parts.append(f"### {kind} `{one}` {_of_whole(some) or 'changed'}")
        parts.append("\n".join(map(_item, some)))
    if reached := _reach(review):
        parts += ["### Also look at", "\n".join(f"- {escape(line)}" for line in reached)]
    return "\n\n".join(parts) + "\n"


def as_json(review: Review) -> str:
    """Every change with its words, for other programs."""
    data = {
        "summary": summary(review),
        "changes": [_plain(change) for change in review.changes],
        "affected": {"pages": review.pages, "questions": review.questions},
        "problems": [
            {"path": one.place.path, "code": one.code, "message": one.message, "hint": one.hint}
            for one in review.problems
        ],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


FORMATS: dict[str, Callable[[Review], str]] = {
    "text": as_text, "markdown": as_markdown, "json": as_json,
}


def summary(review: Review) -> str:
    """How many records and relations changed, and how many pages and questions that reaches."""
    records = Counter(
        f"{kind} {_of_whole(some) or 'changed'}" for (kind, _), some in _by_record(review)
    )
    ties = [change.action for change in review.changes if change.relation]
    counts = records | Counter({
        "relation gained": ties.count("added"), "relation lost": ties.count("removed"),
        "page affected": len(review.pages), "question affected": len(review.questions),
    })
    told = [f"{count} {_plural(what, count)}" for what, count in counts.items() if count]
    return ", ".join(told) or "No change in what is said"


def _plural(what: str, count: int) -> str:
    noun, participle = what.split(" ")
    plain = {"exam": "exam outline", "guide": "guide", "settings": "settings file"}.get(noun, noun)
    return f"{plain}{'s' if count != 1 else ''} {participle}"


def _by_record(review: Review) -> Iterator[tuple[tuple[str, str], list[Change]]]:
    for key, some in groupby(review.changes, key=lambda change: (change.kind, change.id)):
        yield key, list(some)


def _of_whole(some: list[Change]) -> str:
    """What happened to a record as a whole; empty when only parts of it changed."""
    return next((change.action for change in some if not change.path), "")


def _said(change: Change) -> str:
    """What a change says, on one line."""
    if change.action == "reordered":
        return "put into another order"
    if change.action == "moved":
        return f"moved here from {change.before}"
    if change.before is None or change.after is None:
        return " ".join((change.before or change.after or "").split())
    if not _is_prose(change):
        return f"{change.before} → {change.after}"
    return _marked(change, {"both": "{}", "before": "[-{}-]", "after": "{{+{}+}}"}, str)


def _is_prose(change: Change) -> bool:
    return any(len((text or "").split()) > 1 for text in (change.before, change.after))


def _marked(change: Change, marks: dict[str, str], written: Callable[[str], str]) -> str:
    """The words that changed between marks, with a few of those around them."""
    words = word_diff(change.before or "", change.after or "")
    told = ""
    for number, (side, text) in enumerate(words):
        bare = text.strip()
        if side == "both":
            bare = _clipped(bare, number == 0, number == len(words) - 1)
        told += (" " if text.startswith(" ") else "") + marks[side].format(written(bare))
    return told


def _clipped(text: str, first: bool, last: bool) -> str:
    words = text.split(" ")
    head = [] if first else words[:CONTEXT]
    tail = [] if last else words[-CONTEXT:]
    if len(words) <= len(head) + len(tail) + 1:
        return text
    return " ".join([*head, "…", *tail])


def _wrapped(sign: str, what: str, said: str) -> str:
    line = f"{sign} {what}: {said}" if said else f"{sign} {what}"
    return textwrap.fill(
        line, WIDTH, subsequent_indent=f"{sign}     ", break_long_words=False,
        break_on_hyphens=False, drop_whitespace=True,
    )


def _item(change: Change) -> str:
    where = f" **{escape(STEP.join(change.path))}**" if change.path else ""
    if change.action == "changed" and _is_prose(change):
        marks = {"both": "{}", "before": "<del>{}</del>", "after": "<ins>{}</ins>"}
        said = _marked(change, marks, escape)
    else:
        said = escape(_said(change))
    return f"- {change.action}{where}{': ' if said else ''}{said}"


def _reach(review: Review) -> list[str]:
    return [
        f"{noun} affected: {', '.join(names)}"
        for noun, names in (("pages", review.pages), ("questions", review.questions)) if names
    ]


def _plain(change: Change) -> dict[str, object]:
    data = asdict(change)
    del data["touches"]
    if change.action == "changed" and _is_prose(change):
        words = word_diff(change.before or "", change.after or "")
        data["words"] = [list(one) for one in words]
    return data
