"""When scopes compute the same of what they are given, with what is their own."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from graphlab.engine.kernels.nodes import Op
from graphlab.model import node_of
from graphlab.port.groups import Group
from graphlab.port.wiring import Wiring

Rank = Callable[[str], int | None]


def likeness(group: Group, wired: Wiring, rank: Rank) -> Hashable:
    """Equal for scopes that compute the same of what they are given, with what is their own."""
    places: dict[str, Any] = {tensor: ("input", n) for n, tensor in enumerate(group.inputs)}
    places |= {handle: ("variable", n) for n, handle in enumerate(group.variables)}
    key: list[Any] = []
    for at, name in enumerate(group.members):
        op = wired.ops[name]
        taken = tuple(_taken(tensor, wired, places) for tensor in op.inputs)
        ranks = tuple(map(rank, op.outputs))
        controls = tuple(places[c] for c in op.controls if c in places)
        key.append((op.type, attrs_of(op), taken, controls, op.dtypes, ranks))
        places |= {tensor: (at, n) for n, tensor in enumerate(op.outputs)}
        places[name] = (at,)
    results = tuple(places[tensor] for tensor in group.outputs)
    ranks = tuple(map(rank, group.inputs))
    return tuple(key), results, ranks, len(group.variables)


def _taken(tensor: str, wired: Wiring, places: dict[str, Any]) -> Any:
    """What an op of a scope takes, as it is called in all scopes that are alike."""
    if tensor in places:
        return places[tensor]
    value = wired.literals.get(tensor)
    if value is not None and not is_weight(tensor, wired):
        return value.dtype.str, value.shape, value.tolist().__repr__()
    number = len(places)  # so that it is known when it is taken once more
    if tensor in wired.reads:
        places[tensor] = "read", number
        return "read", number, places[wired.reads[tensor]]
    op = wired.ops[node_of(tensor)]
    places[tensor] = "weight", number
    return "weight", number, op.dtypes, len(op.attr("value").tensor.tensor_shape.dim)


def has_weights(group: Group, wired: Wiring) -> bool:
    """Whether something that is learnt is a scope's own: variables, or constants."""
    taken = (tensor for name in group.members for tensor in wired.ops[name].inputs)
    own = (tensor for tensor in taken if tensor not in group.inputs)
    return bool(group.variables) or any(is_weight(tensor, wired) for tensor in own)


def is_weight(tensor: str, wired: Wiring) -> bool:
    """Whether it is a constant that is learnt, and so may differ between scopes that are alike."""
    value = wired.literals.get(tensor)
    if value is not None:
        return value.ndim > 0 and value.dtype.kind == "f"
    op = wired.ops.get(node_of(tensor))
    return op is not None and op.type == "Const" and tensor not in wired.given


def attrs_of(op: Op) -> tuple:
    """The attrs that say what it does."""
    return tuple(
        (name, op.node.attr[name].SerializeToString(deterministic=True))
        for name in sorted(op.node.attr)
        if not name.startswith("_") and name not in _NAMES
    )


_NAMES = frozenset("container shared_name debug_name".split())


def tensors_of(group: Group, wired: Wiring) -> list[str]:
    """The tensors of a scope in an order that is the same for all that are alike."""
    found: dict[str, None] = dict.fromkeys([*group.inputs, *group.variables])
    for name in group.members:
        op = wired.ops[name]
        found |= {t: None for t in op.inputs if t not in wired.literals or is_weight(t, wired)}
        found |= dict.fromkeys(op.outputs)
    return list(found)
