"""What a reader's own program says is to be fed, drawn in a process of its own.

with drawing(Path("old.py"), Path("new.py"), seconds=60) as draws:
    draws.feeds(random, size, 0)
"""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from graphlab.errors import GraphlabError
from graphlab.exercises.exercise import CALLS, Arrays, Draws
from graphlab.exercises.sides import Broken, Process


def defines(path: Path, name: str) -> bool:
    """Whether a file defines a function of that name; it is read, not run.

    GraphlabError where it is no Python, or cannot be read.
    """
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise GraphlabError(f"cannot read {path}: {error.strerror}; give a Python file") from None
    except (SyntaxError, ValueError) as error:
        raise GraphlabError(f"{path} is no Python: {error}") from None
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in tree.body)


@contextmanager
def drawing(against: Path, port: Path, seconds: float) -> Iterator[Draws]:
    """The draws of the first file that has `feeds(random, size, call)`.

    They are made in a process of their own, which knows neither program's numbers; each gets a seed
    that is drawn for it. GraphlabError where neither file has any, or where drawing fails.
    """
    path = next((each for each in (against, port) if defines(each, "feeds")), None)
    if path is None:
        raise GraphlabError(
            f"neither {against} nor {port} has feeds(random, size, call), so nobody knows what to"
            " feed; write one that gives the arrays of one train_step by name"
        )
    process = Process(path, (), time.monotonic() + seconds)
    try:
        yield _draws(process, path)
    finally:
        process.close()


def _draws(process: Process, path: Path) -> Draws:
    def asked(what: str, *how: Any) -> tuple[dict[str, Any], Arrays]:
        try:
            return process.ask({"do": "draw", "how": {"what": what, "how": list(how)}})
        except Broken as problem:
            raise GraphlabError(f"{path}, whose {what} is asked, {problem}") from None

    def seed(random: np.random.RandomState) -> int:
        return int(random.randint(2**31 - 1))

    def special(random: np.random.RandomState, size: dict[str, int]) -> Iterator[Any]:
        words, arrays = asked("special", seed(random), size)
        for n, (name, weights, calls) in enumerate(words["special"]):
            given = {each: arrays[f"{n}/w/{each}"] for each in weights}
            feeds = [{e: arrays[f"{n}/{m}/{e}"] for e in names} for m, names in enumerate(calls)]
            yield name, given, feeds

    try:
        there = process.load()
    except Broken as problem:
        raise GraphlabError(f"{path} {problem}") from None
    has = there["draws"]
    few, many = there["calls"] or CALLS
    return Draws(
        lambda random: asked("sizes", seed(random))[0]["size"] if "sizes" in has else {},
        lambda random, size, call: asked("feeds", seed(random), size, call)[1],
        (lambda random, size: asked("weights", seed(random), size)[1])
        if "weights" in has
        else None,
        (lambda random, size: asked("queries", seed(random), size)[1])
        if "queries" in has
        else None,
        special if "special" in has else None,
        calls=(few, many),
        random=tuple(there["random"]),
        alone=there["alone"],
    )
