"""Modules of others that a build seldom needs, loaded once something is asked of them."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from threading import RLock
from types import ModuleType
from typing import Any

# Two threads may be the first to ask.
_LOADING = RLock()


class _Late(ModuleType):
    """Stands for a module until somebody asks for anything in it, or changes something."""

    def __init__(self, name: str, spec: ModuleSpec) -> None:
        super().__init__(name)
        vars(self)["__spec__"] = spec

    def __getattr__(self, name: str) -> Any:
        return getattr(_loaded(self), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(_loaded(self), name, value)

    def __dir__(self) -> list[str]:
        return dir(_loaded(self))


def _loaded(late: _Late) -> ModuleType:
    """The module itself, in its place from now on."""
    with _LOADING:
        if sys.modules.get(late.__name__) is late:
            del sys.modules[late.__name__]
        return import_module(late.__name__)


def load_late(name: str) -> None:
    """Have whoever imports the module `name` from now on load it when they first use it.

    Python's own LazyLoader fails for a package that imports from itself before Python 3.12.
    """
    if name not in sys.modules and (spec := find_spec(name)):
        sys.modules[name] = _Late(name, spec)
