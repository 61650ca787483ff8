"""Pages and page parts as Markdown: data in, Markdown out, through the Jinja templates.

Values reach a template only as variables. Prose fields are Markdown and go in as they are; plain
fields are escaped by the `md` filter. The HTML that comes of it is cleaned by the plugin.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from markdown.extensions.toc import slugify, slugify_unicode, unique

from . import reference
from .alphabet import alphabetical, listed_name
from .book import Book
from .exports.moodle import GIFT_FILE, XML_FILE
from .letters import Listing, listing
from .links import page_path
from .model import Answer, AnyEntry, Debate, Exam, Term
from .prose import escape, plain
from .study import pages as of_study
from .study.bank import Bank, Item, bank, sentence_case, task_page
from .study.cards import deck_file
from .study.coverage import by_term, coverage
from .study.plan import plan
from .study.question import Question as ExamQuestion
from .study.tools import TOOLS

TEMPLATES = Path(__file__).parent / "templates"
# How the place of a figure begins, which its name follows.
FIGURE = '<div class="figure" data-figure="'

# Plans of study: heading, what a part is called, how many parts before the last, and the last.
PLANS = (
    ("In seven days, alone", "Day", 6,
     "Draw an exam of as many questions as you have time for, at a minute and a half each. "
     "Afterwards read every reason of the questions you got wrong, and do those again."),
    ("In six sessions, with a group", "Session", 5,
     "Draw one exam for all, answer it alone against the clock, and then argue about every "
     "question on which you differ before you open its answer."),
)


# What a page may call; the methods of Renderer by these names.
MACROS = (
    "term", "definition", "term_index", "scenario_guide", "scenario_index", "scenario_grid",
    "debate_index", "bibliography", "contrast_list", "question_list", "figure", "flow_figure",
    "home_page", "term_page", "scenario_page", "debate_page", "source_page",
    "glossary_page", "scenarios_page", "debates_page", "sources_page", "letter_page",
    "questions_page", "study_page", "practice_page", "exam_page", "cards_page", "project_page",
    "bank_index_page", "bank_page", "coverage_page", "plan_page", "study_index", "exam_note",
    "key_reference", "check_reference", "macro_reference",
)


class PageSource(NamedTuple):
    """One generated page: where it goes, the macro that makes it, and whose page it is.

    `part` is the macro's argument on a page that is one of several and no record's. `meta` is what
    would stand on top of the page if it were written by hand.
    """

    path: str
    macro: str
    entry: AnyEntry | None = None
    part: str = ""
    meta: Mapping[str, object] = MappingProxyType({})

    @property
    def arguments(self) -> list[str]:
        """What the macro is called with."""
        return [self.entry.id if self.entry else self.part] if self.entry or self.part else []

    @property
    def markdown(self) -> str:
        """The page's whole source: one call of its macro, below its `meta` if it has any."""
        # JSON is YAML too.
        head = f"---\n{json.dumps(dict(self.meta))}\n---\n" if self.meta else ""
        return f"{head}{{{{ {self.macro}({', '.join(map(json.dumps, self.arguments))}) }}}}"


class Question(NamedTuple):
    """A question people ask, its answer, the record that holds both, and its id on their page."""

    asked: Answer
    entry: AnyEntry
    anchor: str


