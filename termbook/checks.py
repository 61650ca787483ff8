"""The rules a knowledge base must keep. A check takes a Book and yields its problems.

What a single file can break on its own (keys, types, lengths, encoding, ids) is found while
loading; here stand the rules between records. Each docstring states its rule.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from . import layout
from .book import Book
from .edits import position as line_and_column
from .guide import Guide, GuideOption
from .labels import names
from .model import Exam, KeyPath, Markdown, Refers, Scenario, Term, leaves
from .problems import Place, Problem, did_you_mean
from .prose import html_tag, record_key, references, targets
from .study import checks as study_checks

Check = Callable[[Book], Iterator[Problem]]

GUIDE = "guide.yml"
EXAM = "study/exam.yml"
MOST_QUESTIONS = 4

# What `termbook new` writes in place of a text.
TO_BE_WRITTEN, DOTS = "To be written", "…"
PLACEHOLDER = re.compile(rf"{TO_BE_WRITTEN}\b|{DOTS}$")

# Where the records of a kind are written.
HOMES = {
    "term": "glossary/", "scenario": "scenarios/", "debate": "debates/", "source": "sources.yml",
    "task": EXAM, "group": "termbook.yml",
}


def check_references(book: Book) -> Iterator[Problem]:
    """Every id names a record of the kind that its key asks for."""
    known = {
        "term": book.terms, "scenario": book.scenarios, "debate": book.debates,
        "source": book.sources, "task": book.tasks,
    }
    for entry in book.records.values():
        for keys, value, marker in book.leaves[entry.id]:
            if not isinstance(marker, Refers) or any(value in known[k] for k in marker.kinds):
                continue
            kind = marker.kinds[0]
            if not _unread(book, kind, value):
                place = book.locate(entry.id, keys)
                yield _unknown(place, kind, value, list(known[kind]), book)


def _unread(book: Book, kind: str, value: str) -> bool:
    """Whether `value` may stand in a file that could not be read, which is reported already."""
    return value in book.unread or HOMES[kind] in book.unread


def _unknown(place: Place, kind: str, value: str, known: list[str], book: Book) -> Problem:
    article = "an exam task" if kind == "task" else f"a {kind}"
    former = book.exam.former_tasks if book.exam and kind == "task" else {}
    if value in former:
        hint = f'It is now "{former[value]}": write that'
        return Problem(place, "outdated-task", f'"{value}" is a task of a former outline', hint)
    if value in book.moved:
        hint = f'It is now "{book.moved[value].moved_to}": write that'
    elif value in book.entries:
        hint = f"It is a {book.entries[value].kind}: name a {kind} here"
    else:
        otherwise = f"Add it to {HOMES[kind]}, or remove it here"
        if kind == "task" and known:
            otherwise = f"Use one of: {', '.join(known)}"
        hint = did_you_mean(value, known, otherwise)
    return Problem(place, f"unknown-{kind}", f'"{value}" is not {article}', hint)


def check_settings(book: Book) -> Iterator[Problem]:
    """Every required role of termbook.yml is a term."""
    for index, role in enumerate(book.settings.required_roles):
        if role not in book.terms and not _unread(book, "term", role):
            place = book.locate("termbook.yml", ("required_roles", index))
            yield _unknown(place, "term", role, list(book.terms), book)


def check_exam(book: Book) -> Iterator[Problem]:
    """The exam outline cites known sources, its weights add up to 100, its task ids differ."""
    if book.exam is None:
        return
    for keys, value, marker in leaves(book.exam):
        if (isinstance(marker, Refers) and value not in book.sources
                and not _unread(book, "source", value)):
            place = book.locate(EXAM, keys)
            yield _unknown(place, "source", value, list(book.sources), book)
    if (total := sum(domain.weight for domain in book.exam.domains)) != 100:
        yield Problem(book.locate(EXAM, ("domains",)), "bad-weights",
                      f"the weights of the domains add up to {total}, not 100",
                      "Compare them with the outline")
    yield from _outline_names(book, book.exam)
    for former, task in book.exam.former_tasks.items():
        at = ("former_tasks", former)
        if task not in book.tasks:
            yield _unknown(book.locate(EXAM, at), "task", task, list(book.tasks), book)
        if former in book.tasks:
            yield Problem(book.locate(EXAM, at, key=True), "duplicate-id",
                          f'"{former}" is a task of the present outline', "Remove the line")


def _outline_names(book: Book, exam: Exam) -> Iterator[Problem]:
    """Ids of tasks and domains that are used twice, and labels of domains."""
    seen: set[tuple[str, str]] = set()
    for keys, value, _ in leaves(exam):
        what = "task id" if "tasks" in keys else f"domain {keys[-1]}"
        if keys[0] == "domains" and (keys[-1] == "id" or what == "domain label"):
            if (what, value.casefold()) in seen:
                yield Problem(book.locate(EXAM, keys), "duplicate-id",
                              f'the {what} "{value}" is used twice',
                              f"Give one of the two another {keys[-1]}")
            seen.add((what, value.casefold()))


def check_guide(book: Book) -> Iterator[Problem]:
    """The guide asks at most four questions on any path, and every path ends in a scenario."""
    if book.guide is None:
        return
    for keys, value, marker in leaves(book.guide):
        if (isinstance(marker, Refers) and value not in book.scenarios
                and not _unread(book, "scenario", value)):
            yield _unknown(book.locate(GUIDE, keys), "scenario", value, list(book.scenarios), book)
    asked = {question.id for question in book.guide.questions}
    for index, question in enumerate(book.guide.questions):
        for number, option in enumerate(question.options):
            yield from _guide_option(
                book, ("questions", index, "options", number), option, asked)
    yield from _guide_paths(book, book.guide)


def _guide_option(
    book: Book, keys: KeyPath, option: GuideOption, asked: set[str]
) -> Iterator[Problem]:
    place = book.locate(GUIDE, keys)
    if bool(option.go_to) == bool(option.scenarios):
        yield Problem(place, "guide-dead-end",
                      f'the answer "{option.answer}" must lead either to a question or to a '
                      "scenario", 'Write "go_to:" or "scenarios:", and not both')
    elif option.go_to and option.go_to not in asked:
        yield Problem(book.locate(GUIDE, (*keys, "go_to")), "guide-dead-end",
                      f'"{option.go_to}" is not a question of the guide',
                      did_you_mean(option.go_to, asked, "Add that question"))
    elif option.scenarios and not option.because:
        yield Problem(place, "guide-without-reason",
                      f'the answer "{option.answer}" gives no reason', 'Add "because:"')


def _guide_paths(book: Book, guide: Guide) -> Iterator[Problem]:
    """Problems of the guide's questions as a whole: never asked, or asked too deep."""
    questions = {question.id: question for question in guide.questions}
    depth = {guide.questions[0].id: 1}
    queue = [guide.questions[0].id]
    for question_id in queue:
        for option in questions[question_id].options:
            if option.go_to in questions and depth.get(option.go_to, 0) <= depth[question_id]:
                depth[option.go_to] = depth[question_id] + 1
                if depth[option.go_to] <= MOST_QUESTIONS:
                    queue.append(option.go_to)
    for index, question in enumerate(guide.questions):
        place = book.locate(GUIDE, ("questions", index, "id"))
        if question.id not in depth:
            yield Problem(place, "guide-unreachable",
                          f'no answer leads to the question "{question.id}"',
                          "Let an answer go to it, or remove it")
        elif depth[question.id] > MOST_QUESTIONS:
            yield Problem(place, "guide-too-long",
                          f'a path reaches "{question.id}" only after {MOST_QUESTIONS} questions',
                          "Ask less, or remove a circle")


