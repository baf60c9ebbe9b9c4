"""What graphlab knows of a program: a Graph of Nodes, and a Run of Steps.

All of it is frozen, plain data that goes to JSON and back unchanged:

    >>> x = Node("x", "Placeholder", outputs=(TensorSpec("x:0", "float32", (None, 2)),))
    >>> y = Node("y", "Relu", inputs=("x:0",), outputs=(TensorSpec("y:0", "float32", (None, 2)),))
    >>> graph = Graph((x, y))
    >>> check(graph)
    >>> from_json(Graph, to_json(graph)) == graph
    True

No TensorFlow here, and no drawing. What can be computed (edges, consumers, scopes) is not
stored.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:  # a fifth of a second that `graphlab --help` does not need
    import networkx as nx

T = TypeVar("T")

Shape = tuple[int | None, ...] | None  # None: not even the rank is known
Source = tuple[str, int]  # the user's own file and line


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One tensor by name: `"layer/mm:0"`, `"float32"`, `(None, 2)`."""

    name: str
    dtype: str
    shape: Shape = None


@dataclass(frozen=True, slots=True)
class Marks:
    """What graphlab says of a node. What the program or a file says is in `Node.attrs`."""

    variable: str = ""  # the variable that an argument of a function holds
    gradient_of: str = ""  # the op whose gradient it helps to compute
    missing: tuple[str, ...] = ()  # what the file makes it take or wait for, and does not hold
    outside: bool = False  # of eager ops: it was there before them
    inlined: bool = False  # a call whose body is drawn in front of it
    verdict: str = ""  # of two stages in one graph: "kept", "gone", "new" or "changed"
    became: str = ""  # what happened to it between the two
    holds: tuple[str, Shape] | None = None  # dtype and shape of an argument's variable


UNMARKED = Marks()


@dataclass(frozen=True, slots=True)
class Node:
    """One operation of a graph."""

    name: str
    op: str
    inputs: tuple[str, ...] = ()  # tensor names in argument order, repeats kept
    controls: tuple[str, ...] = ()  # node names that must have run before
    outputs: tuple[TensorSpec, ...] = ()
    attrs: Mapping[str, Any] = field(default_factory=dict)  # the program's: plain JSON values
    device: str = ""  # the device asked for, "" when none was
    source: Source | None = None
    calls: tuple[str, ...] = ()  # functions of the graph that this node calls
    marks: Marks = UNMARKED

    @property
    def scope(self) -> str:
        """The name up to the last slash: `"layer/mm"` is in `"layer"`, `"x"` in `""`."""
        return self.name.rpartition("/")[0]


@dataclass(frozen=True)
class Graph:
    """Nodes in the order they were created, and the functions they call, by name.

    A function's graph takes its arguments from nodes of op `Placeholder` or `_Arg`. TF1 loops
    make a cycle: `NextIteration` feeds the `Merge` that comes before it.
    """

    nodes: tuple[Node, ...] = ()
    functions: Mapping[str, Graph] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.nodes)

    @functools.cached_property
    def by_name(self) -> Mapping[str, Node]:
        """Every node under its name."""
        return types.MappingProxyType({node.name: node for node in self.nodes})

    def __getitem__(self, name: str) -> Node:
        return self.by_name[name]

    def networkx(self) -> nx.MultiDiGraph:
        """The graph for networkx's algorithms.

        Nodes are node names in creation order. An edge carries `tensor` (its name) and `slot`
        (the consumer's argument number); a control edge has `tensor=None` and `slot=-1`.
        """
        import networkx as nx

        result = nx.MultiDiGraph()
        result.add_nodes_from(node.name for node in self.nodes)
        for node in self.nodes:
            for slot, tensor in enumerate(node.inputs):
                result.add_edge(node_of(tensor), node.name, tensor=tensor, slot=slot)
            for control in node.controls:
                result.add_edge(control, node.name, tensor=None, slot=-1)
        return result


@dataclass(frozen=True, slots=True)
class Kernel:
    """What a GPU did in one go: a kernel that it ran, or bytes that it copied or set."""

    name: str  # CUDA's: the kernel's, or "MemcpyH2D", "MemcpyD2H", "MemcpyD2D", "Memset"
    device: str  # as `"GPU:0"`
    stream: str  # by its number; what is on one stream runs one after the other
    start_us: float  # from the start of the run; equal to the end: shorter than the clock's tick
    end_us: float
    launch: tuple[float, float] | None = None  # start and end on the host, where they are known
    bytes: int | None = None  # copied or set, 0 where that is not told; None: it is a kernel
    memory: tuple[str, ...] = ()  # of a copy, from and to: ("pageable", "device")
    grid: tuple[int, ...] = ()  # blocks
    block: tuple[int, ...] = ()  # threads of each
    registers: int | None = None  # of each thread
    shared_bytes: int | None = None  # of each block
    occupancy: float | None = None  # percent of the warps that a multiprocessor could hold
    made_from: str = ""  # of a compiled kernel: the op, or the compiler's word for it

    @property
    def duration_us(self) -> float:
        """How long it ran."""
        return round(self.end_us - self.start_us, 3)

    @property
    def rate(self) -> float | None:
        """Bytes a second of a copy; None of a kernel, or where the clock's tick was too long."""
        if not self.bytes or self.duration_us <= 0:
            return None
        return self.bytes / self.duration_us * 1e6


