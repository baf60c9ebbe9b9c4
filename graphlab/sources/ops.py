"""What TensorFlow's ops take and give, known without TensorFlow.

The table is ops.json, a line an op, made from the TensorFlow that setup.cfg names (`make ops`):

    "MatMul": "a:$T b:$T -> product:$T"

`$T` is the dtype that attribute T holds, `N*float32` are as many as attribute N says, `@Tout`
one of each dtype in the list Tout, `&` marks a reference to a variable. Behind a `|` come the
defaults of the attributes that are named, the version of graphs from which on the op is refused
(`deprecated=9`), and `kernels=none` for what this TensorFlow knows and cannot run by itself.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphlab.sources.proto import dtype_name

TABLE = Path(__file__).with_name("ops.json")
MOST_TENSORS = 10_000  # in one argument: a larger number is a damaged file, not a model


@dataclass(frozen=True, slots=True)
class Argument:
    """One input or output of an op, which may stand for several tensors."""

    name: str
    dtype: str = ""  # a dtype, or `$T`
    count: str = ""  # the attribute that says how many; "": one
    each: str = ""  # the attribute that lists the dtypes, one a tensor
    ref: bool = False


@dataclass(frozen=True)
class Definition:
    """An op type: what it takes, what it gives, and what its attributes are when not written."""

    inputs: tuple[Argument, ...] = ()
    outputs: tuple[Argument, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    deprecated: int | None = None  # graphs of this version or later may not hold it
    runs: bool = True  # False: no device has a kernel for it


@functools.cache
def _document() -> Any:
    return json.loads(TABLE.read_text())


def table() -> Mapping[str, str]:
    """Every op that the table knows, each with the line of its inputs and outputs."""
    return _document()["ops"]


def attributes() -> Mapping[str, str]:
    """Every op that the table knows, each with the line of its attributes (`fitting` reads it)."""
    return _document()["attributes"]


def graph_version() -> int:
    """The version of graphs that this TensorFlow writes, and the newest that it must read."""
    return _document()["graph_version"]


def version() -> str:
    """The TensorFlow that the table was made from: `"2.21"`."""
    return _document()["tensorflow"]


@functools.cache
def definition(op: str) -> Definition | None:
    """What the table says of an op type; None where TensorFlow knows no such op."""
    line = table().get(op)
    return None if line is None else read(line)


def read(line: str) -> Definition:
    """A line of the table.

    >>> read("values:N*$T -> output:$T | N=2").outputs
    (Argument(name='output', dtype='$T', count='', each='', ref=False),)
    >>> read("values:N*$T -> output:$T | N=2 deprecated=9").deprecated
    9
    """
    arguments, _, rest = line.partition(" | ")
    inputs, _, outputs = f" {arguments} ".partition(" -> ")
    pairs = dict(pair.split("=", 1) for pair in rest.split())
    deprecated = pairs.pop("deprecated", None)
    runs = pairs.pop("kernels", "some") != "none"
    defaults = {name: json.loads(value) for name, value in pairs.items()}
    return Definition(
        tuple(_argument(word) for word in inputs.split()),
        tuple(_argument(word) for word in outputs.split()),
        defaults,
        int(deprecated) if deprecated else None,
        runs,
    )


def _argument(word: str) -> Argument:
    name, _, kind = word.rpartition(":")
    ref = kind.endswith("&")
    kind = kind.removesuffix("&")
    if kind.startswith("@"):
        return Argument(name, each=kind[1:], ref=ref)
    count, _, dtype = kind.rpartition("*")
    return Argument(name, dtype, count, ref=ref)


def described(op_def: Any, runs: bool = True) -> Definition:
    """What an OpDef says. Graphs bring such messages along, and functions have one."""
    inputs = tuple(_described(each) for each in op_def.input_arg)
    outputs = tuple(_described(each) for each in op_def.output_arg)
    named = {
        name
        for each in (*inputs, *outputs)
        for name in (each.dtype[1:] if each.dtype[:1] == "$" else "", each.count, each.each)
    }
    defaults = {
        attr.name: _default(attr.default_value)
        for attr in op_def.attr
        if attr.name in named and attr.HasField("default_value")
    }
    return Definition(inputs, outputs, defaults, op_def.deprecation.version or None, runs)


def _described(argument: Any) -> Argument:
    if argument.type_list_attr:
        return Argument(argument.name, each=argument.type_list_attr, ref=argument.is_ref)
    dtype = f"${argument.type_attr}" if argument.type_attr else dtype_name(argument.type)
    return Argument(argument.name, dtype, argument.number_attr, ref=argument.is_ref)


def _default(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "type":
        return dtype_name(value.type)
    return [dtype_name(each) for each in value.list.type] if kind == "list" else value.i


def write(definition: Definition) -> str:
    """A line of the table, as `read` takes it. Only for names without spaces: TensorFlow's own."""
    arguments = [_word(each) for each in definition.inputs]
    arguments += ["->", *(_word(each) for each in definition.outputs)]
    rest = [
        f"{name}={json.dumps(value, separators=(',', ':'))}"
        for name, value in definition.defaults.items()
    ]
    if definition.deprecated:
        rest.append(f"deprecated={definition.deprecated}")
    if not definition.runs:
        rest.append("kernels=none")
    return " ".join([*arguments, *(["|", *rest] if rest else [])])


