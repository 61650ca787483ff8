"""The records of the guide in `guide.yml`: a few questions that lead to a scenario."""

from __future__ import annotations

from pydantic import Field

from .model import Id, Many, Prose, Record, ScenarioId, Some, Text


class GuideOption(Record):
    """One answer: it leads to another question, or to the scenarios it speaks for."""

    answer: Text = Field(
        description="The answer, in the reader's words.", examples=["Somebody else pays."]
    )
    go_to: Id | None = Field(
        None, description="Id of the question to ask next.", examples=["same-organisation"]
    )
    scenarios: Many[ScenarioId] = Field(
        (), description="Id of the scenario it leads to, or of the two it lies between.",
        examples=[["single-client"]],
    )
    because: Prose | None = Field(
        None, description="Why; needed wherever scenarios are named.",
        examples=["One organisation orders the work and takes it."],
    )


class GuideQuestion(Record):
    """One question of the guide."""

    id: Id = Field(description="Id of the question, for go_to.", examples=["who-pays"])
    question: Text = Field(
        description="The question, ending in a question mark.", examples=["Who pays?"]
    )
    options: Some[GuideOption] = Field(description="The answers a reader can give.")


class Guide(Record):
    """Questions that lead a reader with a case to a scenario; the first is asked first."""

    questions: Some[GuideQuestion] = Field(description="The questions.")
