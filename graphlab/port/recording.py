"""What a tape records, and what it must be told of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphlab.engine.kernels.nodes import Op
from graphlab.model import node_of
from graphlab.port.order import before
from graphlab.port.scene import TYPE, Scene
from graphlab.port.slim import of_parts


def watched(scene: Scene, needed: Sequence[Op], sources: Sequence[str]) -> tuple[str, ...]:
    """The arguments that the tape must be told of: no variable leads to what is asked for."""
    made = {op.name: op for op in needed}
    handles = {node_of(handle) for handle in scene.variables}
    found: dict[str, None] = {}
    for source in sources:
        if source in scene.variables:
            continue
        if source in scene.given:
            found[source] = None
            continue
        names = before([node_of(source)], made, ())
        inner = (node_of(tensor) for name in names for tensor in _takes(scene, made[name]))
        if handles.isdisjoint([*names, *inner]):
            taken = {tensor for name in names for tensor in made[name].inputs}
            found |= dict.fromkeys(
                t for t in scene.given if t in taken and scene.dtypes[t].startswith("float")
            )
    return tuple(found)


def without_way(scene: Scene, needed: Sequence[Op], sources: Sequence[str]) -> set[str]:
    """Of what is asked for that to which no variable or watched argument leads by real numbers: a
    tape says None of it, as of what hangs on a tensor's shape alone."""
    led = {*scene.variables, *watched(scene, needed, sources)}
    for op in needed:
        if op.type == TYPE or not led.isdisjoint(_takes(scene, op)):
            pairs = zip(op.outputs, op.dtypes, strict=True)
            led.update(tensor for tensor, dtype in pairs if not dtype.startswith(_NO_SLOPE))
    return {source for source in sources if source not in led}


_NO_SLOPE = ("bool", "int", "string", "uint")


def on_tape(scene: Scene, needed: Sequence[Op], watched: Sequence[str]) -> Iterator[str]:
    """The ops that the tape records: those that a variable or what it watches leads to."""
    led = {*scene.variables, *watched}
    for op in needed:
        if not led.isdisjoint(_takes(scene, op)) or op.type == TYPE:
            led.update(op.outputs)
            yield op.name


def _takes(scene: Scene, op: Op) -> Iterator[str]:
    """The tensors that an op takes: what was a loop of TF1 has variables without being given
    them."""
    yield from op.inputs
    if scene.is_of_tf1(op):
        for inner in of_parts([op], scene.library):
            yield from inner.inputs
