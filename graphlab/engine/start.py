"""What is there before the first op runs: the state handed over, a function's captures, tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tensorflow as tf

from graphlab import _private
from graphlab.engine.kernels import lookups, variables
from graphlab.engine.kernels.nodes import Op
from graphlab.engine.kernels.values import array_of
from graphlab.engine.plan import Plan
from graphlab.engine.program import Program, value_behind
from graphlab.engine.state import State, Value
from graphlab.errors import GraphlabError

tf1 = tf.compat.v1

# Ops that change what may live outside of a function, and how its handle calls that.
_CHANGES = {
    **dict.fromkeys(
        "LookupTableInsertV2 LookupTableImportV2 LookupTableRemoveV2".split(), "LookupInterface"
    ),
    **dict.fromkeys(
        "IteratorGetNext IteratorGetNextSync IteratorGetNextAsOptional".split(), "IteratorResource"
    ),
}
_ITERATORS = ("Iterator", "IteratorV2")
_HANDS_ON = frozenset("Identity RefIdentity Switch RefSwitch Enter RefEnter Merge RefMerge".split())


def initial_state(program: Program, state: Any) -> dict[str, Value]:
    """Values of variables by name: those handed over, a session's, a function's own."""
    own = {}
    for name, variable in own_variables(program).items():
        value = value_behind(variable.handle, variable.dtype)
        if value is not None:
            own[name] = array_of(value)
    if state is None:
        return own
    if isinstance(state, tf1.Session):
        return own | session_state(state)
    if not isinstance(state, Mapping):
        raise GraphlabError(
            f"state is a {type(state).__name__}; expected names and values, or a tf.Session"
        )
    return own | {name.removesuffix(":0"): value for name, value in state.items()}


def session_state(session: Any) -> dict[str, Value]:
    """The values that a session holds for the variables and tables of its graph, by name.

    Nothing is added to the graph: a resource variable, or a table that changes, is read by an op
    that the graph has already. What is not initialised is left out.
    """
    reads: dict[str, Any] = {}
    for operation in session.graph.get_operations():
        if operation.type == "VarHandleOp":
            name = operation.get_attr("shared_name").decode() or operation.name
            for reader in operation.outputs[0].consumers():
                if reader.type == "ReadVariableOp" and not reader.control_inputs:
                    reads[name] = reader.outputs[0]
        elif operation.type in ("VariableV2", "Variable"):
            name = operation.get_attr("shared_name").decode() or operation.name
            reads[name] = operation.outputs[0]
        elif operation.type in lookups.EXPORTS and not operation.control_inputs:
            table = operation.inputs[0].op
            if table.type in lookups.CHANGES:
                name = table.get_attr("shared_name").decode() or table.name
                reads[name] = tuple(operation.outputs)
    try:
        return session.run(reads)
    except tf.errors.OpError:
        values = {}
        for name, tensor in reads.items():
            try:
                values[name] = session.run(tensor)
            except (tf.errors.FailedPreconditionError, tf.errors.InvalidArgumentError):
                continue
        return values


@dataclass(frozen=True)
class Behind:
    """The variable behind a captured handle, of which the function's graph knows no more.

    TensorFlow lists a variable only where it is read: an optimizer's slots are not.
    """

    handle: Any
    dtype: tf.DType


def own_variables(program: Program) -> dict[str, Any]:
    """The variables that a function has captured, by names that tell them apart."""
    captured = {id(outside) for outside in program.captured.values()}
    found: dict[str, Any] = {}
    variables = getattr(program.graph, "variables", ()) if program.captured else ()
    # TensorFlow keeps them in a set: as they were made is the same in each run.
    for variable in sorted(
        (each for each in variables if id(each.handle) in captured),
        key=lambda each: _private.tensor_id(each.handle),
    ):
        name = base = variable.name.removesuffix(":0")
        count = 0
        while name in found:
            count += 1
            name = f"{base}_{count}"
        found[name] = variable
    listed = {id(variable.handle) for variable in found.values()}
    for outside, inside in program.graph.captures if captured else ():
        if inside.dtype == tf.resource and id(outside) not in listed:
            dtypes, _ = _private.behind_handle(inside)
            if len(dtypes) == 1 and hasattr(outside, "numpy"):
                found[inside.op.name] = Behind(outside, tf.as_dtype(dtypes[0]))
    return found


def captured_feeds(
    program: Program, given: Mapping[str, Any], state: State | None = None
) -> dict[str, Any]:
    """What a function's captures stand for, by tensor: its variables are the state's own here.

    Without a state only the names are of use. GraphlabError for a capture without a value.
    """
    names = {id(variable.handle): name for name, variable in own_variables(program).items()}
    variables_by_name = own_variables(program) if state is not None else {}
    result = {}
    for tensor, outside in program.captured.items():
        if tensor in given:
            continue
        if not hasattr(outside, "numpy"):
            raise GraphlabError(
                f"{tensor} stands for {outside.name} of an outer graph; feed a value for it"
            )
        name = names.get(id(outside))
        if name is not None and state is not None:
            variable = variables_by_name[name]
            number = variable.dtype.as_datatype_enum
            result[tensor] = state.variable(name, number, outside.device)
        else:
            result[tensor] = outside
    return result


def check_initialised(program: Program, plans: list[Plan], initial: Mapping[str, Value]) -> None:
    """GraphlabError where a variable or table is needed, has no value and is given none."""
    own = {id(variable.handle) for variable in own_variables(program).values()}
    foreign = {
        _private.kind_of_resource(outside).rpartition(":")[2]
        for outside in program.captured.values()
        if outside.dtype == tf.resource and id(outside) not in own
    }
    for plan in plans:
        for op in plan.ops.values():
            if _CHANGES.get(op.type) in foreign:
                raise GraphlabError(
                    f"{op.title} cannot be run: it would change a table or an iterator that"
                    " lives outside of the function"
                )
            if op.type in variables.MAKES and op.type != "TemporaryVariable":
                _check_variable(plan, op, initial)


def check_kept(plans: list[Plan], initial: Mapping[str, Value]) -> None:
    """GraphlabError where a plan reads what a session keeps from run to run and nobody can read:
    where an iterator stands, what earlier runs have put into a table."""
    for plan in plans:
        for op in plan.ops.values():
            takers = plan.consumers.get(op.outputs[0], []) if op.outputs else []
            if op.type in lookups.CHANGES and lookups.name_of(op) not in initial:
                reads = [taker for taker in takers if taker.type not in lookups.WRITES]
                if reads:
                    raise GraphlabError(
                        f"{op.title} cannot be run: {reads[0].title} reads what earlier runs have"
                        " put into the table, and its graph has no op that tells; give its"
                        f" contents in the state, {lookups.name_of(op)!r}: (keys, values)"
                    )
            begins = any(taker.type == "MakeIterator" for taker in takers)
            if op.type in _ITERATORS and takers and not begins:
                raise GraphlabError(
                    f"{op.title} cannot be run: where the iterator stands is kept by the session;"
                    " feed the iterator's tensors"
                )


def _check_variable(plan: Plan, op: Op, initial: Mapping[str, Value]) -> None:
    name = variables.name_of(op)
    if name in initial:
        return
    takers = plan.consumers.get(op.outputs[0], [])
    may_write = any(
        taker.type in variables.WRITES
        or taker.type in _HANDS_ON - {"Identity"}
        or plan.kernels[taker.name].calls
        for taker in takers
    )
    readers = [t for t in takers if t.type not in variables.NEEDS_NO_VALUE]
    fetched = op.outputs[0] in plan.results
    if (readers or fetched) and not may_write and not _written_elsewhere(plan, op, name):
        by = f"{readers[0].title} reads it" if readers else "it is fetched"
        raise GraphlabError(
            f"variable {name} has no value, and {by}; run its initialiser first, or give its"
            " value in the state"
        )


def _written_elsewhere(plan: Plan, op: Op, name: str) -> bool:
    """Whether another handle of the same variable is written to."""
    return any(
        other is not op
        and other.type in variables.MAKES
        and variables.name_of(other) == name
        and any(t.type in variables.WRITES for t in plan.consumers.get(other.outputs[0], []))
        for other in plan.ops.values()
    )


def table_initialisers(
    program: Program, plan: Plan, initial: Mapping[str, Value], folder: str | None
) -> tuple[list[str], dict[str, Any]]:
    """The ops that fill the tables which the plan needs and does not fill, and the feeds that
    tell them where a SavedModel's files are.

    A table's contents cannot be read from a session; but its initialiser always gives the same.
    """
    ops = program.body.ops
    needed = {
        op.outputs[0]
        for op in plan.ops.values()
        if op.type in lookups.MAKES and lookups.name_of(op) not in initial
    }
    if not needed:
        return [], {}
    filled = {
        op.inputs[0] for op in plan.ops.values() if op.type in lookups.INITIALIZES and op.inputs
    }
    fill = [
        op.name
        for op in ops.values()
        if op.type in lookups.INITIALIZES and op.inputs[0] in needed - filled
    ]
    return fill, asset_feeds(program, folder)


def asset_feeds(program: Program, folder: str | None) -> dict[str, Any]:
    """The paths of a SavedModel's assets, by the tensors that want them."""
    feeds = {}
    for kept in program.graph.get_collection("saved_model_assets") if folder else ():
        asset = tf1.MetaGraphDef().asset_file_def.add()
        kept.Unpack(asset)
        path = Path(folder or "") / "assets" / asset.filename
        feeds[asset.tensor_info.name] = _private.eager_tensor(str(path))
    return feeds
