"""A recorded call as what is ported: its graph, what it was given, what it gave."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from graphlab import _private
from graphlab.engine import Engine
from graphlab.engine.kernels import lookups, variables
from graphlab.engine.kernels.nodes import body_of
from graphlab.engine.kernels.values import array_of
from graphlab.engine.plan import prune
from graphlab.engine.program import Lent, Program, feeds_of, fetches_of
from graphlab.engine.start import captured_feeds, own_variables
from graphlab.errors import GraphlabError
from graphlab.model import Shape, node_of
from graphlab.port.asked import Asked
from graphlab.port.classes import Argument, Module
from graphlab.port.hints import of_input
from graphlab.port.module import built
from graphlab.port.names import Names, identifier
from graphlab.port.shapes import shape_of, with_shapes
from graphlab.port.tables import MAKES, Table, tables
from graphlab.sources.elements import KEPT
from graphlab.watch.replay import Replay

# Where the original and its port are run: a GPU rounds otherwise, and the process that ran the
# original may have all of its memory.
WHERE = "CPU:0"


@dataclass(frozen=True)
class Call:
    """A call, ready to be ported and to be held against its port."""

    engine: Engine
    replay: Replay
    inputs: Mapping[str, np.ndarray]  # by tensor
    weights: Mapping[str, np.ndarray]  # before the call, by the variable's name
    results: tuple[str, ...]  # tensors
    targets: tuple[str, ...]  # ops
    held: Mapping[str, Any]  # what may be tables, by the tensors of their handles; see `tables`

    @property
    def program(self) -> Program:
        """What the engine runs."""
        return self.engine.program


def call_of(replay: Replay, engine: Engine | None = None) -> Call:
    """GraphlabError where the call cannot be run again. Summaries are no results of a model."""
    engine = engine or Engine(replay.source())
    program = engine.program
    given = feeds_of(program, replay.start.feeds)
    tensors, ops = fetches_of(program, replay.start.fetches)
    inputs, weights = {}, {}
    for tensor, value in given.items():
        if isinstance(value, Lent):
            weights[node_of(tensor)] = value.value.numpy()
        else:
            inputs[tensor] = value.numpy()
    for name, value in replay.start.state.items():
        if not isinstance(value, tuple):
            weights[name] = np.asarray(value)
    results = [each for each in tensors if not _is_summary(program, each)]
    held = _held(program, replay, engine)
    return Call(engine, replay, inputs, weights, tuple(dict.fromkeys(results)), tuple(ops), held)


def _held(program: Program, replay: Replay, engine: Engine) -> dict[str, Any]:
    """What may be tables, by the tensors of their handles: of a function handles; of a session,
    which does not tell, what their initialisers put in."""
    found: dict[str, Any] = {
        tensor: outside
        for tensor, outside in captured_feeds(program, replay.start.feeds).items()
        if outside.dtype == tf.resource
    }
    makers = [op for op in program.body.ops.values() if op.type in MAKES]
    if makers:
        execution = replay.steps(device=WHERE, engine=engine)
        execution.results()
        state = execution.state()
        inside = {op.outputs[0]: state.get(lookups.name_of(op)) for op in makers}
        found |= {tensor: held for tensor, held in inside.items() if isinstance(held, tuple)}
    return found


def _is_summary(program: Program, tensor: str) -> bool:
    op = program.body.ops.get(node_of(tensor))
    return op is not None and op.type.endswith("Summary")


def module_of(
    call: Call,
    keras: bool = False,
    others: Sequence[Call] = (),
    named: Mapping[str, str] | None = None,
) -> Module:
    """The call's graph as a Module, with layers of Keras where it is to have them; `named` is what
    somebody calls what it takes and gives, by tensor. A placeholder
    that says nothing of its shape has the axes that were fed, in the `others`, too, where that
    makes less code: with today's TensorFlow a backward graph is a tape's without. GraphlabError
    where its ops are in no order."""
    axes = _axes([call, *others])
    found = [_module(call, keras, each, named or {}) for each in ({}, *([axes] if axes else []))]
    return min(found, key=lambda each: (len(each.unported), each.lines + len(each.raw)))


def _module(call: Call, keras: bool, axes: Mapping[str, int], named: Mapping[str, str]) -> Module:
    program = call.program
    shapes = _shapes(program, call.inputs, axes)
    ops = program.body.ops
    handles: dict[str, str] = {}
    for op in ops.values():
        if op.type in ("VarHandleOp", "VariableV2", "Variable"):
            name = variables.name_of(op)
            if name in call.weights:
                handles[op.outputs[0]] = name
    targets = [*call.targets, *program.body.finals]
    captured = _outside(call, handles, shapes)
    names = Names()
    inputs = call.inputs.keys() - handles.keys() - _untaken(program, call)

    def called(tensor: str) -> str:
        told = named.get(tensor, "")
        return told if told and names.is_free(identifier(told)) else _words(program, tensor)

    arguments = [
        Argument(
            tensor,
            names.new(called(tensor)),
            _dtype(program, tensor, value),
            shapes("")(tensor),
            tensor in axes,
            _is_taken(program, tensor),
        )
        for tensor, value in call.inputs.items()
        if tensor in inputs
    ]
    kinds = {n: (tf.as_dtype(v.dtype), v.shape) for n, v in call.weights.items()}
    fetches = call.results
    asked = Asked(program.body, arguments, fetches, targets, handles, captured, kinds, named, keras)
    return built(asked, program.library, shapes)


def _words(program: Program, tensor: str) -> str:
    """What an input is called, before it is an identifier."""
    name = node_of(tensor)
    op = program.body.ops.get(name)
    own = of_input(op, op.outputs.index(tensor)) if op is not None else ""
    return own or name.removeprefix("serving_default_")


def _untaken(program: Program, call: Call) -> set[str]:
    """What was taken from queues and iterators for summaries alone, which are no results."""
    targets = [*call.targets, *program.body.finals]
    used = set(call.results)
    for op in prune(program.body, call.results, targets, call.inputs):
        used.update(op.inputs)
    return {tensor for tensor in call.inputs if _is_taken(program, tensor)} - used


def _is_taken(program: Program, tensor: str) -> bool:
    return _type(program, tensor) in KEPT


def _type(program: Program, tensor: str) -> str:
    op = program.body.ops.get(node_of(tensor))
    return op.type if op is not None else ""


def _outside(
    call: Call, handles: dict[str, str], shapes: Callable[[str], Callable[[str], Shape]]
) -> Mapping[str, np.ndarray | Table]:
    """What the ops take from outside, by tensor; handles of a function's variables are noted.
    GraphlabError for a resource of a function that is neither a variable nor a table."""
    program = call.program
    values = _captured(program, call, handles)
    held = {tensor: each for tensor, each in call.held.items() if tensor not in handles}
    if not held:
        return values
    targets = [*call.targets, *program.body.finals]
    needed = prune(program.body, call.results, targets, {*call.inputs, *handles})
    found = tables(needed, program.library, shapes, held, values)
    taken = {tensor for op in needed for tensor in op.inputs} - found.keys()
    for tensor in held:
        if tensor in program.captured and tensor in taken:
            raise GraphlabError(
                f"{node_of(tensor)} stands for what is outside of the function, and is neither a"
                " variable nor a table that is only looked up: a file cannot have it; port a"
                " function that is given what is taken from it"
            )
    return {**values, **found}


def _captured(program: Program, call: Call, handles: dict[str, str]) -> dict[str, np.ndarray]:
    """What a function has captured: handles of variables are noted, values given back."""
    names = {id(v.handle): name for name, v in own_variables(program).items()}
    found = {}
    for tensor, outside in captured_feeds(program, call.inputs).items():
        if id(outside) in names:
            handles[tensor] = names[id(outside)]
        elif outside.dtype not in (tf.resource, tf.variant):
            found[tensor] = array_of(outside)
    for tensor, value in call.replay.start.feeds.items():
        if isinstance(value, Lent):
            handles[tensor] = node_of(tensor)
    return found


def _dtype(program: Program, tensor: str, value: np.ndarray) -> str:
    return program.graph.get_tensor_by_name(tensor).dtype.base_dtype.name


def _axes(calls: Sequence[Call]) -> dict[str, int]:
    """How many axes a placeholder has, or what is taken from a queue, by its tensor, of which the
    graph does not say it: as many as what all calls fed. A function is taken at its word: it asked
    for any shape."""
    program = calls[0].program
    if hasattr(program.graph, "captures"):
        return {}
    found = {}
    for tensor in calls[0].inputs:
        open_ = _is_taken(program, tensor) or _type(program, tensor) == "Placeholder"
        fed = {np.ndim(call.inputs[tensor]) for call in calls if tensor in call.inputs}
        unknown = shape_of(program.graph, tensor) is None
        if open_ and unknown and len(fed) == 1:
            found[tensor] = fed.pop()
    return found


def _shapes(
    program: Program, inputs: Iterable[str], axes: Mapping[str, int]
) -> Callable[[str], Callable[[str], Shape]]:
    fed = {tensor: shape_of(program.graph, tensor) for tensor in inputs}
    fed |= {tensor: (None,) * count for tensor, count in axes.items()}
    whole = with_shapes(program.graph, fed)

    @functools.cache
    def of_body(name: str) -> Callable[[str], Shape]:
        graph: Any = _body(program, name) if name else whole
        if graph is None:
            return lambda tensor: None
        named = _named(program, name, graph) if name else {}

        @functools.cache
        def shape(tensor: str) -> Shape:
            return shape_of(graph, named.get(tensor, tensor))

        return shape

    return of_body


def _body(program: Program, name: str) -> tf.Graph | None:
    """The live body of a function, or what its definition says, as of one in another function."""
    live = _private.function_graph(program.graph, name)
    if live is not None or name not in program.library.definitions:
        return live
    try:
        return _private.defined_graph(program.graph, program.library.definitions[name])
    except (ValueError, tf.errors.OpError):
        return None


def _named(program: Program, name: str, graph: Any) -> dict[str, str]:
    """What the live body of a function calls its arguments and what it gives, by the names that
    they have in its definition, where nothing else is called that."""
    definitions = program.library.definitions
    if name not in definitions:
        return {}
    body = body_of(definitions[name], definitions)
    pairs = [(body.arguments, graph.inputs), (body.results, graph.outputs)]
    return {
        mine: theirs.name
        for those, live in pairs
        if len(those) == len(live)
        for mine, theirs in zip(those, live, strict=True)
    }