def check_prose(book: Book) -> Iterator[Problem]:
    """Every reference in prose, in YAML and in hand-written pages, names a record."""
    if HOMES["source"] in book.unread:
        return
    known = {key for term in book.terms.values()
             for name in (*names(term), *term.hidden_labels) for key in (name.lower(),)}
    known |= book.entries.keys() | book.moved.keys()
    # A record that could not be read is known by its id, and by a label like its id.
    known |= book.unread | {record_id.replace("-", " ") for record_id in book.unread}
    for name, keys, text in _prose(book):
        for reference in references(text):
            if record_key(reference.target) not in known:
                place = book.locate(name, keys, within=f"[{reference.target}]")
                yield _unknown_reference(place, reference.target, known)
    for path, text in book.docs.items():
        for reference in references(text):
            if record_key(reference.target) not in known:
                line = text.count("\n", 0, reference.offset) + 1
                column = reference.offset - text.rfind("\n", 0, reference.offset)
                yield _unknown_reference(Place(path, line, column), reference.target, known)


def _prose(book: Book) -> Iterator[tuple[str, KeyPath, str]]:
    """Every text that is Markdown: the id or path of its record, its keys, and the text."""
    shared = {HOMES["task"]: book.exam, GUIDE: book.guide}
    others = {path: leaves(record) for path, record in shared.items() if record}
    for name, found in {**book.leaves, **others}.items():
        for keys, text, marker in found:
            if isinstance(marker, Markdown):
                yield name, keys, text


