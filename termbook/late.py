"""Modules of others that a build seldom needs, loaded once something is asked of them."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any


class _Late(ModuleType):
    """Stands for a module until somebody asks for anything in it."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


def load_late(name: str) -> None:
    """Have whoever imports the module `name` from now on load it when they first use it.

    Python's own LazyLoader fails for a package that imports from itself before Python 3.12.
    """
    if name not in sys.modules and (spec := find_spec(name)):
        late = sys.modules[name] = _Late(name)
        late.__spec__ = spec
