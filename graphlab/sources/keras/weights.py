"""The arrays of a Keras file, each with the layers it is a weight of and its name there.

Keras 3 and tf_keras number a layer's variables, `layers/dense_1/vars/0`; a whole model in .h5, and
the weights that Keras 1 and 2 save alone, have names: `model_weights/dense/dense/kernel:0`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphlab.sources.keras import weight_names
from graphlab.sources.keras.configuration import Layer, Model
from graphlab.sources.keras.groups import Groups, Owner, of_layer
from graphlab.sources.keras.hdf5 import Contents
from graphlab.sources.modelfile import Variable

OPTIMIZER, METRIC = "the optimizer's", "a metric's"
PACKED = "packed: two values of 4 bits a byte"
AGAIN = "stored once more"
_MODEL, _OPTIMIZER = "model_weights", "optimizer_weights"
# Never trained, whatever the layer: by the names that Keras 1 and 2 have in their files.
_STATE = frozenset(
    "moving_mean moving_variance moving_stddev renorm_mean renorm_stddev mean variance count"
    " vector_u running_mean running_std sn_u".split()
)
_MOST_SLASHES = 16  # in the name of a layer
_Array = tuple[str, str, tuple[int, ...], int]  # path, dtype, shape, bytes


@dataclass(frozen=True)
class Stored:
    """An array, and the layers, by their nodes' names, that it is a weight of."""

    variable: Variable
    layers: tuple[str, ...] = ()
    counts: bool = True  # among the parameters of the model


def stored(found: Contents, model: Model | None, version: Any = None) -> list[Stored]:
    """Every array of a file; those of a layer in their order, the optimizer's last.

    `version` is of the Keras that wrote it, where the file says so.
    """
    old = isinstance(version, str) and version.partition(".")[0] in ("1", "2")
    named = found.layers is not None or any(
        path.startswith((f"{_MODEL}/", f"{_OPTIMIZER}/")) for path, *_ in found.arrays
    )
    arrays = list(_by_name(found, model) if named else _by_number(found, model, old))
    places = {name: i for i, name in enumerate(_nodes(model.layers, ""))} if model else {}
    last = len(places)
    arrays.sort(key=lambda each: places.get(each.layers[-1], last) if each.layers else last + 1)
    return arrays


def _nodes(layers: Sequence[Layer], prefix: str) -> Iterator[str]:
    """The names of all layers' nodes in the order of the model."""
    for layer in layers:
        name = f"{prefix}{layer.name}"
        yield name
        yield from _nodes(layer.model.layers if layer.model else layer.inner, f"{name}/")


def _of_training(variable: Variable, note: str) -> Stored:
    return Stored(replace(variable, note=note, trainable=None), (), counts=False)


# By number


def _by_number(found: Contents, model: Model | None, old: bool) -> Iterator[Stored]:
    by_owner: dict[str, list[_Array]] = {}
    for path, dtype, shape, size in found.arrays:
        group, _, last = path.rpartition("/")
        group = group.removesuffix("vars").removesuffix("/") if group.endswith("vars") else group
        by_owner.setdefault(group, []).append((last, dtype, shape, size))
    groups = Groups(found.names, model)
    for path, arrays in by_owner.items():
        arrays.sort(key=lambda array: (len(array[0]), array[0]))  # 2 before 10
        yield from _numbered(groups.owner(path), path, arrays, old)


def _numbered(owner: Owner, path: str, arrays: Sequence[_Array], old: bool) -> Iterator[Stored]:
    outermost = path.partition("/")[0]
    told = None
    if owner.known:
        told = weight_names.names(owner.known, owner.config, len(arrays), old)
    for i, (last, dtype, shape, size) in enumerate(arrays):
        weight = told[i] if told else weight_names.Weight(last)
        trainable = None if told is None else owner.trainable and weight.trained
        if owner.trainable is False or not weight.trained:
            trainable = False
        name = f"{owner.name}/{weight.name}" if owner.name else weight.name
        key = f"{path}/vars/{last}" if path else f"vars/{last}"
        variable = Variable(name, dtype, shape, size, trainable, key=key)
        if outermost == "optimizer" and not owner.layers:
            yield _of_training(variable, OPTIMIZER)
        elif outermost == "metrics" and not owner.layers:
            yield _of_training(variable, METRIC)
        else:
            note = PACKED if weight.packed else AGAIN if weight.again else ""
            yield Stored(replace(variable, note=note), owner.layers, counts=not weight.again)