def _unknown_reference(place: Place, target: str, known: set[str]) -> Problem:
    hint = did_you_mean(target, known, "Write the id of a term, scenario, debate or source")
    return Problem(place, "unknown-reference", f'"{target}" names no record', hint)


def check_html(book: Book) -> Iterator[Problem]:
    """Prose holds no HTML tags: one that is left open would swallow the rest of its page."""
    for name, keys, text in _prose(book):
        if tag := html_tag(text):
            yield Problem(
                book.locate(name, keys, within=tag), "html-in-prose",
                f'the text holds an HTML tag ("{tag}")',
                "Write Markdown; put a tag that is spoken of in backticks",
            )


def check_labels(book: Book) -> Iterator[Problem]:
    """A label, alternative label or inflection belongs to one term only."""
    owner: dict[str, Term] = {}
    for term in book.terms.values():
        for keys, name in _named(term):
            first = owner.setdefault(name.casefold(), term)
            if first is not term:
                yield Problem(
                    book.locate(term.id, keys), "label-claimed-twice",
                    f'"{name}" already names the term "{first.id}" ({book.paths[first.id]})',
                    "Keep it in one of the two files",
                )


def _named(term: Term) -> Iterator[tuple[KeyPath, str]]:
    yield ("label",), term.label
    for key in ("alt_labels", "inflections"):
        for index, name in enumerate(getattr(term, key)):
            yield (key, index), name


def check_groups(book: Book) -> Iterator[Problem]:
    """Every group is listed in termbook.yml."""
    for term in book.terms.values():
        groups = book.settings.groups
        if term.group and term.group not in groups and not _unread(book, "group", term.group):
            yield Problem(
                book.locate(term.id, ("group",)), "unknown-group",
                f'"{term.group}" is not a group of termbook.yml',
                did_you_mean(term.group, groups, f"Use one of: {', '.join(groups)}; "
                             "or add it to termbook.yml"),
            )


def check_self_relations(book: Book) -> Iterator[Problem]:
    """No term is broader than, related to, contrasted with or replaced by itself."""
    for term in book.terms.values():
        for keys, value, marker in book.leaves[term.id]:
            if isinstance(marker, Refers) and "term" in marker.kinds and value == term.id:
                yield Problem(
                    book.locate(term.id, keys), "self-relation",
                    f'the term "{term.id}" refers to itself in "{keys[0]}"', "Remove it",
                )


def check_broader_cycles(book: Book) -> Iterator[Problem]:
    """Following `broader` upwards never comes back to where it started."""
    reported: set[frozenset[str]] = set()
    for term_id in book.terms:
        circle = _way_back(book, term_id)
        if len(circle) > 2 and frozenset(circle) not in reported:
            reported.add(frozenset(circle))
            index = book.terms[term_id].broader.index(circle[1])
            yield Problem(
                book.locate(term_id, ("broader", index)), "broader-cycle",
                f"broader runs in a circle: {' → '.join(circle)}",
                f'Remove "{circle[1]}" here, or another link of the circle',
            )


