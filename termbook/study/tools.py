"""The pages of the study part that scripts work: what each loads, as its front matter."""

from __future__ import annotations

from collections.abc import Mapping


def _tool(scripts: str, styles: str, **more: object) -> dict[str, object]:
    """Names below assets/study/; of scripts also of the data that the build writes (…_data)."""
    paths = (
        f"study/{name.removesuffix('_data')}.js" if name.endswith("_data")
        else f"assets/study/{name}.js" for name in scripts.split()
    )
    sheets = [f"assets/study/{name}.css" for name in styles.split()]
    return {"hide": ["toc"], "styles": sheets, "scripts": [*paths], **more}


# Name of a page → its front matter.
TOOLS: Mapping[str, Mapping[str, object]] = {
    "practice": _tool("bank_data draw quiz answers question practice", "quiz"),
    "exam": _tool("bank_data draw quiz answers question exam", "quiz"),
    "project": _tool("bank_data draw quiz answers question project", "quiz project"),
    "cards": _tool(
        "cards_data vendor/idb vendor/ts-fsrs schedule progress store charts cards", "cards",
        description="Learn the terms by spaced repetition: a few minutes a day, free, without an "
        "account, and what you know stays in your browser.",
        # Its HTML holds no word of a record, so it needs no cleaning.
        raw_html=True, auto_link=False,
    ),
}
