"""What the variables of a program's line stand for, at one moment of a walk.

    line_names(walk, view)       # [Named("z", value=...), Named("V", note="not yet")]
    meanings(source, body, variables, quiet)      # [Meant("z", tensor="z:0"), ...]: at any moment

A name is a variable of TensorFlow that is called so, or what its nearest assignment above has
made, or else a tensor of that name. What is none of them, a module or a list, is left out.
"""

from __future__ import annotations

import ast
import functools
import linecache
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graphlab.model import Graph, Node, Source, body_at, node_of
from graphlab.walk.motions import Walk
from graphlab.walk.view import View


@dataclass(frozen=True)
class Named:
    """A name of a line, and what it is now."""

    name: str
    value: Any = None
    note: str = ""  # where there is no value at hand: why not


@dataclass(frozen=True)
class Meant:
    """What a name of a line stands for: a variable or a tensor; neither: several tensors."""

    name: str
    variable: str = ""
    tensor: str = ""
    made: bool = False  # whether the program assigns the tensor to the name; else both are alike


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
    frame = view.step.frame
    body = body_at(walk.graph, frame)
    if body is None:
        return []
    state = walk.execution.state()
    variables = [name for name, value in state.items() if not isinstance(value, tuple)]
    found = []
    for meant in meanings(view.source, body, variables, lambda node: walk.quiet.of(node, frame)):
        if meant.variable:
            found.append(Named(meant.name, state[meant.variable]))
        elif not meant.tensor:
            found.append(Named(meant.name, note="several tensors"))
        elif named := _at_hand(meant.name, meant.tensor, view):
            found.append(named)
        elif not frame and meant.tensor in walk.given:
            found.append(Named(meant.name, walk.given[meant.tensor]))
        elif meant.made:
            found.append(Named(meant.name, note=_given(walk, body, node_of(meant.tensor))))
    return found


def _given(walk: Walk, body: Graph, node: str) -> str:
    alike = [number for number, step in enumerate(walk.trail, 1) if step.node == node]
    ran = [n for n in alike if body_at(walk.graph, walk.trail[n - 1].frame) is body]
    return f"given in step {ran[-1]}" if ran else "not yet"


def meanings(
    source: Source, body: Graph, variables: Collection[str], quiet: Callable[[str], bool]
) -> list[Meant]:
    """What the names on a line stand for, in the order of the line.

    `variables` are those that have a value, `quiet` says which ops of the body a reader passes by.
    """
    path, line = source
    statements = _statements("".join(linecache.getlines(path)))
    here = [each for each in statements if each.first <= line <= each.last]
    if not here:
        return []
    statement = min(here, key=lambda each: each.last - each.first)
    above = [each for each in statements if each.first <= line]
    found = []
    for name in statement.names:
        called = [key for key in variables if name in (key, key.rpartition("/")[2])]
        if len(called) == 1:
            found.append(Meant(name, variable=called[0]))
            continue
        given = [each for each in above if each.gives == name][-1:]
        made = [n for n in body.nodes if given and n.outputs and _is_on(n, path, given[0])]
        if made:
            found += _made(name, made, body, quiet)
        elif name in body.by_name:
            found.append(Meant(name, tensor=f"{name}:0"))
    return found


def _is_on(node: Node, path: str, statement: _Names) -> bool:
    source = node.source
    return (
        source is not None and source[0] == path and statement.first <= source[1] <= statement.last
    )


def _made(
    name: str, made: Sequence[Node], body: Graph, quiet: Callable[[str], bool]
) -> list[Meant]:
    """What the ops of an assignment come to, if it is one tensor: the one that no other takes, or
    of several the one with which the program goes on."""
    taken = {node_of(each) for node in made for each in node.inputs}
    ends = [node for node in made if node.name not in taken and not quiet(node.name)]
    if len(ends) > 1:
        own = {node.name for node in made}
        others = (node for node in body.nodes if node.name not in own)
        further = {node_of(each) for node in others for each in node.inputs}
        ends = [node for node in ends if node.name in further] or ends
    if not ends:
        return []
    if len(ends) > 1 or len(ends[0].outputs) > 1:
        return [Meant(name)]
    return [Meant(name, tensor=ends[0].outputs[0].name, made=True)]


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
        for target in node.targets:
            if isinstance(target, ast.Tuple | ast.List) and len(target.elts) == 1:
                yield target.elts[0]  # (dW,) = tf.gradients(loss, [W])
            else:
                yield target
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        yield node.target
