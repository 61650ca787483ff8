"""What the pages of the study part show, as data for their templates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from ..book import Book
from .bank import Bank, Item, domain_page, task_page
from .draw import match_order, option_order
from .question import Option

# What a reader is to do, where it is not to choose the one right option.
ASKED = {
    "several": "Choose all that are right.",
    "depends": "More than one answer is accepted.",
    "order": "Put them in order.",
    "match": "Find what each belongs to.",
}
# The folders of derived questions: a name for links, and what is said on top of their pages.
DERIVED = {
    "pairs": (
        "pairs of terms",
        "Two terms that are easily confused have lost their places. Each question is made from "
        "what tells the two apart on their pages.",
    ),
    "scenarios": (
        "the scenarios",
        "Who plays a role in a scenario, and which scenario does a case belong to? Each question "
        "is made from a scenario, whose page gives the whole answer.",
    ),
}
# The pages show options in an order of their own, which the place of the right one does not give.
SEED = "page"


@dataclass(frozen=True)
class Page:
    """A page of questions; `also` are those that serve it and stand on another.

    `path` is relative to the site, as an Item's `page`. A page has the questions of one task, one
    scenario or one group of terms, so that no page grows with the whole bank.
    """

    path: str
    heading: str
    anchor: str
    gist: str
    items: tuple[Item, ...]
    also: tuple[Item, ...] = ()


@dataclass(frozen=True)
class Folder:
    """The pages of one domain, or of one kind of derived questions, and the page above them."""

    path: str
    name: str
    lead: str
    derived: bool
    pages: tuple[Page, ...]

    @property
    def number(self) -> int:
        """How many questions it has."""
        return sum(len(page.items) for page in self.pages)


def folders(book: Book, bank: Bank) -> Iterator[Folder]:
    """Every folder of questions: the domains of the exam, then what is derived, if there is any.

    Each authored question stands under its first task, and every task has a page.
    """
    items = defaultdict(list)
    for item in bank.items:
        items[item.page].append(item)
    authored = [item for item in bank.items if not item.derived]
    for domain in book.exam.domains if book.exam else ():
        yield Folder(
            domain_page(domain), domain.label,
            f"{domain.weight} % of the exam. Think before you open an answer: it gives a reason "
            "for every option.",
            False,
            tuple(
                Page(path := task_page(domain, task.id), f"{task.id} {task.label}",
                     anchor(task.id), task.gist or "", tuple(items[path]),
                     tuple(item for item in authored if task.id in item.tasks[1:]))
                for task in domain.tasks
            ),
        )
    for kind, (name, lead) in DERIVED.items():
        path = f"study/derived/{kind}"
        pages = (
            Page(one, _heading(book, some[0]), one.rpartition("/")[2], "", tuple(some))
            for one, some in items.items() if one.startswith(f"{path}/")
        )
        if found := tuple(sorted(pages, key=lambda page: page.heading)):
            yield Folder(path, name, lead, True, found)


def _heading(book: Book, derived: Item) -> str:
    if derived.scenario:
        return book.scenarios[derived.scenario].label
    return book.settings.groups.get(book.terms[derived.terms[0]].group or "", "Other pairs")


def anchor(task_id: str) -> str:
    """The id of a task's section on the page of its domain."""
    return "task-" + "".join(letter if letter.isalnum() else "-" for letter in task_id.lower())


def shown(item: Item) -> list[Option]:
    """The options as a page shows them."""
    return [item.options[place] for place in option_order(item, SEED)]


def matches(item: Item) -> list[str]:
    """What the options belong to, as a page shows it."""
    return match_order(item, SEED)


def verdict(option: Option, item: Item) -> str:
    """What the answer says of an option in a word or two."""
    if item.type == "order":
        return f"Place {option.place}."
    if item.type == "match":
        return f"{option.match}."
    if item.type == "depends":
        return "Accepted." if option.correct else "Not accepted."
    return "Right." if option.correct else "Wrong."
