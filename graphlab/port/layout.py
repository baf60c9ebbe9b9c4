"""Expressions laid out as ruff lays them out: no line over 100 columns where it can be helped."""

from __future__ import annotations

from graphlab.port.expression import (
    Call,
    Expression,
    Listing,
    Method,
    function,
    literal,
    text,
    written_arguments,
)

WIDTH = 100


def statement(indent: int, before: str, expression: Expression, comment: str = "") -> list[str]:
    """`before` and the expression as lines: `y = tf.matmul(x, w)  # [None, 2]`.

    The comment is left out where there is no room for it.
    """
    space = " " * indent
    line = f"{space}{before}{text(expression)}"
    if len(line) <= WIDTH:
        with_comment = f"{line}  # {comment}"
        return [with_comment if comment and len(with_comment) <= WIDTH else line]
    if not isinstance(expression, Call | Listing | Method):
        return [line]  # ruff cannot break it either
    return _broken(indent, before, expression, "")


def fits(indent: int, before: str, expression: Expression) -> bool:
    """Whether it is one line."""
    return indent + len(before) + len(text(expression)) <= WIDTH


def can_begin(indent: int, before: str, expression: Expression) -> bool:
    """Whether a line holds it up to its first bracket."""
    called = f"{function(expression)}(" if isinstance(expression, Call | Method) else ""
    return indent + len(before) + len(called) <= WIDTH


def _broken(indent: int, before: str, expression: Call | Listing | Method, after: str) -> list[str]:
    """A call or a list over several lines: all arguments on one, or one on each."""
    space, inner = " " * indent, " " * (indent + 4)
    if isinstance(expression, Call | Method):
        opening, closing = f"{function(expression)}(", ")"
        items = written_arguments(expression)
        keywords = expression.keywords if isinstance(expression, Call) else ()
        values = [*expression.arguments, *(value for _, value in keywords)]
        keys = [""] * len(expression.arguments) + [f"{key}=" for key, _ in keywords]
    else:
        opening, closing = "{}" if expression.keys else "()" if expression.round else "[]"
        values = list(expression.items)
        keys = [f"{literal(key)}: " for key in expression.keys] or [""] * len(values)
        items = [f"{key}{text(value)}" for key, value in zip(keys, values, strict=True)]
    together = f"{inner}{', '.join(items)}"
    # A list gets the comma behind its last item wherever it is broken; a call of one line not.
    if not isinstance(expression, Listing) and len(together) <= WIDTH:
        return [f"{space}{before}{opening}", together, f"{space}{closing}{after}"]
    lines = [f"{space}{before}{opening}"]
    for key, item, value in zip(keys, items, values, strict=True):
        if len(inner) + len(item) + 1 <= WIDTH or not isinstance(value, Call | Listing | Method):
            lines.append(f"{inner}{item},")
        else:
            lines += _broken(indent + 4, key, value, ",")
    return [*lines, f"{space}{closing}{after}"]
