"""Giving a tensor or a variable another value, as a line of text asks for it.

set_to(walk, "x[0, 2]=7")    # ("x:0", what it was)
"""

from __future__ import annotations

from typing import Any

from graphlab.errors import GraphlabError
from graphlab.walk.commands import element_of, place_of, usage, value_of
from graphlab.walk.motions import Walk
from graphlab.walk.tensors import with_element


def set_to(walk: Walk, asked: str) -> tuple[str, Any]:
    """Do it; the name of what was set, and its value before. GraphlabError: it cannot be done."""
    place, equals, text = asked.partition("=")
    if not equals or not place.strip():
        raise GraphlabError(f"set what to what? {usage('set')}")
    place, element = element_of(place)
    tensor, frame = place_of(place)
    value = value_of(text)
    held = walk.execution.state().get(tensor)
    if frame is None and (held is not None or _waits_for_a_value(walk, tensor)):
        return _set_variable(walk, tensor, held, element, value)
    live = walk.live(tensor, frame)
    if element is not None and len(live) == 1:  # else what is wrong is said by the walk
        value = with_element(live[0].spec.name, live[0].value, element, value)
    walk.set(tensor, value, frame)
    return live[0].spec.name, live[0].value


def _waits_for_a_value(walk: Walk, name: str) -> bool:
    """Whether it is a variable that has no value yet."""
    return name in walk.variables.values() and not walk.live(name)


def _set_variable(
    walk: Walk, name: str, held: Any, element: tuple[int | slice, ...] | None, value: Any
) -> tuple[str, Any]:
    if isinstance(held, tuple):
        raise GraphlabError(f"{name} is a table; only variables and tensors can be set")
    if element is not None and held is not None:
        value = with_element(name, held, element, value)
    walk.set_variable(name, value)
    return name, held
