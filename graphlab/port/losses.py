"""What a backward graph may be the gradients of, by what it takes of the graph before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from graphlab.engine.kernels.nodes import Library, Op
from graphlab.port.calls import invariants
from graphlab.port.lowered import WHILES
from graphlab.port.order import before, behind

FLOATS = ("float16", "bfloat16", "float32", "float64")
MOST = 12  # losses that are tried for one backward graph


def likely(
    ops: Sequence[Op],
    scope: str,
    hinted: Iterable[str],
    number: Callable[[str], int],
    library: Library,
) -> Iterator[tuple[str, ...]]:
    """What the scope may be the gradients of, the likeliest first: what all that it takes leads to,
    then the ends of these together. `ops` are in order, `hinted` the ops whose gradients its names
    say; of tensors of one `number` one is tried."""
    forward = {op.name: op for op in ops if op.inputs and not op.name.startswith(scope)}
    hinted = hinted or dict.fromkeys(
        name for op in ops if op.name.startswith(scope) for name in op.before
    )
    ends: list[str] = []
    covered: set[str] = set()
    for name in reversed(forward):
        if name in hinted and name not in covered:
            ends.append(name)
            covered |= before([name], forward, covered)
    if not ends or len(ends) > MOST:
        return
    after = [behind(end, forward) for end in ends]
    common = [op for name, op in forward.items() if all(name in each for each in after)]
    found = {number(t): t for op in reversed(common) for t in floats(op, library)}
    for tensor in [*reversed(found.values())][:MOST]:
        yield (tensor,)
    if len(ends) > 1:
        yield tuple(f"{name}:0" for name in reversed(ends))


def floats(op: Op, library: Library) -> list[str]:
    """What of an op may be a loss: the first that it gives, of a loop all that it changes."""
    kinds = zip(op.outputs, op.dtypes, strict=True)
    found = [tensor for tensor, dtype in kinds if dtype in FLOATS]
    if op.type not in WHILES:
        return [tensor for tensor in found if tensor == op.outputs[0]]
    fixed = dict(zip(op.outputs, invariants(op, library), strict=True))
    return [tensor for tensor in reversed(found) if not fixed[tensor]]
