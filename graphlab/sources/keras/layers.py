"""A Keras model's configuration -> Graph: a node a call of a layer.

A nested model is a scope: its layers are named after it, and its inputs are those of its call.
A layer that is called twice is two nodes, `dense` and `dense_call2`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeGuard

from graphlab.errors import shown
from graphlab.model import Graph, Marks, Node, Shape, TensorSpec
from graphlab.sources.keras.shapes import after
from graphlab.sources.modelfile import Port, Signature

NESTED = ("Functional", "Model", "Sequential")
MOST_NODES = 200_000
_LONG = 200  # characters of an attribute that is text; longer ones are code or data


@dataclass(frozen=True)
class _Call:
    """One call of a layer: what it takes, and how it would be named."""

    layer: Mapping[str, Any]
    key: tuple[str, int]  # the layer's name, and the how-manieth call it is
    takes: tuple[tuple[str, int, int], ...]  # layer, call, output


@dataclass
class _Made:
    """What has been made so far."""

    nodes: list[Node] = field(default_factory=list)
    specs: dict[str, TensorSpec] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    told: dict[str, Shape] = field(default_factory=dict)  # by tensor, as its layer's settings say

    def shape(self, tensor: str) -> Shape:
        """What is known of a tensor: what the file notes, else what follows from the settings."""
        noted = self.specs.get(tensor)
        return noted.shape if noted else self.told.get(tensor)


def from_config(config: Any) -> tuple[Graph, Signature, list[str]]:
    """A model's configuration: its graph, how it is called, and what could not be told.

    ValueError, KeyError or TypeError where it is not written as Keras writes it.
    """
    made = _Made()
    kind, inner = config["class_name"], config["config"]
    name = str(inner.get("name") or kind) if isinstance(inner, dict) else str(kind)
    if not isinstance(inner, dict | list) or "layers" not in _as_dict(inner):
        made.notes.append(
            f"{kind} is a class of its author's own: the file does not say which layers it calls"
        )
        made.nodes.append(Node(name, str(kind), outputs=(TensorSpec(f"{name}:0", ""),)))
        return Graph(tuple(made.nodes)), Signature(name), made.notes
    outputs = _model(config, "", None, made)
    nodes = tuple(replace(node, outputs=_known(node, made)) for node in made.nodes)
    graph = Graph(nodes)
    inputs = [node for node in nodes if node.op == "InputLayer"]
    tensors = {spec.name: spec for node in nodes for spec in node.outputs}
    signature = Signature(
        name,
        tuple(Port(node.name, node.outputs[0]) for node in inputs),
        tuple(Port(each.rpartition(":")[0], tensors[each]) for each in outputs if each in tensors),
    )
    return graph, signature, made.notes


def _as_dict(inner: Any) -> dict[str, Any]:
    """Keras 2 wrote a Sequential model's layers as a bare list."""
    return {"layers": inner} if isinstance(inner, list) else inner


def _known(node: Node, made: _Made) -> tuple[TensorSpec, ...]:
    return tuple(made.specs.get(spec.name, spec) for spec in node.outputs)


def _model(
    config: Mapping[str, Any], prefix: str, inputs: list[str] | None, made: _Made
) -> list[str]:
    """Add a model's layers under a prefix; the tensors it gives. `inputs`: None at the top."""
    inner = _as_dict(config["config"])
    found = [_layer_name(layer) for layer in inner["layers"]]
    if len(set(found)) < len(found):
        twice = next(name for name in found if found.count(name) > 1)
        raise ValueError(f"two layers are called {shown(twice)}")
    if config["class_name"] == "Sequential":
        calls = list(_chain(inner["layers"]))
        ends = [(calls[-1].key[0], 0, 0)] if calls else []
        starts: list[tuple[str, int, int]] = []
    else:
        calls = [call for layer in inner["layers"] for call in _calls(layer)]
        ends = _references(inner.get("output_layers"))
        starts = _references(inner.get("input_layers"))
    given: dict[tuple[str, int, int], str] = {}
    fed = list(inputs or ())
    if inputs is not None:
        given.update(zip(starts, fed, strict=False))
    for call in _in_order(calls):
        first = call.layer["class_name"] == "InputLayer"
        if inputs is not None and first:
            if (*call.key, 0) not in given and fed:
                given[(*call.key, 0)] = fed[0]
            continue
        takes = [given[each] for each in call.takes if each in given]
        if inputs is not None and not call.takes and config["class_name"] == "Sequential":
            takes = fed
        for output, tensor in enumerate(_call(call, prefix, takes, made)):
            given[(*call.key, output)] = tensor
    return [given[each] for each in ends if each in given]


def _layer_name(layer: Mapping[str, Any]) -> str:
    name = layer.get("name") or layer["config"].get("name")
    if not isinstance(name, str) or not name:
        raise ValueError(f"a {layer['class_name']} layer has no name")
    return name


def _chain(layers: list[Any]) -> Iterator[_Call]:
    before: tuple[tuple[str, int, int], ...] = ()
    for layer in layers:
        name = _layer_name(layer)
        yield _Call(layer, (name, 0), before)
        before = ((name, 0, 0),)


def _calls(layer: Mapping[str, Any]) -> Iterator[_Call]:
    """Every call that a layer's `inbound_nodes` list; an input, which lists none, is one."""
    name = _layer_name(layer)
    inbound = layer.get("inbound_nodes") or [[]]
    for number, node in enumerate(inbound):
        yield _Call(layer, (name, number), tuple(_references(node)))


