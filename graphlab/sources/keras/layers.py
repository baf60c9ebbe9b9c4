"""A Keras model -> Graph: a node a call of a layer.

A nested model is a scope: its layers are named after it, and its inputs are those of its call.
A wrapper is a scope too: the layers that it holds stand before it, and it takes what they give.
A layer that is called twice is two nodes, `dense` and `dense_call2`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from graphlab.errors import GraphlabError, shown
from graphlab.model import Graph, Marks, Node, Shape, TensorSpec
from graphlab.sources.keras import arguments, nested, ports, settings
from graphlab.sources.keras.arguments import Call
from graphlab.sources.keras.configuration import Layer, Model
from graphlab.sources.keras.order import in_order
from graphlab.sources.keras.rules import outputs
from graphlab.sources.keras.rules.known import Asked, Inner, Known
from graphlab.sources.modelfile import Port, Signature

MOST_PARTS = 1_000_000  # layers, settings, arguments and outputs, those of nested calls repeated


@dataclass(frozen=True)
class Drawn:
    """A model as a graph."""

    graph: Graph
    signature: Signature
    notes: tuple[str, ...]  # what could not be told
    models: Mapping[str, tuple[TensorSpec, ...]]  # what each nested model gives, by its name


@dataclass
class _Made:
    """What has been made so far."""

    nodes: list[Node] = field(default_factory=list)
    specs: dict[str, TensorSpec] = field(default_factory=dict)  # by name, as known by now
    models: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    attrs: dict[int, dict[str, Any]] = field(default_factory=dict)  # by the layer's id
    parts: int = 0

    def count(self, parts: int) -> None:
        """GraphlabError where nested calls would make very much of a small file."""
        self.parts += parts
        if self.parts > MOST_PARTS:
            raise GraphlabError(
                f"its calls of models in models come to more than {MOST_PARTS:,} layers, settings"
                " and connections, which is the limit"
            )


def drawn(model: Model) -> Drawn:
    """A model as a graph, how it is called, and what could not be told.

    ValueError, KeyError or TypeError where it is not written as Keras writes it, GraphlabError
    where it is too large.
    """
    made = _Made()
    gives = _model(model, "", None, made)
    nodes = (
        replace(node, outputs=tuple(made.specs[spec.name] for spec in node.outputs))
        for node in made.nodes
    )
    graph = Graph(tuple(nodes))
    made.notes += ports.called_on_nothing(graph)
    takes = [each.layer for each in arguments.leaves(model.takes) if each.layer in graph.by_name]
    signature = Signature(
        model.name,
        tuple(Port(name, graph[name].outputs[0], ports.kind(graph[name])) for name in takes),
        tuple(Port(key, made.specs[name]) for key, name in ports.keyed(gives)),
    )
    models = {
        name: tuple(made.specs[each] for each in found) for name, found in made.models.items()
    }
    return Drawn(graph, signature, tuple(made.notes), models)


def _model(model: Model, prefix: str, fed: Mapping[str, TensorSpec] | None, made: _Made) -> Any:
    """Add a model's layers under a prefix; what it gives, in its structure.

    `fed` is what it is called with, by the name of the input; None at the top, where inputs are
    nodes.
    """
    given: dict[tuple[str, int, int], TensorSpec] = {}
    most = _most_outputs(model)
    outside = {spec.name for spec in (fed or {}).values()}
    for layer, number in in_order(model.layers):
        made.count(1)
        key = (layer.name, number + layer.first)
        if fed is not None and layer.kind == "InputLayer":
            if layer.name in fed:
                given[(*key, 0)] = fed[layer.name]
            continue
        call = layer.calls[number]
        takes: list[TensorSpec | None] = []
        alone = not number and len(call.takes) == 1
        built = layer.built_for if alone and [*arguments.leaves(call.args[:1])] else None
        for each in call.takes:
            spec = given.get((each.layer, each.call, each.output))
            if spec is not None:
                spec = _noted(spec, each, built, top=fed is None)
                if spec.name not in outside:
                    made.specs[spec.name] = spec
            takes.append(spec)
        name = f"{prefix}{layer.name}" + (f"_call{number + 1}" if number else "")
        gives = _call(layer, call, name, takes, most.get(key, 0), made)
        given |= {(*key, output): spec for output, spec in enumerate(gives)}
    lost = [
        f"{each.layer}:{each.output}"
        for each in arguments.leaves(model.gives)
        if (each.layer, each.call, each.output) not in given
    ]
    if lost:
        names = ", ".join(map(shown, lost[:3])) + (", ..." if len(lost) > 3 else "")
        made.notes.append(f"{shown(model.name)} gives what comes from nowhere: {names}")
    return arguments.mapped(
        model.gives, lambda each: given.get((each.layer, each.call, each.output))
    )


def _most_outputs(model: Model) -> dict[tuple[str, int], int]:
    """The greatest output that is mentioned, by layer and call."""
    found: dict[tuple[str, int], int] = {}
    mentioned = [each for layer in model.layers for call in layer.calls for each in call.takes]
    for each in [*mentioned, *arguments.leaves(model.gives)]:
        key = (each.layer, each.call)
        found[key] = max(found.get(key, 0), each.output)
    return found


def _noted(spec: TensorSpec, reference: arguments.Reference, built: Shape, top: bool) -> TensorSpec:
    """A tensor with what the file notes of it.

    What Keras 3 notes beside a tensor holds for the top; inside of a nested model it is of its
    construction, and the call may know more. What a layer was built for is of its first data:
    it tells where nothing else does, and not of the batch.
    """
    dtype, shape = reference.dtype or spec.dtype, spec.shape
    if reference.shape is not None and (shape is None or (top and reference.dtype)):
        shape = reference.shape
    elif reference.shape is not None and shape is not None and len(shape) == len(reference.shape):
        both = zip(shape, reference.shape, strict=True)
        shape = tuple(noted if size is None else size for size, noted in both)
    elif shape is None and built:
        shape = (None, *built[1:])
    return TensorSpec(spec.name, dtype, shape)


def _call(
    layer: Layer,
    call: Call,
    name: str,
    takes: Sequence[TensorSpec | None],
    most: int,
    made: _Made,
) -> list[TensorSpec]:
    """Add one call of a layer; the tensors that it gives."""
    if layer.model is not None:
        gives = _model(layer.model, f"{name}/", nested.fed(layer.model, call, takes), made)
        found = list(nested.specs(gives))
        made.models[name] = [spec.name for spec in found]
        return found
    arriving, inner = _inside(layer, name, takes, made)
    missing = tuple(
        f"{each.layer}:{each.output}"
        for each, spec in zip(call.takes, takes, strict=False)
        if spec is None
    )
    known = outputs.given(_asked(layer, call, takes, inner))
    known += [Known()] * (most + 1 - len(known))
    attrs = made.attrs.setdefault(id(layer), settings.attributes(layer.config))
    made.count(len(attrs) + call.size + len(known))
    gives = [TensorSpec(f"{name}:{i}", each.dtype, each.shape) for i, each in enumerate(known)]
    made.specs |= {spec.name: spec for spec in gives}
    made.nodes.append(
        Node(
            name,
            layer.kind,
            tuple(spec.name for spec in arriving if spec is not None),
            outputs=tuple(gives),
            attrs=attrs,
            marks=Marks(missing=missing),
        )
    )
    return gives


def _asked(
    layer: Layer, call: Call, takes: Sequence[TensorSpec | None], inner: tuple[Inner, ...]
) -> Asked:
    known = [Known(spec.dtype, spec.shape) if spec else Known() for spec in takes]
    args, kwargs = nested.filled(call, known)
    return Asked(layer.known, layer.config, tuple(known), args, kwargs, inner, call.old)


# Wrappers


def _inside(
    layer: Layer, name: str, takes: Sequence[TensorSpec | None], made: _Made
) -> tuple[list[TensorSpec | None], tuple[Inner, ...]]:
    """Add the layers that a wrapper holds; what then arrives at it, and what each of them gave."""
    if not layer.inner or not takes or takes[0] is None:
        return list(takes), ()
    first, rest = takes[0], list(takes[1:])
    if layer.known in ("TimeDistributed", "RNN") and first.shape is not None:
        first = replace(first, shape=first.shape[:1] + first.shape[2:])  # a step of it
    found: list[Inner] = []
    if layer.known == "Bidirectional":
        half = len(rest) // 2
        states = (rest[:half], rest[half : 2 * half])
        arriving: list[TensorSpec | None] = []
        for each, own in zip(layer.inner, states, strict=False):
            gives = _within(each, name, [first, *own], made)
            found.append(_told(each, gives))
            arriving += gives
        return arriving, tuple(found)
    reached: list[TensorSpec | None] = [first]
    for each in layer.inner:
        gives = _within(each, name, reached[:1], made)
        found.append(_told(each, gives))
        reached = [*gives]
    return [*reached, *rest], tuple(found)


def _within(
    layer: Layer, name: str, takes: list[TensorSpec | None], made: _Made
) -> list[TensorSpec]:
    made.count(1)
    here = [spec for spec in takes if spec is not None]
    references = [arguments.Reference(spec.name, 0, 0) for spec in here]
    return _call(layer, arguments.on(*references), f"{name}/{layer.name}", here, 0, made)


def _told(layer: Layer, gives: Sequence[TensorSpec]) -> Inner:
    return Inner(layer.known, layer.config, tuple(Known(each.dtype, each.shape) for each in gives))
