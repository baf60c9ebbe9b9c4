"""The program that XLA made, from its text (HLO) to a Graph.

    >>> text = '''HloModule twice
    ... ENTRY %twice (x.1: f32[2]) -> f32[2] {
    ...   %x.1 = f32[2]{0} parameter(0)
    ...   ROOT %y.2 = f32[2]{0} add(%x.1, %x.1), metadata={op_type="AddV2" op_name="y"}
    ... }'''
    >>> graph = read_hlo(text)
    >>> graph["y.2"].op, graph["y.2"].inputs, graph["y.2"].attrs["op_name"]
    ('add', ('x.1:0', 'x.1:0'), 'y')

An instruction is a node, its opcode the op; the computation that is run is the graph, and every
other one a function of it. A fusion calls the computation that it is made of. What TensorFlow
built is in the attributes of each instruction that was made from it: `op_name` and `op_type`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphlab.errors import GraphlabError, shown
from graphlab.model import Graph, Node, Shape, TensorSpec

ROOT = "ROOT"  # the attribute of the instruction that a computation returns
PARAMETER = "parameter"
MOST_TEXT = 200  # characters of an attribute that are kept: constants may be long

_HEAD = re.compile(r"(ENTRY )?%?([^\s(]+) \(.*\{$|(ENTRY )?%?([^\s({]+) \{$")
_INSTRUCTION = re.compile(r"(ROOT )?%?([^\s=]+) = (.*)")
_OPCODE = re.compile(r" ?([a-z][\w-]*)\(")
_METADATA = re.compile(r'(\w+)="([^"]*)"')
_COMMENT = re.compile(r"/\*.*?\*/")
_MARKS = re.compile(r"""["(){}\[\],]""")
_SHAPE = re.compile(r"(\w+)\[([^\]]*)\]")
_CALLED = re.compile(r"%?([^\s,{}%]+)")
# The attributes that name what an instruction runs; what a `reduce` applies to two numbers is none.
_CALLS = ("calls", "condition", "body", "true_computation", "false_computation")
_LISTS = ("branch_computations", "called_computations")
_DTYPES = {"pred": "bool", "f16": "float16", "bf16": "bfloat16", "f32": "float32", "f64": "float64"}
_DTYPES |= {"c64": "complex64", "c128": "complex128"}


def read_hlo(text: str) -> Graph:
    """The graph of a module's entry computation, with the other computations as its functions.

    A tuple is one tensor of dtype `"tuple"`; a size that has only a bound is None. GraphlabError,
    with the line, where the text is not that of an HLO module.
    """
    entry, name = "", ""
    nodes: list[Node] = []
    computations: dict[str, Graph] = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = _COMMENT.sub("", line).strip() if "/*" in line else line.strip()
        if not name:
            head = _HEAD.match(line)
            if head and not line.startswith("HloModule"):
                name, nodes = head[2] or head[4], []
                entry = name if head[1] or head[3] else entry
        elif line.startswith("}"):
            computations[name] = Graph(_in_order(nodes))
            name = ""
        elif line:
            try:
                nodes.append(_node(line))
            except ValueError as error:
                raise GraphlabError(
                    f"line {number} of the HLO is no instruction ({error}): {shown(line)}"
                ) from None
    if not entry or name:
        raise GraphlabError(
            f"this is no whole HLO module: {f'{shown(name)} does not end' if name else 'no ENTRY'}"
        )
    return Graph(computations.pop(entry).nodes, computations)


def _in_order(nodes: list[Node]) -> tuple[Node, ...]:
    """Parameters first and by their numbers, as a call hands them over."""
    return tuple(
        sorted(nodes, key=lambda n: int(n.attrs["number"]) if n.op == PARAMETER else len(nodes))
    )


