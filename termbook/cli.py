"""The command line: `termbook check | build | serve | links | offline | export | diff | …`.

Exit codes: 0 all is well, 1 problems were found (each is printed), 2 the command was misused.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")

import typer
from typer.core import TyperGroup
from typer.main import get_group

# Each command, and the module in commands/ that has it.
MODULES = {
    "check": "check", "build": "build", "serve": "build", "links": "links", "offline": "export",
    "export": "export", "diff": "diff", "new": "authoring", "rename": "authoring",
    "suggest": "authoring", "fix": "authoring", "schemas": "authoring",
}


class _Commands(Mapping[str, Any]):
    """Each command by its name, loaded once it is asked for: all take longer than most of them."""

    def __getitem__(self, name: str) -> Any:
        module = import_module(f".commands.{MODULES[name]}", __package__)
        return get_group(module.app).commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter(MODULES)

    def __len__(self) -> int:
        return len(MODULES)


class _Group(TyperGroup):
    """The program itself, whose commands stand elsewhere."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands: Any = _Commands()


app = typer.Typer(
    cls=_Group, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
)


@app.callback()
def termbook() -> None:
    """Turn YAML terms, scenarios and debates into a checked, cross-linked site."""


def main() -> None:
    """Run the command line; Ctrl+C ends it without a traceback."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        gc.freeze()  # or Python would look for circles once more before it ends
