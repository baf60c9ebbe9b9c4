"""A recording of eager ops -> Graph. There is no graph in eager TensorFlow: this one is ours.

Every op that Python dispatched is a node. A tensor that no recorded op made (a NumPy array that
became a tensor, something from before the recording) is a node of op `EagerTensor`; the handle
of a variable from before is a `VarHandleOp`.
"""

from __future__ import annotations

import math
import re
import sys
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

import tensorflow as tf

from graphlab import _private
from graphlab.devices import is_gpu, short
from graphlab.engine.kernels.values import array_of
from graphlab.engine.program import value_behind
from graphlab.model import Graph, Kernel, Marks, Node, Source, Step, TensorSpec
from graphlab.sources.live import is_library, static_shape, text
from graphlab.sources.proto import dtype_name
from graphlab.watch.claims import with_kernels
from graphlab.watch.kernels import since
from graphlab.watch.profile import Span

# Whatever else takes a variable's handle may change it: an optimizer's op, a scatter, a function.
READS = frozenset(
    "DisableCopyOnRead ReadVariableOp ResourceGather ResourceGatherNd VarIsInitializedOp"
    " VariableShape".split()
)
LOOK_AHEAD = 8  # spans of the profile in which an op is looked for


@dataclass(frozen=True, slots=True)
class EagerTensor:
    """What is kept of a tensor: never the tensor itself, which would keep its memory alive."""

    id: int
    dtype: str
    shape: tuple[int | None, ...] | None
    bytes: int | None


@dataclass(frozen=True, slots=True)
class EagerOp:
    """One op as the dispatch saw it."""

    op: str
    name: str
    inputs: tuple[EagerTensor, ...]
    outputs: tuple[EagerTensor, ...]
    attrs: Sequence[Any]  # name, value, name, value, ...
    device: str
    source: Source | None
    gradient: bool  # dispatched by a GradientTape going backwards
    values: tuple[Any, ...] = ()  # what it gave, where values are kept; None: no NumPy for it
    on_host: bool = False  # its device is a GPU, but what it gave is in the host's memory

    @property
    def function(self) -> bool:
        """Whether it is the call of a traced function."""
        return function_name(self.op) != self.op


# Ops whose handle is a variable's; others work on iterators, tables or writers.
_OF_VARIABLES = re.compile(
    r"VarHandleOp|\w*VariableOp|VariableShape|VarIsInitializedOp|DestroyResourceOp"
    r"|DisableCopyOnRead|Resource(Sparse)?(Apply|Gather|Scatter|StridedSlice|CountUpTo)\w*"
)


class Recorder:
    """Collects EagerOps while it is a callback of the dispatch."""

    def __init__(
        self, handles: dict[int, str], limit: int, full: Callable[[], None], values: bool = False
    ) -> None:
        """`handles` names the variables seen so far, by the id of their handle; it is added to.

        `full` is called once, when an op comes after `limit` others. With `values` it keeps what
        every op gave, and in `given` and `state` what a replay has to start from.
        """
        self.ops: list[EagerOp] = []
        self.given: dict[int, Any] = {}  # tensors from before the recording, by their id
        self.state: dict[int, Any] = {}  # variables as they were at the start, by their handle
        self.dtypes: dict[int, tf.DType] = {}  # what is behind a handle, by the handle's id
        self.born: list[weakref.ref] = []  # the handles of variables made meanwhile
        self._made: set[int] = set()
        self.values = values
        self._handles = handles
        self._limit = limit
        self._full = full

    def __call__(
        self, op: str, inputs: Any, attrs: Any, outputs: Any, op_name: Any = None, graph: Any = None
    ) -> None:
        if graph is not None:
            return  # a node put into a graph; nothing was executed
        if len(self.ops) >= self._limit:
            self._full()
            return
        source, gradient = _caller()
        op, name = text(op), text(op_name or "").rstrip("/")  # a tape gives bytes
        device = _device(inputs, outputs)
        record = EagerOp(
            op,
            name,
            tuple(_tensor(tensor) for tensor in inputs),
            tuple(_tensor(tensor) for tensor in outputs),
            attrs or (),
            device,
            source,
            gradient,
            self._keep(op, inputs, attrs or (), outputs) if self.values else (),
            is_gpu(device) and _on_host(outputs),
        )
        if op == "VarHandleOp":
            self._handles[record.outputs[0].id] = name or "variable"
            self.born.append(weakref.ref(outputs[0]))
        self.ops.append(record)

    def begin(self, values: Mapping[int, Any], dtypes: Mapping[int, tf.DType]) -> None:
        """Note what variables hold that no op of the recording has touched yet."""
        self.dtypes = {**dtypes, **self.dtypes}
        for key, value in values.items():
            if key not in self._made:
                self.state.setdefault(key, value)

    def _keep(self, op: str, inputs: Any, attrs: Any, outputs: Any) -> tuple[Any, ...]:
        """What the op gave; and of what it took, what nobody in the recording made."""
        for tensor in (*inputs, *outputs):
            if tensor.dtype == tf.resource:
                dtype = _note(attrs) if _OF_VARIABLES.fullmatch(op) else None
                if dtype is not None:
                    self.dtypes.setdefault(_private.tensor_id(tensor), dtype)
        for tensor in inputs:
            key = _private.tensor_id(tensor)
            if tensor.dtype == tf.resource:
                if op == "ReadVariableOp" and key not in self._made and key not in self.state:
                    self.state[key] = array_of(outputs[0])
            elif key not in self._made and key not in self.given:
                self.given[key] = _numpy(tensor)
        if op not in READS:
            self._made.update(
                _private.tensor_id(tensor) for tensor in inputs if tensor.dtype == tf.resource
            )
        self._made.update(_private.tensor_id(tensor) for tensor in outputs)
        return tuple(_numpy(tensor) for tensor in outputs)


