"""Live TensorFlow objects -> Graph, with the user's own source line on every node."""

from __future__ import annotations

import functools
import importlib.util
import os
import sysconfig
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import tensorflow as tf

from graphlab import _private
from graphlab.devices import short
from graphlab.model import UNMARKED, Graph, Marks, Node, Shape, Source, TensorSpec
from graphlab.sources import proto


def from_graph(
    graph: tf.Graph,
    operations: int | None = None,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Graph:
    """A `tf.Graph`, or the graph of a `tf.function`, as it stands.

    `operations` takes only the first so many: a graph that has grown, as it was then.
    `variables` names those that a function reaches, by placeholder (`captured_variables`). Function
    bodies that are still alive keep their source lines; others come from their definition.
    """
    functions: dict[str, Graph] = {}
    nodes = _nodes(graph, functions, operations, variables)
    return Graph(nodes, functions)


def from_function(function: Any) -> Graph:
    """A ConcreteFunction's graph; its arguments are the nodes of op Placeholder."""
    return from_graph(function.graph, variables=captured_variables(function.graph))


def concrete_function(loaded: Any, path: Iterable[str], number: int) -> Any:
    """A concrete function of an object of a model that `tf.saved_model.load` gave.

    `path` are the names that lead to the function, `number` is which of its concrete ones is meant.
    """
    for name in path:
        loaded = tf.train.TrackableView(loaded).children(loaded)[name]
    return _private.concrete_functions(loaded)[number]


def _nodes(
    graph: tf.Graph,
    functions: dict[str, Graph],
    operations: int | None = None,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Node, ...]:
    nodes = []
    for operation in graph.get_operations()[:operations]:
        node_def = operation.node_def
        calls = tuple(
            name
            for name in proto.functions_called(node_def)
            if _add_function(graph, name, functions)
        )
        attrs = proto.attrs_of(node_def)
        forward = _private.forward_op(operation)
        marks = UNMARKED
        holds = _held(operation)
        if forward is not None or operation.name in variables or holds is not None:
            marks = Marks(variables.get(operation.name, ""), forward or "", holds=holds)
        nodes.append(
            Node(
                operation.name,
                operation.type,
                tuple(tensor.name for tensor in operation.inputs),
                tuple(dict.fromkeys(control.name for control in operation.control_inputs)),
                tuple(spec_of(tensor) for tensor in operation.outputs),
                attrs,
                short(operation.device),
                user_line(_private.frames(operation)),
                calls,
                marks,
            )
        )
    return tuple(nodes)


def _held(operation: Any) -> tuple[str, Shape] | None:
    """Dtype and shape of the variable behind an argument of a function; None where it is no handle
    of one variable. TensorFlow names an optimizer's slots nowhere in the graph, and tells this."""
    if operation.type != "Placeholder" or operation.outputs[0].dtype != tf.resource:
        return None
    dtypes, shapes = _private.behind_handle(operation.outputs[0])
    if len(dtypes) != 1:
        return None
    return tf.as_dtype(dtypes[0]).name, static_shape(tf.TensorShape(shapes[0]))


def captured_variables(graph: Any) -> dict[str, str]:
    """The variables that a function's graph reaches outside of it: name by placeholder.

    TensorFlow calls such a placeholder after the op that reads it first, which tells nobody.
    To be asked while the variables live: the graph does not hold them.
    """
    handles = {id(variable.handle): variable.name for variable in graph.variables}
    return {
        inside.op.name: handles[id(outside)].rpartition(":")[0]
        for outside, inside in graph.captures
        if id(outside) in handles
    }


def _add_function(graph: tf.Graph, name: str, functions: dict[str, Graph]) -> bool:
    """Put a function of the graph's library into `functions`; False where it has no body."""
    if name in functions:
        return True
    body = _private.function_graph(graph, name)
    if body is None:
        return False
    functions[name] = Graph()  # holds the place: a body may call itself
    functions[name] = Graph(_nodes(body, functions))
    return True


def signatures(
    graph: tf.Graph, names: Iterable[str]
) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """What some functions of a graph's library take and give, in order: tensors of their bodies."""
    bodies = {name: _private.function_graph(graph, name) for name in names}
    return {
        name: (tuple(x.name for x in body.inputs), tuple(y.name for y in body.outputs))
        for name, body in bodies.items()
        if body is not None
    }


def spec_of(tensor: Any) -> TensorSpec:
    """A symbolic tensor's name, dtype and static shape."""
    return TensorSpec(tensor.name, tensor.dtype.name, static_shape(tensor.shape))


def static_shape(shape: Any) -> Shape:
    """A `tf.TensorShape` as a tuple, None where the rank is unknown."""
    return None if shape.rank is None else tuple(shape.as_list())


def user_line(frames: Iterable[tuple[str, int]]) -> Source | None:
    """The innermost (file, line) that is the user's own; None where TensorFlow made it alone."""
    for file, line in frames:
        if not is_library(file):
            return file, line
    return None


@functools.cache
def is_library(file: str) -> bool:
    """Whether a source file is TensorFlow's, Keras', Python's or ours, rather than the user's.

    Wherever those are installed: what counts is the folder that they are imported from. TensorFlow
    cuts some of its own names short ("nction/polymorphic_function.py"), so a path that is not
    absolute and leads nowhere is a library's too; a notebook's cell ("<ipython-input-3>") is not.
    """
    if file.startswith("<"):
        return not file.startswith("<ipython")
    path = Path(file)
    cut = not path.is_absolute() or file.startswith("/tensorflow/")
    if cut and not _is_there(path.absolute()):
        return True
    if path.name.startswith("__autograph_generated_file"):
        return True  # what TensorFlow made of the user's own lines
    if path.name in ("graphlab", "graphlab.exe") and path.parent.name in ("bin", "Scripts"):
        return True  # the command itself
    path = Path(os.path.realpath(path))
    if any(path.is_relative_to(place) for place in _library_places()):
        return True
    installed = {"site-packages", "dist-packages"} & set(path.parts)
    return not installed and path.is_relative_to(os.path.realpath(sysconfig.get_path("stdlib")))


def _is_there(path: Path) -> bool:
    """Whether there is such a file, or a file (an archive, with more in it) on the way to it."""
    return path.is_file() or any(parent.is_file() for parent in path.parents)


@functools.cache
def _library_places() -> frozenset[Path]:
    """The folders and single files of what a user's call goes through on its way to the runtime."""
    places = {str(Path(__file__).parents[1])}
    for name in _LIBRARIES:
        try:
            spec = importlib.util.find_spec(name)
        except (ImportError, ValueError):  # half installed, or replaced by the user's program
            continue
        if spec is not None:
            places |= set(spec.submodule_search_locations or filter(None, (spec.origin,)))
    return frozenset(Path(os.path.realpath(place)) for place in places)


_LIBRARIES = tuple(
    "tensorflow keras tf_keras numpy absl google wrapt six tree optree click pytest _pytest"
    " IPython ipykernel traitlets tornado nbclient".split()
)


def text(name: str | bytes) -> str:
    """A name that the runtime may have kept as bytes."""
    return name.decode() if isinstance(name, bytes) else name
