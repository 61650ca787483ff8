"""The model of a knowledge base: frozen records, each of them checked on its own.

Keys follow SKOS in snake_case (labels, broader, related); every record is one YAML file whose
name is its id, except sources, which share `sources.yml`. Nothing here knows of files or MkDocs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, TypeVar, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
)
from pydantic_core import CoreSchema

ID_PATTERN = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
DEFINITION_LIMIT = 300

KeyPath = tuple[str | int, ...]


class Refers(NamedTuple):
    """Marks a field whose text is the id of a record of the named kinds."""

    kinds: tuple[str, ...]

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """The JSON Schema of the text, with the kinds under a key of our own."""
        return {**handler(core_schema), "refers": list(self.kinds)}


class Markdown(NamedTuple):
    """Marks a field whose text is Markdown and may hold references and mentions."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """The JSON Schema of the text, which says that it is Markdown."""
        return {**handler(core_schema), "contentMediaType": "text/markdown"}


def _to_bool(value: object) -> object:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _to_int(value: object) -> object:
    return int(value) if isinstance(value, str) and re.fullmatch(r"\d{1,6}", value) else value


T = TypeVar("T")
Many = Annotated[tuple[T, ...], Field(strict=False)]
Some = Annotated[tuple[T, ...], Field(strict=False, min_length=1)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), Markdown()]
Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
TermId = Annotated[str, StringConstraints(pattern=ID_PATTERN), Refers(("term",))]
ScenarioId = Annotated[str, StringConstraints(pattern=ID_PATTERN), Refers(("scenario",))]
SourceId = Annotated[str, StringConstraints(pattern=ID_PATTERN), Refers(("source",))]
RecordId = Annotated[
    str, StringConstraints(pattern=ID_PATTERN), Refers(("term", "scenario", "debate", "source"))
]
TaskId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), Refers(("task",))]
Flag = Annotated[bool, BeforeValidator(_to_bool)]
Number = Annotated[int, BeforeValidator(_to_int)]
Date = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Url = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^https?://[^\s<>\"]+$")]


class Record(BaseModel):
    """A frozen mapping with known keys only."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Entry(Record):
    """A record with an id of its own: the file name, or the key in `sources.yml`."""

    kind: ClassVar[str]
    folder: ClassVar[str]
    id: str = Field(alias="@id")


class Claim(Record):
    """What one source says, in our words."""

    source: SourceId = Field(
        description="Id of the source in sources.yml.", examples=["scrum-guide-2020"]
    )
    at: Text | None = Field(
        None, description="Where in the source: section, page or point.", examples=["Product Owner"]
    )
    says: Prose = Field(
        description="What the source says, in your own words.",
        examples=["One person owns the order of the Product Backlog, never a committee."],
    )


class Contrast(Record):
    """A term that is easily taken for this one, and how to tell the two apart."""

    term: TermId = Field(
        description="Id of the other term. Write the pair on one side only.", examples=["customer"]
    )
    difference: Prose = Field(
        description="What tells the two apart, in a sentence.",
        examples=["Every key account is a customer; few customers are key accounts."],
    )
    example: Prose | None = Field(
        None, description="The smallest case in which the two are different.",
        examples=["A shopper who came in once is a customer whom nobody looks after by name."],
    )
    told_apart_in: ScenarioId | None = Field(
        None, description="Id of the scenario that separates the two.", examples=["single-client"]
    )


class Answer(Record):
    """A question people ask in these words, with an answer of about two sentences."""

    question: Text = Field(
        description="The question as people ask it.",
        examples=["Is every large customer a key account?"],
    )
    answer: Prose = Field(
        description="The answer in about two sentences, with references.",
        examples=["No. Somebody has to be named who looks after it."],
    )