# By name


def _by_name(found: Contents, model: Model | None) -> Iterator[Stored]:
    root = Owner("", (), model=model, trainable=model.trainable if model else None)
    layers = {layer.name: layer for layer in model.layers} if model else {}
    owners: dict[str, Owner] = {}
    nested: dict[str, dict[str, Owner]] = {}
    for path, dtype, shape, size in found.arrays:
        whole, _, rest = path.partition("/")
        variable = Variable(rest.removesuffix(":0"), dtype, shape, size, key=path)
        if whole == _OPTIMIZER:
            yield _of_training(replace(variable, name=f"optimizer/{variable.name}"), OPTIMIZER)
            continue
        top, rest = _top((rest if whole == _MODEL else path).removesuffix(":0"), layers)
        if top not in owners:
            layer = layers.get(top)
            owners[top] = of_layer(layer, root) if layer else _without(top, model)
            nested[top] = dict(_deeper(owners[top]))
        owner, own = _placed(owners[top], nested[top], rest)
        weight = _named(owner, own.rpartition("/")[2])
        yield Stored(
            replace(
                variable,
                name=f"{owner.name}/{own}" if own else owner.name,
                trainable=owner.trainable if weight.trained else False,
                note=PACKED if weight.packed else "",
            ),
            owner.layers,
        )


def _named(owner: Owner, name: str) -> weight_names.Weight:
    known = weight_names.named(owner.known, owner.config)
    return known.get(name) or weight_names.Weight(name, name not in _STATE)


def _top(path: str, layers: Mapping[str, Layer]) -> tuple[str, str]:
    """The layer that a path begins with, whose name may hold slashes, and what is behind it."""
    parts = path.split("/", _MOST_SLASHES)
    for end in range(1, len(parts)):
        if (name := "/".join(parts[:end])) in layers:
            return name, "/".join(parts[end:])
    return parts[0], path.partition("/")[2]


def _without(name: str, model: Model | None) -> Owner:
    """What no layer of the model is called: of weights alone, or a class of somebody's own."""
    return Owner(name, (name,) if model is None else ())


def _deeper(owner: Owner) -> Iterator[tuple[str, Owner]]:
    """Every layer inside of a nested model or a wrapper, by its own name."""
    within: list[Layer] = [*(owner.model.layers if owner.model else ()), *owner.inner]
    for layer in within:
        inner = of_layer(layer, owner)
        yield from _deeper(inner)
        yield layer.name, inner
        if owner.known == "Bidirectional":  # Keras 2 calls the second so, whatever its name is
            yield f"backward_{layer.name}", inner


def _placed(owner: Owner, nested: Mapping[str, Owner], rest: str) -> tuple[Owner, str]:
    """The layer that a weight is of, and its name there.

    The scopes in front of the name end in the innermost layer: `block/dense/kernel`.
    """
    parts = rest.split("/")
    for i in range(len(parts) - 2, -1, -1):
        if parts[i] in nested:
            return nested[parts[i]], "/".join(parts[i + 1 :])
    if len(owner.inner) == 1:  # TimeDistributed names the weights of its layer after itself
        owner, rest = of_layer(owner.inner[0], owner), parts[-1]
        return owner, rest
    own = owner.name.rpartition("/")[2]
    for i in range(len(parts) - 1):
        if parts[i] == own or parts[i] == owner.name:
            return owner, "/".join(parts[i + 1 :])
    return owner, rest
