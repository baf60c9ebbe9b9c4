"""One op through TensorFlow's eager dispatch: the same kernels that a session runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import tensorflow as tf

from graphlab import _private
from graphlab.engine.kernels.nodes import REF, Op
from graphlab.engine.kernels.values import Ref, tensor_of
from graphlab.engine.state import State

_attrs: dict[tuple[str, str], tuple] = {}
WRAPPER = "__graphlab_"  # names of functions made around one op start with this


class Dispatch:
    """What every op gets that needs no help. Attrs are read when it first runs."""

    __slots__ = ("attrs", "device", "functions", "op", "outputs", "type")

    def __init__(self, op: Op, device: str, functions: Mapping[str, Any]) -> None:
        self.op = op
        self.type = op.type
        self.outputs = len(op.outputs)
        self.device = device
        self.functions = functions
        self.attrs: tuple | None = None

    def __call__(self, op: Op, inputs: list, state: State) -> list:
        if self.attrs is None:
            register_called(op.node, self.functions)
            attrs = tuple(plain_attrs(op.node, op.definition))
            # Equal attrs are one tuple: a graph has many ops that differ in nothing but place.
            self.attrs = _attrs.setdefault((op.type, repr(attrs)), attrs)
        for value in inputs:
            if type(value) is Ref:
                inputs = [tensor_of(value) for value in inputs]
                break
        return _private.execute(self.type, self.outputs, inputs, self.attrs, self.device)


# What gives the memory that it is given, in 1.15.5 and 2.21.
ALIASES = frozenset(
    "ExpandDims Identity PlaceholderWithDefault PreventGradient Reshape Squeeze"
    " StopGradient".split()
)


class Alias(Dispatch):
    """An op that hands on memory. Of the value of a TF1 variable that is no copy: what is written
    into the variable later, whoever takes it then will see. On another device it is a copy."""

    __slots__ = ()

    def __call__(self, op: Op, inputs: list, state: State) -> list:
        outputs = super().__call__(op, inputs, state)
        first, *others = inputs
        if type(first) is not Ref or outputs[0].device != first.handle.device:
            return outputs
        others = [tensor_of(value) for value in others]

        def view(value: Any) -> Any:
            return super(Alias, self).__call__(op, [value, *others], state)[0]

        return [first.seen(view)]


class Constant:
    """A Const's tensor is made from its proto once, and given out each time."""

    __slots__ = ("device", "tensor")

    def __init__(self, op: Op, device: str) -> None:
        self.device = device
        self.tensor: Any = None

    def __call__(self, op: Op, inputs: list, state: State) -> list:
        if self.tensor is None:
            proto = op.node.attr["value"].tensor
            text = _private.eager_tensor(proto.SerializeToString())
            attrs = ("out_type", proto.dtype)
            parsed = _private.execute("ParseTensor", 1, [text], attrs, CPU)
            self.tensor = parsed
            if self.device != CPU:
                attrs = ("T", proto.dtype)
                self.tensor = _private.execute("Identity", 1, parsed, attrs, self.device)
        return self.tensor


class OwnKernel:
    """A stateful random op: eager ops with equal attrs share one kernel and so one stream of
    numbers, nodes of a graph do not. A function around the op gives it a kernel of its own, and
    each execution starts the streams anew, as a new session does. It may have attrs, too, that
    eager dispatch does not take."""

    __slots__ = ("device",)

    def __init__(self, op: Op, device: str) -> None:
        self.device = device

    def __call__(self, op: Op, inputs: list, state: State) -> list:
        inputs = [tensor_of(value) for value in inputs]
        names = state.streams.names
        name = names.get((op.where, op.name))
        if name is None:
            name = f"{WRAPPER}{state.streams.number}_{len(names)}"
            _private.register_function(wrapped(op, inputs, name))
            names[op.where, op.name] = name
        return _private.execute(name, len(op.outputs), inputs, (), self.device)


CPU = "/job:localhost/replica:0/task:0/device:CPU:0"


def wrapped(op: Op, inputs: list, name: str) -> Any:
    """A FunctionDef that is this one op."""
    definition = tf.compat.v1.GraphDef().library.function.add()
    signature = definition.signature
    signature.name = name
    signature.is_stateful = True
    node = definition.node_def.add(name="op", op=op.type)
    for key, value in op.node.attr.items():
        if not key.startswith("_"):
            node.attr[key].CopyFrom(value)
    for index, value in enumerate(inputs):
        signature.input_arg.add(name=f"i{index}", type=value.dtype.as_datatype_enum)
        node.input.append(f"i{index}")
    spelled = [arg.name for arg in op.definition.output_arg]
    assert len(spelled) == len(op.outputs), f"{op.title} has a list of outputs"
    for index, (arg, dtype) in enumerate(zip(spelled, op.dtypes, strict=True)):
        signature.output_arg.add(name=f"o{index}", type=tf.as_dtype(dtype).as_datatype_enum)
        definition.ret[f"o{index}"] = f"op:{arg}:0"
    signature.control_output.append("op")
    definition.control_ret["op"] = "op"
    return definition


def plain_attrs(node: Any, definition: Any) -> Iterable[Any]:
    """Names and values by turns, as the dispatch takes them: all of them, as it fills in only
    some of the defaults."""
    given = node.attr
    for attr in definition.attr:
        if attr.name in given:
            yield attr.name
            yield plain(given[attr.name])
        elif attr.HasField("default_value"):
            yield attr.name
            yield plain(attr.default_value)


def plain(value: Any) -> Any:
    """An AttrValue as the dispatch takes it."""
    kind = value.WhichOneof("value")
    if kind == "list":
        fields = value.list.ListFields()  # one, or none where the list is empty
        return [_scalar(field.name, item) for field, items in fields for item in items]
    return _scalar(kind, getattr(value, kind))


def _scalar(kind: str, value: Any) -> Any:
    if kind == "shape":
        return None if value.unknown_rank else [dim.size for dim in value.dim]
    if kind == "func":
        return value.name
    if kind == "type":
        return value % REF
    return value


def functions_of(node: Any) -> list[str]:
    """The functions that an op names in its attrs."""
    found = []
    for value in node.attr.values():
        if value.HasField("func"):
            found.append(value.func.name)
        elif value.HasField("list"):
            found += [func.name for func in value.list.func]
    return found


def register_called(node: Any, functions: Mapping[str, Any]) -> None:
    """Let kernels that call functions themselves (a dataset's map) find them."""
    for name in functions_of(node):
        if name in functions:
            for inner in functions[name].node_def:
                if inner is not node:
                    register_called(inner, functions)
            _private.register_function(functions[name])
