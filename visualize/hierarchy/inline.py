"""Function bodies at their call sites: one flat graph, in which every step of drawing works.

    >>> from graphlab.model import TensorSpec
    >>> x = Node("x", "_Arg", outputs=(TensorSpec("x:0", "float32"),))
    >>> y = Node("y", "Relu", ("x:0",), outputs=(TensorSpec("y:0", "float32"),))
    >>> body = Graph((x, y, Node("r", "_Retval", ("y:0",))))
    >>> a = Node("a", "Placeholder", outputs=(TensorSpec("a:0", "float32"),))
    >>> call = Node("f", "PartitionedCall", ("a:0",), calls=("relu",))
    >>> flat = inline(Graph((a, call), {"relu": body})).nodes
    >>> [(node.name, node.inputs) for node in flat]
    [('a', ()), ('f/x', ('a:0',)), ('f/y', ('f/x:0',)), ('f', ('f/y:0',))]

The call stays, as the last op of its own scope: it takes what its body returns, and those of its
inputs that are no argument of a body, the predicate of an `If` or a dataset.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from graphlab.model import Graph, Node, TensorSpec, node_of
from visualize.kinds import PLACEHOLDERS

MOST = 100_000  # ops; a call whose body would make more of them stays closed
MOST_LETTERS = 1 << 26  # of all names that bodies get at their calls
LEAST = 64  # letters that a name counts for, however short
DEEPEST = 12  # calls within calls

# Calls whose inputs are the arguments of each of their functions, but for so many at the beginning
# and at the end.
_CALLS = "PartitionedCall StatefulPartitionedCall BatchFunction XlaLaunch XlaLaunchV2 MapDefun"
_WHILES = "While StatelessWhile _While XlaWhile RiscWhile"
INSTRUCTIONS = ("fusion", "call", "while")  # of a program that XLA made
_IFS = "If StatelessIf _If XlaIf Case StatelessCase"
ARGUMENTS = {
    **dict.fromkeys((*f"{_CALLS} {_WHILES}".split(), *INSTRUCTIONS), (0, 0)),
    **dict.fromkeys(f"{_IFS} RemoteCall".split(), (1, 0)),
    "TPUPartitionedCall": (0, 1),
}
# Calls whose function gets elements first, which are no tensors of the graph, and then what it
# captured: inputs of the call, after the dataset and a state.
DATASETS = re.compile("(?!ChooseFastest).*Dataset(V[0-9]+)?")


def inline(graph: Graph, most: int = MOST) -> Graph:
    """The graph with the bodies of its calls in it, renamed into the scope of the call.

    A body that calls itself is not opened a second time within itself, nor is one for which there
    is no more room. `graph` itself where nothing is called, or all bodies are in it already.
    """
    if not any(node.calls and not is_inlined(node) for node in graph.nodes):
        return graph
    room = _Room(graph.functions, most - len(graph))
    return Graph(tuple(_flat(graph.nodes, (), room)), graph.functions)


def closed_calls(flat: Graph) -> int:
    """How many calls of a graph that `inline` gave have a body that is not in it."""
    functions = flat.functions
    return sum(
        not is_inlined(node) and any(len(functions.get(name, ())) for name in node.calls)
        for node in flat.nodes
    )


def is_inlined(node: Node) -> bool:
    """Whether a node is a call whose body is drawn."""
    return node.marks.inlined


@dataclass
class _Room:
    """How much more of bodies may be drawn."""

    functions: Mapping[str, Graph]
    ops: int
    letters: int = MOST_LETTERS
    sizes: dict[str, tuple[int, int, int]] = field(default_factory=dict)  # of bodies

    def take(self, call: Node, bodies: Mapping[str, Graph]) -> bool:
        """Whether there is room for what a call opens, and something to be opened; taken then."""
        ops = letters = 0
        for name, body in bodies.items():
            size = self.sizes.get(name) or self.sizes.setdefault(name, _size(body))
            ops += size[0]
            letters += size[1] * (len(call.name) + len(name) + LEAST) + size[2]
        if not ops or ops > self.ops or letters > self.letters:
            return False
        self.ops -= ops
        self.letters -= letters
        return True


def _size(body: Graph) -> tuple[int, int, int]:
    """How many ops, names and letters of names a body has: those it gives, takes and calls."""
    names = [
        name
        for n in body.nodes
        for name in (n.name, *n.inputs, *n.controls, *(s.name for s in n.outputs), *n.calls)
    ]
    return len(body), len(names), sum(map(len, names))


def _flat(nodes: tuple[Node, ...], around: tuple[str, ...], room: _Room) -> Iterator[Node]:
    taken = sorted(node.name for node in nodes)
    for node in nodes:
        bodies = {name: room.functions[name] for name in node.calls if name in room.functions}
        endless = len(around) >= DEEPEST or any(name in around for name in bodies)
        if endless or is_inlined(node) or not room.take(node, bodies):
            yield node
            continue
        given, others = _handed(node)
        kept = node.inputs
        returned: dict[str, None] = {}
        waits: list[str] = []
        prefixes = _prefixes(node, bodies, taken)
        for prefix, (name, body) in zip(prefixes, bodies.items(), strict=True):
            takes = _takes(body, node, given)
            if len(takes) == len(given):
                kept = others
            inside, results, ends = _body(body, prefix, takes)
            returned |= dict.fromkeys(results)
            waits += ends
            yield from _flat(inside, (*around, name), room)
        # Where the body does not say what it returns, the call still waits for its last ops.
        yield replace(
            node,
            inputs=(*kept, *returned),
            controls=(*node.controls, *(() if returned else waits)),
            marks=replace(node.marks, inlined=True),
        )


def _prefixes(call: Node, bodies: Iterable[str], taken: Sequence[str]) -> list[str]:
    """A scope for each body, in that of the call, in which no node is. `taken` is sorted."""
    bodies = list(bodies)
    found: dict[str, None] = {}
    for name in bodies:
        inner = [f"{call.name}/{plain(name)}", f"{call.name}/{name}"]
        asked = itertools.chain(
            [call.name] if len(bodies) == 1 else [],
            inner,
            (f"{inner[1]}_{k}" for k in itertools.count()),
        )
        found[next(each for each in asked if each not in found and not _holds(taken, each))] = None
    return list(found)


def _holds(names: Sequence[str], scope: str) -> bool:
    """Whether one of the names, which are sorted, is in a scope."""
    at = bisect.bisect_left(names, f"{scope}/")
    return at < len(names) and names[at].startswith(f"{scope}/")


def plain(function: str) -> str:
    """A function's name without the number that tells it from others of its name.

    >>> plain("while_body_123"), plain("__inference_step_42"), plain("f")
    ('while_body', 'step', 'f')
    """
    return re.sub(r"^__(inference|forward|backward)_|(_\d+)+$", "", function) or function


def _handed(call: Node) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The inputs of a call that are arguments of its functions, and its other ones."""
    if call.marks.missing:
        return (), call.inputs  # which of those that are there is the first, nobody knows
    if call.op in call.calls:
        return call.inputs, ()  # TF1: the function's name is the op
    if call.op in ARGUMENTS:
        before, after = ARGUMENTS[call.op]
        first, last = before, max(len(call.inputs) - after, before)
    elif DATASETS.fullmatch(call.op):
        first = 1 + _listed(call, "Tstate")
        last = first + _listed(call, "Targuments")
    else:
        return (), call.inputs
    return call.inputs[first:last], call.inputs[:first] + call.inputs[last:]


