"""The Book: all records of a knowledge base, and the relations derived from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from .guide import Guide
from .labels import Labels
from .linkcheck.status import LinkStatus, address_of
from .model import (
    AnyEntry,
    Cast,
    Contrast,
    Debate,
    Domain,
    Exam,
    Leaf,
    Moved,
    Refers,
    Scenario,
    Settings,
    Source,
    Task,
    Term,
    leaves,
)
from .problems import Place
from .prose import targets
from .study.question import Question


class Part(NamedTuple):
    """A role played in a scenario."""

    scenario: Scenario
    cast: Cast


@dataclass(frozen=True)
class Book:
    """All records of a knowledge base, and the relations derived from them.

    `locate(id or path, keys, key, within)` gives the place of a value, of its key, or of the
    first occurrence of the words `within` in it;
    `paths` maps a record's id to its file, `docs` a hand-written page's path to its Markdown;
    `unread` names the records and shared files that are there but could not be read;
    `texts` maps the path of every YAML file to its text, and `schemas` names the files in schemas/;
    `link_status` maps addresses of sources to what is known of them; `unordered` names the files
    whose keys stand in another order than the reference's.
    """

    settings: Settings = Settings()
    terms: Mapping[str, Term] = field(default_factory=dict)
    scenarios: Mapping[str, Scenario] = field(default_factory=dict)
    debates: Mapping[str, Debate] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    moved: Mapping[str, Moved] = field(default_factory=dict)
    questions: Mapping[str, Question] = field(default_factory=dict)
    exam: Exam | None = None
    guide: Guide | None = None
    locate: Callable[..., Place] = field(
        default=lambda record_id, keys=(), key=False, within="": Place(record_id), compare=False
    )
    paths: Mapping[str, str] = field(default_factory=dict)
    docs: Mapping[str, str] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()
    texts: Mapping[str, str] = field(default_factory=dict, compare=False)
    schemas: frozenset[str] = frozenset()
    link_status: Mapping[str, LinkStatus] = field(default_factory=dict)
    unordered: frozenset[str] = frozenset()

    @cached_property
    def entries(self) -> dict[str, AnyEntry]:
        """Every term, scenario, debate and source by id."""
        return {**self.sources, **self.debates, **self.scenarios, **self.terms}

    @cached_property
    def records(self) -> dict[str, AnyEntry | Question]:
        """Every entry, and every question of the bank, by id."""
        return {**self.entries, **self.questions}

    @cached_property
    def leaves(self) -> dict[str, list[Leaf]]:
        """Every text of every record by the id of the record; most checks ask for them."""
        return {one: leaves(record) for one, record in self.records.items()}

    @cached_property
    def tasks(self) -> dict[str, Task]:
        """Every task of the exam outline by id; empty without an outline."""
        domains = self.exam.domains if self.exam else ()
        return {task.id: task for domain in domains for task in domain.tasks}

    @cached_property
    def domain_of(self) -> dict[str, Domain]:
        """Task id → the domain of the exam outline that it belongs to."""
        domains = self.exam.domains if self.exam else ()
        return {task.id: domain for domain in domains for task in domain.tasks}

    def resolve(self, record_id: str) -> AnyEntry | None:
        """The entry of that id, or the one it has become; None when there is neither."""
        moved = self.moved.get(record_id)
        return self.entries.get(moved.moved_to if moved else record_id)

    def status_of(self, source: Source) -> LinkStatus | None:
        """What is known of the address of a source; None when it was never asked."""
        return self.link_status.get(address_of(source.url)) if source.url else None

    @cached_property
    def labels(self) -> Labels:
        """The names of its terms, ready to be found in prose."""
        return Labels(self.terms.values(), self.settings.language)

    @cached_property
    def narrower(self) -> dict[str, list[str]]:
        """Term id → ids of the terms that name it as broader, by label."""
        return self._inverse((term.id, wide) for term in self._by_label for wide in term.broader)

    @cached_property
    def related(self) -> dict[str, list[str]]:
        """Term id → ids of related terms from either side, by label."""
        pairs = [(term.id, other) for term in self._by_label for other in term.related]
        return self._inverse(pairs + [(other, term) for term, other in pairs])

    @cached_property
    def contrasts(self) -> dict[str, list[tuple[str, Contrast]]]:
        """Term id → (other term's id, contrast) from either side."""
        found = defaultdict(list)
        for term in self._by_label:
            for contrast in term.contrast:
                found[term.id].append((contrast.term, contrast))
                found[contrast.term].append((term.id, contrast))
        return dict(found)

    @cached_property
    def plays_in(self) -> dict[str, list[Part]]:
        """Term id → the parts it plays in scenarios."""
        found = defaultdict(list)
        for scenario in self.scenarios.values():
            for cast in scenario.cast:
                found[cast.role].append(Part(scenario, cast))
        return dict(found)

    @cached_property
    def debated_in(self) -> dict[str, list[Debate]]:
        """Term id → the debates about it."""
        found = defaultdict(list)
        for debate in self.debates.values():
            for term in debate.terms:
                found[term].append(debate)
        return dict(found)

    @cached_property
    def cited_by(self) -> dict[str, list[AnyEntry | Question]]:
        """Source id → the entries and questions that cite it, in a field or in prose, each once."""
        found: dict[str, dict[str, AnyEntry | Question]] = defaultdict(dict)
        for record in self.records.values():
            for _, text, marker in self.leaves[record.id]:
                for target in [text] if isinstance(marker, Refers) else targets(text):
                    if target in self.sources and target != record.id:
                        found[target][record.id] = record
        return {source: list(records.values()) for source, records in found.items()}

    @cached_property
    def pages_citing(self) -> dict[str, set[str]]:
        """Source id → the pages that cite it and belong to no record: ours, or the outline's."""
        found: dict[str, set[str]] = defaultdict(set)
        for path, text in self.docs.items():
            for target in targets(text):
                if target in self.sources:
                    found[target].add(path)
        for source in self.exam.sources if self.exam else ():
            found[source].add("study/index.md")
        return dict(found)

    @cached_property
    def _by_label(self) -> list[Term]:
        return sorted(self.terms.values(), key=lambda term: (term.label.casefold(), term.id))

    def _inverse(self, pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for one, other in pairs:
            found[other][one] = None
        return {
            term: sorted(ids, key=lambda other: self.terms[other].label.casefold())
            for term, ids in found.items()
        }