def _way_back(book: Book, start: str) -> list[str]:
    """The ids on a way along `broader` from `start` to itself; empty when there is none."""
    came_from: dict[str, str] = {}
    queue = [start]
    for term_id in queue:
        for wider in book.terms[term_id].broader if term_id in book.terms else ():
            if wider == start:
                circle = [start, term_id]
                while circle[-1] != start:
                    circle.append(came_from[circle[-1]])
                return circle[::-1]
            if wider not in came_from:
                came_from[wider] = term_id
                queue.append(wider)
    return []


def check_one_sided(book: Book) -> Iterator[Problem]:
    """A contrast or a relation between two terms is written on one side only, once."""
    for key in ("contrast", "related"):
        first: dict[frozenset[str], str] = {}
        for term in book.terms.values():
            for index, other in enumerate(_others(term, key)):
                pair = frozenset({term.id, other})
                if pair in first:
                    yield Problem(
                        book.locate(term.id, (key, index)), f"{key}-written-twice",
                        f'"{other}" and "{term.id}" are already joined by "{key}" in '
                        f"{book.paths[first[pair]]}",
                        "Join the two texts there and remove this one: the other side is derived",
                    )
                first.setdefault(pair, term.id)


def _others(term: Term, key: str) -> tuple[str, ...]:
    return tuple(one.term for one in term.contrast) if key == "contrast" else term.related


def check_definitions(book: Book) -> Iterator[Problem]:
    """A definition is plain text."""
    for term in book.terms.values():
        if found := re.search(r"\]\(|\]\[|`|\*\*|<[a-zA-Z/]", term.definition):
            mark = found.group()
            yield Problem(
                book.locate(term.id, ("definition",), within=mark), "markup-in-definition",
                f'the definition holds markup ("{mark}")',
                "Write plain text: terms in it are linked by themselves",
            )


def check_circular_definitions(book: Book) -> Iterator[Problem]:
    """No term is defined by its own name, nor two terms only by each other."""
    labels = book.labels
    used = {term.id: {match.term: term.definition[match.start:match.end]
                      for match in labels.find(term.definition)} for term in book.terms.values()}
    for term_id, words in used.items():
        uses = words.keys()
        if term_id in uses:
            word = words[term_id]
            yield Problem(
                book.locate(term_id, ("definition",), within=word), "defined-by-itself",
                f'the definition of "{term_id}" uses the name it should explain ("{word}")',
                "Say it in words that a reader knows who does not know the term",
            )
        for other in uses - {term_id}:
            if uses == {other} and used[other].keys() == {term_id} and term_id < other:
                yield Problem(
                    book.locate(term_id, ("definition",)), "defined-in-a-circle",
                    f'"{term_id}" and "{other}" are defined only by each other',
                    "Define one of the two without the other",
                )


def check_moved(book: Book) -> Iterator[Problem]:
    """A moved id leads straight to a record that exists."""
    for moved in book.moved.values():
        place = book.locate(moved.id, ("moved_to",))
        if moved.moved_to in book.moved:
            last = _end_of_chain(book, moved.moved_to)
            yield Problem(
                place, "moved-chain",
                f'"{moved.moved_to}" has itself moved to "{book.moved[moved.moved_to].moved_to}"',
                f'Write "{last}"' if last else "Lead one of them to a record",
            )
        elif moved.moved_to not in book.entries and moved.moved_to not in book.unread:
            yield Problem(
                place, "moved-nowhere", f'"{moved.moved_to}" is not a record',
                did_you_mean(moved.moved_to, book.entries, "Write the id it has become"),
            )


def check_first_ids(book: Book) -> Iterator[Problem]:
    """The id that a record was first published under leads to it."""
    entries: list[Term | Scenario] = [*book.terms.values(), *book.scenarios.values()]
    for entry in entries:
        first = book.moved.get(entry.first_id or "")
        if entry.first_id and (first is None or first.moved_to != entry.id):
            yield Problem(
                book.locate(entry.id, ("first_id",)), "not-first-id",
                f'"{entry.first_id}" does not lead to "{entry.id}"',
                f'Add {entry.folder}/{entry.first_id}.yml with "moved_to: {entry.id}", or remove '
                "the line",
            )


