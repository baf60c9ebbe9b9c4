"""Finding and changing what a person names while stepping: a variable, a tensor, an element."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graphlab.errors import GraphlabError, nearest
from graphlab.model import node_of
from graphlab.walk.motions import Walk
from graphlab.walk.view import View
from visualize.words import shape_text


def found(walk: Walk, view: View, name: str, frame: str | None) -> tuple[dict[str, Any], str]:
    """The values that a name means, by what they are called; and a note, where they are old.

    Looked for among the variables, then the tensors that are live, then what the last op was
    given, then what earlier steps gave. GraphlabError: there was no such value so far.
    """
    state = walk.execution.state()
    if name in state:
        return flat({name: state[name]}), ""
    live = walk.live(name, frame)
    if live:
        return {e.spec.name + (f"@{e.frame}" if e.frame else ""): e.value for e in live}, ""
    tensor = name if node_of(name) != name else f"{name}:0"
    if tensor in view.inputs and frame is None:
        return {tensor: view.inputs[tensor]}, ""
    number = made(walk, tensor, frame)
    later = any(e.tensor == tensor and e.number >= number for e in walk.edits)
    note = f"as given in step {number}{', before it was set' if later else ''}"
    return {tensor: walk.value_at(number, tensor)}, note


def made(walk: Walk, tensor: str, frame: str | None) -> int:
    """The last step that gave a tensor. GraphlabError: there was none so far."""
    for number, step in reversed(list(enumerate(walk.trail, 1))):
        if frame in (None, step.frame) and any(o.name == tensor for o in step.outputs):
            return number
    if node_of(tensor) in walk.graph.by_name:
        raise GraphlabError(f"{tensor} has no value now; it was not given up to here")
    known = [each.spec.name for each in walk.execution.live()]
    known += [spec.name for step in walk.trail for spec in step.outputs]
    known += list(walk.graph.by_name)
    like = nearest(tensor, dict.fromkeys(known))
    raise GraphlabError(f"there is no tensor {tensor!r}; did you mean {whole_names(like)}?")


def whole_names(listed: str, most: int = 120) -> str:
    """As many names of a list as there is room for, none of them cut; at least the first.

    >>> whole_names("first, second, third", 14), whole_names("a_long_name, b", 4)
    ('first, second', 'a_long_name')
    """
    if len(listed) <= most:
        return listed
    return listed[: most + 1].rpartition(", ")[0] or listed.partition(", ")[0]


def with_element(name: str, held: Any, element: tuple[int | slice, ...], value: Any) -> Any:
    """An array with another value for some of its elements. GraphlabError: it has none such."""
    changed = np.array(held)
    try:
        changed[element] = np.asarray(value).astype(changed.dtype, casting="same_kind")
    except (IndexError, ValueError, TypeError) as error:
        dtype = "string" if changed.dtype.kind in "OSU" else changed.dtype.name
        raise GraphlabError(f"{name} is {dtype} {shape_text(changed.shape)}; {error}") from error
    return changed


def flat(state: Mapping[str, Any]) -> dict[str, Any]:
    """A table is its keys and its values."""
    flat = {}
    for name, value in state.items():
        if isinstance(value, tuple):
            flat[f"{name} keys"], flat[f"{name} values"] = value
        else:
            flat[name] = value
    return flat