@dataclass(frozen=True, slots=True)
class Step:
    """One op executed once within a run.

    What a GPU did for it is in `kernels`, and then its times are theirs: from the start of the
    first to the end of the last. An op that was given to a GPU and needed no kernel has no times
    but those of its launch.
    """

    node: str  # a node of Run.executed, and of Run.built where the name survived
    op: str
    device: str  # where it ran, as `"CPU:0"`; a task in front where there are several
    start_us: float | None = None  # from the start of the run; None: not timed
    end_us: float | None = None
    outputs: tuple[TensorSpec, ...] = ()
    bytes: int | None = None  # allocated for the outputs; None: not known
    thread: str = ""  # the thread of the runtime, where the clock knows it
    frame: str = ""  # the loop iteration or function call it belongs to, "" outside of any
    values: Mapping[str, Any] | None = None  # by tensor name, where they were recorded
    launch: tuple[float, float] | None = None  # of a GPU's op: start and end on the host
    kernels: tuple[Kernel, ...] = ()  # in the order in which they started
    on_host: bool = False  # its device is a GPU, but it ran on the host: its outputs are there

    @property
    def duration_us(self) -> float | None:
        """How long the op took, its kernels together; None where it was not timed."""
        if self.kernels:
            return round(sum(kernel.duration_us for kernel in self.kernels), 3)
        if self.start_us is None or self.end_us is None:
            return None
        return self.end_us - self.start_us


@dataclass(frozen=True)
class Run:
    """One recorded execution: all that a drawing may see."""

    way: str  # "graph", "eager" or "function"
    name: str  # what was called: "Session.run", a function's name, "eager ops"
    call: int  # which call of this kind it was; 1 is the first and its times lie
    feeds: tuple[TensorSpec, ...] = ()
    fetches: tuple[str, ...] = ()
    built: Graph | None = None  # as written
    executed: Graph | None = None  # as executed; None where the runtime did not say
    steps: tuple[Step, ...] = ()  # in the order in which they started
    clock: str = "runtime"  # "runtime", "engine" or "python": where the times come from
    wall_us: float = 0.0  # the whole call, seen from Python
    source: Source | None = None  # the user's line that made the call
    step: int = 0  # which item of `seen.steps(...)` was being worked on; 0: outside of it
    compiled_by: str = ""  # "XLA": the whole call was one kernel, made of all its ops; "" if not
    unclaimed: tuple[Kernel, ...] = ()  # what a GPU did meanwhile for no op that is known
    # Of a compiled call: the instructions of its program that were timed, as `call/instruction`.
    instructions: tuple[Step, ...] = ()

    @property
    def only_assigns(self) -> bool:
        """Whether it is a session's that gave variables their values, as an initialiser or a
        restore does, fetched no tensor, and read none of them."""
        if self.way != "graph" or self.built is None or any(":" in name for name in self.fetches):
            return False
        nodes = self.built.by_name
        takers = [
            node.op
            for node in (nodes[step.node] for step in self.steps if step.node in nodes)
            if any(nodes[n].op in _VARIABLES for n in map(node_of, node.inputs) if n in nodes)
        ]
        return bool(takers) and all(op in _ASSIGNS for op in takers)

    @property
    def only_saves(self) -> bool:
        """Whether it is a session's that wrote variables into a file, as a Saver does, and fetched
        nothing but what the Saver has beside that."""
        if self.way != "graph" or self.built is None:
            return False
        names = self.built.by_name
        ran = [step.node for step in self.steps if step.node in names]
        scopes = {f"{name.rpartition('/')[0]}/" for name in ran if names[name].op in _SAVES}
        return bool(scopes) and all(any(map(each.startswith, scopes)) for each in self.fetches)


_VARIABLES = ("VarHandleOp", "VariableV2", "Variable")
_ASSIGNS = ("Assign", "AssignVariableOp")
_SAVES = ("Save", "SaveSlices", "SaveV2")


