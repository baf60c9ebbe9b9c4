"""Which steps a reader passes by: constants, handles, and the arithmetic of shapes.

quiet = Quiet(graph)
quiet(step)                  # True for a Const; for a Pack of sizes of which all are known
"""

from __future__ import annotations

from graphlab.model import Graph, Node, Step, body_at, node_of

ALWAYS = ("Const", "VarHandleOp", "Shape", "ShapeN", "Size", "Rank")
WHOLE = ("int32", "int64", "bool")
NEVER = ("Enter", "Exit", "Merge", "NextIteration", "Switch", "LoopCond", "While", "If", "Case")


class Quiet:
    """Answers by graph and op, each once."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._known: dict[tuple[int, str], bool] = {}

    def __call__(self, step: Step) -> bool:
        """Whether the step is a constant, a handle or a shape, or is made of such alone."""
        return self.of(step.node, step.frame)

    def of(self, node: str, frame: str) -> bool:
        """The same of an op that has not run yet."""
        body = body_at(self._graph, frame)
        return body is not None and self._in(body, node)

    def _in(self, body: Graph, name: str) -> bool:
        """Whether an op of a body is quiet; inputs first, without a stack as deep as the graph."""
        todo = [name]
        while todo:
            node = body.by_name.get(todo[-1])
            key = (id(body), todo[-1])
            if key in self._known:
                todo.pop()
                continue
            inputs = [node_of(each) for each in node.inputs] if node and _may_be(node) else []
            ahead = [each for each in inputs if (id(body), each) not in self._known]
            if ahead and not set(ahead) & set(todo):
                todo += ahead
                continue
            made_of_quiet = bool(inputs) and all(self._known.get((id(body), e)) for e in inputs)
            always = node is not None and node.op in ALWAYS
            self._known[key] = always or (node is not None and _may_be(node) and made_of_quiet)
            todo.pop()
        return self._known[(id(body), name)]


def _may_be(node: Node) -> bool:
    """Whether an op is quiet where all that it takes is."""
    whole = all(spec.dtype in WHOLE for spec in node.outputs)
    plain = not node.calls and not node.op.startswith(("Random", "Stateless", "_", *NEVER))
    return bool(node.outputs) and whole and plain
