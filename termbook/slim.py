"""Styles without what no page of the site can use, and scripts as short as can be.

The theme's styles serve every feature it has. Here a rule goes when what it asks for stands in no
page and no script, and then the custom properties that nothing reads any more.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache, partial
from importlib.metadata import version
from typing import NamedTuple

from .cache import Cache, digest, engine

# The folders below the assets that hold our scripts, and what the paths of the theme's styles begin
# with.
_OURS, _OF_THEME = {"", "study"}, "stylesheets/"
# What a page holds is only read here, and too much of it does no harm: a `\b` in front would
# keep out no more than harmless finds, and make both ten times slower.
_CLASSES = re.compile(r"""class=(?:"([^"]*)"|'([^']*)'|([^\s>]*))""")
_FIXED = re.compile(r'd(?:ir|ata-md-color-(?:primary|accent))="?[\w-]+')
_WORD = re.compile(r"[\w-]+")
_TAB = re.compile(r'id="__tabbed_\d+_(\d+)"')
_NTH = re.compile(r":nth-child\((\d+)\)")
# The theme's script makes these only for what it finds in a page.
_MADE_FOR = {
    "md-annotation": ('class="annotate', '"content.code.annotate"'),
    "md-source__fact": ('data-md-component="source"',),
    "md-version": ('data-md-component="outdated"',),
}

_STRING = r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'"""
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CLASS = re.compile(r"\.((?:\\.|[\w-])+)")
_ANY_OF = re.compile(r":(?:not|is|where|has|-webkit-any|-moz-any)\([^()]*\)")
_PROPERTY = re.compile(r"--[\w-]+")
_GROUPED = re.compile(r"""[(\["'\\]""")
_NESTING = ("@media", "@supports", "@layer", "@container")


class Used:
    """Tells of a selector whether anything in the pages and scripts seen so far may match it."""

    def __init__(self) -> None:
        self._classes: set[str] = set()
        self._fixed: set[str] = set()
        self._made: set[str] = set()
        self._tabs = 0

    @classmethod
    def of(cls, told: str) -> Used:
        """What was `told`."""
        used = cls()
        classes, fixed, made, used._tabs = json.loads(told)
        used._classes, used._fixed, used._made = set(classes), set(fixed), set(made)
        return used

    @property
    def told(self) -> str:
        """All that it has seen."""
        return json.dumps([*map(sorted, (self._classes, self._fixed, self._made)), self._tabs])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Used) and self._seen == other._seen

    def __hash__(self) -> int:
        return hash(self._seen)

    @property
    def _seen(self) -> tuple[object, ...]:
        return *map(frozenset, (self._classes, self._fixed, self._made)), self._tabs

    def page(self, html: str) -> None:
        """See the classes of a page, its tabs, and those attributes that no script sets."""
        for found in set(_CLASSES.findall(html)):
            self._classes.update("".join(found).split())
        self._fixed.update(one.replace('"', "") for one in _FIXED.findall(html))
        for name, causes in _MADE_FOR.items():
            if any(cause in html for cause in causes):
                self._made.add(name)
        self._tabs = max(self._tabs, *map(int, _TAB.findall(html)), 0)

    def join(self, other: Used) -> None:
        """See all that `other` has seen."""
        self._classes |= other._classes
        self._fixed |= other._fixed
        self._made |= other._made
        self._tabs = max(self._tabs, other._tabs)

    def script(self, text: str) -> None:
        """See the words of a script, any of which may be a class."""
        self._classes.update(_WORD.findall(text))

    def __call__(self, selector: str) -> bool:
        while (plain := _ANY_OF.sub("", selector)) != selector:
            selector = plain
        if ".tabbed-" in plain and any(int(number) > self._tabs for number in _NTH.findall(plain)):
            return False
        names = (name.replace("\\", "") for name in _CLASS.findall(plain))
        return all(map(self._has, names)) and self._fixed.issuperset(
            one.replace('"', "") for one in _FIXED.findall(plain)
        )

    def _has(self, name: str) -> bool:
        if any(name.startswith(made) for made in _MADE_FOR.keys() - self._made):
            return False
        # A script may put a class together from its block and its modifier.
        return not self._classes.isdisjoint((name, re.sub("--.*", "--", name)))


class Block(NamedTuple):
    """A rule or at-rule: what stands before the brace, and what between the braces, which is text
    or further rules; None without braces.
    """

    head: str
    body: str | list[Block] | None


def shortened(scripts: Mapping[str, str], kept: Cache) -> dict[str, str]:
    """Those of `scripts`, texts by their paths below the assets, that are ours, as short as can be.
    """
    ours = {path: text for path, text in scripts.items() if path.rpartition("/")[0] in _OURS}
    return _once(kept, ours, (), lambda: {
        path: small(text, "text/javascript") for path, text in ours.items()
    })