def _references(value: Any) -> list[tuple[str, int, int]]:
    """The tensors that a piece of configuration mentions: (layer, call, output), in order.

    Keras 2 writes `["dense", 0, 0, {...}]`, Keras 3 `{"keras_history": ["dense", 0, 0]}`.
    """
    found: list[tuple[str, int, int]] = []
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            left += reversed(each.values())
        elif isinstance(each, list):
            if len(each) >= 3 and isinstance(each[0], str) and _counts(each[1:3]):
                found.append((each[0], each[1], each[2]))
                left += reversed(each[3:])
            else:
                left += reversed(each)
    return found


def _counts(values: list[Any]) -> bool:
    return all(type(value) is int and 0 <= value < MOST_NODES for value in values)


def _in_order(calls: list[_Call]) -> Iterator[_Call]:
    """The calls, each behind those it takes from, and otherwise as they were written."""
    waiting: dict[tuple[str, int], list[_Call]] = {}
    there = {call.key for call in calls}
    missing: dict[tuple[str, int], int] = {}
    ready: list[_Call] = []
    for call in calls:
        before = {each[:2] for each in call.takes if each[:2] in there}
        missing[call.key] = len(before)
        for key in before:
            waiting.setdefault(key, []).append(call)
        if not before:
            ready.append(call)
    ready.reverse()
    done = 0
    while ready:
        call = ready.pop()
        done += 1
        yield call
        for other in reversed(waiting.get(call.key, ())):
            missing[other.key] -= 1
            if not missing[other.key]:
                ready.append(other)
    if done < len(calls):
        stuck = next(key[0] for key, count in missing.items() if count)
        raise ValueError(f"layer {shown(stuck)} waits for itself")


def _call(call: _Call, prefix: str, takes: list[str], made: _Made) -> list[str]:
    """Add one call of a layer; the tensors that it gives."""
    layer, (name, number) = call.layer, call.key
    called = f"{prefix}{name}" + (f"_call{number + 1}" if number else "")
    _note_shapes(layer, takes, made)
    config = layer.get("config")
    if layer["class_name"] in NESTED and "layers" in _as_dict(config):
        return _model(layer, f"{called}/", takes, made)
    if len(made.nodes) >= MOST_NODES:
        raise ValueError(f"more than {MOST_NODES:,} layers")
    shape = _input_shape(layer) or after(
        str(layer["class_name"]), config, [made.shape(tensor) for tensor in takes]
    )
    output = TensorSpec(f"{called}:0", _dtype(config), shape)
    missing = [f"{each[0]}:{each[2]}" for each in call.takes][len(takes) :]
    marks = Marks(missing=tuple(missing))
    kind, attrs = str(layer["class_name"]), _attrs(config)
    made.nodes.append(Node(called, kind, tuple(takes), (), (output,), attrs, marks=marks))
    made.told[output.name] = shape
    return [output.name]


def _note_shapes(layer: Mapping[str, Any], takes: list[str], made: _Made) -> None:
    """What a layer was built for is what the layer before it gives."""
    built = layer.get("build_config")
    shape = built.get("input_shape") if isinstance(built, dict) else None
    if len(takes) == 1 and _is_shape(shape):
        dtype = _dtype(layer.get("config"))
        made.specs.setdefault(takes[0], TensorSpec(takes[0], dtype, tuple(shape)))
    for value in layer.get("inbound_nodes") or ():
        for tensor, name in zip(_keras_tensors(value), takes, strict=False):
            kind, noted = tensor.get("dtype"), tensor.get("shape")
            if _is_shape(noted) and isinstance(kind, str):
                made.specs[name] = TensorSpec(name, kind, tuple(noted))


def _keras_tensors(value: Any) -> Iterator[dict[str, Any]]:
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            if "keras_history" in each:
                yield each
            else:
                left += reversed(each.values())
        elif isinstance(each, list):
            left += reversed(each)


def _input_shape(layer: Mapping[str, Any]) -> Shape:
    config = layer.get("config")
    if layer["class_name"] != "InputLayer" or not isinstance(config, dict):
        return None
    shape = config.get("batch_shape", config.get("batch_input_shape"))
    return tuple(shape) if _is_shape(shape) else None


def _is_shape(value: Any) -> TypeGuard[list[int | None]]:
    return isinstance(value, list) and all(each is None or type(each) is int for each in value)


def _dtype(config: Any) -> str:
    """A layer's dtype; of a mixed policy the one that it computes in."""
    dtype = config.get("dtype") if isinstance(config, dict) else None
    if isinstance(dtype, dict):
        inner = dtype.get("config")
        dtype = inner.get("name") if isinstance(inner, dict) else None
    return dtype.removeprefix("mixed_") if isinstance(dtype, str) else ""


def _attrs(config: Any) -> dict[str, Any]:
    """The settings of a layer that are short enough to be read: numbers, words, lists of them."""
    found: dict[str, Any] = {}
    for key, value in sorted(config.items()) if isinstance(config, dict) else ():
        if isinstance(value, dict):
            value = value.get("class_name")
        plain = isinstance(value, str | int | float | bool) or (
            isinstance(value, list) and all(type(each) in (int, float, str) for each in value)
        )
        if key not in ("name", "dtype") and plain and len(str(value)) <= _LONG:
            found[key] = str(value) if isinstance(value, float) and value != value else value
    return found
