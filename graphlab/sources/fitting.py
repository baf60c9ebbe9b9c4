"""Whether TensorFlow takes a node: its attributes and inputs, held against its op's definition.

The rules are the second table of ops.json, a line an op:

    "MatMul": "transpose_a:bool? T:type{bfloat16|float16|float32}"

A `?` marks what has a default and may be left out, `>=2` the least a number or a length may be, and
the braces what else is not allowed.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphlab.errors import shown
from graphlab.sources import ops, proto

# The field of an AttrValue that a kind of attribute stands in.
_FIELDS = {"string": "s", "int": "i", "float": "f", "bool": "b"}


@dataclass(frozen=True, slots=True)
class Rule:
    """What an attribute of an op may be."""

    kind: str  # "type", "int", "list(type)", ...
    optional: bool = False
    least: int | None = None
    allowed: frozenset[str] = frozenset()  # empty: whatever is of its kind


@dataclass(frozen=True, slots=True)
class Refused:
    """A node that TensorFlow would not take, and why."""

    node: str
    op: str
    reason: str
    function: str = ""  # in whose body; "": in the graph itself


@functools.cache
def rules(op: str) -> Mapping[str, Rule] | None:
    """The attributes of an op; None where TensorFlow knows no such op."""
    line = ops.attributes().get(op)
    return None if line is None else dict(_read(word) for word in line.split())


def _read(word: str) -> tuple[str, Rule]:
    """A word of a line.

    >>> _read("N:int>=2"), _read("padding:string{SAME|VALID}?")[1].allowed == {"SAME", "VALID"}
    (('N', Rule(kind='int', optional=False, least=2, allowed=frozenset())), True)
    """
    name, _, rest = word.partition(":")
    optional = rest.endswith("?")
    rest, _, allowed = rest.removesuffix("?").removesuffix("}").partition("{")
    kind, _, least = rest.partition(">=")
    return name, Rule(
        kind, optional, int(least) if least else None, frozenset(filter(None, allowed.split("|")))
    )


def written(op_def: Any) -> str:
    """The line of an OpDef."""
    return " ".join(_word(each) for each in op_def.attr)


def _word(attr: Any) -> str:
    listed = attr.allowed_values.list
    allowed = [*map(proto.dtype_name, listed.type), *(each.decode() for each in listed.s)]
    return (
        f"{attr.name}:{attr.type}"
        + (f">={attr.minimum}" if attr.has_minimum else "")
        + (f"{{{'|'.join(allowed)}}}" if allowed else "")
        + ("?" if attr.HasField("default_value") else "")
    )


def attributes(node_def: Any) -> str:
    """Why TensorFlow would refuse a node's attributes; "" where it takes them.

    It looks over those that the op does not have: they may be a newer TensorFlow's.
    """
    known = rules(node_def.op)
    if known is None:
        return ""
    attrs = node_def.attr
    for name in sorted(attrs):
        rule = known.get(name)
        problem = _problem(attrs[name], rule) if rule else ""
        if name == "_class" and not _are_texts(attrs[name]):
            problem = "is no list(string)"
        if problem:
            return f"its attribute {shown(name)} {problem}"
    for name, rule in known.items():
        if not rule.optional and name not in attrs:
            return f"it has no attribute {shown(name)}, which the op must have"
    return ""


def _are_texts(value: Any) -> bool:
    """Whether it is a list of texts, or of nothing. What else is in it, TensorFlow looks over."""
    filled = [each.name for each, _ in value.list.ListFields()]
    return value.WhichOneof("value") == "list" and (not filled or "s" in filled)


def _problem(value: Any, rule: Rule) -> str:
    kind = value.WhichOneof("value")
    if kind is None or kind == "placeholder":
        return "" if kind else "has no value"
    inner = rule.kind.removeprefix("list(").removesuffix(")")
    field = _FIELDS.get(inner, inner)
    if inner == rule.kind:
        if kind != field:
            return f"is no {rule.kind}"
        return _out_of(getattr(value, kind), rule, inner)
    if kind != "list":
        return f"is no {rule.kind}"
    filled = [each.name for each, _ in value.list.ListFields()]
    if filled and filled != [field]:
        return f"is no {rule.kind}"
    items = getattr(value.list, field)
    if rule.least is not None and len(items) < rule.least:
        return f"has {len(items)} values, and {rule.least} is the least"
    if not rule.allowed:
        return ""
    return next(filter(None, (_out_of(item, rule, inner) for item in items)), "")


def _out_of(value: Any, rule: Rule, kind: str) -> str:
    if rule.least is not None and kind == "int" and value < rule.least:
        return f"is {value}, and {rule.least} is the least"
    if not rule.allowed:
        return ""
    name = proto.dtype_name(value) if kind == "type" else value.decode(errors="replace")
    if name in rule.allowed:
        return ""
    some = ", ".join(sorted(rule.allowed)[:4])
    return f"is {shown(name)}, which is none of {some}{', ...' if len(rule.allowed) > 4 else ''}"


def inputs(
    definition: ops.Definition, attrs: Mapping[str, Any], given: Sequence[str | None]
) -> str:
    """Why TensorFlow would refuse a node's inputs of these dtypes; "" where it takes them.

    None in the place of a dtype is an input of which nobody knows it.
    """
    try:
        found = [ops.dtypes(each, attrs, definition.defaults) for each in definition.inputs]
    except ValueError as error:
        return str(error)
    count = sum(map(len, found))
    if count != len(given):
        return f"it takes {len(given)} inputs in place of {count}"
    wanted = itertools.chain.from_iterable(found)
    for number, (dtype, other) in enumerate(zip(wanted, given, strict=True)):
        if dtype and other and other != dtype and other != f"{dtype}_ref":
            return f"its input {number} is {other} in place of {dtype}"
    return ""