def _word(argument: Argument) -> str:
    ref = "&" if argument.ref else ""
    if argument.each:
        return f"{argument.name}:@{argument.each}{ref}"
    count = f"{argument.count}*" if argument.count else ""
    return f"{argument.name}:{count}{argument.dtype}{ref}"


def dtypes(argument: Argument, attrs: Mapping[str, Any], defaults: Mapping[str, Any]) -> list[str]:
    """The dtypes of an argument's tensors, `""` where an attribute is missing.

    `attrs` are plain values. ValueError where an attribute claims more tensors than there can be.
    """

    def attr(name: str) -> Any:
        return attrs[name] if name in attrs else defaults.get(name)

    ref = "_ref" if argument.ref else ""
    if argument.each:
        listed = attr(argument.each)
        return [f"{each}{ref}" for each in listed] if isinstance(listed, list) else []
    dtype = argument.dtype
    if dtype.startswith("$"):
        found = attr(dtype[1:])
        dtype = found if isinstance(found, str) else ""
    count = attr(argument.count) if argument.count else 1
    if count is None:
        return []  # the attribute is missing: TensorFlow would not take such a node either
    if not isinstance(count, int) or not 0 <= count <= MOST_TENSORS:
        raise ValueError(f"{argument.name!r} claims {argument.count}={count!r} tensors")
    return [f"{dtype}{ref}" if dtype else ""] * count


def document(
    op_defs: Iterable[Any],
    run: Container[str],
    tensorflow: str,
    graph_version: int,
    attributes: Callable[[Any], str],
) -> str:
    """The whole of ops.json: a line an op, so that a new TensorFlow's changes can be read.

    `run` are the ops that have a kernel; `attributes` writes the line of an op's attributes.
    """
    there = sorted((op for op in op_defs if not _of_one_build(op.name)), key=lambda op: op.name)
    tables = {
        "ops": {op.name: write(described(op, op.name in run)) for op in there},
        "attributes": {op.name: attributes(op) for op in there},
    }
    parts = [f' "tensorflow": {json.dumps(tensorflow)}', f' "graph_version": {graph_version}']
    for name, table in tables.items():
        lines = ",\n".join(f"  {json.dumps(op)}: {json.dumps(line)}" for op, line in table.items())
        parts.append(f' "{name}": {{\n{lines}\n }}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _of_one_build(op: str) -> bool:
    """Ops that TensorFlow's optimizer puts in on some machines; no file holds them."""
    return op.lstrip("_").startswith(("Mkl", "Nccl")) and op.startswith("_")
