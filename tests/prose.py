"""What pages and figures of the knowledge base say, as plain text."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

from termbook.book import Book
from termbook.figures.figure import SUFFIX, named_figure

ROOT = Path(__file__).parent.parent
FIGURES = ROOT / "docs" / "figures"
FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


def drawn(figure: str, book: Book) -> str:
    """Everything a figure says: its title, its description, its lettering.

    Raises BookError when it cannot be drawn.
    """
    name = figure.removesuffix(SUFFIX)
    svg = named_figure(FIGURES, name, lambda term: book.terms[term].label, "#{}".format)
    return " ".join(" ".join(ET.fromstring(svg).itertext()).split())