def slimmed(
    styles: Mapping[str, str], scripts: Collection[str], used: Used, kept: Cache
) -> dict[str, str]:
    """`styles`, texts by their paths below the assets, without what nothing can use.

    `used` has seen all pages; `scripts` are the texts of all scripts.
    """
    def make() -> dict[str, str]:
        for script in scripts:
            used.script(script)
        by_scripts = set().union(*map(properties, scripts))
        reads = {path: properties(text) for path, text in styles.items()}
        made = {}
        for path, text in styles.items():
            others = by_scripts.union(*(those for one, those in reads.items() if one != path))
            may_match = used if path.startswith(_OF_THEME) else lambda selector: True
            made[path] = small(slim(text, may_match, others), "text/css")
        return made

    return _once(kept, styles, (used.told, *scripts), make)


def _once(
    kept: Cache, texts: Mapping[str, str], others: Collection[str],
    make: Callable[[], dict[str, str]],
) -> dict[str, str]:
    """What `make` makes of `texts` and `others`, unless it was kept."""
    key = digest(engine(), version("tdewolff-minify"), *texts, *texts.values(), *others)
    return dict(json.loads(kept.once(key, lambda: json.dumps(make()).encode())))


def properties(text: str) -> set[str]:
    """The custom properties that a style sheet or a script names."""
    return set(_PROPERTY.findall(text))


def slim(css: str, may_match: Callable[[str], bool], elsewhere: Collection[str] = ()) -> str:
    """`css` without rules that nothing may match, and without properties that nothing reads.

    `elsewhere` are those that other style sheets and scripts name, and may read.
    """
    rules = _changed(
        _blocks(_COMMENT.sub("", css)),
        lambda rule: Block(",".join(filter(may_match, _split(rule.head, ","))), rule.body),
    )
    before, css = "", _text(rules)
    while css != before:
        read = set(elsewhere).union(re.findall(r"var\(\s*(--[\w-]+)", css))
        rules = _changed(rules, partial(_reading, read))
        before, css = css, _text(rules)
    return css


def small(text: str, kind: str) -> str:
    """A script or style sheet as short as it can be said; `kind` is its media type."""
    # Not at the top: its runtime should not be there yet when workers are forked.
    import minify

    return str(minify.string(kind, text))


def _reading(read: set[str], rule: Block) -> Block:
    """`rule` with those custom properties only that are `read`."""
    if not isinstance(rule.body, str) or "--" not in rule.body:
        return rule
    kept = []
    for declaration in filter(None, _split(rule.body, ";")):
        name = declaration.partition(":")[0].strip()
        if not name.startswith("--") or name in read:
            kept.append(declaration)
    return Block(rule.head, ";".join(kept))


def _changed(rules: Iterable[Block], change: Callable[[Block], Block]) -> list[Block]:
    """Each rule changed, and gone when nothing is left of it."""
    kept = []
    for rule in rules:
        if isinstance(rule.body, list):
            rule = Block(rule.head, _changed(rule.body, change))
        elif rule.body is not None and not rule.head.startswith("@"):
            rule = change(rule)
        if rule.body is None or (rule.head and rule.body):
            kept.append(rule)
    return kept


def _text(rules: Iterable[Block]) -> str:
    return "".join(
        head if body is None
        else f"{head}{{{body if isinstance(body, str) else _text(body)}}}"
        for head, body in rules
    )


def _blocks(css: str) -> Iterator[Block]:
    start = brace = depth = 0
    for at, sign in _signs(css):
        if sign == "{":
            brace = brace if depth else at
            depth += 1
        elif sign == "}":
            depth -= 1
            if not depth:
                head, body = css[start:brace].strip(), css[brace + 1 : at]
                yield Block(head, list(_blocks(body)) if head.startswith(_NESTING) else body)
                start = at + 1
        elif sign == ";" and not depth:
            yield Block(css[start : at + 1].strip(), None)
            start = at + 1


def _split(text: str, separator: str) -> Iterator[str]:
    """The parts of `text` between separators that stand in no brackets and no string."""
    if not _GROUPED.search(text):
        yield from map(str.strip, text.split(separator))
        return
    start = depth = 0
    for at, sign in _signs(text, f"()[]{separator}"):
        if sign in "([":
            depth += 1
        elif sign in ")]":
            depth -= 1
        elif not depth:
            yield text[start:at].strip()
            start = at + 1
    yield text[start:].strip()


def _signs(css: str, wanted: str = "{};") -> Iterator[tuple[int, str]]:
    """The place of each of the `wanted` signs that stands in no string and is not escaped."""
    return ((found.start(), found[1]) for found in _sign(wanted).finditer(css) if found[1])


@cache
def _sign(wanted: str) -> re.Pattern[str]:
    return re.compile(rf"""\\.|{_STRING}|([{re.escape(wanted)}])""", re.DOTALL)
