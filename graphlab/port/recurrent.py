"""Where the ops of a step of a recurrent cell may be: guesses, as those of `patterns`."""

from __future__ import annotations

from collections.abc import Iterator

from graphlab.engine.kernels.nodes import Op
from graphlab.port.seen import Guess, Seen, Taken

WORDS = {"lstm_cell": ("c", "h"), "gru_cell": ("h",)}  # what to call what each cell gives


def lstm_cell(seen: Seen, op: Op) -> Iterator[Guess]:
    """By the Split of its gates."""
    layer = _layer(seen, op.inputs[1])
    if layer is None or len(op.outputs) != 4:
        return
    x, h, kernel, bias = layer
    added = seen.taker(op.outputs[2], "AddV2", "Add")
    kept = None if added is None else _product(seen, _gate(seen, added.outputs[0]))
    out = _product(seen, _gate(seen, op.outputs[3]))
    forget_bias = None if added is None else _other_scalar(seen, added, op.outputs[2])
    if kept is None or out is None or forget_bias is None:
        return
    (product, c), (new_h, _) = kept, out
    new_c = seen.taker(product.outputs[0], "AddV2", "Add")
    if new_c is None:
        return
    arguments = *(("", Taken(each)) for each in (x, c, h, kernel, bias)), ("", forget_bias)
    yield Guess("lstm_cell", arguments, (new_c.outputs[0], new_h.outputs[0]))


def gru_cell(seen: Seen, op: Op) -> Iterator[Guess]:
    """By the Split of its gates."""
    gates = seen.inputs(op.inputs[1], "Sigmoid")
    layer = None if gates is None else _layer(seen, gates[0])
    if layer is None or len(op.outputs) != 2:
        return
    x, h, *gate = layer
    reset = seen.taker(op.outputs[0], "Mul")
    joined = None if reset is None else seen.taker(reset.outputs[0], "ConcatV2")
    product = None if joined is None else seen.taker(joined.outputs[0], "MatMul")
    biased = None if product is None else seen.taker(product.outputs[0], "BiasAdd")
    kept = _product(seen, op.outputs[1])
    if product is None or biased is None or kept is None:
        return
    new_h = seen.taker(kept[0].outputs[0], "AddV2", "Add")
    if new_h is None:
        return
    candidate = seen.source(product.inputs[1]), seen.source(biased.inputs[1])
    taken = (x, h, *gate, *candidate)
    yield Guess("gru_cell", tuple(("", Taken(each)) for each in taken), new_h.outputs)


def _layer(seen: Seen, tensor: str) -> tuple[str, str, str, str] | None:
    """What is joined, the kernel and the bias of `concat([x, h], 1) @ kernel + bias`."""
    biased = seen.inputs(tensor, "BiasAdd")
    product = None if biased is None else seen.inputs(biased[0], "MatMul")
    joined = None if product is None else seen.inputs(product[0], "ConcatV2")
    if biased is None or product is None or joined is None or len(joined) != 3:
        return None
    return joined[0], joined[1], product[1], biased[1]


def _gate(seen: Seen, tensor: str) -> str | None:
    """The tensor pressed between 0 and 1."""
    found = seen.taker(tensor, "Sigmoid")
    return None if found is None else found.outputs[0]


def _product(seen: Seen, tensor: str | None) -> tuple[Op, str] | None:
    """The first product that a tensor is a factor of, and the other factor."""
    found = None if tensor is None else seen.taker(tensor, "Mul")
    if found is None or tensor is None:
        return None
    return found, _other(seen, found, tensor)


def _other(seen: Seen, op: Op, tensor: str) -> str:
    """The other input of an op that takes two."""
    first, second = map(seen.source, op.inputs)
    return second if first == tensor else first


def _other_scalar(seen: Seen, op: Op, tensor: str) -> float | None:
    return seen.scalar(_other(seen, op, tensor))
