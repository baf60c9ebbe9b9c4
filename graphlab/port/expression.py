"""Python expressions as plain data: what a line of the written file is made of.

text(Binary("+", Call("tf.matmul", (Name("x"), Name("w"))), Name("b"))) == "tf.matmul(x, w) + b"
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Name:
    """Something that has a name in the file, as it is written there: `x`, `self.w`, `tf.int32`."""

    text: str


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of the graph, which gets a name later."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text, None, or a (nested) tuple of them, written as a list."""

    value: Any


@dataclass(frozen=True, slots=True)
class Call:
    """A function by its dotted name, with its arguments."""

    function: str
    arguments: tuple[Expression, ...] = ()
    keywords: tuple[tuple[str, Expression], ...] = ()


@dataclass(frozen=True, slots=True)
class Method:
    """`value.name(arguments)`."""

    value: Expression
    name: str
    arguments: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Binary:
    """`left + right`, and the like."""

    sign: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Listing:
    """`[a, b]`, `(a, b)`, or with keys `{"a": a, "b": b}`."""

    items: tuple[Expression, ...]
    round: bool = False
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lambda:
    """`lambda i, x: self.body(i, x)`."""

    parameters: tuple[str, ...]
    value: Expression


@dataclass(frozen=True, slots=True)
class Part:
    """`value[1:, None, i]`; each index is an int, None, ..., a slice, or a Tensor or Name."""

    value: Expression
    indices: tuple[Any, ...]


CALLS = (Call, Method)
SPARSE = "tf.SparseTensor"  # the function of three tensors
PARTS = ("indices", "values", "dense_shape")  # what the parts of what it gives are called
_LEAVES = (Name, Tensor, Literal)
Expression = Name | Tensor | Literal | Call | Method | Binary | Listing | Part | Lambda

_BINDS = {"**": 4, "*": 3, "/": 3, "//": 3, "%": 3, "@": 3, "+": 2, "-": 2}
_COMPARES = 1


def tensors(expression: Expression) -> Iterator[str]:
    """The tensors that it takes, in the order in which they are written, repeats kept."""
    if isinstance(expression, Tensor):
        yield expression.name
    for part in parts(expression):
        yield from tensors(part)


def parts(expression: Expression) -> tuple[Expression, ...]:
    """What an expression is made of, one level down."""
    if isinstance(expression, _LEAVES):
        return ()
    if isinstance(expression, Call):
        return (*expression.arguments, *(value for _, value in expression.keywords))
    if isinstance(expression, Method):
        return (expression.value, *expression.arguments)
    if isinstance(expression, Binary):
        return (expression.left, expression.right)
    if isinstance(expression, Listing):
        return expression.items
    if isinstance(expression, Part):
        return (expression.value, *filter(_is_taken, expression.indices))
    return (expression.value,) if isinstance(expression, Lambda) else ()


def mentions(expression: Expression, names: set[str]) -> bool:
    """Whether any of the names stands in it; no names are all of them."""
    if isinstance(expression, Name):
        return expression.text in names if names else True
    return any(mentions(part, names) for part in parts(expression))


def captured(expression: Expression) -> list[str]:
    """The tensors that stand inside of a lambda, repeats kept."""
    if isinstance(expression, Lambda):
        return list(tensors(expression))
    return [tensor for part in parts(expression) for tensor in captured(part)]


def depth(expression: Expression) -> int:
    """How many calls stand inside of one another."""
    inner = max(map(depth, parts(expression)), default=0)
    return inner + isinstance(expression, CALLS)


def changed(expression: Expression, change: Callable[[Tensor], Expression]) -> Expression:
    """The same with every tensor replaced by what `change` makes of it."""
    if isinstance(expression, Tensor):
        return change(expression)
    if isinstance(expression, Call):
        arguments = tuple(changed(a, change) for a in expression.arguments)
        keywords = tuple((key, changed(value, change)) for key, value in expression.keywords)
        return Call(expression.function, arguments, keywords)
    if isinstance(expression, Method):
        arguments = tuple(changed(a, change) for a in expression.arguments)
        return replace(expression, value=changed(expression.value, change), arguments=arguments)
    if isinstance(expression, Binary):
        left, right = changed(expression.left, change), changed(expression.right, change)
        return Binary(expression.sign, left, right)
    if isinstance(expression, Listing):
        return replace(expression, items=tuple(changed(i, change) for i in expression.items))
    if isinstance(expression, Part):
        indices = tuple(changed(i, change) if _is_taken(i) else i for i in expression.indices)
        return Part(changed(expression.value, change), indices)
    if isinstance(expression, Lambda):
        return replace(expression, value=changed(expression.value, change))
    return expression


