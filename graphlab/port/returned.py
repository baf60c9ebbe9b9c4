"""How a method ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphlab.port.expression import Expression, literal, text
from graphlab.port.layout import WIDTH


def several(indent: int, results: Sequence[Expression]) -> tuple[str, ...]:
    """`return a, b`, as lines."""
    space = " " * indent
    if not results:
        return (f"{space}return tf.no_op()",)
    written = [text(each) for each in results]
    line = f"{space}return {', '.join(written)}"
    if len(line) <= WIDTH:
        return (line,)
    return (
        f"{space}return (",
        *(f"{space}    {each}," for each in written),
        f"{space})",
    )


def named(indent: int, results: Mapping[str, Expression]) -> tuple[str, ...]:
    """`return {"y": y}`, as lines."""
    space = " " * indent
    items = [f"{literal(name)}: {text(value)}" for name, value in results.items()]
    line = f"{space}return {{{', '.join(items)}}}"
    if len(line) <= WIDTH:
        return (line,)
    return (f"{space}return {{", *(f"{space}    {item}," for item in items), f"{space}}}")
