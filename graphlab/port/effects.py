"""What ops do besides giving tensors: which variables they read and write."""

from __future__ import annotations

from graphlab.engine.kernels.functions import KERNELS as CALLS
from graphlab.engine.kernels.functions import called
from graphlab.engine.kernels.nodes import Library, Op
from graphlab.errors import GraphlabError
from graphlab.port import exact
from graphlab.port.rewired import LOST

ALIASES = frozenset(
    "Identity IdentityN RefIdentity Snapshot PreventGradient PlaceholderWithDefault".split()
)
HANDLES = frozenset("VarHandleOp VariableV2 Variable".split())
OF_A_RUN = ("TensorArray", "Stack")  # resources that every run has for itself
OF_TABLES = frozenset("LookupTableFind LookupTableFindV2 LookupTableSize LookupTableSizeV2".split())
_OF_VARIABLES = frozenset("ReadVariableOp ResourceGather ResourceGatherNd VariableShape".split())
READS = _OF_VARIABLES | OF_TABLES | HANDLES
NO_WORK = frozenset("Const Placeholder PlaceholderV2 NoOp _Arg ControlTrigger".split()) | HANDLES

_RESOURCE = 20  # TensorFlow's number of the type


def check_portable(op: Op) -> None:
    """GraphlabError for what means something in the process alone that made the graph."""
    if LOST in op.node.attr:
        raise GraphlabError(op.text(LOST))
    if "PyFunc" in op.type:
        raise GraphlabError(f"{op.title} calls Python of the program, which is not in its graph")
    if op.type == "Switch" and op.dtypes[0] == "resource":
        raise GraphlabError(f"{op.title} hands a variable to one case of a condition of TF1")
    is_resource = "resource" in op.dtypes or _RESOURCE in exact.input_types(op)
    if is_resource and not op.type.startswith(OF_A_RUN):
        raise GraphlabError(
            f"{op.title} works on what is no variable: a table, an iterator or another resource"
        )


def is_call(op: Op, library: Library) -> bool:
    """Whether it calls functions."""
    return op.type in CALLS or op.type in library.definitions


def assigns(op: Op, library: Library) -> bool:
    """Whether an op changes a variable, or calls what may."""
    if not changes(op, library):
        return False
    if is_call(op, library):
        bodies = [library.body(name, op) for name in called(op)]
        return any(assigns(inner, library) for body in bodies for inner in body.ops.values())
    takes_resource = _RESOURCE in exact.input_types(op)
    return op.takes_reference or (takes_resource and not op.type.startswith(OF_A_RUN))


def changes(
    op: Op, library: Library, seen: frozenset[str] = frozenset(), besides: tuple[str, ...] = ()
) -> bool:
    """Whether an op does something that another may notice; of a call, whether its functions do.
    Ops whose types begin with one of `besides` do not count."""
    if is_call(op, library):
        return any(
            changes(inner, library, seen | {name}, besides)
            for name in called(op)
            if name not in seen
            for inner in library.body(name, op).ops.values()
        )
    if op.type in READS or op.type.startswith(besides):
        return False
    return _is_felt(op)


_FELT: dict[str, bool] = {}  # by the name of the definition: every op is asked again and again


def _is_felt(op: Op) -> bool:
    name = op.definition.name
    if name not in _FELT:
        _FELT[name] = bool(op.definition.is_stateful) or op.takes_reference
    return _FELT[name]