class Term(Entry):
    """One term of the glossary."""

    kind: ClassVar[str] = "term"
    folder: ClassVar[str] = "glossary"

    label: Text = Field(description="The preferred name, as it is shown.", examples=["Key account"])
    group: Id | None = Field(
        None, description="Id of a group listed in termbook.yml.", examples=["roles"]
    )
    alt_labels: Many[Text] = Field(
        (), description="Other admitted names: linked in prose, found by search.",
        examples=[["major account", "strategic account"]],
    )
    hidden_labels: Many[Text] = Field(
        (), description="Misspellings and outdated names: found by search, never shown.",
        examples=[["key acount"]],
    )
    inflections: Many[Text] = Field(
        (), description="Word forms other than the regular plural, linked in prose.",
        examples=[["key-account"]],
    )
    definition: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=DEFINITION_LIMIT)
    ] = Field(
        description=f"Plain text, at most {DEFINITION_LIMIT} characters, that stands alone: "
        "it is the preview, the card and the export.",
        examples=[
            "An organisation whose business matters so much to a supplier that a named person "
            "looks after it."
        ],
    )
    note: Prose | None = Field(
        None, description="The longer story, in Markdown.",
        examples=["The word is said of an organisation, not of the person who looks after it."],
    )
    examples: Many[Prose] = Field(
        (), description="Short concrete cases, in Markdown.",
        examples=[["A bank that brings in a third of a small supplier's income."]],
    )
    broader: Many[TermId] = Field(
        (), description="Ids of wider terms; narrower is derived.", examples=[["customer"]]
    )
    related: Many[TermId] = Field(
        (), description="Ids of related terms; written on one side.", examples=[["supplier"]]
    )
    contrast: Many[Contrast] = Field((), description="Terms not to be confused with this one.")
    claims: Many[Claim] = Field((), description="Who says what, source by source.")
    faq: Many[Answer] = Field((), description="Questions people ask about this term.")
    exam: Many[TaskId] = Field(
        (), description="Tasks of study/exam.yml this term serves.", examples=[["D6"]]
    )
    sources: Many[SourceId] = Field(
        (), description="Ids of sources the definition rests on.", examples=[["babok-v3"]]
    )
    status: Literal["draft", "reviewed", "deprecated"] = Field(
        "draft", description="draft, reviewed by a second pair of eyes, or deprecated.",
        examples=["draft"],
    )
    reviewed_on: Date | None = Field(
        None, description="The day it was last reviewed.", examples=["2026-01-31"]
    )
    replaced_by: TermId | None = Field(
        None, description="Id of the term to use instead; only with status: deprecated.",
        examples=["customer"],
    )
    auto_link: Flag = Field(
        True, description="false for a word too common to be linked by itself.", examples=[False]
    )
    first_id: Id | None = Field(
        None, description="The id it was first published under, kept by `termbook rename`, for "
        "what a learner has learnt of it hangs on that id.", examples=["first-name"],
    )


class Cast(Record):
    """Who plays a role in a scenario."""

    role: TermId = Field(description="Id of the role's term.", examples=["payer"])
    player: Text = Field(
        description="Who plays the role here, as a short phrase.", examples=["the boutique"]
    )
    why: Prose = Field(
        description="Why they play it, in a sentence or two.", examples=["It pays the invoice."]
    )
    sources: Some[SourceId] = Field(
        description="Ids of the sources this rests on.", examples=[["ieee-830-1998"]]
    )


class Flow(Record):
    """Something that passes from one role to another."""

    from_: TermId = Field(
        alias="from", description="Id of the role that gives.", examples=["payer"]
    )
    to: TermId = Field(description="Id of the role that receives.", examples=["supplier"])
    what: Literal["money", "product", "requirements", "constraints", "evidence"] = Field(
        description="What kind of thing passes.", examples=["money"]
    )
    label: Text = Field(description="What passes here, in a few words.", examples=["a fixed price"])


class Argument(Record):
    """One argument, and who makes it."""

    says: Prose = Field(
        description="The argument, in your own words.",
        examples=["Whoever pays, as a rule, settles the requirements too."],
    )
    sources: Some[SourceId] = Field(
        description="Ids of the sources that make it.", examples=[["ieee-830-1998"]]
    )


class Seat(Record):
    """A place where the Product Owner could sit, with what speaks for and against it."""

    seat: Text = Field(
        description="Where the Product Owner sits, as a short phrase.",
        examples=["in the client's organisation"],
    )
    arguments_for: Many[Argument] = Field((), description="What speaks for this seat.")
    arguments_against: Many[Argument] = Field((), description="What speaks against it.")