class Renderer:
    """The macros of a Book: every method gives Markdown for the record or index it names.

    Methods that take an id raise KeyError when the Book has no such record. `compiled` holds the
    code of templates that were compiled before.
    """

    def __init__(self, book: Book, compiled: BytecodeCache | None = None) -> None:
        self.book = book
        self._links: dict[str, str] = {}
        self._env = Environment(
            loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=False,
            trim_blocks=True, lstrip_blocks=True, auto_reload=False, bytecode_cache=compiled,
            # `{#id}` is Markdown for an anchor, so comments take another form.
            comment_start_string="{##", comment_end_string="##}",
        )
        self._env.filters.update(
            md=escape, cite=self.cite, link=self.link, plain=plain, about=self.about,
            shown=of_study.shown, matches=of_study.matches, verdict=of_study.verdict,
            task_page=task_page, at=at, sentence_case=sentence_case, name=listed_name,
        )
        self._env.globals.update(book=book, times_cited=self.times_cited)

    def times_cited(self, source_id: str) -> int:
        """By how many entries, questions and pages a source is cited."""
        book = self.book
        return sum(len(some.get(source_id, ())) for some in (book.cited_by, book.pages_citing))

    @cached_property
    def asked(self) -> dict[str, list[Item]]:
        """Term id → the questions of the bank that test it."""
        return by_term(self.bank.items)

    @cached_property
    def bank(self) -> Bank:
        """The questions of the Book, authored and derived."""
        return bank(self.book)

    def page_sources(self) -> Iterator[PageSource]:
        """Every page the Book asks for; a hand-written page of the same path replaces it."""
        yield PageSource("index.md", "home_page")
        for folder, entries in self._kinds().items():
            if entries:
                yield PageSource(f"{folder}/index.md", f"{folder}_page")
        for path in self._letter_pages:
            # Search leads to the entries themselves.
            yield PageSource(path, "letter_page", part=path, meta={"search": {"exclude": True}})
        for entry in self.book.entries.values():
            yield PageSource(page_path(entry), f"{entry.kind}_page", entry)
        if self.questions():
            yield PageSource("questions.md", "questions_page")
        if self.bank.items:
            yield from self._study_sources()

    def _study_sources(self) -> Iterator[PageSource]:
        for name in ("study", "coverage", "plan"):
            path = "index" if name == "study" else name
            yield PageSource(f"study/{path}.md", f"{name}_page")
        for name, meta in TOOLS.items():
            yield PageSource(f"study/{name}.md", f"{name}_page", meta=meta)
        for path, folder in self._folders.items():
            yield PageSource(f"{path}/index.md", "bank_index_page", part=path)
            for page in folder.pages:
                # Questions are told apart by their words, and their headings are but numbers.
                meta = {"hide": ["toc"]}
                yield PageSource(f"{page.path}.md", "bank_page", part=page.path, meta=meta)

    def pages(self) -> dict[str, str]:
        """Path → Markdown of every generated page."""
        return {
            page.path: getattr(self, page.macro)(*page.arguments) for page in self.page_sources()
        }

    def _kinds(self) -> dict[str, Iterable[AnyEntry]]:
        book = self.book
        return {
            "glossary": book.terms.values(), "scenarios": book.scenarios.values(),
            "debates": book.debates.values(), "sources": book.sources.values(),
        }

    def _render(self, template: str, **values: object) -> str:
        return self._env.get_template(f"{template}.md.jinja").render(values)

    def term_page(self, term_id: str) -> str:
        """The page of a term."""
        term = self.book.terms[term_id]
        return self._render(
            "term", term=term,
            parts=self.book.plays_in.get(term_id, []),
            contrasts=self.book.contrasts.get(term_id, []),
            debates=self.book.debated_in.get(term_id, []),
            narrower=self.book.narrower.get(term_id, []),
            related=self.book.related.get(term_id, []),
            questions=self.asked.get(term_id, []),
        )

    def scenario_page(self, scenario_id: str) -> str:
        """The page of a scenario."""
        return self._render("scenario", scenario=self.book.scenarios[scenario_id])

    def debate_page(self, debate_id: str) -> str:
        """The page of a debate."""
        return self._render("debate", debate=self.book.debates[debate_id])

    def source_page(self, source_id: str) -> str:
        """The page of a source, with everything that cites it."""
        source = self.book.sources[source_id]
        citing = self.book.cited_by.get(source_id, [])
        cited = sorted((one for one in citing if not isinstance(one, ExamQuestion)),
                       key=alphabetical)
        asked = {one.key for one in citing if isinstance(one, ExamQuestion)}
        questions = [item for item in self.bank.items if item.key in asked] if asked else []
        claims = {
            entry.id: [claim for claim in entry.claims if claim.source == source_id]
            for entry in cited if isinstance(entry, Term)
        }
        return self._render(
            "source", source=source, cited=cited, claims=claims, questions=questions,
            pages=self.book.pages_citing.get(source_id),
        )

    def home_page(self) -> str:
        """A plain start page, for a knowledge base without one of its own."""
        return self._render("home")

    def glossary_page(self) -> str:
        """The page of the A–Z index."""
        return "# Glossary\n\n" + self.term_index()

    def scenarios_page(self) -> str:
        """The page of the scenarios, with the grid."""
        return (
            f"# Scenarios\n\n{self.scenario_index()}\n\n"
            f"## Who is who in each scenario\n\n{self.scenario_grid()}"
        )

    def debates_page(self) -> str:
        """The page of the debates."""
        return "# Debates\n\n" + self.debate_index()

    def sources_page(self) -> str:
        """The page of the bibliography."""
        return "# Sources\n\n" + self.bibliography()

    def letter_page(self, path: str) -> str:
        """The page of a letter of a list that is too long for one, or of a part of that letter."""
        listed = self._letter_pages[path]
        letter, part = listed.pages[path]
        return self._render("letter", listed=listed, letter=letter, part=part)

    def questions_page(self) -> str:
        """The page of questions people ask."""
        return "# Questions people ask\n\n" + self.question_list()

    def study_page(self) -> str:
        """The page of what there is for study, with what one should know about the exam."""
        return self._render(
            "study", exam=self._exam, index=self.study_index(), note=self.exam_note(),
            authored=len(self.book.questions),
            derived=len(self.bank.items) - len(self.book.questions),
        )

    def practice_page(self) -> str:
        """The page of practice, which its script fills."""
        lead = ("One question at a time, with a reason for every option as soon as you have "
                "answered. What you get wrong is remembered in this browser, and nowhere else.")
        return self._quiz("practice", "Practice", lead)

    def exam_page(self) -> str:
        """The page of the mock exam, which its script fills."""
        lead = ("Questions from every domain by its weight, against the clock, with a break after "
                "the first half and no way back to it. Reasons come at the end.")
        return self._quiz("exam", "Mock exam", lead)

    def project_page(self) -> str:
        """The page with which a facilitator projects questions, which its script fills."""
        lead = ("One question at a time for a group: everybody votes, you count, and then you show "
                "the reasons beside the votes.")
        return self._quiz("project", "Projector", lead)

    def _quiz(self, name: str, title: str, lead: str) -> str:
        return self._render("quiz", name=name, title=title, lead=lead, index=self.study_index())

    def cards_page(self) -> str:
        """The page on which cards are drilled."""
        return self._render("cards")

    def bank_index_page(self, folder_path: str) -> str:
        """The questions of a domain by task, or those derived from one kind of data."""
        return self._render("bank_index", folder=self._folders[folder_path])

    def bank_page(self, page_path: str) -> str:
        """The questions of one task, or those derived from one scenario or one group of terms."""
        folder, page = self._bank_pages[page_path]
        return self._render("bank", folder=folder, page=page, asked=of_study.ASKED)

    def coverage_page(self) -> str:
        """What the terms and questions cover of the exam, and where there are gaps."""
        rows = coverage(self.book, self.bank.items)
        terms = sorted(self.book.terms.values(), key=alphabetical)
        return self._render(
            "coverage", asked=self.asked, outside=[term for term in terms if not term.exam],
            domains=[(one, list(some)) for one, some in groupby(rows, key=lambda row: row.domain)],
            terms=[(term, self.asked[term.id]) for term in terms if term.id in self.asked],
        )

    def plan_page(self) -> str:
        """A plan of seven days, and one of six sessions."""
        rows = coverage(self.book, self.bank.items)
        return self._render("plan", plans=[
            (heading, word, plan(self.book, rows, number), last)
            for heading, word, number, last in PLANS
        ])

    def study_index(self) -> str:
        """A list of the pages of the study part."""
        return self._render("study_index", folders=self._folders.values(),
                            deck=deck_file(self.book), gift=GIFT_FILE, xml=XML_FILE)

    def exam_note(self) -> str:
        """What the exam outline says of itself: note, edition, date and sources."""
        return self._render("exam_note", exam=self._exam)

    @cached_property
    def _folders(self) -> dict[str, of_study.Folder]:
        """The folders of the bank's pages by their paths."""
        return {folder.path: folder for folder in of_study.folders(self.book, self.bank)}

    @cached_property
    def _bank_pages(self) -> dict[str, tuple[of_study.Folder, of_study.Page]]:
        """The bank's pages by their paths, each with its folder."""
        return {page.path: (folder, page) for folder in self._folders.values()
                for page in folder.pages}

    @property
    def _exam(self) -> Exam:
        if self.book.exam is None:
            raise LookupError("there is no study/exam.yml")
        return self.book.exam

    def about(self, item: Item) -> list[tuple[str, str]]:
        """What a question is about and rests on: names, and Markdown."""
        said = {
            "Terms": ", ".join(map(self.link, item.terms)),
            "Scenario": self.link(item.scenario) if item.scenario else "",
            "Tasks": ", ".join(f"{task} {escape(self.book.tasks[task].label)}"
                               for task in item.tasks),
            "Debates": ", ".join(map(self.link, item.debates)),
            "Sources": ", ".join(map(self.link, item.sources)),
            "Difficulty": item.difficulty,
        }
        return [(name, value) for name, value in said.items() if value]

    def term(self, term_id: str) -> str:
        """A link to a term by its label."""
        return self.link(self.book.terms[term_id])

    def definition(self, term_id: str) -> str:
        """The definition of a term."""
        return escape(self.book.terms[term_id].definition)

    @cached_property
    def lists(self) -> dict[str, Listing]:
        """The lists from A to Z by their folders."""
        beyond = self.book.settings.letter_pages_beyond
        return {
            folder: listing(folder, folder.capitalize(), entries, beyond)
            for folder, entries in self._kinds().items() if folder != "scenarios"
        }

    @cached_property
    def _letter_pages(self) -> dict[str, Listing]:
        """The pages of single letters by their paths, each with its list."""
        return {path: one for one in self.lists.values() for path in one.pages}

    @cached_property
    def beside(self) -> dict[str, tuple[str | None, str | None]]:
        """Path of a letter's page → the paths of the pages before and after it in its list."""
        found: dict[str, tuple[str | None, str | None]] = {}
        for listed in self.lists.values():
            paths = list(listed.pages)
            around = zip([None, *paths], [*paths[1:], None], strict=False)
            found |= dict(zip(paths, around, strict=False))
        return found

    def _list(self, template: str, folder: str, **values: object) -> str:
        """A list on one page by its `template`; its letters, if it is too long for that."""
        listed = self.lists[folder]
        return self._render(template if not listed.split else "letters", listed=listed, **values)

    def term_index(self) -> str:
        """The A–Z index of terms with a letter bar; of very many, its letters with their pages."""
        return self._list("term_index", "glossary")

    def scenario_guide(self) -> str:
        """The questions that lead a reader with a case to a scenario."""
        return self._render("scenario_guide", guide=self.book.guide) if self.book.guide else ""

    def scenario_grid(self) -> str:
        """A table of roles × scenarios: who plays the role there; roles not cast in all below."""
        scenarios = list(self.book.scenarios.values())
        cast = {one.id: {part.role: part for part in one.cast} for one in scenarios}
        everywhere = set(self.book.plays_in).intersection(*cast.values())
        roles = sorted(self.book.plays_in, key=lambda role: self.book.terms[role].label)
        required = self.book.settings.required_roles
        rows = [*required, *(role for role in roles if role in everywhere - set(required))]
        others = [role for role in roles if role not in rows]
        return self._render(
            "scenario_grid", scenarios=scenarios, cast=cast, rows=rows, others=others
        )

    def scenario_index(self) -> str:
        """A list of the scenarios with their summaries."""
        return self._render("scenario_index", scenarios=list(self.book.scenarios.values()))

    def debate_index(self) -> str:
        """A list of the debates with their short answers; of very many, their letters."""
        return self._list("debate_index", "debates")

    def bibliography(self) -> str:
        """The sources with the number of entries that cite each, and lost addresses.

        Of very many, there are their letters.
        """
        sources = self.book.sources.values()
        statuses = [status for source in sources if (status := self.book.status_of(source))]
        told = self._render("statuses", statuses=statuses) + "\n\n" if statuses else ""
        return told + self._list("bibliography", "sources")

    def contrast_list(self) -> str:
        """Every pair of terms that are easily confused, with what tells them apart."""
        terms = sorted(self.book.terms.values(), key=alphabetical)
        return self._render("contrast_list", terms=terms)

    def question_list(self) -> str:
        """The questions people ask, with answers and where they come from."""
        return self._render("question_list", questions=self.questions())

    def figure(self, name: str) -> str:
        """A figure of docs/figures, which the plugin draws into the finished page."""
        return f'{FIGURE}{name}"></div>'

    def flow_figure(self, scenario_id: str) -> str:
        """The figure of what flows between the roles of a scenario."""
        return self.figure(f"flow:{self.book.scenarios[scenario_id].id}")

    def key_reference(self) -> str:
        """The reference of every key."""
        return reference.key_reference()

    def check_reference(self) -> str:
        """The reference of every rule."""
        return reference.check_reference()

    def macro_reference(self) -> str:
        """The reference of every macro, this one among them."""
        return reference.macro_reference(getattr(self, name) for name in MACROS)

    @cached_property
    def neighbours(self) -> dict[str, tuple[Term | None, Term | None]]:
        """Term id → the terms before and after it, from A to Z."""
        terms = sorted(self.book.terms.values(), key=alphabetical)
        before, after = [None, *terms[:-1]], [*terms[1:], None]
        return {one.id: (a, b) for one, a, b in zip(terms, before, after, strict=True)}

    def questions(self) -> list[Question]:
        """Every question of terms and debates: terms first, each in alphabetical order."""
        entries: list[Term | Debate] = [
            *sorted(self.book.terms.values(), key=alphabetical),
            *sorted(self.book.debates.values(), key=alphabetical),
        ]
        taken: set[str] = set()
        return [
            Question(asked, entry, unique(_slug(asked.question), taken))
            for entry in entries for asked in entry.faq
        ]

    def cite(self, source_ids: Iterable[str]) -> str:
        """Links to sources by their short names, in brackets; empty for none."""
        links = [self.link(self.book.sources[source_id]) for source_id in source_ids]
        return f"({'; '.join(links)})" if links else ""

    def link(self, entry: AnyEntry | str) -> str:
        """A reference to an entry (or to the term or other record of that id) by its name."""
        entry_id = entry if isinstance(entry, str) else entry.id
        if entry_id not in self._links:  # most are listed on many pages
            name = listed_name(self.book.entries[entry_id])
            self._links[entry_id] = f"[{escape(name)}][{entry_id}]"
        return self._links[entry_id]


def at(address: str) -> str:
    """The target of a reference to an address of the site, from wherever it is made."""
    page, hash_, fragment = address.partition("#")
    return f"/{page.rstrip('/')}.md{hash_}{fragment}"


def _slug(text: str) -> str:
    """`text` as an id, in its own letters where there are no Latin ones."""
    return slugify(text, "-") or slugify_unicode(text, "-") or "question"