def _note(attrs: Sequence[Any]) -> tf.DType | None:
    """The dtype that an op on a variable names."""
    named = dict(zip(attrs[::2], attrs[1::2], strict=True))
    dtype = named.get("dtype", named.get("T"))
    return None if dtype is None else tf.as_dtype(dtype)


def _numpy(tensor: tf.Tensor) -> Any:
    return None if tensor.dtype in (tf.resource, tf.variant) else array_of(tensor)


def _tensor(tensor: tf.Tensor) -> EagerTensor:
    shape = static_shape(tensor.shape)
    size = None
    if shape is not None and tensor.dtype not in (tf.string, tf.resource, tf.variant):
        size = math.prod(dim or 0 for dim in shape) * tensor.dtype.size
    return EagerTensor(_private.tensor_id(tensor), tensor.dtype.name, shape, size)


def _device(inputs: Any, outputs: Any) -> str:
    """Where the op ran: an output's device, or that of the variable it wrote to."""
    for tensor in (*outputs, *inputs):
        return short(tensor.device)
    return ""


def _on_host(outputs: Any) -> bool:
    """Whether nothing that an op of a GPU gave is in the GPU's memory."""
    return bool(outputs) and not any(is_gpu(short(each.backing_device)) for each in outputs)


def _caller() -> tuple[Source | None, bool]:
    """The user's line that dispatched the op, and whether a tape was going backwards."""
    gradient = False
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        if code.co_name == "_gradient_function":
            gradient = True
        if not is_library(code.co_filename):
            return (code.co_filename, frame.f_lineno), gradient
        frame = frame.f_back
    return None, gradient


def graph_of(ops: Sequence[EagerOp], handles: dict[int, str]) -> Graph:
    """The recorded ops as nodes in the order they were dispatched."""
    nodes: list[Node] = []
    tensors: dict[int, str] = {}
    names = _Names()
    for record in ops:
        for place, tensor in enumerate(record.inputs):
            if tensor.id not in tensors:
                nodes.append(_outside(tensor, names, handles, record, place))
                tensors[tensor.id] = nodes[-1].outputs[0].name
        name = names.unique(_node_name(record))
        outputs = []
        for index, tensor in enumerate(record.outputs):
            tensors[tensor.id] = f"{name}:{index}"
            outputs.append(TensorSpec(f"{name}:{index}", tensor.dtype, tensor.shape))
        nodes.append(
            Node(
                name,
                record.op,
                tuple(tensors[tensor.id] for tensor in record.inputs),
                (),
                tuple(outputs),
                _attrs(record.attrs),
                record.device,
                record.source,
            )
        )
    return Graph(tuple(nodes))


def steps_of(
    ops: Sequence[EagerOp],
    graph: Graph,
    spans: Sequence[Span],
    kernels: Sequence[Sequence[Kernel]],
    start: float,
) -> tuple[tuple[Step, ...], list[Kernel]]:
    """One Step for each op, timed by the profile's spans of the same ops in the same order; and
    what a GPU did for spans that are no op's.

    `kernels` is what a GPU did for each of the spans. An op whose span is missing from the
    profile is left untimed. Times are in µs from `start` on, of the profile's clock.
    """
    executed = [node for node in graph.nodes if not is_outside(node)]
    steps, others = [], set(range(len(spans)))
    at = 0
    for record, node in zip(ops, executed, strict=True):
        # The runtime may have run an op of its own in between; look a little ahead.
        ahead = (i for i in range(at, min(at + LOOK_AHEAD, len(spans))))
        found = next((i for i in ahead if spans[i].name == record.op), None)
        span = None if found is None else spans[found]
        at = at if found is None else found + 1
        sizes = [tensor.bytes for tensor in record.outputs]
        step = Step(
            node.name,
            record.op,
            record.device,
            round(span.start_us - start, 3) if span else None,
            round(span.end_us - start, 3) if span else None,
            node.outputs,
            None if None in sizes else sum(size for size in sizes if size),
            span.thread if span else "",
            on_host=record.on_host,
        )
        mine = () if found is None else kernels[found]
        steps.append(with_kernels(step, (since(kernel, start) for kernel in mine)))
        others.discard(-1 if found is None else found)
    return tuple(steps), [since(kernel, start) for i in sorted(others) for kernel in kernels[i]]