class ProductOwner(Record):
    """Where the Product Owner best sits in a scenario."""

    verdict: Prose = Field(
        description="Where the role best sits, or why it is contested.",
        examples=["With the client, as long as somebody there has the time."],
    )
    contested: Flag = Field(
        description="true when the sources disagree on the seat.", examples=[True]
    )
    seats: Some[Seat] = Field(description="The seats that were argued for.")


class ThreeQuestions(Record):
    """The three questions to ask in every scenario, answered."""

    customer: Prose = Field(
        description="Who is the customer, and who can be asked?",
        examples=["The boutique; its owner answers the phone."],
    )
    judges_before_release: Prose = Field(
        description="Who judges success before release?",
        examples=["The owner, who accepts the work."],
    )
    judges_after_release: Prose = Field(
        description="Who judges success after release, and how?",
        examples=["Shoppers, by what they buy."],
    )
    vested_interest: Prose = Field(
        description="Who has a vested interest, and who most?",
        examples=["The owner most, then the staff who pack the parcels."],
    )


class Invitation(Record):
    """Someone to invite to the Sprint Review."""

    who: Prose = Field(description="Whom to invite.", examples=["Somebody who packs the parcels"])
    feedback: Prose = Field(
        description="What feedback only they can give.",
        examples=["Whether an order can be read at a glance."],
    )


class SprintReview(Record):
    """Whom to invite to the Sprint Review, and what for."""

    purpose: Prose = Field(
        description="What the review is for in this scenario.",
        examples=["To find out what the boutique would pay for next."],
    )
    invite: Some[Invitation] = Field(description="Whom to invite, and for what feedback.")


class Measure(Record):
    """A measure of success, and what must not suffer for it."""

    when: Literal["before-release", "after-release"] = Field(
        description="When it is read.", examples=["after-release"]
    )
    what: Prose = Field(
        description="What is measured, and how it is read.",
        examples=["Orders in a week, compared with the weeks before."],
    )
    whose: TermId = Field(
        description="Id of the role whose outcome it measures.", examples=["payer"]
    )
    guardrail: Prose | None = Field(
        None, description="What must not get worse while this gets better.",
        examples=["Parcels that come back."],
    )


class Scenario(Entry):
    """Who is who when the work is done for a certain kind of customer."""

    kind: ClassVar[str] = "scenario"
    folder: ClassVar[str] = "scenarios"

    label: Text = Field(
        description="The name of the scenario, as it is shown.", examples=["Single client"]
    )
    summary: Prose = Field(
        description="The situation in two or three sentences.",
        examples=["A studio builds a web shop for a boutique, which pays for it."],
    )
    examples: Many[Prose] = Field(
        (), description="Public or typical cases, with references.",
        examples=[["A public agency and its contractor."]],
    )
    cast: Some[Cast] = Field(description="Who plays each role here.")
    flows: Many[Flow] = Field((), description="What passes between the roles; drawn as a figure.")
    product_owner: ProductOwner | None = Field(
        None, description="Where the Product Owner best sits."
    )
    three_questions: ThreeQuestions | None = Field(
        None, description="Who is the customer, who judges success, who has an interest."
    )
    sprint_review: SprintReview | None = Field(None, description="Whom to invite, and what for.")
    measures: Many[Measure] = Field((), description="How success is measured, and for whom.")
    forgotten: Many[Prose] = Field(
        (), description="Stakeholders that are often forgotten.",
        examples=[["The bank that settles the payments."]],
    )
    failure_modes: Many[Prose] = Field(
        (), description="How this kind of work goes wrong.",
        examples=[["Nobody asks a shopper before the shop opens."]],
    )
    sources: Many[SourceId] = Field(
        (), description="Ids of sources the scenario rests on.", examples=[["babok-v3"]]
    )
    first_id: Id | None = Field(
        None, description="The id it was first published under, kept by `termbook rename`, for "
        "what a learner has learnt of it hangs on that id.", examples=["first-name"],
    )


