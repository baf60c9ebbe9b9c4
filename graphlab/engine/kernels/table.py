"""Which kernel an op gets, or why it cannot be run."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from graphlab.engine.kernels import (
    arrays,
    control_flow,
    dispatch,
    functions,
    gradients,
    lookups,
    outward,
    variables,
)
from graphlab.engine.kernels.nodes import Library, Op
from graphlab.engine.kernels.placement import Where, kernel_devices, place_of
from graphlab.errors import GraphlabError

_WAITS = "it waits for what another op does at the same time, and the engine runs one at a time"
_NOT_ALONE = {
    r"(Priority|FIFO|RandomShuffle|PaddingFIFO)?Queue|Barrier|(Map)?(Unstage|Stage)": _WAITS,
    r"(Sparse|Resource)?(Conditional)?Accumulator": _WAITS,
    r"_?(Host)?(Send|Recv)$|Collective|Nccl": "it belongs to a graph already cut for devices;"
    " give the graph as it was written",
    r"_(Arg|Retval|Fused|Mkl)": "the runtime made it for itself; give the graph as it was written",
    r"RemoteCall|XlaLaunch|TPU": "the runtime alone can carry it out",
    r"(Get|Delete)Session(Handle|Tensor)": "what it names is kept by the session; feed the tensor",
    r"OneShotIterator": "its dataset is in the graph's own container; feed the iterator's tensors",
    r"TensorArray(V2)?$|TensorArray\w*V2$|Stack(Push|Pop|Close)?$": "it is the form before"
    " TensorFlow 1.0; convert the graph with a TensorFlow 1.x first",
}


class Kernel:
    """How one op of a plan is run."""

    __slots__ = ("calls", "once", "passed", "place", "pure", "run")

    def __init__(
        self, run: Callable, calls: bool, pure: bool, once: bool, passed: bool = False
    ) -> None:
        self.run = run  # (op, inputs, state) -> outputs; of a call: (op, inputs) -> generator
        self.calls = calls
        self.pure = pure  # the same inputs give the same outputs
        self.once = once  # it cannot be repeated to the same end: a draw, a print, a file
        self.passed = passed  # it was done outside, and is not done again
        self.place = ""  # the device, once the op has run there and will always run there


def kernel_of(op: Op, where: Where, library: Library, live: bool) -> Kernel:
    """The kernel of an op on its device.

    `live` says that the graph was made by this process: its Python functions can be called.
    GraphlabError where the op cannot be run, with the reason.
    """
    if op.type in library.definitions:
        return Kernel(functions.call, True, False, False)
    if where.again and outward.is_done(op.type, len(op.outputs)):
        return Kernel(outward.passed, False, False, False, passed=True)
    if op.type not in _rules:  # what holds for one op of a type holds for all
        _rules[op.type] = _rule(op)
    make, calls, pure, once = _rules[op.type]
    if calls:
        return Kernel(make, True, False, False)
    if "PyFunc" in op.type and not live:
        raise GraphlabError(
            f"{op.title} cannot be run: its Python function is not in the file; feed"
            f" {op.outputs[0]} instead"
        )
    return Kernel(make(op, where, library), False, pure, once)


Make = Callable[[Op, Where, Library], Callable]
_rules: dict[str, tuple[Any, bool, bool, bool]] = {}


def _rule(op: Op) -> tuple[Any, bool, bool, bool]:
    """How ops of this op's type get their kernels, and whether they call, are pure, or run once.

    GraphlabError where none of the type can be run.
    """
    if op.type in functions.KERNELS:
        return functions.KERNELS[op.type], True, False, False
    for table in (control_flow.KERNELS, arrays.KERNELS):
        if op.type in table:  # they work on whatever flows, also on arrays that change
            return _always(table[op.type]), False, False, False
    for pattern, reason in _NOT_ALONE.items():
        if re.match(pattern, op.type):
            raise GraphlabError(f"{op.title} cannot be run: {reason}")
    stateful = op.definition.is_stateful
    return _maker(op), False, not stateful, stateful and not _keeps_state(op)


def _maker(op: Op) -> Make:
    if op.type in ("Placeholder", "PlaceholderV2"):
        return _unfed
    if op.type == "Const":
        return _placed(dispatch.Constant)
    if op.type in variables.MAKES:
        return _placed(variables.Handle)
    if op.type == "DestroyTemporaryVariable":
        return _always(variables.destroy_temporary)
    if op.type == "IsVariableInitialized":
        return _placed(variables.OnHandle)
    if op.type in lookups.MAKES:
        return _placed(lookups.Table)
    if op.type == "SymbolicGradient":
        return lambda op, where, library: gradients.Symbolic(op, place_of(op, where), library)
    if op.type in lookups.OLD:
        return _placed(lookups.Second)
    if any(arg.is_ref for arg in op.definition.input_arg):
        if variables.twin_of(op) is None:
            raise GraphlabError(
                f"{op.title} cannot be run: it changes a reference, and no op on a resource"
                " does the same"
            )
        return _placed(variables.Twin)
    # No attr that is a tensor goes through eager dispatch: ImageSummary's `bad_color`, of 2.21.
    has_tensor = any(attr.type == "tensor" for attr in op.definition.attr)
    return _placed(dispatch.OwnKernel) if is_random(op) or has_tensor else _dispatched


def _always(run: Callable) -> Make:
    return lambda op, where, library: run


def _placed(kind: Callable) -> Make:
    return lambda op, where, library: kind(op, place_of(op, where))


def _dispatched(op: Op, where: Where, library: Library) -> Callable:
    place = place_of(op, where)
    kind = place.rpartition("device:")[2].partition(":")[0]
    if kind not in (found := kernel_devices(op.type)) and "DEFAULT" not in found:
        raise GraphlabError(
            f"{op.title} cannot be run: TensorFlow has no kernel for it on {kind}; it has"
            f" {', '.join(found) or 'none at all'}"
        )
    kind_of = dispatch.Alias if op.type in dispatch.ALIASES else dispatch.Dispatch
    return kind_of(op, place, library.definitions)


def _unfed(op: Op, where: Where, library: Library) -> Callable:
    if op.dtypes[0] in ("resource", "variant"):
        raise GraphlabError(
            f"{op.title} cannot be run: it stands for what was there before, as an iterator or a"
            " writer, and what that has done since cannot be taken back; feed what is taken from it"
        )
    shape = _dims(op.attr("shape").shape)
    raise GraphlabError(
        f"placeholder {op.name} has no value; feed it {op.dtypes[0]} of shape {shape}"
    )


def is_random(op: Op) -> bool:
    """Whether an op draws from a stream that its kernel keeps."""
    names = {attr.name for attr in op.definition.attr}
    return op.definition.is_stateful and {"seed", "seed2"} <= names and "Dataset" not in op.type


def _keeps_state(op: Op) -> bool:
    """Whether what the op changes or reads is the execution's own, which a replay makes anew."""
    inputs = op.definition.input_arg
    return (
        op.type in variables.MAKES
        or op.type in lookups.MAKES
        or any(arg.is_ref for arg in inputs)
        or (any(arg.type == 20 for arg in inputs) and "Iterator" not in op.type)
        or op.type == "Assert"
    )


def _dims(shape: Any) -> str:
    if shape.unknown_rank:
        return "any"
    return "[" + ", ".join("None" if d.size < 0 else str(d.size) for d in shape.dim) + "]"
