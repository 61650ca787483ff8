"""The real Anki, in an environment of its own: it is under the AGPL, and only tests run it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "anki"
PYTHON = FOLDER.parent.parent / ".venv-anki" / "bin" / "python"


def run(script: str, *arguments: str | Path) -> Any:
    """What a script of tests/anki prints as JSON."""
    assert PYTHON.exists(), "Anki is not installed: run `make .venv-anki/done`"
    done = subprocess.run(
        [PYTHON, FOLDER / script, *arguments], capture_output=True, text=True, check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
