"""Layers that make one of several: sums, products, what is joined; and the dense ones."""

from __future__ import annotations

import re

from graphlab.sources.keras.rules.known import Asked, Sizes, axis_of, broadcast, plus

_EINSUM = re.compile(
    r"(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(?:\.\.\.)?([a-zA-Z]+)(?:\.\.\.)?"
)


def merged(asked: Asked) -> Sizes:
    """Add, Multiply, Maximum and their like; the batch is known where one of them knows it."""
    shapes = asked.shapes
    batches = {shape[0] for shape in shapes} - {None}
    most = max(map(len, shapes))
    # With axes of one in front, as many as the largest has.
    inside = [(1,) * (most - len(shape)) + shape[1:] for shape in shapes]
    return (batches.pop() if len(batches) == 1 else None, *_elementwise(inside))


def _elementwise(shapes: list[Sizes]) -> Sizes:
    """As Keras tells it: a size that is not known stays so, unless the other is known and not 1."""
    found = shapes[0]
    for shape in shapes[1:]:
        both: list[int | None] = []
        for a, b in zip(found, shape, strict=True):
            if a is None or b is None:
                both.append(None)
            elif a == b or b == 1:
                both.append(a)
            elif a == 1:
                both.append(b)
            else:
                raise ValueError("shapes that do not fit together")
        found = tuple(both)
    return found


def joined(asked: Asked) -> Sizes:
    """Concatenate along its axis."""
    return along(asked.shapes, asked.config.get("axis", -1))


def along(shapes: list[Sizes], axis: object) -> Sizes:
    """Shapes laid end to end. ValueError where they differ elsewhere."""
    first = shapes[0]
    axis = axis_of(axis, len(first))
    total: int | None = 0
    for shape in shapes:
        if len(shape) != len(first):
            raise ValueError("rank")
        total = plus(total, shape[axis])
    rest = broadcast([(*shape[:axis], 1, *shape[axis + 1 :]) for shape in shapes])
    for shape in shapes:
        for i, size in enumerate(shape):
            if i != axis and None not in (size, rest[i]) and size != rest[i]:
                raise ValueError("shapes that do not fit together")
    return (*first[:axis], total, *first[axis + 1 :])


def dot(asked: Asked) -> Sizes:
    """Dot: a product over one axis of each."""
    a, b = asked.shapes
    given = asked.config.get("axes")
    one, other = given if isinstance(given, list) else (given, given)
    one, other = axis_of(one, len(a)), axis_of(other, len(b))
    left = [size for i, size in enumerate(a) if i != one]
    right = [size for i, size in enumerate(b) if i not in (0, other)]
    found = (*left, *right)
    return found if len(found) > 1 else (*found, 1)


def dense(asked: Asked) -> Sizes:
    """Dense, over the last axis."""
    return (*asked.x[:-1], asked.number("units"))


def embedding(asked: Asked) -> Sizes:
    """Embedding: a vector in the place of each number; backwards where it is called so."""
    if asked.kwargs.get("reverse") is True or True in asked.args[1:2]:
        return (*asked.x[:-1], asked.number("input_dim"))
    return (*asked.x, asked.number("output_dim"))


def einsum(asked: Asked) -> Sizes:
    """EinsumDense: the axes that its equation names, of the sizes it was told or took."""
    written = asked.config.get("equation")
    found = _EINSUM.fullmatch(written) if isinstance(written, str) else None
    told = asked.config.get("output_shape")
    told = [told] if type(told) is int else told
    if found is None or not isinstance(told, list):
        raise ValueError("equation")
    left, right = bool(found[1]), bool(found[3])
    more = len(asked.x) - len(found[2])
    if more < 0 or (more and left == right):
        raise ValueError("rank")
    sizes: list[int | None] = [asked.x[0], *told]
    if left and more:
        sizes[1:1] = asked.x[1:more]
    elif more:
        sizes += asked.x[-more:]
    if len(sizes) != more + len(found[5]):
        raise ValueError("output_shape")
    if asked.old:  # Keras 3 leaves them unknown
        taken = dict(zip(found[2], asked.x[more:] if left else asked.x, strict=False))
        start = more if left else 0
        for i, letter in enumerate(found[5], start):
            sizes[i] = taken.get(letter) if sizes[i] is None else sizes[i]
    return tuple(sizes)
