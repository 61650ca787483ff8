"""What Anki makes of review logs: argument 1 is a JSON file {parameters, logs}.

A log is a list of [time in milliseconds, grade, kind], where kind is Anki's number: 0 learning,
1 review, 2 relearning. Prints [[stability, difficulty], …], by log. The times count from now, so
that the scheduler sees them in its past; whoever calls spaces them by whole study days.
"""

import json
import sys
import tempfile
from pathlib import Path

from anki.collection import Collection


def main() -> None:
    given = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    collection = Collection(str(Path(tempfile.mkdtemp()) / "collection.anki2"))
    collection.set_config("fsrs", True)
    deck = collection.decks.config_dict_for_deck_id(1)
    deck["fsrsParams6"] = given["parameters"]
    collection.decks.update_config(deck)
    print(json.dumps([state(collection, log) for log in given["logs"]]))
    collection.close()


def state(collection, log):
    note = collection.new_note(collection.models.by_name("Basic"))
    note["Front"] = "x"
    collection.add_note(note, 1)
    card = note.card_ids()[0]
    for at, grade, kind in log:
        collection.db.execute(
            "insert into revlog values (?, ?, -1, ?, 1, 1, 2500, 1000, ?)", at, card, grade, kind
        )
    found = collection.compute_memory_state(card)
    return [found.stability, found.difficulty]


if __name__ == "__main__":
    main()
