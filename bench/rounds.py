"""One round of one peer: every measure in turn, in the folder of its corpus."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

from . import live, weigh
from .corpus import Corpus, Term
from .measure import Failed, Late, cost
from .peers.peer import SITE, Peer

# What a measure gives: CPU, wall and peak of a command, or one number; None where a peer has none.
Value = list[float] | float | None


class Entrant:
    """A peer with its corpus in `folder`, which is made.

    What fails is kept in `failed` by the name of the measure, with the reason, and not tried again;
    `late` are those that took too long, and more terms would take longer still. Both begin with
    `late` of a smaller corpus.
    """

    def __init__(self, peer: Peer, corpus: Corpus, folder: Path, late: dict[str, str]) -> None:
        self.peer, self.corpus, self.folder = peer, corpus, folder
        self.failed, self.late = dict(late), dict(late)
        self.term = corpus.terms[len(corpus.terms) // 2]
        self._edits = count(1)
        folder.mkdir(parents=True)
        peer.write(corpus, folder)

    def measure(self) -> dict[str, Value]:
        """Every measure of a round that did not fail; the later ones need a cold build."""
        steps: dict[str, Callable[[], Value]] = {
            "cold": self._cold, "unchanged": self._unchanged, "edited": self._edited,
            "check": self._check, "site": self._site, "page": self._page, "search": self._search,
            "live": self._live,
        }
        done: dict[str, Value] = {}
        for name, step in steps.items():
            if "cold" in self.failed:
                return {}
            if name not in self.failed:
                self._try(name, step, done)
        return done

    def _try(self, name: str, step: Callable[[], Value], done: dict[str, Value]) -> None:
        try:
            done[name] = step()
        except (Failed, OSError) as error:
            self.failed[name] = str(error)
            if isinstance(error, Late):
                self.late[name] = f"{error} at {len(self.corpus.terms):,} terms"

    def _cold(self) -> Value:
        cold(self.peer, self.folder)
        result = self._run(self.peer.build)
        pages = sum(1 for _ in self.site.rglob("*.html"))
        if pages < self.corpus.pages:
            raise Failed(f"built {pages} pages of {self.corpus.pages}")
        return result

    def _unchanged(self) -> Value:
        return self._run(self.peer.build)

    def _edited(self) -> Value:
        word = self._edit()
        result = self._run(self.peer.build)
        if word not in self.page.read_text(encoding="utf-8"):
            raise Failed("the page did not show the edit")
        return result

    def _check(self) -> Value:
        return self._run(self.peer.check) if self.peer.check else None

    def _site(self) -> Value:
        return weigh.size(self.site)

    def _page(self) -> Value:
        return weigh.page_weight(self.site, self.page)

    def _search(self) -> Value:
        return weigh.search_weight(self.site, self.peer.search) if self.peer.search else None

    def _live(self) -> Value:
        if not self.peer.serve:
            return None
        shown = self.term.opening
        path = f"glossary/{self.term.id}/"
        took = live.edit_to_page(self.peer.serve, self.folder, path, shown, self._edit)
        return round(took, 3)

    def _run(self, command: tuple[str, ...]) -> Value:
        return [round(part, 3) for part in cost(command, self.folder)]

    def _edit(self) -> str:
        word = f"Edit{next(self._edits)}ed"
        edit(self.folder / self.peer.source.format(self.term.id), self.term, word)
        return word

    @property
    def site(self) -> Path:
        """The built site, which may be behind a link."""
        return (self.folder / SITE).resolve()

    @property
    def page(self) -> Path:
        """The page of the term that is edited."""
        return self.site / "glossary" / self.term.id / "index.html"


def cold(peer: Peer, folder: Path) -> None:
    """Remove all that a build of the peer has left, its caches too."""
    for name in peer.made:
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def edit(file: Path, term: Term, word: str) -> None:
    """Put `word` before the definition in the file of a term, in place of an earlier one."""
    text = file.read_text(encoding="utf-8")
    opening = rf"(Edit\d+ed )?{re.escape(term.opening)}"
    file.write_text(re.sub(opening, f"{word} {term.opening}", text, count=1), encoding="utf-8")