class Position(Record):
    """One answer to a debated question, and who gives it."""

    holds: Text = Field(description="The position in a few words.", examples=["Only who pays"])
    says: Prose = Field(
        description="The argument, in your own words.",
        examples=["The customer is the one who pays."],
    )
    sources: Some[SourceId] = Field(
        description="Ids of the sources that take the position.", examples=[["ieee-830-1998"]]
    )
    scenarios: Many[ScenarioId] = Field(
        (), description="Ids of scenarios in which it holds.", examples=[["single-client"]]
    )


class Debate(Entry):
    """A question on which sources disagree."""

    kind: ClassVar[str] = "debate"
    folder: ClassVar[str] = "debates"

    question: Text = Field(
        description="The question, ending in a question mark.",
        examples=["Is an end user a customer?"],
    )
    short_answer: Prose = Field(
        description="Two or three sentences that begin with what the answer depends on.",
        examples=["It depends on whether using is enough to be one."],
    )
    positions: Annotated[tuple[Position, ...], Field(strict=False, min_length=2)] = Field(
        description="At least two positions, with different sources."
    )
    note: Prose | None = Field(
        None, description="The longer story, in Markdown.",
        examples=["The two words were told apart long before agile work."],
    )
    terms: Some[TermId] = Field(
        description="Ids of the terms the question is about.", examples=[["customer", "end-user"]]
    )
    faq: Many[Answer] = Field((), description="Questions people ask that this debate answers.")

    @property
    def label(self) -> str:
        """The question, which serves as the name of the debate."""
        return self.question


class Source(Entry):
    """One entry of the bibliography in `sources.yml`."""

    kind: ClassVar[str] = "source"
    folder: ClassVar[str] = "sources"

    title: Text = Field(description="The title of the work.", examples=["The Scrum Guide"])
    short: Text | None = Field(
        None, description="A short name for citations; else the title.",
        examples=["Scrum Guide 2020"],
    )
    author: Text | None = Field(
        None, description="Person or body that wrote it.",
        examples=["Ken Schwaber and Jeff Sutherland"],
    )
    year: Number | None = Field(None, description="Year of publication.", examples=[2020])
    type: Literal[
        "article", "blog", "book", "course", "filing", "forum", "glossary", "guide", "paper",
        "standard", "video", "web",
    ] = Field(
        description="What kind of work it is.", examples=["guide"]
    )
    url: Url | None = Field(
        None, description="Address of the original, never of a copy.",
        examples=["https://scrumguides.org/scrum-guide.html"],
    )
    archived: Url | None = Field(
        None, description="Address of a copy in a web archive, for when the original is gone.",
        examples=["https://web.archive.org/web/2020/https://scrumguides.org/"],
    )
    at: Text | None = Field(
        None, description="The part that was used: clause, chapter, page.", examples=["clause 3"]
    )
    licence: Text | None = Field(
        None, description="Its licence, when it is known.", examples=["CC BY-SA 4.0"]
    )
    length: Text | None = Field(
        None, description="Pages or minutes, when known.", examples=["14 pages"]
    )
    note: Prose | None = Field(
        None, description="What it is good for, and what of it was read.",
        examples=["The current definition of Scrum. Read in full."],
    )

    @property
    def label(self) -> str:
        """The title, which serves as the name of the source."""
        return self.title


class Moved(Entry):
    """What is left under a published id after a rename: where its content went."""

    kind: ClassVar[str] = "moved"
    folder: ClassVar[str] = ""

    moved_to: RecordId = Field(
        description="The id that this one has become.", examples=["key-account"]
    )


class Task(Record):
    """One task of an exam outline."""

    id: Text = Field(description="Short id, such as D6.", examples=["D6"])
    label: Text = Field(description="The task's title.", examples=["Actively Engage Customers"])
    gist: Text | None = Field(
        None, description="What the task asks for, in our words.",
        examples=["Learn what customers need, and check work against it."],
    )


class Domain(Record):
    """One domain of an exam outline."""

    id: Text = Field(description="Short id, such as D.", examples=["D"])
    label: Text = Field(description="The domain's title.", examples=["Delivery"])
    weight: Number = Field(description="Share of the scored questions, in percent.", examples=[28])
    tasks: Some[Task] = Field(description="The tasks of the domain.")


