"""The only reader of content: files in, a validated Book out, every problem with its place.

Positions are found by reading a file's text again, only when a problem needs one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from .book import Book
from .cache import digest
from .edits import position
from .guarded_yaml import MAX_BYTES, Malformed, Marks, hidden_in, hidden_name, parse
from .guide import Guide
from .layout import File, in_order, not_nfc
from .linkcheck.status import LinkStatus, from_file
from .misfits import as_id, explain, findings
from .model import (
    ID_PATTERN,
    Debate,
    Entry,
    Exam,
    KeyPath,
    Moved,
    Record,
    Scenario,
    Settings,
    Source,
    Term,
)
from .problems import BookError, Place, Problem, errors
from .study.question import Question
from .workers import SharedWork, WorkerDied

SETTINGS_FILE = "termbook.yml"
SOURCES_FILE = "sources.yml"
EXAM_FILE = "study/exam.yml"
GUIDE_FILE = "guide.yml"
LINK_STATUS_FILE = "link-status.json"
DOCS_FOLDER = "docs"
SCHEMAS_FOLDER = "schemas"
# As many addresses as a sources.yml of the greatest size can hold, and what is known of each.
LINK_STATUS_BYTES = 8 * MAX_BYTES
# To parse fewer files takes not much longer than to start a process for them.
FILES_FOR_A_WORKER = 250


class _Known(NamedTuple):
    """What was read of a file that was sound, and when the file was written."""

    stamp: tuple[int, int, int]
    text: str
    ordered: bool
    record: Any


# Path → what is known of the file from the time before.
Memory = dict[str, _Known]
# Digest of a file's text → its data, made of strings, lists and dicts alone.
Parsed = dict[str, Any]


@dataclass
class _Reading:
    """One run over the files of a knowledge base: what was read, and what was wrong with it."""

    root: Path
    memory: Memory
    parsed: Parsed
    found: Parsed = field(default_factory=dict)
    ahead: dict[str, tuple[str, str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    unordered: set[str] = field(default_factory=set)

    def report(self, place: Place, code: str, message: str, hint: str) -> None:
        self.problems.append(Problem(place, code, message, hint))

    def stamp(self, path: str) -> tuple[int, int, int] | None:
        """What changes whenever the file is written: its time, its size and its number."""
        try:
            found = os.stat(f"{self.root}/{path}")
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def text(self, path: str) -> str | None:
        """The file's text, or None when it cannot be read (which is reported)."""
        try:
            with open(f"{self.root}/{path}", "rb") as file:
                raw = file.read(MAX_BYTES + 1)
            if len(raw) > MAX_BYTES:
                self.report(Place(path), "too-large", f"the file is over {MAX_BYTES // 1024} KiB",
                            "Split it into smaller files")
                return None
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
            self.report(Place(path, line, column), "not-utf-8", "the file is not UTF-8 text",
                        "Save it with the encoding UTF-8")
        except OSError as error:
            self.report(Place(path), "unreadable", f"the file cannot be read ({error.strerror})",
                        "Mend its permissions, or remove it")
        return None

    def data(self, path: str) -> Any:
        """The file's data, or None when it cannot be parsed (which is reported)."""
        if (found := self.ahead.pop(path, None) or self.keyed(path)) is None:
            return None
        key, text = found
        self.texts[path] = text
        if not self.clean(path, text):
            return None
        try:
            data = self.found[key] = self.parsed.get(key) or parse(text)
        except Malformed as error:
            self.report(Place(path, error.line, error.column), error.code, error.message,
                        error.hint)
            return None
        if not isinstance(data, dict):
            self.report(Place(path), "empty" if data is None else "wrong-type",
                        "the file holds no keys", "Write one `key: value` to a line")
            return None
        if not in_order(path, data):
            self.unordered.add(path)
        return dict(data)  # of which a reader may take something away

    def keyed(self, path: str) -> tuple[str, str] | None:
        """The file's text after its digest, or None when it cannot be read (which is reported)."""
        text = self.text(path)
        return None if text is None else (digest(text), text)

    def parse_ahead(
        self, paths: Iterable[str], workers: int, meanwhile: Callable[[], object]
    ) -> None:
        """Have several processes parse the files, if they are many whose texts are new; this one
        does `meanwhile` first.

        What is wrong with a file is reported when its turn comes.
        """
        told = len(self.problems)
        self.ahead = {path: found for path in paths if (found := self.keyed(path))}
        del self.problems[told:]
        new = [found for found in self.ahead.values() if found[0] not in self.parsed]
        if (pays := len(new) // FILES_FOR_A_WORKER) > 1:
            work = SharedWork(_data_of, new, min(workers, pays))
            meanwhile()
            with suppress(WorkerDied):  # what is left then is parsed when its turn comes
                self.parsed.update((key, data) for (key, _), data in work if data is not None)

    def clean(self, path: str, text: str) -> bool:
        """Whether the text is NFC without hidden characters; reports each line that is not."""
        if text.isascii() and not hidden_in(text):
            return True
        before = len(self.problems)
        for number, line in enumerate(text.split("\n"), 1):
            if found := hidden_in(line.removesuffix("\r")):
                self.report(Place(path, number, found.start() + 1), "hidden-character",
                            f"the text holds a hidden character ({hidden_name(found)})",
                            "Delete it; it often comes with text pasted from elsewhere")
            else:
                for flaw in not_nfc(File(path, line)):
                    self.report(Place(path, number, flaw.offset + 1), flaw.code, flaw.message,
                                flaw.hint)
        return len(self.problems) == before

    def locate(self, path: str, keys: KeyPath = (), key: bool = False) -> Place:
        """Where a value (or its key) stands; the nearest parent when it is not written."""
        text = self.texts.get(path, "")
        marks = _marks(text)
        for end in range(len(keys), -1, -1):
            at = (keys[:end], key and end == len(keys))
            if spot := marks.get(at) or marks.get((at[0], False)):
                # libyaml may put an empty value on the line after the last.
                return Place(path, *position(text, min(spot.start, len(text))))
        return Place(path)

    def record(self, model: type[Record], path: str, data: Any, keys: KeyPath = ()) -> Any:
        """`data` as an instance of `model`, or None when it does not fit (which is reported)."""
        try:
            return model.model_validate(data)
        except ValidationError as error:
            for detail in findings(error):
                self._misfit(model, path, keys, detail)
            return None

    def _misfit(self, model: type[Record], path: str, keys: KeyPath, detail: Any) -> None:
        loc: KeyPath = tuple(detail["loc"])
        if loc == ("@id",):
            self.bad_id(path, str(detail["input"]), keys)
            return
        code, message, hint = explain(model, loc, detail)
        unknown = detail["type"] == "extra_forbidden"
        place = self.locate(path, (*keys, *(part for part in loc if part != "[key]")), key=unknown)
        self.report(place, code, message, hint)

    def bad_id(self, path: str, bad: str, keys: KeyPath) -> None:
        what = f'Write "{as_id(bad)}"' if keys else f'Rename the file to "{as_id(bad)}.yml"'
        self.report(self.locate(path, keys, key=True), "bad-id",
                    f'"{bad}" is not an id: lower-case ASCII letters, digits and single hyphens, '
                    "beginning with a letter", what)


def _data_of(keyed: tuple[str, str]) -> Any:
    """The data of a text, which its digest precedes; None where it cannot be parsed."""
    try:
        return parse(keyed[1])
    except Malformed:
        return None


@lru_cache(maxsize=256)
def _marks(text: str) -> Marks:
    marks: Marks = {}
    try:
        parse(text, marks)
    except Malformed:
        return marks
    return marks


def _within(text: str, place: Place, words: str) -> Place:
    """The place where `words` first stand at or after `place`; `place` when they do not."""
    lines = text.split("\n")
    for number in range(place.line, len(lines) + 1 if words else 0):
        start = place.column - 1 if number == place.line else 0
        if (found := lines[number - 1].find(words, start)) >= 0:
            return Place(place.path, number, found + 1)
    return place


@dataclass(frozen=True)
class Reading:
    """A Book of all records that could be read, and the problems of those that could not."""

    book: Book
    problems: tuple[Problem, ...]


def read(
    root: Path, memory: Memory | None = None, parsed: Parsed | None = None, workers: int = 1,
    meanwhile: Callable[[], object] = lambda: None,
) -> Reading:
    """Every record under `root`; nothing is raised, problems of all files are collected.

    What `memory` knows of a file that was not written since is not read again, and a text that
    `parsed` knows not parsed; both are kept current. Without a `memory` at most `workers` processes
    parse; if there are others, this one begins with what it may do `meanwhile`.
    """
    run = _Reading(root, {} if memory is None else memory, {} if parsed is None else parsed)
    settings = _single(run, SETTINGS_FILE, Settings)
    exam = _single(run, EXAM_FILE, Exam)
    guide = _single(run, GUIDE_FILE, Guide)
    kinds = (Term, Scenario, Debate, Question)
    records: dict[type[Entry], dict[str, Any]] = {kind: {} for kind in (*kinds, Moved)}
    origin: dict[str, tuple[str, KeyPath]] = {}
    paths = [(kind, path) for kind in kinds for path in _files(run, kind.folder)]
    if workers > 1 and memory is None:
        run.parse_ahead((path for _, path in paths), workers, meanwhile)
    for kind, path in paths:
        _read_entry(run, kind, path, records, origin)
    sources = _read_sources(run, records[Moved], origin)

    def locate(record_id: str, keys: KeyPath = (), key: bool = False, within: str = "") -> Place:
        path, above = origin.get(record_id, (record_id, ()))
        place = run.locate(path, (*above, *keys), key)
        return _within(run.texts.get(path, ""), place, within)

    if parsed is not None and parsed.keys() != run.found.keys():
        parsed.clear()
        parsed.update(run.found)
    # Or they would live as long as the Book, which locates by `run`.
    run.parsed, run.found, run.ahead = {}, {}, {}
    schemas = frozenset(path.name for path in (root / SCHEMAS_FOLDER).glob("*.schema.json"))
    shared = {SETTINGS_FILE: settings, EXAM_FILE: exam, GUIDE_FILE: guide, SOURCES_FILE: sources}
    unread = origin.keys() - sources.keys() - {one for some in records.values() for one in some}
    unread |= {path for path, data in shared.items() if not data and (root / path).exists()}
    book = Book(
        settings or Settings(), records[Term], records[Scenario], records[Debate], sources,
        records[Moved], records[Question], exam, guide, locate,
        {one: path for one, (path, _) in origin.items()}, _docs(run), frozenset(unread),
        run.texts, schemas, _link_status(run), frozenset(run.unordered),
    )
    return Reading(book, tuple(sorted(run.problems)))


def raw_texts(root: Path, *patterns: str) -> dict[str, str]:
    """Path → text, byte for byte, of the files that match; one that is not UTF-8 is left out."""
    found: dict[str, str] = {}
    for file in sorted({file for pattern in patterns for file in root.glob(pattern)}):
        with suppress(UnicodeDecodeError):
            found[file.relative_to(root).as_posix()] = file.read_bytes().decode()
    return found


def load(
    root: Path, check: Callable[[Book], Iterator[Problem]] | None = None,
    memory: Memory | None = None,
) -> Book:
    """The Book under `root`, read with the help of `memory` if there is one.

    Raises BookError with every problem when one is an error.
    """
    reading = read(root, memory)
    problems = [*reading.problems, *(check(reading.book) if check else ())]
    if errors(problems):
        raise BookError(problems)
    return reading.book


def _single(run: _Reading, path: str, model: type[Record]) -> Any:
    if not (run.root / path).exists():
        return None
    data = run.data(path)
    return None if data is None else run.record(model, path, data)


def _link_status(run: _Reading) -> dict[str, LinkStatus]:
    """What is known of addresses; a file that does not tell is a warning: pages do without it."""
    try:
        with open(run.root / LINK_STATUS_FILE, "rb") as file:
            return from_file(file.read(LINK_STATUS_BYTES))
    except FileNotFoundError:
        return {}
    except OSError as error:
        where, why = Place(LINK_STATUS_FILE), error.strerror
    except ValidationError as error:
        where, why = _first_misfit(error)
    run.problems.append(Problem(
        where, "bad-link-status", f"the file does not tell what is known of addresses ({why})",
        "Restore it, or run `termbook links --external`, which replaces it", "warning",
    ))
    return {}


def _first_misfit(error: ValidationError) -> tuple[Place, str]:
    """Where a JSON text is broken, or else its first line, and why it does not fit."""
    first = error.errors(include_url=False)[0]
    spot = re.search(r" at line (\d+) column (\d+)$", first["msg"])
    place = (int(spot[1]), max(int(spot[2]), 1)) if spot else (1, 1)
    told = ": ".join([*map(str, first["loc"]), first["msg"]])
    return Place(LINK_STATUS_FILE, *place), "".join(filter(str.isprintable, told))


def _files(run: _Reading, folder: str) -> Iterator[str]:
    """Paths of the YAML files of a folder, sorted; anything else in it is reported."""
    try:
        names = sorted(os.listdir(run.root / folder))
    except FileNotFoundError:
        return
    for name in names:
        path = f"{folder}/{name}"
        if name.endswith(".yml"):
            yield path
        elif not name.startswith("."):
            self_named = name.removesuffix(".yaml") + ".yml"
            run.report(Place(path), "unknown-file", f'"{name}" is not read here',
                       f'Rename it to "{self_named}"' if name.endswith(".yaml")
                       else "Only .yml files, one a record, belong in this folder")


def _docs(run: _Reading) -> dict[str, str]:
    """Path → Markdown of the hand-written pages, with hidden characters reported."""
    pages = sorted((run.root / DOCS_FOLDER).rglob("*.md"))
    paths = [page.relative_to(run.root).as_posix() for page in pages]
    texts = {path: run.text(path) for path in paths}
    return {path: text for path, text in texts.items() if text and run.clean(path, text)}


def _read_entry(
    run: _Reading,
    model: type[Entry],
    path: str,
    records: Mapping[type[Entry], dict[str, Any]],
    origin: dict[str, tuple[str, KeyPath]],
) -> None:
    record_id = path.removeprefix(f"{model.folder}/").removesuffix(".yml")
    if not _claim_id(run, record_id, path, (), origin):
        return
    stamp = run.stamp(path)
    if (known := run.memory.get(path)) and known.stamp == stamp:
        run.texts[path] = known.text
        run.unordered |= set() if known.ordered else {path}
        records[type(known.record)][record_id] = known.record
        return
    run.memory.pop(path, None)
    data, told = run.data(path), len(run.problems)
    if data is None:
        return
    if "id" in data:
        _id_in_file(run, path, record_id, data.pop("id"))
    kind = Moved if "moved_to" in data else model
    if record := run.record(kind, path, {"@id": _checked_id(run, path, record_id), **data}):
        records[kind][record_id] = record
        if stamp and len(run.problems) == told:
            run.memory[path] = _Known(
                stamp, run.texts[path], path not in run.unordered, record
            )


def _checked_id(run: _Reading, path: str, record_id: str) -> str:
    if not re.fullmatch(ID_PATTERN, record_id):
        run.bad_id(path, record_id, ())
    return record_id


def _id_in_file(run: _Reading, path: str, record_id: str, written: object) -> None:
    place = run.locate(path, ("id",), key=True)
    if written == record_id:
        run.report(place, "unknown-key", "the file name is the id", 'Remove the line "id: …"')
    else:
        run.report(place, "id-not-file-name",
                   f'the id "{written}" is not the file name "{record_id}"',
                   f'Remove the line, or rename the file to "{as_id(str(written))}.yml" as well')


def _claim_id(
    run: _Reading,
    record_id: str,
    path: str,
    keys: KeyPath,
    origin: dict[str, tuple[str, KeyPath]],
) -> bool:
    if record_id in origin:
        other = origin[record_id][0]
        run.report(run.locate(path, keys, key=True), "duplicate-id",
                   f'the id "{record_id}" is already used by {other}',
                   "Give one of the two another id: terms, scenarios, debates and sources "
                   "share one set of ids")
        return False
    origin[record_id] = (path, keys)
    return True


def _read_sources(
    run: _Reading, moved: dict[str, Moved], origin: dict[str, tuple[str, KeyPath]]
) -> dict[str, Source]:
    """Every source by id; an id that only says where its source went is put into `moved`."""
    found: dict[str, Source] = {}
    if not (run.root / SOURCES_FILE).exists():
        return found
    for source_id, data in (run.data(SOURCES_FILE) or {}).items():
        keys: KeyPath = (source_id,)
        if not _claim_id(run, source_id, SOURCES_FILE, keys, origin):
            continue
        if not isinstance(data, dict):
            run.report(run.locate(SOURCES_FILE, keys), "wrong-type",
                       f'"{source_id}" must be a group of keys',
                       "Write its keys below it, indented by two spaces")
        elif not re.fullmatch(ID_PATTERN, source_id):
            run.bad_id(SOURCES_FILE, source_id, keys)
        elif "moved_to" in data:
            if was := run.record(Moved, SOURCES_FILE, {"@id": source_id, **data}, keys):
                moved[source_id] = was
        elif source := run.record(Source, SOURCES_FILE, {"@id": source_id, **data}, keys):
            found[source_id] = source
    return found
