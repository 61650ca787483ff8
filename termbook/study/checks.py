"""The rules that questions must keep, and the bank as a whole."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator

from ..book import Book
from ..model import Debate, KeyPath
from ..problems import Problem
from .question import Question

# From how many questions with one right option on the bank as a whole is looked at.
ENOUGH = 30
# Where the longest option is right more often than this, in percent, it gives itself away.
LONGEST = 35
# How much more than its share of the right options a place may hold, in percent.
UNEVEN = 150
# A place that few questions have may hold any share.
LEAST_SHARE = 5
# What an offence against a rule of the whole bank names.
NAMED = 5
_OTHERS = re.compile(
    r"\b(all|none|any|neither|both|some) of (the |these )?"
    r"(above|(above |other )?(options|answers|choices)|others)\b", re.IGNORECASE)


def check_question_options(book: Book) -> Iterator[Problem]:
    """A question's options are of its type: marked right, placed or matched as that asks."""
    for question in book.questions.values():
        for keys, message, hint in _misfits(question):
            yield Problem(book.locate(question.id, keys), "wrong-options", message, hint)


def _misfits(question: Question) -> Iterator[tuple[KeyPath, str, str]]:
    """Where the options do not fit the type of their question, why, and how to mend it."""
    kind, total = question.type, len(question.options)
    right = sum(option.correct for option in question.options)
    wanted = {"order": "place", "match": "match"}.get(kind, "correct")
    for index, option in enumerate(question.options):
        for key in ("correct", "place", "match"):
            if key != wanted and getattr(option, key):
                yield ("options", index, key), f'"{key}" says nothing in a question of type ' \
                    f'"{kind}"', "Remove it, or change the type"
        if wanted != "correct" and getattr(option, wanted) is None:
            yield ("options", index), f'an option has no "{wanted}"', f'Add "{wanted}:"'
    if kind == "one" and right != 1:
        yield ("options",), f"{right} options are right", 'Mark one with "correct: true"'
    if kind in ("several", "depends") and right < 2:
        yield ("options",), f"{right or 'no'} option{'s are' * (not right) or ' is'} right", \
            "Mark two or more, or change the type"
    if kind == "several" and right == total:
        yield ("options",), "every option is right", "Add one that is wrong"
    places = sorted(option.place or 0 for option in question.options)
    if kind == "order" and 0 not in places and places != list(range(1, total + 1)):
        yield ("options",), f"the places are {', '.join(map(str, places))}", \
            f"Number the options from 1 to {total}"


def check_question_texts(book: Book) -> Iterator[Problem]:
    """The options of a question differ in their texts."""
    for question in book.questions.values():
        first: dict[str, int] = {}
        for index, option in enumerate(question.options):
            same = first.setdefault(" ".join(option.text.casefold().split()).rstrip("."), index)
            if same != index:
                yield Problem(
                    book.locate(question.id, ("options", index, "text")), "same-option",
                    f"options {same + 1} and {index + 1} say the same", "Change or remove one",
                )


def check_question_keys(book: Book) -> Iterator[Problem]:
    """No two questions have one key."""
    first: dict[str, Question] = {}
    for question in book.questions.values():
        other = first.setdefault(question.key, question)
        if other is not question:
            yield Problem(
                book.locate(question.id, ("key",)), "same-key",
                f'{book.paths[other.id]} has the key "{question.key}" as well',
                "Give the newer of the two another key of eight hexadecimal digits",
            )


def check_options_stand_alone(book: Book) -> Iterator[Problem]:
    """No option speaks of the other options, as they are shown in any order."""
    for question in book.questions.values() if book.settings.language == "en" else ():
        for index, option in enumerate(question.options):
            if found := _OTHERS.search(option.text):
                yield Problem(
                    book.locate(question.id, ("options", index, "text"), within=found[0]),
                    "refers-to-options", f'an option speaks of other options ("{found[0]}")',
                    "Say what it means: options are shown in any order",
                )


def check_disputed_answers(book: Book) -> Iterator[Problem]:
    """A question that rests on both sides of a debate has a frame, or several answers.

    Sides of a debate are positions that hold in the question's scenario.
    """
    for question in book.questions.values():
        if question.frame or question.type == "depends":
            continue
        for index, debate_id in enumerate(question.debates):
            debate = book.debates.get(debate_id)
            sides = _sides(question, debate) if debate else []
            if len(sides) > 1:
                yield Problem(
                    book.locate(question.id, ("debates", index)), "disputed-answer",
                    f'its sources take {len(sides)} positions of "{debate_id}": '
                    + "; ".join(f'"{one}"' for one in sides),
                    'Add "frame:" with the source whose answer counts, make it "type: depends", or '
                    "cite only what the answer rests on",
                )


def _sides(question: Question, debate: Debate) -> list[str]:
    return [
        position.holds for position in debate.positions
        if question.scenario is None or question.scenario in position.scenarios
        if not set(position.sources).isdisjoint(question.sources)
    ]


def check_longest_options(book: Book) -> Iterator[Problem]:
    """In a bank of 30 or more, the right option is the longest in at most 35 % of questions."""
    questions = _single(book)
    lead = {question.id: _lead(question) for question in questions}
    longest = sorted((one for one in lead if lead[one] > 0), key=lambda one: (-lead[one], one))
    if len(questions) >= ENOUGH and len(longest) * 100 > LONGEST * len(questions):
        share = len(longest) * 100 / len(questions)
        yield Problem(
            book.locate(longest[0], ("options",), key=True), "longest-is-right",
            f"the right option is the longest in {len(longest)} of {len(questions)} questions "
            f"({share:.0f} %, at most {LONGEST} %)",
            f"Shorten it or lengthen others, here and in {_named(book, longest[1:])}",
        )


def _lead(question: Question) -> int:
    """By how many characters the right option is longer than any other; 0 or less if it is not."""
    lengths = [(len(option.text), option.correct) for option in question.options]
    return max(size for size, right in lengths if right) - max(
        size for size, right in lengths if not right)


def check_places_of_right_options(book: Book) -> Iterator[Problem]:
    """In a bank of 30 or more, no place holds over 1.5 times its share of the right options."""
    questions = _single(book)
    if len(questions) < ENOUGH:
        return
    held: dict[int, list[str]] = defaultdict(list)
    share: dict[int, float] = defaultdict(float)
    for question in questions:
        held[[option.correct for option in question.options].index(True)].append(question.id)
        for place in range(len(question.options)):
            share[place] += 1 / len(question.options)
    for place, ids in sorted(held.items()):
        if share[place] >= LEAST_SHARE and len(ids) * 100 > UNEVEN * share[place]:
            yield Problem(
                book.locate(ids[0], ("options",), key=True), "uneven-places",
                f"the right option is number {place + 1} in {len(ids)} of {len(questions)} "
                f"questions (its share is {share[place]:.0f})",
                f"Move it, here or in {_named(book, ids[1:])}",
            )


def _single(book: Book) -> list[Question]:
    """The questions with one right option that are sound in that."""
    return [
        question for question in book.questions.values()
        if question.type == "one" and sum(option.correct for option in question.options) == 1
    ]


def _named(book: Book, ids: list[str]) -> str:
    return ", ".join(book.paths[one] for one in ids[:NAMED])


CHECKS: tuple[Callable[[Book], Iterator[Problem]], ...] = tuple(
    value for name, value in dict(globals()).items() if name.startswith("check_")
)
