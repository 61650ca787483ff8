"""The command line: `termbook check | build | serve | links | offline | export | diff | …`.

Exit codes: 0 all is well, 1 problems were found (each is printed), 2 the command was misused.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import Any

os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
# To look through all packages for some takes a hundredth of a second at every start.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

import typer
from typer.core import TyperGroup
from typer.main import get_group

# Each command, and the module in commands/ that has it.
COMMANDS = {
    "check": "check", "build": "build", "serve": "build", "links": "links", "offline": "export",
    "export": "export", "diff": "diff", "new": "authoring", "rename": "authoring",
    "suggest": "authoring", "fix": "authoring", "schemas": "authoring",
}


class _Group(TyperGroup):
    """The program, which loads a command once it is asked for: all take longer than most of them.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands: Any = dict.fromkeys(COMMANDS)  # their names, to list and to guess from

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f".commands.{COMMANDS[cmd_name]}", __package__)
        return get_group(module.app).commands[cmd_name]


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
