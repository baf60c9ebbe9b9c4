"""Why one element of a tensor is what it is: the step that gave it, and the sum in numbers.

cell(walk, "add", (2, 3))    # lines: the op, its formula, what it took, the sum
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graphlab.errors import GraphlabError
from graphlab.model import Node, Step, body_at, node_of
from graphlab.walk.arithmetic import number, terms
from graphlab.walk.motions import Walk
from graphlab.walk.tensors import made
from visualize.words import shape_text

GRADIENT = ("gradients", "gradient_tape")


def cell(walk: Walk, name: str, element: tuple[int | slice, ...]) -> list[str]:
    """The lines for an element of what a tensor was given last.

    GraphlabError where it has no value so far, no such element, or its op is not one whose sum is
    written out.
    """
    tensor = name if node_of(name) != name else f"{name}:0"
    if any(isinstance(each, slice) for each in element):
        raise GraphlabError(f"why of one element: write {name}[0, 1], a number for each axis")
    at = made(walk, tensor, None)
    step, inputs = walk.step_at(at)
    assert step.values is not None
    value = np.asarray(step.values[tensor])
    try:
        place = _place(element, value)
    except IndexError as error:
        raise GraphlabError(f"{tensor} is {shape_text(value.shape)}; {error}") from error
    node = _node(walk, step)
    lines = _terms(step, node, inputs, place, [s.name for s in step.outputs].index(tensor))
    if lines is None:
        raise GraphlabError(
            f"{step.node} is a {step.op}, whose sum is not written out here; `why` alone says why"
            f" it ran, and `show {tensor}` what it gave"
        )
    where = f"[{', '.join(map(str, place))}]" if place else ""
    head = f"{tensor}{where} is {number(value[place])}, given in step {at} by {step.op}"
    took = [f"  {key} {_about(each)}" for key, each in inputs.items()]
    changed = any(edit.number >= at and edit.tensor == tensor for edit in walk.edits)
    return [head + (", before it was set" if changed else ""), *took, *lines]


def _place(element: tuple[int | slice, ...], value: np.ndarray) -> tuple[int, ...]:
    """The place from the start of each axis. IndexError: there is none."""
    if len(element) != value.ndim:
        raise IndexError(f"an element of it has {value.ndim} numbers, found {len(element)}")
    found = []
    for axis, (index, size) in enumerate(zip(element, value.shape, strict=True)):
        assert isinstance(index, int)
        if not -size <= index < size:
            raise IndexError(f"index {index} is out of bounds for axis {axis} with size {size}")
        found.append(index % size)
    return tuple(found)


def _node(walk: Walk, step: Step) -> Node | None:
    body = body_at(walk.graph, step.frame)
    return body.by_name.get(step.node) if body is not None else None


def _terms(
    step: Step,
    node: Node | None,
    inputs: Mapping[str, Any],
    place: tuple[int, ...],
    output: int,
) -> list[str] | None:
    if node is None:
        return None
    data = [each for each in node.inputs if not each.startswith("^")]
    if any(name not in inputs or isinstance(inputs[name], str) for name in data):
        return None
    backward = not set(step.node.split("/")).isdisjoint(GRADIENT)
    try:
        took = [inputs[name] for name in data]
        return terms(step.op, node.attrs, took, place, backward, output)
    except IndexError as error:
        raise GraphlabError(f"{step.node}: {error}") from error


def _about(value: Any) -> str:
    array = np.asarray(value)
    return f"{array.dtype.name} {shape_text(array.shape)}"
