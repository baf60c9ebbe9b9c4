"""When scopes compute the same of what they are given, with what is their own."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from graphlab.engine.kernels.nodes import Op
from graphlab.model import node_of
from graphlab.port.groups import Group
from graphlab.port.wiring import Wiring

Rank = Callable[[str], int | None]


@dataclass(frozen=True)
class Likeness:
    """What ops and scopes are compared by. `rank` gives that of a tensor."""

    rank: Rank
    told: dict[str, tuple] = field(default_factory=dict)  # of ops, as far as they were asked for

    def of(self, group: Group, wired: Wiring) -> Hashable:
        """Equal for scopes that compute the same of what they are given, with what is their own."""
        places: dict[str, Any] = {tensor: ("input", n) for n, tensor in enumerate(group.inputs)}
        places |= {handle: ("variable", n) for n, handle in enumerate(group.variables)}
        key: list[Any] = []
        for at, name in enumerate(group.members):
            op = wired.ops[name]
            taken = tuple(_taken(tensor, wired, places) for tensor in op.inputs)
            controls = tuple(places[c] for c in op.controls if c in places)
            key.append((*self.of_op(op), taken, controls))
            places |= {tensor: (at, n) for n, tensor in enumerate(op.outputs)}
            places[name] = (at,)
        results = tuple(places[tensor] for tensor in group.outputs)
        ranks = tuple(map(self.rank, group.inputs))
        return tuple(key), results, ranks, len(group.variables)

    def of_op(self, op: Op) -> tuple:
        """Equal for ops that do the same, whatever they are given."""
        if op.name not in self.told:
            ranks = tuple(map(self.rank, op.outputs))
            self.told[op.name] = op.type, _attrs(op), op.dtypes, ranks
        return self.told[op.name]


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


def _attrs(op: Op) -> tuple[tuple[str, bytes], ...]:
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
