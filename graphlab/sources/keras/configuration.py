"""A Keras model's configuration -> Model: layers and their calls, whichever Keras wrote it.

A call is written as lists by Keras 1 and 2, `[["dense", 0, 0, {"training": false}]]`, and by its
arguments by Keras 3; a Sequential model writes none. Here all are one thing: a Call. Which
configuration stands inside which (a model in a model, a layer in a wrapper) is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphlab.errors import shown
from graphlab.model import Shape
from graphlab.sources.keras import arguments, settings
from graphlab.sources.keras.arguments import Call, Reference

# A layer of these has others inside, as these of its settings; each is called once in its turn.
WRAPPERS: Mapping[str, tuple[str, ...]] = {
    "TimeDistributed": ("layer",),
    "SpectralNormalization": ("layer",),
    "Wrapper": ("layer",),
    "RNN": ("cell",),
    "StackedRNNCells": ("cells",),
    "Pipeline": ("layers",),
    "Bidirectional": ("layer", "backward_layer"),
}
_SEQUENTIAL = frozenset("name trainable dtype layers build_input_shape batch_input_shape".split())
_RECURRENT = frozenset("LSTM GRU SimpleRNN CuDNNLSTM CuDNNGRU RNN".split())


@dataclass(frozen=True)
class Layer:
    """A layer, or an op of keras.ops, with every call of it in the model that it stands in."""

    name: str
    kind: str  # its class
    config: Mapping[str, Any]
    known: str  # its class where it is Keras' own, `ops.` in front of an op's; "" of anybody else
    calls: tuple[Call, ...]
    first: int = 0  # the number by which the first of the calls is mentioned
    model: Model | None = None
    inner: tuple[Layer, ...] = ()  # of a wrapper
    built_for: Shape = None  # the shape of what its first call took
    trainable: bool = True
    shared: bool = False  # the same object stands elsewhere in the file too


@dataclass(frozen=True)
class Model:
    """What the layers of a model are, and how they take from one another."""

    name: str
    kind: str
    layers: tuple[Layer, ...]
    takes: Any  # References, in lists and dicts as the model is called with them
    gives: Any
    trainable: bool = True
    chained: bool = False  # Sequential: no calls are written


def model_of(config: Mapping[str, Any], outermost: bool = True) -> Model | None:
    """The model that a configuration describes; None where its author's code alone knows.

    ValueError, KeyError or TypeError where it is not written as Keras writes it.
    """
    kind, inner = config["class_name"], config["config"]
    if isinstance(inner, list):  # Keras before 2.2.3 wrote a Sequential model so
        inner = {"layers": inner}
    if not isinstance(kind, str) or not isinstance(inner, dict):
        raise TypeError("a model has a class_name and a config")
    written = inner.get("layers")
    if not isinstance(written, list) or not all(map(_is_layer, written)):
        return None
    called = "input_layers" in inner or any("inbound_nodes" in each for each in written)
    own = settings.known_class(config) == "Sequential"
    if not (called or own or _SEQUENTIAL.issuperset(inner)):
        return None
    name = str(inner.get("name") or kind)
    trainable = inner.get("trainable") is not False
    if not called:
        layers = _chain(inner, outermost)
        last = [Reference(each.name, 0, 0) for each in layers[-1:]]
        starts = [Reference(each.name, 0, 0) for each in layers if each.kind == "InputLayer"]
        return Model(name, kind, layers, starts, last, trainable, chained=True)
    names = _names(written)
    layers = tuple(_layer(each, name, names) for each, name in zip(written, names, strict=True))
    layers, at_ends = _counted(layers, inner)
    takes, gives = (_ends(inner.get(key), at_ends) for key in ("input_layers", "output_layers"))
    return Model(name, kind, layers, takes, gives, trainable)


def _is_layer(value: Any) -> bool:
    return isinstance(value, dict) and "class_name" in value and "config" in value


def _names(written: list[Any]) -> dict[str, None]:
    """The layers' names in order. ValueError where one comes twice."""
    names: dict[str, None] = {}
    for each in written:
        name = _name(each)
        if isinstance(each["config"], list) and name in names:
            name = f"{name}_{len(names)}"
        if name in names:
            raise ValueError(f"two layers are called {shown(name)}")
        names[name] = None
    return names


def _name(written: Mapping[str, Any]) -> str:
    inner = written["config"]
    name = written.get("name") or (inner.get("name") if isinstance(inner, dict) else None)
    if not isinstance(name, str) or not name:
        if isinstance(inner, list):  # a nested Sequential model of an old Keras has no name
            return "sequential"
        raise ValueError(f"a {shown(str(written['class_name']))} layer has no name")
    return name


def _layer(written: Mapping[str, Any], name: str, names: Mapping[str, None]) -> Layer:
    """A layer with its calls; an input, which lists none, has one."""
    inbound = written.get("inbound_nodes") or [[]]
    if not isinstance(inbound, list):
        raise TypeError(f"the calls of layer {shown(name)} are no list")
    return _bare(written, name, tuple(arguments.call(each, names) for each in inbound))


