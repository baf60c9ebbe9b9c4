"""What became of each op of a run that a compiler made one program of.

The compiler tells its program: instructions, some of them in fusions, each with the op that it
was made from. So an op is found again by its name; where no instruction has it, the graph says
whether it was needed and whether it only ever was a constant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from graphlab.model import Graph, Node, Run, node_of
from graphlab.stages import verdict as v
from graphlab.stages.paths import ops_inside
from graphlab.stages.verdict import Verdict

# Instructions that only bring a number into the shape in which another one takes it.
_AUXILIARY = frozenset("constant broadcast bitcast copy convert tuple get-tuple-element".split())
_CONSTANTS = ("Const", "HostConst")
_SHAPES = ("Shape", "ShapeN", "Size", "Rank")  # known when a program is compiled


def program(run: Run) -> Graph | None:
    """The program that the compiler made of a run's whole call; None where it was not told."""
    if not run.compiled_by or run.executed is None:
        return None
    for node in run.executed.nodes:
        for name in node.calls:
            entry = run.executed.functions.get(name)
            if entry is not None:
                return Graph(entry.nodes, run.executed.functions)
    return None


def verdicts(run: Run) -> dict[str, Verdict]:
    """A verdict for each op of `run.built`, in its order."""
    assert run.built is not None
    whole = Verdict(v.COMPILED, "", f"{run.compiled_by} compiled the whole call")
    made = program(run)
    if made is None:
        return {node.name: whole for node in run.built.nodes}
    places = _Places.of(made)
    needed, constant = _needed(run.built, run.fetches), _constant(run.built)
    arguments = _arguments(run, made)
    found = {}
    for node in run.built.nodes:
        told = places.told([node.name], node.op)
        if told is None and node.name in arguments:
            told = Verdict(v.COMPILED, arguments[node.name], "it is an argument")
        if told is None and node.name not in needed:
            told = Verdict(v.NOT_NEEDED, "", v.BY_FETCHES)
        if told is None and node.name in constant:
            told = Verdict(v.FOLDED, "", "structure: of constants and shapes")
        if told is None and (node.calls or _on_variable(node, run.built)):
            told = whole
        found[node.name] = told or Verdict(v.DROPPED, "", "no instruction has its op_name")
    return found


def inside(run: Run) -> dict[str, Verdict]:
    """A verdict for each op of each body that `run.built` calls, by its path."""
    assert run.built is not None
    whole = Verdict(v.COMPILED, "", f"{run.compiled_by} compiled the whole call")
    within = ops_inside(run.built)
    made = program(run)
    if made is None:
        return dict.fromkeys(within, whole)
    places = _Places.of(made)
    named = {path: list(_names(path, within, run.built)) for path in within}
    many: dict[str, int] = {}
    for names in named.values():
        for name in names:
            many[name] = many.get(name, 0) + 1
    found = {}
    for path, node in within.items():
        # A name that two ops may have tells nothing of either.
        alone = [n for n in named[path] if many[n] == 1 and n not in run.built.by_name]
        found[path] = places.told(alone, node.op) or whole
    return found


@dataclass
class _Places:
    """Where the instructions of each op are: `(op_name, op_type)` to what is run for it."""

    found: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    aside: dict[tuple[str, str], list[str]] = field(default_factory=dict)  # auxiliary ones

    @classmethod
    def of(cls, made: Graph) -> _Places:
        places = cls()
        fused = _fused(made)
        for name, body in [("", made), *made.functions.items()]:
            for node in body.nodes:
                key = (str(node.attrs.get("op_name", "")), str(node.attrs.get("op_type", "")))
                kept = places.aside if node.op in _AUXILIARY else places.found
                kept.setdefault(key, []).extend(fused.get(name, [node.name]))
        return places

    def told(self, names: list[str], op: str) -> Verdict | None:
        """The verdict on an op of one of these names; None where no instruction was made of it."""
        for name in names:
            every = self.found.get((name, op)) or self.aside.get((name, op)) or []
            where = list(dict.fromkeys(every))
            if where:
                also = f", also in {', '.join(where[:-1])}" if where[1:] else ""
                return Verdict(v.COMPILED, where[-1], v.BY_METADATA + also)
        return None


def _fused(made: Graph) -> dict[str, list[str]]:
    """The fusions that each computation is the inside of, by its name."""
    found: dict[str, list[str]] = {}
    for body in (made, *made.functions.values()):
        for node in body.nodes:
            if node.op == "fusion":
                for name in node.calls:
                    found.setdefault(name, []).append(node.name)
    return found


def _names(path: str, within: Mapping[str, Node], built: Graph) -> Iterator[str]:
    """What an op in a call may be called in the program, the fullest name first.

    The compiler puts the names of the calls in front of it that it has opened, and leaves out
    which branch it was: `cond/then/op` is `cond/op`; what is in a loop keeps its own name alone.
    """
    names: list[str] = []  # of the op and of the calls around it, from the inside outwards
    while path:
        node = within.get(path) or built.by_name[path]
        names.append(node.name)
        path = path[: -len(node.name) - 1]
        if path and path not in within and path not in built.by_name:
            path = path.rpartition("/")[0]  # the word for one of several bodies
    for most in range(len(names), 0, -1):
        yield "/".join(reversed(names[:most]))


def _needed(graph: Graph, fetches: tuple[str, ...]) -> set[str]:
    """The nodes that something asked for depends on; what gives nothing is run for what it does."""
    waiting = [node_of(fetch) for fetch in fetches]
    waiting += [node.name for node in graph.nodes if not node.outputs and node.op != "NoOp"]
    needed: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in needed and name in graph.by_name:
            needed.add(name)
            node = graph[name]
            waiting += [*map(node_of, node.inputs), *node.controls]
    return needed


def _constant(graph: Graph) -> set[str]:
    """The nodes that depend on constants and shapes alone. What has no inputs may draw or read."""
    found: set[str] = set()
    for node in graph.nodes:
        taken = {node_of(tensor) for tensor in node.inputs}
        if node.op in _CONSTANTS + _SHAPES or (taken and taken <= found):
            found.add(node.name)
    return found


def _arguments(run: Run, made: Graph) -> dict[str, str]:
    """The program's parameter for each argument; nothing where some were compiled into it."""
    parameters = [node.name for node in made.nodes if node.op == "parameter"]
    names = [node_of(spec.name) for spec in run.feeds]
    return dict(zip(names, parameters, strict=True)) if len(names) == len(parameters) else {}


def _on_variable(node: Node, graph: Graph) -> bool:
    """Whether an op reads or writes a variable: of that the program has arguments and results."""
    return any(
        spec.dtype == "resource" and spec.name == tensor
        for tensor in node.inputs
        for spec in graph[node_of(tensor)].outputs
    )