def _end_of_chain(book: Book, record_id: str) -> str | None:
    passed: set[str] = set()
    while record_id in book.moved and record_id not in passed:
        passed.add(record_id)
        record_id = book.moved[record_id].moved_to
    return record_id if record_id in book.entries else None


def check_deprecated(book: Book) -> Iterator[Problem]:
    """A deprecated term names its replacement, and only a deprecated term does."""
    for term in book.terms.values():
        if term.status == "deprecated" and term.replaced_by is None:
            yield Problem(
                book.locate(term.id, ("status",)), "deprecated-without-replacement",
                f'"{term.id}" is deprecated without "replaced_by"',
                'Add "replaced_by:" with the id of the term to use instead',
            )
        if term.status != "deprecated" and term.replaced_by is not None:
            yield Problem(
                book.locate(term.id, ("replaced_by",), key=True), "replaced-but-not-deprecated",
                f'"{term.id}" has "replaced_by" but is not deprecated',
                'Set "status: deprecated", or remove "replaced_by"',
            )


def check_scenario_roles(book: Book) -> Iterator[Problem]:
    """A scenario casts every required role of termbook.yml, and no role twice."""
    for scenario in book.scenarios.values():
        roles = [cast.role for cast in scenario.cast]
        for role in book.settings.required_roles:
            if role in book.terms and role not in roles:
                yield Problem(
                    book.locate(scenario.id, ("cast",), key=True), "missing-role",
                    f'the scenario "{scenario.id}" does not cast the role "{role}"',
                    f'Add an entry "- role: {role}" with player, why and sources',
                )
        for index, role in enumerate(roles):
            if role in roles[:index]:
                yield Problem(
                    book.locate(scenario.id, ("cast", index, "role")), "role-cast-twice",
                    f'the role "{role}" is cast twice', "Join the two entries",
                )


def check_scenario_sections(book: Book) -> Iterator[Problem]:
    """A scenario has every section that termbook.yml requires."""
    for scenario in book.scenarios.values():
        for section in book.settings.required_sections:
            if not getattr(scenario, section):
                yield Problem(
                    book.locate(scenario.id), "missing-section",
                    f'the scenario "{scenario.id}" has no "{section}"', f'Add "{section}:"',
                )


def check_positions(book: Book) -> Iterator[Problem]:
    """The positions of a debate rest on different sources."""
    for debate in book.debates.values():
        first: dict[frozenset[str], int] = {}
        for index, position in enumerate(debate.positions):
            same = first.setdefault(frozenset(position.sources), index)
            if same != index:
                yield Problem(
                    book.locate(debate.id, ("positions", index, "sources")), "same-sources",
                    f"positions {same + 1} and {index + 1} rest on the same sources",
                    "Cite who takes this position, or join the two",
                )


def check_uncited_sources(book: Book) -> Iterator[Problem]:
    """Every source is cited somewhere (a warning)."""
    if book.unread:
        return
    cited = book.cited_by.keys() | book.pages_citing.keys()
    for source_id in book.sources:
        if source_id not in cited:
            yield Problem(
                book.locate(source_id, (), key=True), "uncited-source",
                f'nobody cites the source "{source_id}"', "Cite it, or remove it", "warning",
            )


def check_orphans(book: Book) -> Iterator[Problem]:
    """Every term is mentioned or referred to by another record or page (a warning)."""
    for term_id in orphans(book):
        yield Problem(
            book.locate(term_id), "orphan", f'no other record mentions "{term_id}"',
            "Refer to it where a reader would want it, or remove it", "warning",
        )


