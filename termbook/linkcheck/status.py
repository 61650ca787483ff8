"""What is known of a source's address: judged from what was known before and what is seen now.

Nothing here asks anybody anything: `judge` is a function of its arguments alone, and the file that
keeps its judgements from one run to the next is a text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal
from urllib.parse import urldefrag

from pydantic import Field, StringConstraints, model_validator

from ..model import Number, Record, Url

FORMAT = 1
DAYS_APART = 3
# Unless the command line says otherwise: how many days what an address showed holds, and how many
# seconds an answer may take.
MAX_AGE, TIMEOUT = 6, 20.0

# Both are shown as they are, so they hide nothing.
Reason = Annotated[str, StringConstraints(pattern=r"^[ -~]+$")]
PlainUrl = Annotated[str, StringConstraints(pattern=r"^https?://[!#-;=?-~]+$")]


class LinkStatus(Record):
    """What is known of one address, as `link-status.json` keeps it."""

    state: Literal["ok", "moved", "unknown", "failing", "dead"] = Field(
        description="ok, moved for good, unknown, failing, or dead: failing for three days or more."
    )
    checked_on: date = Field(description="The day it was last asked.")
    reason: Reason | None = Field(None, description="Why it is neither ok nor moved.")
    status: Number | None = Field(None, description="The HTTP status of the last answer, if any.")
    moved_to: PlainUrl | None = Field(None, description="The address that it sends everybody to.")
    first_failed_on: date | None = Field(
        None, description="The day of the first of the failures that have not ended since."
    )

    @model_validator(mode="after")
    def _whole(self) -> LinkStatus:
        if (self.state in ("ok", "moved")) != (self.reason is None):
            raise ValueError("reason goes with every state but ok and moved")
        if (self.state == "moved") != (self.moved_to is not None):
            raise ValueError("moved_to goes with the state moved, and with no other")
        if (self.state in ("failing", "dead")) != (self.first_failed_on is not None):
            raise ValueError("first_failed_on goes with the states failing and dead")
        if self.state == "dead" and not _apart(self.first_failed_on, self.checked_on):
            raise ValueError(f"nothing is dead before it has failed for {DAYS_APART} days")
        return self


class LinkStatuses(Record):
    """All of `link-status.json`: by address, what is known of it."""

    version: Literal[1] = Field(description="The form of the file.")
    addresses: dict[Url, LinkStatus] = Field(description="Each address, and what is known of it.")


@dataclass(frozen=True)
class Seen:
    """What an address showed when it was asked: `status` is None when nobody answered.

    `reason` says in words why it is failing or unknown; `moved_to` goes with moved.
    """

    state: Literal["ok", "moved", "unknown", "failing"]
    status: int | None = None
    reason: str | None = None
    moved_to: str | None = None


def _apart(first: date | None, last: date) -> bool:
    return first is not None and (last - first).days >= DAYS_APART


def address_of(url: str) -> str:
    """What of a URL a server is asked for: all but its fragment."""
    return urldefrag(url).url


def judge(before: LinkStatus | None, seen: Seen, on: date) -> LinkStatus:
    """What is known of an address, given what was known `before` and what is seen on a day.

    It is dead once failures with nothing between them lie three days apart or more. An unclear
    answer is none: a server that turns a program away is there, so it ends a row of failures.
    """
    if seen.state != "failing":
        return LinkStatus(state=seen.state, checked_on=on, reason=seen.reason, status=seen.status,
                          moved_to=seen.moved_to)
    first = min(before.first_failed_on if before and before.first_failed_on else on, on)
    return LinkStatus(state="dead" if _apart(first, on) else "failing", checked_on=on,
                      reason=seen.reason, status=seen.status, first_failed_on=first)


def is_fresh(known: LinkStatus | None, on: date, max_age: int) -> bool:
    """Whether an address need not be asked on a day: it was, fewer than `max_age` days before.

    A day in the future comes from a wrong clock and says nothing.
    """
    return known is not None and 0 <= (on - known.checked_on).days < max_age


def as_file(statuses: Mapping[str, LinkStatus]) -> str:
    """The text of `link-status.json`; the same statuses give the same text."""
    addresses = {
        address: status.model_dump(mode="json", exclude_none=True)
        for address, status in sorted(statuses.items())
    }
    return json.dumps({"version": FORMAT, "addresses": addresses}, indent=1) + "\n"


def from_file(text: str | bytes) -> dict[str, LinkStatus]:
    """The statuses in a text that `as_file` gave. Raises pydantic's ValidationError for another."""
    return LinkStatuses.model_validate_json(text).addresses