def values_behind(handles: Sequence[weakref.ref], dtypes: Mapping[int, tf.DType]) -> dict[int, Any]:
    """The values of the variables that are still there and have one, by the id of their handle."""
    values = {}
    for reference in handles:
        handle = reference()
        if handle is None:
            continue
        key = _private.tensor_id(handle)
        value = value_behind(handle, dtypes[key]) if key in dtypes else None
        if value is not None:
            values[key] = array_of(value)
    return values


def outside_names(ops: Sequence[EagerOp], graph: Graph) -> dict[int, str]:
    """The nodes that stand for tensors from before the recording, by the tensor's id."""
    executed = [node for node in graph.nodes if not is_outside(node)]
    made: set[int] = set()
    names = {}
    for record, node in zip(ops, executed, strict=True):
        for tensor, name in zip(record.inputs, node.inputs, strict=True):
            if tensor.id not in made:
                names[tensor.id] = name.rpartition(":")[0]
        made.update(tensor.id for tensor in record.outputs)
    return names


def is_outside(node: Node) -> bool:
    """Whether a node of a recording stands for a tensor from before it."""
    return node.marks.outside


def _outside(
    tensor: EagerTensor, names: _Names, handles: dict[int, str], taker: EagerOp, place: int
) -> Node:
    """The node of a tensor from before the recording; `place` is its number among the inputs of
    the op that takes it first."""
    name, op = "tensor", "EagerTensor"
    if tensor.dtype == "resource":
        arguments = getattr(_private.op_def(taker.op), "input_arg", ())
        if tensor.id in handles or _OF_VARIABLES.fullmatch(taker.op) or place >= len(arguments):
            name, op = handles.get(tensor.id, "variable"), "VarHandleOp"
        else:  # as TensorFlow calls what the op works on: "iterator", "writer", "table_handle"
            name = arguments[place].name
    name = names.unique(name)
    spec = TensorSpec(f"{name}:0", tensor.dtype, tensor.shape)
    return Node(name, op, outputs=(spec,), marks=Marks(outside=True))


_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.\\/-]")  # of a node: a function may be <lambda>


def _node_name(record: EagerOp) -> str:
    """As `tf.function` would name it: by name or op, gradients under `gradient_tape`."""
    name = record.name or _NOT_IN_NAMES.sub("_", function_name(record.op)).strip("_") or "function"
    return f"gradient_tape/{name}" if record.gradient else name


def function_name(op: str) -> str:
    """The user's name of a function the runtime calls.

    >>> function_name("__inference_train_step_57"), function_name("MatMul")
    ('train_step', 'MatMul')
    """
    for prefix in ("__inference_", "__forward_"):
        if op.startswith(prefix):
            return op.removeprefix(prefix).strip("_").rstrip("0123456789").rstrip("_") or op
    return op


class _Names:
    """Hands out node names the way a graph does: `MatMul`, `MatMul_1`, ..."""

    def __init__(self) -> None:
        self.taken: dict[str, int] = {}

    def unique(self, name: str) -> str:
        count = self.taken.get(name, 0)
        self.taken[name] = count + 1
        return self.unique(f"{name}_{count}") if count else name


def _attrs(pairs: Sequence[Any]) -> dict[str, Any]:
    return dict(_plain(pairs[i], pairs[i + 1]) for i in range(0, len(pairs), 2))


def _plain(key: str, value: Any) -> tuple[str, Any]:
    if isinstance(value, tf.DType):
        value = value.name
    elif isinstance(value, int) and not isinstance(value, bool) and _names_a_type(key):
        value = dtype_name(value)
    elif isinstance(value, bytes):
        value = value.decode(errors="backslashreplace")
    elif isinstance(value, tf.TensorShape):
        value = None if value.rank is None else value.as_list()
    elif not isinstance(value, bool | int | float | str | type(None)):
        value = str(value)
    return key, value


def _names_a_type(key: str) -> bool:
    return key.startswith("T") or key in ("dtype", "DstT", "SrcT", "out_type", "output_type")