class Exam(Record):
    """The outline of an exam, in `study/exam.yml`."""

    title: Text = Field(description="The name of the exam.", examples=["A practitioner's exam"])
    outline: Text = Field(
        description="Which edition of the outline this is.", examples=["Edition of 2026"]
    )
    checked_on: Date = Field(
        description="The day it was last compared with its sources.", examples=["2026-01-31"]
    )
    note: Prose | None = Field(
        None, description="What a candidate should know about it.",
        examples=["A candidate has two hours."],
    )
    sources: Some[SourceId] = Field(
        description="Ids of the sources it rests on.", examples=[["babok-v3"]]
    )
    domains: Some[Domain] = Field(description="The domains; their weights add up to 100.")
    former_tasks: dict[Text, Text] = Field(
        {}, description="Task ids of earlier outlines, and the id that each has become.",
        examples=[{"T1": "D6"}],
    )


class Settings(Record):
    """What a knowledge base says about itself, in `termbook.yml`."""

    language: Id = Field("en", description="Language of the content, such as en.", examples=["en"])
    deck: Text | None = Field(
        None, description="The name of the Anki deck, without which none is made. Never change "
        "it: what learners have learnt hangs on it.", examples=["Bread"],
    )
    groups: dict[Id, Text] = Field(
        {}, description="Id and label of every group of terms.",
        examples=[{"roles": "Roles & stakeholders"}],
    )
    required_roles: Many[TermId] = Field(
        (), description="Roles that every scenario must cast.", examples=[["payer", "end-user"]]
    )
    required_sections: Many[
        Literal[
            "examples", "flows", "product_owner", "three_questions", "sprint_review", "measures",
            "forgotten", "failure_modes",
        ]
    ] = Field(
        (), description="Optional keys that every scenario must have here.",
        examples=[["examples", "measures"]],
    )
    letter_pages_beyond: Number = Field(
        140, ge=1, description="With more terms than this, each letter of the glossary has a page "
        "of its own, so that no page grows without bound; so have the letters of twice as many "
        "sources, and of two debates for five terms.", examples=[140],
    )
    search_parts_beyond: Number = Field(
        200, ge=1, description="With more terms than this, search loads its data in parts, as they "
        "are needed, and not all at once when it is opened.", examples=[200],
    )


class Leaf(NamedTuple):
    """A marked text in a record: where it stands, what it says, what it is."""

    keys: KeyPath
    value: str
    marker: Refers | Markdown | None


def leaves(record: Record) -> list[Leaf]:
    """Every text in `record` with its key path and marker, in the order of the fields."""
    found: list[Leaf] = []
    _collect(record, (), found)
    return found


def _collect(record: Record, above: KeyPath, found: list[Leaf]) -> None:
    """Add the texts of a record at `above`."""
    values = vars(record)
    for name, alias, marker in marked_fields(type(record)):
        value = values[name]
        if value is None or value == ():  # as a rule
            continue
        if isinstance(value, str):
            found.append(Leaf((*above, alias), value, marker))
        elif isinstance(value, tuple):
            for index, item in enumerate(value):
                if isinstance(item, str):
                    found.append(Leaf((*above, alias, index), item, marker))
                elif isinstance(item, Record):
                    _collect(item, (*above, alias, index), found)
        elif isinstance(value, Record):
            _collect(value, (*above, alias), found)


@cache
def marked_fields(model: type[Record]) -> tuple[tuple[str, str, Refers | Markdown | None], ...]:
    """Name, key and marker of every field of a record; the id of an entry is none of them."""
    return tuple(
        (name, info.alias or name, _marker([info.annotation, *info.metadata]))
        for name, info in model.model_fields.items()
        if name != "id" or not issubclass(model, Entry)
    )


def _marker(parts: Iterable[Any]) -> Refers | Markdown | None:
    for part in parts:
        if isinstance(part, Refers | Markdown):
            return part
        if (found := _marker(get_args(part))) is not None:
            return found
    return None


AnyEntry = Term | Scenario | Debate | Source