def _bare(written: Mapping[str, Any], name: str, calls: tuple[Call, ...]) -> Layer:
    kind, inner = written["class_name"], written["config"]
    if not isinstance(kind, str):
        raise TypeError(f"the class of layer {shown(name)} is no text")
    if isinstance(inner, list | dict) and (found := model_of(written, outermost=False)):
        config = inner if isinstance(inner, dict) else {}
        return Layer(name, kind, config, "", calls, model=replace(found, name=name))
    if not isinstance(inner, dict):
        raise TypeError(f"the config of layer {shown(name)} is no dict")
    known = settings.known_class(written)
    built = written.get("build_config")
    return Layer(
        name,
        kind,
        inner,
        known,
        calls,
        inner=_inner(known, inner),
        built_for=settings.shape_of(built.get("input_shape")) if isinstance(built, dict) else None,
        trainable=inner.get("trainable") is not False,
        shared="shared_object_id" in written,
    )


def _inner(known: str, config: Mapping[str, Any]) -> tuple[Layer, ...]:
    """The layers that a wrapper holds, without calls."""
    found = [config[key] for key in WRAPPERS.get(known, ()) if config.get(key) is not None]
    flat = [each for value in found for each in (value if isinstance(value, list) else [value])]
    layers = [_bare(each, _name(each), ()) for each in flat if _is_layer(each)]
    return _both_ways(layers) if known == "Bidirectional" else tuple(layers)


def _both_ways(layers: list[Layer]) -> tuple[Layer, ...]:
    """The two of a Bidirectional; Keras makes the second from the first where it is not given."""
    if not layers:
        return ()
    base = layers[0].name.removeprefix("forward_")
    forward = replace(layers[0], name=f"forward_{base}")
    if len(layers) > 1:
        return forward, layers[1]
    back = {**forward.config, "go_backwards": not forward.config.get("go_backwards")}
    return forward, replace(forward, name=f"backward_{base}", config=back)


# How calls are counted


def _counted(layers: tuple[Layer, ...], inner: Mapping[str, Any]) -> tuple[tuple[Layer, ...], dict]:
    """The layers, each with the number of its first call; and that number at a model's ends.

    Keras 1 and 2 count a nested model's own construction as its call 0, so that the first call
    from outside is 1. Keras 3 does so where it lists what the outer model gives, and nowhere else,
    and only for functional models. What is mentioned corrects the rule: a call that does not
    exist is mentioned by nobody.
    """
    if not any(layer.model for layer in layers):
        return layers, {}
    mentioned = _spans(each for layer in layers for call in layer.calls for each in call.takes)
    at_ends = _spans(arguments.leaves(arguments.old(inner.get("output_layers"))))
    found, offsets = [], {}
    for layer in layers:
        if layer.model is not None:
            old = any(call.old for call in layer.calls)
            count = len(layer.calls)
            first = _corrected(int(old), count, mentioned.get(layer.name))
            end = int(old or not layer.model.chained)
            offsets[layer.name] = first - _corrected(end, count, at_ends.get(layer.name))
            layer = replace(layer, first=first)
        found.append(layer)
    return tuple(found), offsets


def _spans(references: Iterable[Reference]) -> dict[str, tuple[int, int]]:
    """The least and the greatest number of a call that is mentioned, by layer."""
    found: dict[str, tuple[int, int]] = {}
    for each in references:
        least, most = found.get(each.layer, (each.call, each.call))
        found[each.layer] = min(least, each.call), max(most, each.call)
    return found


def _corrected(rule: int, calls: int, span: tuple[int, int] | None) -> int:
    if span is None:
        return rule
    return 0 if span[0] == 0 else 1 if span[1] >= calls else rule


def _ends(written: Any, offsets: Mapping[str, int]) -> Any:
    """What a model takes or gives, in the structure it is written in, counted as its calls are."""
    return arguments.mapped(
        arguments.old(written),
        lambda each: replace(each, call=each.call + offsets.get(each.layer, 0)),
    )


# Sequential models


def _chain(inner: Mapping[str, Any], outermost: bool) -> tuple[Layer, ...]:
    """The layers, each called on what the one before gives.

    The first is an input: where none is written, one as Keras makes it from the shape that the
    first layer notes. The outermost model has none where no shape is noted; a nested one is fed.
    """
    names = _names(inner["layers"])
    chain = [_bare(each, name, ()) for each, name in zip(inner["layers"], names, strict=True)]
    if chain and chain[0].kind != "InputLayer":
        shape = settings.noted_input(chain[0].config, inner)
        if shape is not None or not outermost:
            chain.insert(0, _input(f"{chain[0].name}_input", shape, chain[0].config))
    return tuple(
        replace(layer, calls=(call,)) for layer, call in zip(chain, _after(chain), strict=True)
    )


def _after(chain: list[Layer]) -> Iterator[Call]:
    for before in [None, *chain[:-1]]:
        yield Call() if before is None else arguments.on(Reference(before.name, 0, 0))


def _input(name: str, shape: list[int | None] | None, first: Mapping[str, Any]) -> Layer:
    dtype = first.get("input_dtype") or ("int32" if "input_dim" in first else first.get("dtype"))
    config = {"name": name, "batch_input_shape": shape, "dtype": dtype or "float32"}
    return Layer(name, "InputLayer", config, "InputLayer", ())