def orphans(book: Book) -> Iterator[str]:
    """The ids of terms that no other record or page mentions; none while files are unread."""
    if book.unread:
        return
    mentioned: dict[str, set[str]] = defaultdict(set)
    for name, text, marker in _texts(book):
        ids = [text] if isinstance(marker, Refers) else targets(text)
        for target in ids:
            mentioned[target].add(name)
    left = [term_id for term_id in book.terms if not mentioned[term_id] - {term_id}]
    if not left:  # as a rule; looking for every label in every text takes long
        return
    labels = book.labels
    for name, text, marker in _texts(book):
        if not isinstance(marker, Refers):
            for match in labels.find(text):
                mentioned[match.term].add(name)
    yield from (term_id for term_id in left if not mentioned[term_id] - {term_id})


def _texts(book: Book) -> Iterator[tuple[str, str, Refers | Markdown | None]]:
    """Each text that may mention a term, with the id or path of its record and its marker."""
    for entry in book.entries.values():
        for keys, text, marker in book.leaves[entry.id]:
            if marker is not None or keys == ("definition",):
                yield entry.id, text, marker
    for path, text in book.docs.items():
        yield path, text, None


def check_drafts(book: Book) -> Iterator[Problem]:
    """Every term has been reviewed by a second pair of eyes (a warning)."""
    for term in book.terms.values():
        if term.status == "draft":
            yield Problem(
                book.locate(term.id, ("status",)), "draft", f'"{term.id}" is a draft',
                'Review it, then set "status: reviewed"', "warning",
            )


def check_examples(book: Book) -> Iterator[Problem]:
    """Every term has an example (a warning)."""
    for term in book.terms.values():
        if not term.examples and term.status != "deprecated":
            yield Problem(
                book.locate(term.id), "no-example", f'"{term.id}" has no example',
                'Add a short concrete case under "examples:"', "warning",
            )


def check_placeholders(book: Book) -> Iterator[Problem]:
    """Nothing is left to be written (a warning)."""
    for record in book.records.values():
        open_ = [leaf.keys for leaf in book.leaves[record.id] if PLACEHOLDER.match(leaf.value)]
        if open_:
            texts = "a text" if len(open_) == 1 else f"{len(open_)} texts"
            yield Problem(
                book.locate(record.id, open_[0]), "to-be-written",
                f'"{record.id}" still lacks {texts}',
                f'Write what "{TO_BE_WRITTEN}" or "{DOTS}" stands for, or remove the key',
                "warning",
            )


def check_modelines(book: Book) -> Iterator[Problem]:
    """The first line of a file names its schema to editors, if there is one (a warning)."""
    yield from _flaws(book, layout.missing_modeline)


def check_key_order(book: Book) -> Iterator[Problem]:
    """Keys stand in the order of the reference (a warning)."""
    yield from _flaws(book, layout.key_order, book.unordered)


def check_line_width(book: Book) -> Iterator[Problem]:
    """A line of a text after `>` has at most 100 characters if it can be broken (a warning)."""
    yield from _flaws(book, layout.line_width)


def check_trailing_space(book: Book) -> Iterator[Problem]:
    """No line ends in spaces that say nothing (a warning)."""
    yield from _flaws(book, layout.trailing_space)


def check_final_newline(book: Book) -> Iterator[Problem]:
    """A file ends with one line break (a warning)."""
    yield from _flaws(book, layout.final_newline)


def _flaws(
    book: Book, rule: layout.Rule, paths: Iterable[str] | None = None
) -> Iterator[Problem]:
    """What breaks a rule in the files at `paths`, by default in all."""
    for path in book.texts if paths is None else sorted(paths):
        text = book.texts[path]
        for flaw in rule(layout.File(path, text, layout.schema_of(path) in book.schemas)):
            place = Place(path, *line_and_column(text, flaw.offset))
            yield Problem(place, flaw.code, flaw.message, flaw.hint, "warning")


CHECKS: tuple[Check, ...] = (
    *(value for name, value in dict(globals()).items() if name.startswith("check_")),
    *study_checks.CHECKS,
)


def check(book: Book) -> Iterator[Problem]:
    """The problems of every check, one check after another."""
    for rule in CHECKS:
        yield from rule(book)
    vars(book).pop("leaves", None)  # which take much memory, and are seldom asked for again
