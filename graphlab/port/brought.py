"""Functions that a ported file brings along: they stand in it as they stand here."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from graphlab.port import cells, rules


def function(name: str) -> Callable[..., Any]:
    """The rule of an optimizer, or the cell, of this name."""
    return getattr(cells if hasattr(cells, name) else rules, name)


def source(name: str) -> list[str]:
    """The lines of its text."""
    return inspect.getsource(function(name)).rstrip().splitlines()
