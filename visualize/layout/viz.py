"""Graphviz as JavaScript with its WebAssembly in it, as the package @viz-js/viz has it."""

from __future__ import annotations

import functools
from pathlib import Path

VIZ = Path(__file__).parent / "vendor"


@functools.cache
def viz() -> str:
    """The JavaScript, as a text."""
    return (VIZ / "viz-global.js").read_text(encoding="utf-8")