def _listed(call: Node, attr: str) -> int:
    """How many dtypes an attribute lists."""
    found = call.attrs.get(attr)
    return len(found) if isinstance(found, list) else 0


def _takes(body: Graph, call: Node, given: Sequence[str]) -> dict[str, str]:
    """What each argument of a body is given, by name; {} where it is not known which is whose."""
    free = [node.name for node in body.nodes if node.op in PLACEHOLDERS and not node.inputs]
    # What was written as a function has arguments, and may hold placeholders besides.
    free = [name for name in free if body[name].op == "_Arg"] or free
    if DATASETS.fullmatch(call.op):
        free = free[max(len(free) - len(given), 0) :]
    return dict(zip(free, given, strict=True)) if len(free) == len(given) else {}


def _body(
    body: Graph, prefix: str, takes: Mapping[str, str]
) -> tuple[tuple[Node, ...], tuple[str, ...], list[str]]:
    """A body's nodes renamed, the tensors it returns, and the nodes that nothing in it takes."""
    nodes: list[Node] = []
    returned: list[str] = []
    used: set[str] = set()
    for node in body.nodes:
        used.update(map(node_of, node.inputs), node.controls)
        inputs = tuple(f"{prefix}/{name}" for name in node.inputs)
        if node.op == "_Retval":
            returned += inputs
            continue
        marks = node.marks
        if node.name in takes:
            inputs = (takes[node.name],)
            # Of what variable it is, is now to be seen: it comes from there.
            marks = replace(marks, variable="")
        outputs = tuple(
            TensorSpec(f"{prefix}/{spec.name}", spec.dtype, spec.shape) for spec in node.outputs
        )
        controls = tuple(f"{prefix}/{name}" for name in node.controls)
        if node.attrs.get("ROOT"):  # of a program that XLA made
            returned += [f"{prefix}/{spec.name}" for spec in node.outputs]
        nodes.append(
            replace(
                node,
                name=f"{prefix}/{node.name}",
                inputs=inputs,
                controls=controls,
                outputs=outputs,
                marks=marks,
            )
        )
    last = [f"{prefix}/{n.name}" for n in body.nodes if n.name not in used and n.op != "_Retval"]
    return tuple(nodes), tuple(returned), last
