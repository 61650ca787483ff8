"""Import decks one after the other into a new collection, and answer every card of the first.

Usage: learn.py COLLECTION DECK ...; prints a list with the state after each import as JSON.
"""

import json
import sys
from typing import Any

from anki.collection import Collection, ImportAnkiPackageRequest

LOG = ("new", "updated", "duplicate", "conflicting", "missing_notetype", "missing_deck")


def main(path: str, *decks: str) -> None:
    col = Collection(path)
    col.set_config("fsrs", True)
    states = []
    for number, deck in enumerate(decks):
        log = imported(col, deck)
        if number == 0:
            answer_all(col)
            # As after a sync: from now on Anki marks what it has changed with -1.
            col.db.execute("update notes set usn = 0")
            col.db.execute("update cards set usn = 0")
        states.append({"log": log, **state(col)})
    col.close()
    json.dump(states, sys.stdout)


def imported(col: Collection, deck: str) -> dict[str, int]:
    """How many notes an import, with the options that Anki proposes, has put under each heading."""
    options = col._backend.get_import_anki_package_presets()
    done = col.import_anki_package(ImportAnkiPackageRequest(package_path=deck, options=options))
    return {name: len(getattr(done.log, name)) for name in LOG}


def answer_all(col: Collection) -> None:
    """Answer each card once, and two in three of them up to three times more, when they are due."""
    cards = sorted(col.find_cards(""))
    for turn in range(4):
        some = [card for place, card in enumerate(cards) if turn <= place % 6 or turn == 0]
        if turn:
            col.sched.set_due_date(some, "0")
        for place, card_id in enumerate(some):
            card = col.get_card(card_id)
            card.start_timer()
            col.sched.answerCard(card, (place * 7 + turn) % 4 + 1)


def state(col: Collection) -> dict[str, Any]:
    """Notes and cards by guid, and the names of the decks and note types that hold some."""
    notes, cards = {}, {}
    for note_id in col.find_notes(""):
        note = col.get_note(note_id)
        assert note.guid not in notes
        notes[note.guid] = {"fields": note.fields, "tags": note.tags, "mod": note.mod,
                            "usn": note.usn}
        (card,) = note.cards()
        memory = card.memory_state
        cards[note.guid] = {
            "id": card.id, "due": card.due, "interval": card.ivl, "reps": card.reps,
            "lapses": card.lapses, "type": card.type, "queue": card.queue, "factor": card.factor,
            "usn": card.usn, "deck": col.decks.name(card.did),
            "memory": [memory.stability, memory.difficulty] if memory else None,
        }
    models = [one.name for one in col.models.all_names_and_ids() if col.models.use_count(
        col.models.get(one.id))]
    decks = [one.name for one in col.decks.all_names_and_ids(skip_empty_default=True)]
    return {"notes": notes, "cards": cards, "models": models, "decks": decks}


if __name__ == "__main__":
    main(*sys.argv[1:])
