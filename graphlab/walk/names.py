"""What the variables of a program's line stand for, at one moment of a walk.

    line_names(walk, view)       # [Named("z", tensor="z:0", value=...), Named("V", ...)]

A name is a variable of TensorFlow that is called so, or what its nearest assignment above has
made, or else a tensor of that name. What is none of them, a module or a list, is left out.
"""

from __future__ import annotations

import ast
import functools
import linecache
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graphlab.model import Node, body_at, node_of
from graphlab.walk.motions import Walk
from graphlab.walk.view import View


@dataclass(frozen=True)
class Named:
    """A name of a line, and what it is now."""

    name: str
    value: Any = None
    note: str = ""  # where there is no value at hand: why not


@dataclass(frozen=True)
class _Names:
    """A statement: its lines, the names in it, and the one name that it assigns."""

    first: int
    last: int
    names: tuple[str, ...]
    gives: str  # "" where it assigns none, or several at once


def line_names(walk: Walk, view: View) -> list[Named]:
    """The names on the line that made the op which ran last, in the order of the line."""
    if view.step is None or view.source is None:
        return []
    path, line = view.source
    statements = _statements("".join(linecache.getlines(path)))
    here = [each for each in statements if each.first <= line <= each.last]
    if not here:
        return []
    statement = min(here, key=lambda each: each.last - each.first)
    found = (_meant(name, path, line, statements, walk, view) for name in statement.names)
    return [named for named in found if named is not None]


def _meant(
    name: str, path: str, line: int, statements: tuple[_Names, ...], walk: Walk, view: View
) -> Named | None:
    held = walk.execution.state()
    called = [key for key in held if name in (key, key.rpartition("/")[2])]
    if len(called) == 1 and not isinstance(held[called[0]], tuple):
        return Named(name, held[called[0]])
    frame = view.step.frame if view.step else ""
    body = body_at(walk.graph, frame)
    if body is None:
        return None
    above = [each for each in statements if each.gives == name and each.first <= line]
    for nearest in above[-1:]:
        made = [n for n in body.nodes if n.outputs and _is_on(n, path, nearest.first, nearest.last)]
        if made:
            return _made(name, made, frame, walk, view)
    return _at_hand(name, f"{name}:0", view) if name in body.by_name else None


def _is_on(node: Node, path: str, first: int, last: int) -> bool:
    source = node.source
    return source is not None and source[0] == path and first <= source[1] <= last


def _made(name: str, made: Sequence[Node], frame: str, walk: Walk, view: View) -> Named | None:
    """What the ops of an assignment come to, if it is one tensor: the one that no other takes."""
    taken = {node_of(each) for node in made for each in node.inputs}
    ends = [n for n in made if n.name not in taken and not walk.quiet.of(n.name, frame)]
    if not ends:
        return None
    if len(ends) > 1 or len(ends[0].outputs) > 1:
        return Named(name, note="several tensors")
    found = _at_hand(name, ends[0].outputs[0].name, view)
    ran = [n for n, step in enumerate(walk.trail, 1) if step.node == ends[0].name]
    return found or Named(name, note=f"given in step {ran[-1]}" if ran else "not yet")


def _at_hand(name: str, tensor: str, view: View) -> Named | None:
    """A tensor's value where the moment has it: given, taken, or waited for."""
    if view.step is not None and view.step.values is not None and tensor in view.step.values:
        value = view.changed.get(tensor, view.step.values[tensor])
    elif tensor in view.inputs:
        value = view.inputs[tensor]
    else:
        live = [each for each in view.live if each.spec.name == tensor]
        if not live:
            return None
        value = live[0].value
    return None if isinstance(value, str) else Named(name, value)


@functools.lru_cache(maxsize=16)
def _statements(text: str) -> tuple[_Names, ...]:
    """Every statement of a program, in its order; nothing of what is no Python."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    found = (_read(node) for node in ast.walk(tree) if isinstance(node, ast.stmt))
    return tuple(sorted(found, key=lambda each: each.first))


def _read(node: ast.stmt) -> _Names:
    """A statement; of one with a body only its head."""
    body = getattr(node, "body", None)
    last = node.end_lineno or node.lineno
    if isinstance(body, list) and body:
        last = max(body[0].lineno - 1, node.lineno)
    names = [n for n in ast.walk(node) if isinstance(n, ast.Name) and n.lineno <= last]
    ordered = sorted(names, key=lambda n: (n.lineno, n.col_offset))
    targets = list(_targets(node))
    gives = targets[0].id if len(targets) == 1 and isinstance(targets[0], ast.Name) else ""
    return _Names(node.lineno, last, tuple(dict.fromkeys(n.id for n in ordered)), gives)


def _targets(node: ast.stmt) -> Iterator[ast.expr]:
    if isinstance(node, ast.Assign):
        yield from node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        yield node.target
