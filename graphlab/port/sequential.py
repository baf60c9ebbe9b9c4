"""The op that stands for layers of Keras one behind the other, and what is written of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import tensorflow as tf
from tensorflow.core.framework import node_def_pb2

from graphlab import _private
from graphlab.engine.kernels.nodes import Op
from graphlab.model import node_of
from graphlab.port.composed import is_composed, stands_for
from graphlab.port.expression import Call, Expression, Literal
from graphlab.port.layers import ADDS, GUESSES
from graphlab.port.names import Names, identifier
from graphlab.port.patterns import SEQUENTIAL as TYPE
from graphlab.port.patterns import STANDS_FOR
from graphlab.port.scenery import Layer, Scenery, dtype_of

# Attrs: the layers, what they are given, their scopes, and whether no weight changes.
LAYERS, INPUT, SCOPES, KEPT = "layers", "input", "_scopes", "_kept"

Chain = tuple[Layer, ...]


def sequential(chain: Chain, scenery: Scenery, kept: bool) -> Op:
    """The op that stands for a chain: it takes what the first does, and the weights; whether these
    are `kept` all the time."""
    seen = scenery.seen
    last = seen.ops[node_of(chain[-1].gives)]
    members = [name for layer in chain for name in layer.members]
    taken = (chain[0].takes, *weights_of(chain))
    controls = dict.fromkeys(c for n in members for c in seen.ops[n].controls if c not in members)
    node = node_def_pb2.NodeDef(name=last.name, op=TYPE)
    node.attr[LAYERS].s = json.dumps([_told(layer) for layer in chain]).encode()
    node.attr[INPUT].s = json.dumps([chain[0].shape, chain[0].dtype]).encode()
    scopes = [_scope(seen.ops[layer.members[0]]) for layer in chain]
    node.attr[SCOPES].list.s.extend(scope.encode() for scope in scopes)
    written = [name for member in members for name in stands_for(seen.ops[member])]
    node.attr[STANDS_FOR].list.s.extend(name.encode() for name in written)
    node.attr[KEPT].b = kept
    kinds = [
        tf.resource if weight in scenery.variables else scenery.kind(weight)[0]
        for weight in taken[1:]
    ]
    enums = [tf.as_dtype(kind).as_datatype_enum for kind in (chain[0].dtype, *kinds)]
    node.attr["T"].list.type.extend(enums)
    return replace(
        last,
        type=TYPE,
        inputs=taken,
        controls=tuple(controls),
        outputs=(chain[-1].gives,),
        dtypes=last.dtypes[:1],
        definition=_private.op_def("IdentityN"),  # which changes nothing
        node=node,
        before=tuple(dict.fromkeys(map(node_of, taken))),
        distinct=tuple(dict.fromkeys(taken)),
    )


def weights_of(chain: Chain) -> list[str]:
    """The handles and Consts of all layers."""
    return [weight for layer in chain for _, weight in layer.weights]


def _told(layer: Layer) -> list[Any]:
    keywords = {**dict(layer.keywords), **dtype_of(layer)}
    return [layer.kind, layer.arguments, keywords, [name for name, _ in layer.weights]]


def is_sequential(op: Op) -> bool:
    """Whether it stands for layers of Keras."""
    return op.type == TYPE


def never_changes(op: Op) -> bool:
    """Whether no weight of the layers changes in the graph."""
    return bool(op.node.attr[KEPT].b)


def identity(op: Op) -> Any:
    """Equal for ops that are calls of the same layers."""
    return op.text(INPUT), op.text(LAYERS), op.inputs[1:]


def weights(op: Op) -> dict[str, str]:
    """The tensors of the weights, by where they are: `layers.0.kernel.value`. Of Keras' variable
    the `value` is TensorFlow's."""
    names = [
        f"layers.{number}.{name}.value"
        for number, (*_, own) in enumerate(json.loads(op.text(LAYERS)))
        for name in own
    ]
    return dict(zip(names, op.inputs[1:], strict=True))


def name_of(op: Op, within: str) -> str:
    """The scope of the layers within another, as a name of the graph; "network" where they have
    none."""
    words = _scopes(op)
    same = 0
    while all(len(each) > same and each[same] == words[0][same] for each in words):
        same += 1
    return f"{'/'.join(words[0][:same])}/".removeprefix(within).strip("/") or "network"


def hint(op: Op) -> str:
    """What to call what the layers give; "" where somebody has named it."""
    scope, _, last = op.name.rpartition("/")
    plain = identifier(re.sub(r"(_[0-9]+)+$", "", last))
    return (scope or "outputs") if plain in map(identifier, (*ADDS, *GUESSES)) else ""


def layers_of(op: Op) -> tuple[Expression, ...]:
    """The layers as calls, with their names where the graph has scopes for them."""
    shape, dtype = json.loads(op.text(INPUT))
    told = (("dtype", Literal(dtype)),) if dtype != "float32" else ()
    found: list[Expression] = [Call("keras.Input", (_literal(shape),), told)]
    names = Names()
    scopes = _scopes(op)
    for (kind, arguments, keywords, own), scope in zip(
        json.loads(op.text(LAYERS)), scopes, strict=True
    ):
        named = [(key, _literal(value)) for key, value in keywords.items()]
        if own and scope and scopes.count(scope) == 1 and identifier(scope[-1]):
            named.append(("name", Literal(names.new(scope[-1]))))
        found.append(Call(f"keras.layers.{kind}", tuple(map(_literal, arguments)), tuple(named)))
    return tuple(found)


def _scope(op: Op) -> str:
    """The scope of an op; the last one of what stands for several is TensorFlow's."""
    return "/".join(op.name.split("/")[: -1 - is_composed(op)])


def _scopes(op: Op) -> list[list[str]]:
    """The scope of each layer, in words."""
    found = [scope.decode() for scope in op.node.attr[SCOPES].list.s]
    return [scope.split("/") if scope else [] for scope in found]


def _literal(value: Any) -> Literal:
    return Literal(tuple(value) if isinstance(value, list) else value)
