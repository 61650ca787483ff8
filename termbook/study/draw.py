"""The seeded draw: the same seed and bank give everybody the same quiz, here and in a browser.

The same algorithm stands in `theme/assets/study/draw.js`; `tests/draws.json` holds draws of both.

Words come from sfc32, Chris Doty-Humphrey's generator (PractRand, `sfc.cpp`), whose state is the
first half of the SHA-256 (FIPS 180-4) of the seed in UTF-8 and Unicode normal form C. A number
below n is taken from a word without bias, and lists are shuffled by Durstenfeld's form of the
Fisher-Yates shuffle, from the end.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from .bank import Item

T = TypeVar("T")
WORD = 2**32
# What the exam of a group may hold; the real one has 120 questions.
FEWEST, MOST = 10, 120


def random_words(seed: str) -> Iterator[int]:
    """The endless stream of 32-bit numbers that belongs to `seed`."""
    state = hashlib.sha256(unicodedata.normalize("NFC", seed).encode()).digest()
    a, b, c, count = (int.from_bytes(state[i:i + 4], "big") for i in range(0, 16, 4))
    while True:
        word = (a + b + count) % WORD
        count = (count + 1) % WORD
        a = b ^ b >> 9
        b = (c + (c << 3)) % WORD
        c = ((c << 21 | c >> 11) + word) % WORD
        yield word


def shuffled(things: Iterable[T], seed: str) -> list[T]:
    """A list of `things` in the order that `seed` gives them."""
    random = random_words(seed)
    order = list(things)
    for last in range(len(order) - 1, 0, -1):
        other = _below(last + 1, random)
        order[last], order[other] = order[other], order[last]
    return order


def _below(limit: int, random: Iterator[int]) -> int:
    """A number from 0 up to but not including `limit`, each as likely as any other."""
    fair = WORD - WORD % limit
    return next(word for word in random if word < fair) % limit


def quotas(weights: Mapping[str, int], number: int) -> dict[str, int]:
    """How many of `number` questions each domain gets: largest remainders, sum exact.

    `weights` are in percent; of equal remainders the earlier domain's is rounded up.
    """
    shares = {domain: divmod(weight * number, 100) for domain, weight in weights.items()}
    left = number - sum(whole for whole, _ in shares.values())
    up = sorted(shares, key=lambda domain: -shares[domain][1])[:left]
    return {domain: whole + (domain in up) for domain, (whole, _) in shares.items()}


def matching(
    items: Iterable[Item], scenario: str = "", domain: str = "", task: str = "",
    derived: bool | None = None,
) -> list[Item]:
    """The items of a scenario, domain or task; only derived ones, or none, if that is said."""
    return [
        item for item in items
        if scenario in ("", item.scenario) and domain in ("", item.domain)
        and (not task or task in item.tasks)
        and derived in (None, bool(item.derived))
    ]


def practice(items: Iterable[Item], seed: str, number: int) -> list[Item]:
    """At most `number` of `items`; with a larger number, the same ones come first."""
    return shuffled(sorted(items, key=lambda item: item.key), seed)[:number]


def exam(
    items: Sequence[Item], weights: Mapping[str, int], seed: str, number: int
) -> list[Item]:
    """An exam of `number` questions with the quota of each domain, mixed.

    A domain's derived questions serve only where its authored ones run out. Raises ValueError
    when the bank cannot fill a quota.
    """
    order = practice(items, seed, len(items))
    chosen: set[str] = set()
    for domain, quota in quotas(weights, number).items():
        ours = sorted(matching(order, domain=domain), key=lambda item: bool(item.derived))
        if len(ours) < quota:
            raise ValueError(f"the domain {domain} has {len(ours)} questions of {quota}")
        chosen.update(item.key for item in ours[:quota])
    return [item for item in order if item.key in chosen]


def largest_exam(items: Sequence[Item], weights: Mapping[str, int]) -> int:
    """The most questions, up to MOST, for which no exam of FEWEST or more falls short; else 0."""
    there = {domain: len(matching(items, domain=domain)) for domain in weights}
    largest = 0
    for number in range(FEWEST, MOST + 1):
        if any(quota > there[domain] for domain, quota in quotas(weights, number).items()):
            break
        largest = number
    return largest


def option_order(item: Item, seed: str) -> list[int]:
    """The places of the item's options, in the order in which they are shown."""
    return shuffled(range(len(item.options)), f"{seed}\n{item.key}")


def match_order(item: Item, seed: str) -> list[str]:
    """What the options of a question of matching belong to, each once, in the order shown."""
    matches = dict.fromkeys(option.match for option in item.options if option.match)
    return shuffled(matches, f"{seed}\n{item.key}\nmatch")
