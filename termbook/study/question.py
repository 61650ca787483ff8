"""The record of an exam question, in `study/questions/<id>.yml`."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from ..model import (
    ID_PATTERN,
    Entry,
    Flag,
    Many,
    Number,
    Prose,
    Record,
    Refers,
    ScenarioId,
    Some,
    SourceId,
    TaskId,
    TermId,
    Text,
)

DebateId = Annotated[str, StringConstraints(pattern=ID_PATTERN), Refers(("debate",))]


class Option(Record):
    """One option of a question, with the reason why it is right or wrong."""

    text: Text = Field(
        description="What the reader can choose, as plain text.", examples=["The one who pays"]
    )
    correct: Flag = Field(
        False, description="true for an option that counts as right.", examples=[True]
    )
    place: Number | None = Field(
        None, description="Its place, from 1, in a question of order.", examples=[1]
    )
    match: Text | None = Field(
        None, description="What it belongs to, in a question of matching.", examples=["payer"]
    )
    reason: Prose = Field(
        description="Why it is right, or which misconception it shows when it is wrong.",
        examples=["Using a product is enough for some sources, and not for this one."],
    )


class Question(Entry):
    """A question of the bank: a situation, what is asked, and options that each have a reason."""

    kind: ClassVar[str] = "question"
    folder: ClassVar[str] = "study/questions"

    key: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}$")] = Field(
        description="Eight hexadecimal digits that never change, whatever the file is called.",
        examples=["3f9a0c1e"],
    )
    type: Literal["one", "several", "depends", "order", "match"] = Field(
        description="one right option; several, all to be found; depends, where more than one "
        "is accepted; order; or match.",
        examples=["one"],
    )
    frame: Text | None = Field(
        None, description="The source within which the answer holds: In the Scrum Guide 2020 …",
        examples=["In the Scrum Guide 2020"],
    )
    stem: Prose = Field(
        description="The situation, and what is asked, as plain text.",
        examples=["A boutique orders a web shop. Who is its customer?"],
    )
    options: Annotated[tuple[Option, ...], Field(strict=False, min_length=3, max_length=6)] = (
        Field(description="Three to six options.")
    )
    terms: Some[TermId] = Field(description="Ids of the terms it tests.", examples=[["customer"]])
    scenario: ScenarioId | None = Field(
        None, description="Id of the scenario it is set in.", examples=["single-client"]
    )
    tasks: Some[TaskId] = Field(description="Ids of the exam tasks it serves.", examples=[["D6"]])
    difficulty: Literal["easy", "medium", "hard"] = Field(
        description="How hard it is.", examples=["medium"]
    )
    sources: Some[SourceId] = Field(
        description="Ids of the sources the answer rests on.", examples=[["scrum-guide-2020"]]
    )
    debates: Many[DebateId] = Field(
        (), description="Ids of debates that bear on it.", examples=[["what-is-a-customer"]]
    )

    @property
    def label(self) -> str:
        """The first words of the stem, by which a reader tells it from others."""
        return self.stem if len(self.stem) <= 80 else self.stem[:79].rsplit(" ", 1)[0] + "…"
