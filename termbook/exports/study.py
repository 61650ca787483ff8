"""The study part's data for browsers: classic scripts that set a variable, as a page may not fetch.

`study/bank.js` sets `window.termbookBank`:

    {version, exam, largestExam, asked: {type: what a reader is to do},
     domains: [{id, label, weight, address, tasks: [{id, label}]}],
     scenarios: [{id, label}], terms: {id: label}, sources: {id: name}, debates: {id: question},
     items: [{key, type, frame?, stem, options: [{text, correct?, place?, match?, reason}], terms?,
              scenario?, tasks, domain?, difficulty, sources?, debates?, derived?, address}]}

Keys are those of `termbook.study.bank.Item`; one with `?` is left out when it is empty. A `reason`
is a list whose members are plain text, or a pair of a link's text and its address; a script puts
both into text nodes, so no word of a record ever becomes HTML. `version` is the bank's, `exam` the
exam's name, and `largestExam` the most questions that a mock exam can have.

`study/cards.js` sets `window.termbookCards`:

    {site, kinds: {id: label}, domains: [{id, label}], scenarios: [{id, label}],
     groups: [{id, label}],
     cards: [{key, kind, front, back, terms, scenario?, domains?, groups?, address, retired?}]}

Keys are those of `termbook.study.cards.Card`; `groups` are those of its terms. `site` tells the
progress of this site's learners from that of another: it is the site's name, so whoever gives the
site another name parts learners from what they have done.

Every address is relative to the site's root: put the page's own way there (Material's
`__config.base`) before it. The page of a term is `glossary/<id>/`, that of a source
`sources/<id>/`, of a debate `debates/<id>/`, of a scenario `scenarios/<id>/`. In a folder without a
server it also needs `index.html` at its end, before a fragment.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from ..book import Book
from ..model import Exam, Source
from ..prose import pieces
from ..study.bank import Bank, Item, domain_page
from ..study.cards import KINDS, Card, cards
from ..study.draw import largest_exam
from ..study.pages import ASKED

Resolve = Callable[[str], str | None]


def bank_script(book: Book, bank: Bank, resolve: Resolve) -> str:
    """The text of `study/bank.js`; `resolve` gives the address of what a reference names."""
    assert book.exam
    used = {one for item in bank.items for one in (*item.terms, *item.sources, *item.debates)}
    data = {
        "version": bank.version, "exam": book.exam.title,
        "largestExam": largest_exam(bank.items, bank.weights), "asked": ASKED,
        "domains": _domains(book.exam),
        "scenarios": [{"id": one.id, "label": one.label} for one in book.scenarios.values()],
        "terms": {one.id: one.label for one in book.terms.values() if one.id in used},
        "sources": {one.id: _name(one) for one in book.sources.values() if one.id in used},
        "debates": {one.id: one.question for one in book.debates.values() if one.id in used},
        "items": [_item(item, resolve) for item in bank.items],
    }
    return _script("termbookBank", data)


def cards_script(book: Book, site: str) -> str:
    """The text of `study/cards.js`; `site` is the name of the site."""
    assert book.exam
    some = [
        {**_filled(asdict(card)), **_filled({"groups": _groups(book, card)})}
        for card in cards(book)
    ]
    return _script("termbookCards", {
        "site": site, "kinds": KINDS,
        "domains": [{"id": one.id, "label": one.label} for one in book.exam.domains],
        "scenarios": [{"id": one.id, "label": one.label} for one in book.scenarios.values()],
        "groups": [{"id": key, "label": label} for key, label in book.settings.groups.items()],
        "cards": some,
    })


def _groups(book: Book, card: Card) -> list[str]:
    groups = (book.terms[term].group for term in card.terms)
    return list(dict.fromkeys(filter(None, groups)))


def _domains(exam: Exam) -> list[dict[str, Any]]:
    return [
        {"id": one.id, "label": one.label, "weight": one.weight,
         "address": domain_page(one) + "/",
         "tasks": [{"id": task.id, "label": task.label} for task in one.tasks]}
        for one in exam.domains
    ]


def _name(source: Source) -> str:
    return source.short or source.title


def _item(item: Item, resolve: Resolve) -> dict[str, Any]:
    options = [
        {**_filled(option.model_dump()), "reason": pieces(option.reason, resolve)}
        for option in item.options
    ]
    return {**_filled(asdict(item)), "tasks": item.tasks, "options": options}


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that hold something."""
    return {name: value for name, value in fields.items() if value}


def _script(name: str, data: object) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"window.{name}={text}\n"
