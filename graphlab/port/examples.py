"""What parses examples as `tf.io.parse_example`, which says of each key what is there."""

from __future__ import annotations

from collections.abc import Mapping

from graphlab.engine.kernels.nodes import Op
from graphlab.port import attrs
from graphlab.port.expression import Call, Expression, Listing, Literal
from graphlab.port.parsed import MADE


def expression_of(op: Op, named: Mapping[str, Expression]) -> Expression | None:
    """The call; None where its keys are not known, or are no text. `named` are what the op takes,
    by the names of its arguments."""
    keys = [_texts(named.get(f"{kind}_keys")) for kind in ("sparse", "dense")]
    defaults = named.get("dense_defaults")
    if None in keys or not isinstance(defaults, Listing) or _texts(named.get("names")) != ():
        return None
    if op.type == MADE and _texts(named.get("ragged_keys")) != ():
        return None
    sparse, dense = (each or () for each in keys)
    types = [attrs.dtype_of(number) for number in op.attr("sparse_types").list.type]
    words: dict[str, Expression] = {
        key: Call("tf.io.VarLenFeature", (dtype,)) for key, dtype in zip(sparse, types, strict=True)
    }
    shapes = [[dim.size for dim in each.dim] for each in op.attr("dense_shapes").list.shape]
    numbers = op.attr("Tdense").list.type
    for key, shape, number, default in zip(dense, shapes, numbers, defaults.items, strict=True):
        if not isinstance(default, Literal):
            return None
        said = () if default.value in ((), []) else (("default_value", default),)
        rest: tuple[tuple[str, Expression], ...] = said
        kind = "tf.io.FixedLenFeature"
        if shape[:1] == [-1]:
            kind, shape = "tf.io.FixedLenSequenceFeature", shape[1:]
            rest = (("allow_missing", Literal(True)), *said)
        words[key] = Call(kind, (Literal(tuple(shape)), attrs.dtype_of(number)), rest)
    if len(words) < len(sparse) + len(dense):
        return None
    features = Listing(tuple(words[key] for key in sorted(words)), keys=tuple(sorted(words)))
    return Call("tf.io.parse_example", (named["serialized"], features))


def _texts(listed: Expression | None) -> tuple[str, ...] | None:
    """What is a list of texts: a Listing of several tensors, or one that is a vector."""
    if isinstance(listed, Listing):
        values = [each.value if isinstance(each, Literal) else None for each in listed.items]
    elif isinstance(listed, Literal) and isinstance(listed.value, tuple | list):
        values = list(listed.value)
    else:
        return None
    texts = tuple(each for each in values if isinstance(each, str))
    return texts if len(texts) == len(values) else None
