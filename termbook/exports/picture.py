"""The picture that other sites show beside a link to this one (Open Graph), 1200 × 630 pixels."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

SIZE = (1200, 630)
MARGIN = 90
INK, PAPER, ACCENT = "#1d3557", "#ffffff", "#fdba74"


def picture(title: str, description: str) -> bytes:
    """A PNG with the title and description; the font is the one that comes with Pillow."""
    from PIL import Image  # only the process that draws need load it
    from PIL.ImageDraw import Draw

    image = Image.new("RGB", SIZE, INK)
    draw = Draw(image)
    draw.rectangle((0, 0, 24, SIZE[1]), fill=ACCENT)
    y = _write(draw, title, 84, MARGIN + 40, PAPER)
    _write(draw, description, 36, y + 40, "#d5deea")
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _write(draw: ImageDraw, text: str, size: int, y: float, colour: str) -> float:
    """Write `text`, wrapped to the width, from `y` down; gives the y below it."""
    from PIL import ImageFont

    font = ImageFont.load_default(size)
    line = ""
    for word in [*text.split(), ""]:
        longer = f"{line} {word}".strip()
        if line and (not word or draw.textlength(longer, font) > SIZE[0] - 2 * MARGIN):
            draw.text((MARGIN, y), line, colour, font)
            y += size * 1.3
            longer = word
        line = longer
    return y
