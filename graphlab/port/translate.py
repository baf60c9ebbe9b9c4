"""One op as one call: by an operator, by a public name, or by `tf.raw_ops` where there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np

from graphlab.engine.kernels.nodes import Op
from graphlab.errors import GraphlabError
from graphlab.port import attrs, constants, exact, examples, table
from graphlab.port.expression import (
    SPARSE,
    Binary,
    Call,
    Expression,
    Listing,
    Literal,
    Part,
    Tensor,
    text,
)
from graphlab.port.parsed import PARSERS

Rank = Callable[[str], int | None]


@dataclass
class Translator:
    """Calls for ops. What TensorFlow has said of one op holds for all that are alike."""

    # Which candidate it is and what it gives, by what is alike.
    asked: dict[Any, tuple[int, exact.Given] | None] = field(default_factory=dict)

    def call(
        self,
        op: Op,
        known: Mapping[str, np.ndarray],
        rank: Rank,
        taken: int,
    ) -> tuple[Expression, exact.Given]:
        """The first candidate that makes exactly this op, and what it gives. `known` are its
        constant inputs; `taken` is how many of its outputs are needed.

        GraphlabError where there is none.
        """
        alike = taken, *_alike(op, known, rank)
        if alike not in self.asked:
            self.asked[alike] = None
            for number, candidate in enumerate(_candidates(op, known)):
                given = exact.given_by(candidate, op, known, rank, taken)
                if given is not None:
                    self.asked[alike] = number, given
                    break
        answer = self.asked[alike]
        if answer is not None:
            return next(islice(_candidates(op, known), answer[0], None)), answer[1]
        raise GraphlabError(
            f"{op.title} cannot be written: no public call of TensorFlow makes exactly this op"
        )


def _alike(op: Op, known: Mapping[str, np.ndarray], rank: Rank) -> Any:
    """What tells ops apart for which the answer may differ."""
    first: dict[str, int] = {}
    inputs = []
    for tensor in op.inputs:
        place = first.setdefault(tensor, len(first))
        value = known.get(tensor)
        told: Any = None if value is None else (value.dtype.str, value.shape, _told(op, value))
        inputs.append((place, told, rank(tensor)))
    said = tuple(
        (name, op.node.attr[name].SerializeToString(deterministic=True))
        for name in sorted(op.node.attr)
        if not name.startswith("_")
    )
    return op.type, tuple(inputs), said


def _told(op: Op, value: np.ndarray) -> str:
    """A constant as far as the answer may hang on it: an operator takes one number as another."""
    is_number = not value.ndim and value.dtype.name in ("float32", "float64")
    if is_number and op.type in table.SIGNS and np.isfinite(value):
        return "a number"
    return repr(value.tolist())


def _candidates(op: Op, known: Mapping[str, np.ndarray]) -> Iterator[Expression]:
    """By each maker first with bare literals, then with typed ones."""
    written = {name: constants.literal_of(value) for name, value in known.items()}
    bare = {name: literal for name, literal in written.items() if literal is not None}
    typed = {name: constants.typed(known[name], literal) for name, literal in bare.items()}
    for make in MAKERS:
        for inputs in (bare, typed) if bare else ({},):
            found = make(op, inputs)
            if found is not None:
                yield found


Inputs = Mapping[str, Expression]
Maker = Callable[[Op, Inputs], Expression | None]


def _taken(op: Op, inputs: Inputs) -> list[Expression]:
    return [inputs.get(tensor) or Tensor(tensor) for tensor in op.inputs]


def _operator(op: Op, inputs: Inputs) -> Expression | None:
    sign = table.SIGNS.get(op.type)
    if sign is None:
        return None
    left, right = _taken(op, inputs)
    if isinstance(left, Literal) and isinstance(right, Literal):
        return None  # Python would compute it
    return Binary(sign, left, right)


def _part(op: Op, inputs: Inputs) -> Expression | None:
    """`x[:, 1]` of a StridedSlice whose places are known."""
    if op.type != "StridedSlice":
        return None
    value, *places = _taken(op, inputs)
    known = [place.value for place in places if isinstance(place, Literal)]
    if len(known) < len(places):
        return None
    begin, end, strides = known
    masks = {
        name: op.attr(f"{name}_mask").i
        for name in ("begin", "end", "ellipsis", "new_axis", "shrink_axis")
    }
    indices: list[Any] = []
    for n, (first, last, stride) in enumerate(zip(begin, end, strides, strict=True)):
        bit = 1 << n
        if masks["ellipsis"] & bit:
            indices.append(Ellipsis)
        elif masks["new_axis"] & bit:
            indices.append(None)
        elif masks["shrink_axis"] & bit:
            indices.append(first)
        else:
            start = None if masks["begin"] & bit else first
            stop = None if masks["end"] & bit else last
            indices.append(slice(start, stop, None if stride == 1 else stride))
    return Part(value, tuple(indices))


def _filled(op: Op, inputs: Inputs) -> Expression | None:
    """`tf.zeros(...)` or `tf.ones(...)` of a Fill with that number."""
    if op.type != "Fill":
        return None
    shape, item = _taken(op, inputs)
    kinds = {"0": "tf.zeros", "0.0": "tf.zeros", "1": "tf.ones", "1.0": "tf.ones"}
    function = kinds.get(text(item)) if isinstance(item, Literal) else None
    if function is None:
        return None
    dtype = attrs.dtype_of(op.attr("T").type)
    return Call(function, (shape,) if dtype.text == "tf.float32" else (shape, dtype))


def _of_all(op: Op, inputs: Inputs) -> Expression | None:
    """A reduction that names no axis, as it is over all of them."""
    function, *words = table.FUNCTIONS.get(op.type, "").split() or [""]
    if "axis=reduction_indices" not in words or op.attr("keep_dims").b:
        return None
    return Call(function, (_taken(op, inputs)[0],))


def _sparse(op: Op, inputs: Inputs) -> Expression | None:
    """By the table of those that take a sparse tensor."""
    return _by_row(table.SPARSE.get(op.type), op, inputs)


def _crossed(op: Op, inputs: Inputs) -> Expression | None:
    """Each word of one sparse tensor beside each of another."""
    if op.type != "SparseCross":
        return None
    named = _by_name(op, inputs)
    lists = [named[name] for name in ("indices", "values", "shapes", "dense_inputs")]
    *parts, dense = (each.items for each in lists if isinstance(each, Listing))
    sparse = (Call(SPARSE, each) for each in zip(*parts, strict=True))
    keywords = tuple((n, attrs.expression_of(op, n)) for n in ("num_buckets", "hash_key"))
    return Call("tf.sparse.cross_hashed", (Listing((*sparse, *dense)),), keywords)


def _parsed(op: Op, inputs: Inputs) -> Expression | None:
    """What parses examples."""
    return examples.expression_of(op, _by_name(op, inputs)) if op.type in PARSERS else None


def _listed(op: Op, inputs: Inputs) -> Expression | None:
    """By the table."""
    return _by_row(table.FUNCTIONS.get(op.type), op, inputs)


def _by_row(row: str | None, op: Op, inputs: Inputs) -> Expression | None:
    if row is None:
        return None
    function, *words = row.split()
    arguments: list[Expression] = []
    keywords: list[tuple[str, Expression]] = []
    named = _by_name(op, inputs)
    for word in words:
        key, equals, name = word.rpartition("=")
        if name.startswith("*"):
            several = named[name[1:]]
            assert isinstance(several, Listing)
            arguments += several.items
        elif "+" in name:
            parts = tuple(named[part] for part in name.split("+"))
            arguments.append(Call(SPARSE, parts))
        elif not equals:
            arguments.append(named[name] if name in named else attrs.argument_of(op, name))
        elif name in named:
            keywords.append((key, named[name]))
        elif name in attrs.said(op):
            keywords.append((key, attrs.argument_of(op, name)))
    if function in table.SIGNS.values():
        return Binary(function, *arguments)
    return Call(function, tuple(arguments), tuple(keywords))


def _own(op: Op, inputs: Inputs) -> Expression | None:
    """By the public function that is the op's own."""
    function = table.own_functions().get(op.type)
    if function is None:
        return None
    arguments = tuple(_by_name(op, inputs).values())
    return Call(function, arguments, _said(op))


def _raw(op: Op, inputs: Inputs) -> Expression:
    told = (*_by_name(op, inputs).items(), *_said(op))
    named = tuple((table.raw_name(op.type, name), each) for name, each in told)
    return Call(f"tf.raw_ops.{op.type}", (), named)


MAKERS = (
    _operator,
    _part,
    _filled,
    _of_all,
    _sparse,
    _crossed,
    _parsed,
    _listed,
    _own,
    _raw,
)  # from what reads best to what always works


def _said(op: Op) -> tuple[tuple[str, Expression], ...]:
    return tuple((name, attrs.expression_of(op, name)) for name in attrs.said(op))


def _by_name(op: Op, inputs: Inputs) -> dict[str, Expression]:
    """What an op takes, by the names of its arguments; several tensors are a list."""
    taken = _taken(op, inputs)
    named: dict[str, Expression] = {}
    at = 0
    for arg in op.definition.input_arg:
        if arg.type_list_attr:
            count = len(op.attr(arg.type_list_attr).list.type)
        else:
            count = op.attr(arg.number_attr).i if arg.number_attr else 1
        several = arg.type_list_attr or arg.number_attr
        named[arg.name] = Listing(tuple(taken[at : at + count])) if several else taken[at]
        at += count
    return named
