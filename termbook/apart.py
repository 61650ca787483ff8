"""Pages that are made apart from MkDocs' own, all at once.

For each page MkDocs asks every plugin six times, and makes one page after the other. Where no
other plugin wants to see them, pages are left out of its loops, and Termbook makes them on all
cores after the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel

# What plugins are asked of a page, when all are read, and when all are written.
_OF_PAGES = (
    "pre_page", "page_read_source", "page_markdown", "page_content", "env", "page_context",
    "post_page", "post_build",
)
# Plugins, by the package they come from, to which pages made apart say nothing: they have no
# macros to replace, and our own search data holds what they say.
_INDIFFERENT = ("termbook", "mkdocs_macros", "material.plugins.search", "mkdocs.contrib.search")


class FilesApart(Files):
    """The files of a site, of which the `documentation_pages` are those not made apart."""

    def __init__(self, files: Iterable[File]) -> None:
        super().__init__(files)
        self._apart: set[str] = set()

    def leave_out(self, paths: Iterable[str]) -> None:
        """From now on, leave out the pages at those Markdown paths."""
        self._apart.update(paths)

    @property
    def all_pages(self) -> Sequence[File]:
        """The pages of the site, those made apart too."""
        return super().documentation_pages()

    def documentation_pages(
        self, *, inclusion: Callable[[InclusionLevel], bool] = InclusionLevel.is_included
    ) -> Sequence[File]:
        """The pages for MkDocs to make."""
        found = super().documentation_pages(inclusion=inclusion)
        return [file for file in found if file.src_uri not in self._apart]


def others_want_pages(config: MkDocsConfig) -> bool:
    """Whether a plugin or hook that is not ours wants to see every page, or macros.py does."""
    macros: Any = config.plugins.get("macros")
    hooks = ("pre_macro_functions", "post_macro_functions", "post_build_functions")
    return any(getattr(macros, name, None) for name in hooks) or any(
        not _is_indifferent(handler)
        for event in _OF_PAGES for handler in config.plugins.events[event]
    )


def _is_indifferent(handler: Any) -> bool:
    """Whether the handler of an event belongs to a plugin that need not see pages made apart."""
    plugin = getattr(handler, "__self__", None)  # a hook has none
    place = f"{type(plugin).__module__}."
    return plugin is not None and place.startswith(tuple(f"{one}." for one in _INDIFFERENT))
