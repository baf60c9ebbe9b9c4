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

The call stays, as the last op of its own scope: it takes what its body returns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from graphlab.model import Graph, Node, TensorSpec, node_of
from visualize.kinds import PLACEHOLDERS

MOST = 100_000  # ops; a call whose body would make more of them stays closed
DEEPEST = 12  # calls within calls

# Which inputs of a call are its functions' arguments: from this one on.
ARGUMENTS = {"PartitionedCall": 0, "StatefulPartitionedCall": 0, "While": 0, "StatelessWhile": 0}
ARGUMENTS |= {"If": 1, "StatelessIf": 1, "Case": 1, "StatelessCase": 1}


def inline(graph: Graph, most: int = MOST) -> Graph:
    """The graph with the bodies of its calls in it, renamed into the scope of the call.

    A body that calls itself is not opened a second time within itself, nor is one for which there
    is no more room. `graph` itself where nothing is called.
    """
    if not any(node.calls for node in graph.nodes):
        return graph
    room = [most - len(graph)]
    return Graph(tuple(_flat(graph.nodes, graph.functions, (), room)), graph.functions)


def is_inlined(node: Node) -> bool:
    """Whether a node is a call whose body is drawn."""
    return node.marks.inlined


def _flat(
    nodes: tuple[Node, ...],
    functions: Mapping[str, Graph],
    around: tuple[str, ...],
    room: list[int],
) -> Iterator[Node]:
    for node in nodes:
        bodies = {name: functions[name] for name in node.calls if name in functions}
        size = sum(map(len, bodies.values()))
        closed = not size or size > room[0] or len(around) >= DEEPEST
        if closed or any(name in around for name in bodies):
            yield node
            continue
        room[0] -= size
        returned: list[str] = []
        waits: list[str] = []
        for name, body in bodies.items():
            prefix = node.name if len(bodies) == 1 else f"{node.name}/{plain(name)}"
            inside, results, last = _body(body, prefix, node)
            returned += [result for result in results if result not in returned]
            waits += last
            yield from _flat(inside, functions, (*around, name), room)
        # Where the body does not say what it returns, the call still waits for its last ops.
        yield replace(
            node,
            inputs=tuple(returned) or node.inputs[: ARGUMENTS.get(node.op, 0)],
            controls=(*node.controls, *(() if returned else waits)),
            marks=replace(node.marks, inlined=True),
        )


def plain(function: str) -> str:
    """A function's name without the number that tells it from others of its name.

    >>> plain("while_body_123"), plain("__inference_step_42"), plain("f")
    ('while_body', 'step', 'f')
    """
    return re.sub(r"^__(inference|forward|backward)_|(_\d+)+$", "", function) or function


def _body(
    body: Graph, prefix: str, call: Node
) -> tuple[tuple[Node, ...], tuple[str, ...], list[str]]:
    """A body's nodes renamed, the tensors it returns, and the nodes that nothing in it takes."""
    arguments = [node for node in body.nodes if node.op in PLACEHOLDERS and not node.inputs]
    given = call.inputs[ARGUMENTS[call.op] :] if call.op in ARGUMENTS else ()
    if call.op in call.calls:
        given = call.inputs  # TF1: the function's name is the op
    places = {node.name: i for i, node in enumerate(arguments)}
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
        if node.name in places and len(given) == len(arguments):
            inputs = (given[places[node.name]],)
            # Of what variable it is, is now to be seen: it comes from there.
            marks = replace(marks, variable="")
        outputs = tuple(
            TensorSpec(f"{prefix}/{spec.name}", spec.dtype, spec.shape) for spec in node.outputs
        )
        controls = tuple(f"{prefix}/{name}" for name in node.controls)
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