def text(expression: Expression) -> str:
    """As one line of Python, as ruff would write it."""
    if isinstance(expression, Name):
        return expression.text
    if isinstance(expression, CALLS):
        return f"{function(expression)}({', '.join(written_arguments(expression))})"
    if isinstance(expression, Binary):
        return _operation(expression)
    if isinstance(expression, Literal):
        return literal(expression.value)
    if isinstance(expression, Tensor):
        return f"<{expression.name}>"
    if isinstance(expression, Listing):
        if expression.keys:
            pairs = zip(expression.keys, expression.items, strict=True)
            return f"{{{', '.join(f'{literal(key)}: {text(item)}' for key, item in pairs)}}}"
        items = ", ".join(map(text, expression.items))
        if expression.round:
            return f"({items},)" if len(expression.items) == 1 else f"({items})"
        return f"[{items}]"
    if isinstance(expression, Lambda):
        words = " ".join(["lambda", ", ".join(expression.parameters)]).rstrip()
        return f"{words}: {text(expression.value)}"
    inner = text(expression.value)
    value = f"({inner})" if isinstance(expression.value, Binary) else inner
    return f"{value}[{', '.join(map(_index, expression.indices))}]"


def _operation(expression: Binary) -> str:
    mine = _binds(expression)
    left, right = text(expression.left), text(expression.right)
    # Power binds from the right, all others from the left; comparisons do not chain.
    if _binds(expression.left) < mine + (expression.sign == "**" or mine == _COMPARES):
        left = f"({left})"
    if _binds(expression.right) <= mine - (expression.sign == "**"):
        right = f"({right})"
    if expression.sign == "**" and _simple(expression.left) and _simple(expression.right):
        return f"{left}**{right}"
    return f"{left} {expression.sign} {right}"


def function(call: Call | Method) -> str:
    """What is called, as it is written."""
    if isinstance(call, Call):
        return call.function
    value = text(call.value)
    return f"({value}).{call.name}" if isinstance(call.value, Binary) else f"{value}.{call.name}"


def written_arguments(call: Call | Method) -> list[str]:
    """Each argument of a call as it is written."""
    keywords = call.keywords if isinstance(call, Call) else ()
    return [*map(text, call.arguments), *(f"{key}={text(value)}" for key, value in keywords)]


def literal(value: Any) -> str:
    """A literal that ruff leaves as it is, without a character that could hurt.

    >>> literal((1, -2.5, float("inf"), 'a"b'))
    '[1, -2.5, float("inf"), "a\\\\x22b"]'
    """
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, bytes):
        return "b" + _quoted(value.decode("latin-1"))
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return repr(value)


def _quoted(value: str) -> str:
    """Between double quotes. Not repr: that changes the quotes with what is in them."""
    plain = value.encode("unicode_escape").decode("ascii")
    return '"' + plain.replace('"', "\\x22") + '"'


def _binds(expression: Expression) -> int:
    if isinstance(expression, Binary):
        return _BINDS.get(expression.sign, _COMPARES)
    if isinstance(expression, Literal) and isinstance(expression.value, int | float):
        return 9 if expression.value >= 0 else 3  # a minus binds as a product does
    return 9


def _simple(expression: Expression) -> bool:
    """What ruff writes without spaces around a power."""
    if isinstance(expression, Literal) and isinstance(expression.value, int | float):
        return expression.value >= 0
    return isinstance(expression, Name)


def _is_taken(index: Any) -> bool:
    """Whether an index is an expression, and no number or slice."""
    return isinstance(index, Expression)


def _index(index: Any) -> str:
    if _is_taken(index):
        return text(index)
    if isinstance(index, slice):
        ends = ["" if end is None else str(end) for end in (index.start, index.stop, index.step)]
        return ":".join(ends if index.step is not None else ends[:2])
    return "..." if index is Ellipsis else repr(index)