def _node(line: str) -> Node:
    match = _INSTRUCTION.match(line)
    if match is None:
        raise ValueError("expected NAME = TYPE OPCODE(...)")
    root, name, rest = match.groups()
    end = _closing(rest, 0) + 1 if rest.startswith("(") else rest.find(" ")
    kind, rest = rest[:end], rest[end:]
    opcode = _OPCODE.match(rest)
    if end <= 0 or opcode is None:
        raise ValueError("it has no opcode")
    end = _closing(rest, opcode.end() - 1)
    operands = rest[opcode.end() : end]
    attrs, calls, controls = _attributes(rest[end + 1 :], opcode[1])
    inputs: tuple[str, ...] = ()
    if opcode[1] == PARAMETER:
        attrs["number"] = int(operands)
    elif opcode[1] in ("constant", "iota"):
        if operands:
            attrs["value"] = _short(operands)
    else:
        inputs = tuple(f"{_operand(each)}:0" for each in _split(operands))
    if kind.startswith("("):
        attrs["shape"] = _short(kind)
    if root:
        attrs[ROOT] = True
    return Node(name, opcode[1], inputs, controls, (_spec(name, kind),), attrs, calls=calls)


def _operand(text: str) -> str:
    """`"%x.1"`, `"f32[2]{0} %x.1"` or `"x.1"`."""
    return text.rpartition(" ")[2].removeprefix("%")


def _attributes(text: str, opcode: str) -> tuple[dict, tuple[str, ...], tuple[str, ...]]:
    """The attributes, the computations that are called, and the nodes that are waited for."""
    attrs: dict = {}
    calls: list[str] = []
    controls: tuple[str, ...] = ()
    for each in _split(text):
        key, _, value = each.partition("=")
        if key == "metadata":
            told = dict(_METADATA.findall(value))
            attrs |= {name: told[name] for name in ("op_type", "op_name") if told.get(name)}
        elif key in _CALLS or (key == "to_apply" and opcode == "call"):
            called = value.removeprefix("%")
            calls.append(called)
            attrs[key] = {"function": called}
        elif key in _LISTS:
            listed = _CALLED.findall(value)
            calls += listed
            attrs[key] = [{"function": called} for called in listed]
        elif key == "control-predecessors":
            controls = tuple(_CALLED.findall(value))
        elif key:
            attrs[key] = _short(value.removeprefix("%"))
    return attrs, tuple(dict.fromkeys(calls)), controls


def _short(text: str) -> str:
    return text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 1]}\N{HORIZONTAL ELLIPSIS}"


def _spec(name: str, kind: str) -> TensorSpec:
    """What an instruction gives: `"f32[64,100]{1,0}"`, or a tuple in brackets."""
    if kind.startswith("("):
        return TensorSpec(f"{name}:0", "tuple")
    match = _SHAPE.match(kind)
    if match is None:  # "token[]" has a shape, an opaque value has none
        return TensorSpec(f"{name}:0", kind)
    return TensorSpec(f"{name}:0", dtype(match[1]), _shape(match[2]))


def dtype(name: str) -> str:
    """TensorFlow's name of a type.

    >>> dtype("f32"), dtype("pred"), dtype("s8"), dtype("u64"), dtype("f8e5m2")
    ('float32', 'bool', 'int8', 'uint64', 'float8_e5m2')
    """
    if name in _DTYPES:
        return _DTYPES[name]
    if re.fullmatch(r"[su]\d+", name):
        return f"{'int' if name[0] == 's' else 'uint'}{name[1:]}"
    return re.sub(r"^f8", "float8_", name)


def _shape(text: str) -> Shape:
    sizes = [size for size in text.split(",") if size]
    return tuple(int(size) if size.isdigit() else None for size in sizes)


def _split(text: str) -> Iterator[str]:
    """The pieces between commas that stand in no bracket and no quotes."""
    start = 0
    for at, sign, depth in _signs(text):
        if sign == "," and depth == 0:
            if text[start:at].strip():
                yield text[start:at].strip()
            start = at + 1
    if text[start:].strip():
        yield text[start:].strip()


def _closing(text: str, start: int) -> int:
    """Where the bracket that opens at `start` is closed."""
    for at, sign, depth in _signs(text, start):
        if sign in ")}]" and depth == 0:
            return at
    raise ValueError("a bracket is not closed")


def _signs(text: str, start: int = 0) -> Iterator[tuple[int, str, int]]:
    """Commas and brackets that stand in no quotes: where, which, and how deep it is behind them."""
    depth = 0
    quoted = False
    for mark in _MARKS.finditer(text, start):
        at, sign = mark.start(), mark[0]
        if sign == '"':
            quoted ^= text[at - 1 : at] != "\\"
        elif not quoted:
            depth += (sign in "({[") - (sign in ")}]")
            yield at, sign, depth
