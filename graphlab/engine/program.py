"""What the engine can be given, read into ops: a tf.Graph, a function, a GraphDef from a file."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tensorflow as tf

from graphlab import _private
from graphlab.engine.kernels.control_flow import NEXTS
from graphlab.engine.kernels.nodes import Body, Library, Op, read
from graphlab.errors import GraphlabError, nearest

tf1 = tf.compat.v1


@dataclass(eq=False)
class Program:
    """A graph to run, and what is known of its tensors."""

    graph: tf.Graph
    body: Body
    library: Library
    live: bool = True  # made by this process, not read from a file
    captured: Mapping[str, Any] = field(default_factory=dict)  # tensor name: what it stands for
    fetches: tuple[str, ...] = ()  # what a function gives; () for a plain graph


def program_of(source: Any) -> Program:
    """GraphlabError where `source` is nothing to run, or is broken."""
    if isinstance(source, tf1.GraphDef):
        return _imported(source)
    if hasattr(source, "get_concrete_function") and not hasattr(source, "graph"):
        try:
            source = source.get_concrete_function()
        except (TypeError, ValueError) as error:
            raise GraphlabError(
                "this tf.function has no one graph; give one of its traces:"
                " f.get_concrete_function(...)"
            ) from error
    graph = getattr(source, "graph", source)
    if not isinstance(graph, tf.Graph):
        raise GraphlabError(
            f"a {type(source).__name__} is nothing to run; expected a tf.Graph, a"
            " ConcreteFunction or a GraphDef"
        )
    body, library = read(graph.as_graph_def())
    program = Program(graph, body, library)
    if hasattr(graph, "captures"):  # the graph of a function
        program.captured = {inside.name: outside for outside, inside in graph.captures}
        body.finals = tuple(op.name for op in graph.control_outputs)
        program.fetches = tuple(tensor.name for tensor in graph.outputs)
    return program


def _imported(graph_def: Any) -> Program:
    """A GraphDef as a graph. What is wrong with it is said before TensorFlow says it longer."""
    body, library = read(graph_def)
    check_cycles(body.ops.values())
    with tf.Graph().as_default() as graph:
        try:
            tf1.import_graph_def(graph_def, name="")
        except (ValueError, TypeError, tf.errors.OpError) as error:
            first = str(error).strip().splitlines()[0]
            raise GraphlabError(f"TensorFlow does not take this GraphDef: {first}") from error
    body, _ = read(graph.as_graph_def())
    return Program(graph, body, library, live=False)


def check_cycles(ops: Iterable[Op]) -> None:
    """GraphlabError where ops wait for each other in a ring that no NextIteration closes."""
    ops = list(ops)
    present = {op.name: op for op in ops}
    waits: dict[str, int] = {}
    followers: dict[str, list[str]] = {}
    for op in ops:
        before = [*op.before, *op.controls] if op.controls else op.before
        before = [n for n in dict.fromkeys(before) if n in present and present[n].type not in NEXTS]
        waits[op.name] = len(before)
        for name in before:
            followers.setdefault(name, []).append(op.name)
    free = [name for name, count in waits.items() if not count]
    for name in free:  # grows while it is walked
        for follower in followers.get(name, ()):
            waits[follower] -= 1
            if not waits[follower]:
                free.append(follower)
    if len(free) < len(ops):
        ring = _ring(present, {name for name, count in waits.items() if count})
        raise GraphlabError(
            f"these ops wait for each other: {' -> '.join(ring)}; a cycle is a loop only where a"
            " NextIteration closes it"
        )


def _ring(present: Mapping[str, Op], stuck: set[str]) -> list[str]:
    """One ring among ops that can never start."""
    path: list[str] = [min(stuck, key=lambda name: present[name].index)]
    while True:
        op = present[path[-1]]
        before = [*op.before, *op.controls]
        path.append(next(n for n in before if n in stuck and present[n].type not in NEXTS))
        if path[-1] in path[:-1]:
            return path[path.index(path[-1]) :][::-1]


def fetches_of(program: Program, fetches: Any) -> tuple[list[str], list[str]]:
    """Names of the tensors and of the ops to run. GraphlabError for what is not in the graph.

    As in a session, a name without a number is an op and a variable stands for its value.
    """
    if fetches is None:
        if not program.fetches and not program.body.finals:
            raise GraphlabError("nothing is fetched; name the tensors or ops to run")
        return list(program.fetches), []
    tensors, ops = [], []
    for item in _flat(fetches):
        element = _element(program, item, "fetch")
        if isinstance(element, tf.Operation):
            ops.append(element.name)
        elif not program.graph.is_fetchable(element):
            raise GraphlabError(
                f"fetch {element.name} is inside of a loop or a branch, where it has many values"
                " or none; fetch what comes out of it"
            )
        else:
            tensors.append(element.name)
    return tensors, ops


@dataclass(frozen=True)
class Lent:
    """A variable that is handed to a function as an argument, with the value that it had then.

    An execution makes one of its own of it, so the caller's stays as it is.
    """

    key: int  # one for each variable: who hands over the same twice hands over one
    dtype: tf.DType
    value: Any  # an eager tensor

    @classmethod
    def of(cls, inside: tf.Tensor, handle: Any) -> Lent | None:
        """The variable behind a handle that is given for the tensor `inside` of a graph.

        None where no variable with a value is behind it.
        """
        dtypes, _ = _private.behind_handle(inside)
        if len(dtypes) != 1:
            return None
        dtype = tf.as_dtype(dtypes[0])
        value = value_behind(handle, dtype)
        return None if value is None else cls(_private.tensor_id(handle), dtype, value)


def value_behind(handle: Any, dtype: tf.DType) -> Any | None:
    """What a variable holds, as an eager tensor; None where it is not initialised, or gone."""
    try:
        # TensorFlow reads an anonymous one that is not initialised as an empty tensor.
        if not tf.raw_ops.VarIsInitializedOp(resource=handle):
            return None
        return tf.raw_ops.ReadVariableOp(resource=handle, dtype=dtype)
    except (tf.errors.FailedPreconditionError, tf.errors.NotFoundError):
        return None


def feeds_of(program: Program, feeds: Mapping[Any, Any] | None) -> dict[str, Any]:
    """Eager tensors by the names of the tensors they replace. GraphlabError where one cannot be."""
    result = {}
    for key, value in _private.session_feeds(feeds):
        element = _element(program, key, "feed")
        if isinstance(element, tf.Operation):
            if len(element.outputs) != 1:
                raise GraphlabError(f"feed {element.name} is an op; name one of its tensors")
            element = element.outputs[0]
        if not program.graph.is_feedable(element):
            raise GraphlabError(f"feed {element.name} is not to be fed; its graph forbids it")
        if element.dtype == tf.resource and not isinstance(value, Lent):
            value = Lent.of(element, getattr(value, "handle", value)) or value
        if not isinstance(value, Lent):
            value = fed(element.name, element.dtype, element.shape, value)
        result[element.name] = value
    return result


def fed(name: str, dtype: Any, shape: Any, value: Any) -> Any:
    """The eager tensor of what is fed, as `Session.run` makes it: it casts to the tensor's type,
    whatever is lost on the way. GraphlabError where it would not take the value either."""
    dtype = dtype.base_dtype
    if _private.is_eager_tensor(value):
        if value.dtype != dtype:
            raise _unlike(name, value.dtype.name, value.shape, dtype, shape)
        return _of_shape(name, value, shape)
    if _private.is_session_handle(value):
        raise GraphlabError(
            f"feed {name} is a handle of a tensor that a session keeps; feed the tensor's value"
        )
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # who fed it has been warned by the session
            array = _private.session_value(value, dtype)
        if isinstance(value, int) and array != value:
            raise _unlike(name, f"the number {value}", None, dtype, shape)
        tensor = _private.eager_tensor(array, dtype)
    except (TypeError, ValueError, OverflowError, tf.errors.OpError) as error:
        found = _seen_as(value)
        raise _unlike(name, found.dtype.name, found.shape, dtype, shape) from error
    return _of_shape(name, tensor, shape)


def value_for(name: str, dtype: Any, shape: Any, value: Any) -> Any:
    """An eager tensor of a value for a tensor, where nothing of it is lost by that; both types or
    shapes are shown where they differ."""
    dtype = dtype.base_dtype
    if _private.is_eager_tensor(value) and value.dtype == dtype:
        return _of_shape(name, value, shape)
    found = _seen_as(value)
    wanted = dtype.as_numpy_dtype
    textual = found.dtype.kind in "SUO"
    if textual != (dtype == tf.string) or (
        not textual
        and not np.can_cast(found.dtype, wanted, "same_kind")
        and not (found.dtype.kind in "iub" and _fits(found, wanted))
    ):
        raise _unlike(name, found.dtype.name, found.shape, dtype, shape)
    return fed(name, dtype, shape, value)


def _seen_as(value: Any) -> np.ndarray:
    """A value as NumPy takes it by itself."""
    try:
        return np.asarray(value)
    except (TypeError, ValueError):  # lists of different lengths
        return np.asarray(None)


def _unlike(name: str, found: str, has: Any, dtype: Any, shape: Any) -> GraphlabError:
    of_shape = "" if has is None else f" of shape {list(has)}"
    return GraphlabError(
        f"feed {name} is {found}{of_shape}; expected {dtype.name} of shape {shape_text(shape)}"
    )


def _of_shape(name: str, tensor: Any, shape: Any) -> Any:
    if not tensor.shape.is_compatible_with(shape):
        raise GraphlabError(
            f"feed {name} has shape {tensor.shape.as_list()}; expected {shape_text(shape)}"
            f" ({tensor.dtype.name})"
        )
    return tensor


def _fits(found: np.ndarray, wanted: Any) -> bool:
    with np.errstate(all="ignore"):
        return bool((found.astype(wanted).astype(found.dtype) == found).all())


def shape_text(shape: Any) -> str:
    """`[None, 2]`, or `any`."""
    return "any" if shape.rank is None else str(shape.as_list())


def _flat(fetches: Any) -> list[Any]:
    """Fetches however nested; a sparse tensor is its parts."""
    flat: list[Any] = []
    for item in tf.nest.flatten(fetches):
        parts = isinstance(item, tf.SparseTensor | tf.IndexedSlices | tf.RaggedTensor)
        flat += tf.nest.flatten(item, expand_composites=True) if parts else [item]
    return [item for item in flat if item is not None]


def _element(program: Program, item: Any, what: str) -> Any:
    """The graph's tensor or op. A variable's handle by name is the variable's value."""
    graph, ops = program.graph, program.body.ops
    try:
        element = graph.as_graph_element(item)
    except (KeyError, ValueError, TypeError) as error:
        name = getattr(item, "name", str(item))
        if getattr(item, "graph", graph) is not graph:
            raise GraphlabError(f"{what} {name} is of another graph than the engine's") from error
        op, _, number = name.rpartition(":")
        if op in ops and number.isdigit():
            count = len(ops[op].outputs)
            raise GraphlabError(
                f"{what} {name} does not exist: {ops[op].title} has {count} outputs"
            ) from error
        like = nearest(op if number.isdigit() else name, ops)
        raise GraphlabError(f"{what} {name} does not exist; there is {_short(like)}") from error
    if what == "fetch" and isinstance(element, tf.Tensor) and element.op.type == "VarHandleOp":
        reads = [op for op in element.consumers() if op.type == "ReadVariableOp"]
        reads = [op for op in reads if not op.control_inputs] or reads
        if not reads:
            raise GraphlabError(
                f"fetch {element.name} is a variable that its graph never reads; fetch an op"
            )
        return reads[0].outputs[0]
    return element


def _short(text: str) -> str:
    return text if len(text) < 200 else text[:200].rpartition(", ")[0] + ", ..."