def body_at(graph: Graph, frame: str) -> Graph | None:
    """The body in which the ops of a Step's frame stand; None where the graph does not have it.

    A frame is a path of calls and turns, `"cond:then > inner"`, as the engine writes it: the node
    that calls, and the word for which of its functions it calls.
    """
    body: Graph | None = graph
    for part in frame.split(" > ") if frame else ():
        assert body is not None
        caller, _, word = part.partition(":")
        node = body.by_name.get(caller)
        if node is None or not node.calls:
            continue  # a loop of TF1: its ops stand where it stands
        body = graph.functions.get(_called(node, word))
        if body is None:
            return None
    return body


_BRANCHES = {"then": "then_branch", "else": "else_branch"}


def _called(node: Node, word: str) -> str:
    """Which of its functions a node called, by the engine's word for the call."""
    key = _BRANCHES.get(word, "")
    if word.endswith("cond"):
        key = "cond"
    elif word.isdigit():
        key = "body"
    found = node.attrs.get(key)
    if isinstance(found, Mapping):
        return str(found.get("function", ""))
    branches = node.attrs.get("branches")
    if word.startswith("branch ") and isinstance(branches, list):
        return str(branches[int(word.removeprefix("branch "))]["function"])
    return node.calls[0]


def node_of(tensor: str) -> str:
    """The node that gives a tensor.

    >>> node_of("layer/mm:0"), node_of("layer/mm")
    ('layer/mm', 'layer/mm')
    """
    name, colon, index = tensor.rpartition(":")
    return name if colon and index.isdigit() else tensor


def check(graph: Graph) -> None:
    """Hold a graph to every invariant; ValueError names the first one that is broken.

    Names are unique and not empty; an input is an output of a node of the same graph; control
    inputs are nodes; outputs are named after their node, in order; called functions are in the
    library of the outermost graph, whose bodies keep the same rules.
    """
    for where, body in [("", graph), *graph.functions.items()]:
        nodes: dict[str, Node] = {}
        for node in body.nodes:
            if not node.name:
                raise ValueError(f"{where}: a {node.op} node has an empty name")
            if node.name in nodes:
                raise ValueError(f"{where}: node {node.name!r} appears twice")
            nodes[node.name] = node
            for index, spec in enumerate(node.outputs):
                if spec.name != f"{node.name}:{index}":
                    raise ValueError(
                        f"{where}: output {index} of {node.name!r} is named {spec.name!r}"
                    )
        tensors = {spec.name for node in body.nodes for spec in node.outputs}
        for node in body.nodes:
            for tensor in node.inputs:
                if tensor not in tensors:
                    raise ValueError(f"{where}: {node.name!r} takes {tensor!r}, which is no output")
            for control in node.controls:
                if control not in nodes:
                    raise ValueError(f"{where}: {node.name!r} waits for {control!r}, no node")
            for function in node.calls:
                if function not in graph.functions:
                    raise ValueError(f"{where}: {node.name!r} calls {function!r}, no function")


def to_json(value: object, indent: int | None = None) -> str:
    """JSON text of any of the classes above. Equal values give equal text.

    An infinity or a NaN, which JSON has no number for, is written as a text: `"inf"`.
    """
    return json.dumps(plain(value), indent=indent, ensure_ascii=False, allow_nan=False)


def from_json(kind: type[T], text: str) -> T:
    """The value that `to_json` wrote. ValueError where the text is not JSON of that kind."""
    try:
        return typing.cast(T, _typed(kind, json.loads(text)))
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"this is not the JSON of a {kind.__name__}: {error}") from error


def plain(value: Any) -> Any:
    """What JSON has for a value: dicts, lists, texts, finite numbers, true, false and null."""
    if dataclasses.is_dataclass(value):
        # A field at its default is left out: a graph of 30,000 nodes stays readable.
        return {
            f.name: plain(getattr(value, f.name))
            for f in dataclasses.fields(value)
            if not _is_default(f, getattr(value, f.name))
        }
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _is_default(f: dataclasses.Field, value: object) -> bool:
    if f.default_factory is not dataclasses.MISSING:
        return value == f.default_factory()
    return f.default is not dataclasses.MISSING and value == f.default


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _typed(hint: Any, value: Any) -> Any:
    if value is None or hint is Any:
        return value
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return hint(**{key: _typed(_hints(hint)[key], item) for key, item in value.items()})
    if origin in (types.UnionType, typing.Union):
        return _typed(next(a for a in arguments if a is not type(None)), value)
    if origin is tuple:
        each = arguments[:1] * len(value) if arguments[-1] is Ellipsis else arguments
        return tuple(_typed(a, item) for a, item in zip(each, value, strict=True))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {key: _typed(arguments[1], item) for key, item in value.items()}
    return value
