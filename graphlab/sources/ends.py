"""What a session is asked for where nobody names anything: what somebody would run.

That is all that nothing takes. Of a graph that trains it is the training, and of the rest what is
worth asking for beside it: not what its gradients left behind, nor what reads variables while it
changes them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from graphlab.errors import shown
from graphlab.model import Graph, Node, TensorSpec, node_of
from graphlab.sources import frames, outside
from graphlab.sources.backward import backward_scopes
from graphlab.sources.beside import is_beside
from graphlab.sources.elements import ELEMENTS
from graphlab.sources.savedmodel.variables import OPS as VARIABLES

_OF_LOADERS = outside.OF_SAVERS | frozenset(
    "InitializeTable InitializeTableFromDataset InitializeTableFromTextFile"
    " InitializeTableFromTextFileV2 InitializeTableV2".split()
)
_NO_RESULT = ELEMENTS.union(
    "Assert Const IteratorToStringHandle MultiDeviceIteratorToStringHandle NoOp Placeholder"
    " VarIsInitializedOp".split()
)
_MERGES = ("Merge", "RefMerge")  # what they give besides says which side was taken
_HANDS_ON = ("Identity", "RefIdentity")
_CHANGES = re.compile(r"(Resource)?(Sparse)?(Apply|Assign|Scatter)")
_FLOATS = ("float16", "bfloat16", "float32", "float64")

Followers = Mapping[str, list[str]]


@dataclass(frozen=True)
class Ends:
    """What is asked for, and what is not although nothing takes it."""

    fetches: tuple[str, ...]  # tensors, and what trains: an op where that gives none
    training: tuple[str, ...] = ()  # of them what trains, as one op or an update for each variable
    leftover: tuple[str, ...] = ()  # left out: what the training's gradients and updates left over
    meanwhile: tuple[str, ...] = ()  # left out: what reads variables while the training runs
    others: tuple[str, ...] = ()  # left out: what trains by other gradients
    beside: tuple[str, ...] = ()  # left out: what functions of TensorFlow give beside a result

    @property
    def left_out(self) -> str:
        """In words what is not asked for; "" if nothing is."""
        why = {
            "left over by the gradients": self.leftover,
            "read while variables change": self.meanwhile,
            "another training": self.others,
            "given beside a result": self.beside,
        }
        told = [f"{some(names)}, {reason}" for reason, names in why.items() if names]
        return f"left out: {'; '.join(told)}; --fetch NAME brings one back" if told else ""


def some(names: tuple[str, ...]) -> str:
    """The first of these names for a line, and how many more there are."""
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{shown(names[0])}{more}"


def ends(graph: Graph, train: bool = True) -> Ends:
    """The outputs that nobody takes and that a session can fetch, and what trains, unless it is
    not to `train`.

    Never among them are what savers and the initialisers of tables give, what lives inside a loop,
    and what is there only if a branch is taken. Of trainings by several gradients the first is
    run: in one run each would read what the other changes.
    """
    followers = _followers(graph)
    aside = _behind_loaders(graph, followers) | frames.places(graph).keys()
    taken = {tensor for node in graph.nodes for tensor in node.inputs}
    every = {s.name: node for s, node in _results(graph, aside) if s.name not in taken}
    beside = tuple(tensor for tensor, node in every.items() if is_beside(node, tensor))
    beside = beside if len(beside) < len(every) else ()
    found = {tensor: node for tensor, node in every.items() if tensor not in {*beside}}
    gradients = backward_scopes(node.name for node in graph.nodes)
    trainings = _trainings(graph, followers, tuple(gradients), aside)
    partly = _within_another(trainings)
    whole = [each for each in trainings if each.name not in partly]
    if not whole:
        return Ends(tuple(found), beside=beside)
    scopes = whole[0].scopes
    mine = [each.name for each in whole if each.scopes == scopes]
    others = [each.name for each in whole if each.scopes != scopes]
    rest: list[str] = []
    leftover: list[str] = []
    for tensor, node in found.items():
        if node.name in partly or tensor.startswith(scopes):
            leftover.append(tensor)
        elif node.name not in (*mine, *others):
            rest.append(tensor)
    rest += _only_for(scopes, graph, aside)
    if not train:
        return Ends(tuple(rest), beside=beside)
    before = {node.name for node in outside.needed(graph, mine)}
    differentiated = {name for scope in scopes for name in gradients[scope]}
    late = _reads_behind(graph, followers, before, differentiated)
    tensors = {node.name: tensor for tensor, node in reversed(found.items())}
    training = tuple(tensors.get(name, name) for name in mine)
    return Ends(
        (*training, *(tensor for tensor in rest if node_of(tensor) not in late)),
        training,
        tuple(leftover),
        tuple(tensor for tensor in rest if node_of(tensor) in late),
        tuple(tensors.get(name, name) for name in others),
        beside,
    )


def _results(graph: Graph, aside: Collection[str]) -> Iterator[tuple[TensorSpec, Node]]:
    """All that a session could fetch, with what gives it."""
    for node in graph.nodes:
        if node.op not in _NO_RESULT and node.name not in aside:
            for spec in node.outputs[:1] if node.op in _MERGES else node.outputs:
                if not spec.dtype.endswith(("resource", "variant", "_ref")):
                    yield spec, node


@dataclass(frozen=True)
class _Training:
    """An op that nothing waits for, and that waits for changes of variables by gradients."""

    name: str
    scopes: tuple[str, ...]  # of the gradients
    updates: frozenset[str]


def _trainings(
    graph: Graph, followers: Followers, scopes: tuple[str, ...], aside: Collection[str]
) -> list[_Training]:
    if not scopes:
        return []
    homes = {
        node.name: next(scope for scope in scopes if node.name.startswith(scope))
        for node in graph.nodes
        if node.name.startswith(scopes)
    }
    behind = _behind(homes, followers)
    updates = [n.name for n in graph.nodes if n.name in behind and _changed_by(graph, n)]
    trained = _behind(updates, followers)
    bits = {scope: 1 << k for k, scope in enumerate(scopes)}
    marks = {name: bits[scope] for name, scope in homes.items()}
    for k, name in enumerate(updates, len(scopes)):
        marks[name] = marks.get(name, 0) | 1 << k
    gathered = _gathered(graph, marks)
    return [
        _Training(
            node.name,
            tuple(_marked(scopes, gathered[node.name] & (1 << len(scopes)) - 1)),
            frozenset(_marked(updates, gathered[node.name] >> len(scopes))),
        )
        for node in graph.nodes
        if node.name in trained and node.name not in followers and node.name not in aside
    ]


def _gathered(graph: Graph, marks: Mapping[str, int]) -> dict[str, int]:
    """Of each op its marks, as bits, and those of all that it waits for: in one pass, as a graph
    may have as many updates as variables. What is in a loop has the marks of all of it."""
    needs: nx.DiGraph = nx.DiGraph()
    for node in graph.nodes:
        needs.add_node(node.name)
        before = map(node_of, (*node.inputs, *node.controls))
        needs.add_edges_from((node.name, name) for name in before if name in graph.by_name)
    found: dict[str, int] = {}
    for circle in nx.strongly_connected_components(needs):  # what is needed comes first
        bits = 0
        for name in circle:
            bits |= marks.get(name, 0)
            for each in needs[name]:
                bits |= found.get(each, 0)
        found |= dict.fromkeys(circle, bits)
    return found


def _marked(names: Sequence[str], bits: int) -> Iterator[str]:
    """The names whose bits are set."""
    while bits:
        lowest = bits & -bits
        yield names[lowest.bit_length() - 1]
        bits ^= lowest


def _within_another(trainings: Sequence[_Training]) -> set[str]:
    """Those that change less than another that changes the same as well."""
    holders: dict[str, list[_Training]] = {}
    for each in trainings:
        for name in each.updates:
            holders.setdefault(name, []).append(each)
    return {
        each.name
        for each in trainings
        if any(each.updates < other.updates for other in holders[next(iter(each.updates))])
    }


def _changed_by(graph: Graph, node: Node) -> list[str]:
    """The variables that an op changes, slots among them."""
    if not _CHANGES.match(node.op):
        return []
    return [name for name in map(node_of, node.inputs) if graph[name].op in VARIABLES]


def _only_for(scopes: tuple[str, ...], graph: Graph, aside: Collection[str]) -> list[str]:
    """The real numbers that only the backward graphs of these scopes take, of ops of which nothing
    else takes any: a loss whose gradient is reckoned from itself, as that of a root is."""
    takers: dict[str, bool] = {}  # whether all that take an output of an op are backward
    for node in graph.nodes:
        backward = node.name.startswith(scopes)
        for tensor in node.inputs:
            name = node_of(tensor)
            takers[name] = takers.get(name, True) and backward
    return [
        spec.name
        for spec, node in _results(graph, aside)
        if takers.get(node.name)
        and spec.dtype in _FLOATS
        and not node.name.startswith(scopes)
        and not is_beside(node, spec.name)
    ]


def _reads_behind(
    graph: Graph, followers: Followers, before: Collection[str], differentiated: Collection[str]
) -> set[str]:
    """What a training does not wait for and reads variables that it changes, or hangs on such. It
    is no matter of what is differentiated: a loss's penalty is there long before the gradients."""
    held = {variable for name in before for variable in _changed_by(graph, graph[name])}
    todo, starts = list(held), []
    while todo:
        for name in followers.get(todo.pop(), ()):
            if name not in before and name not in differentiated:
                starts.append(name)
            elif graph[name].op in _HANDS_ON and name not in held:  # the same memory
                held.add(name)
                todo.append(name)
    return _behind(starts, followers)


def _followers(graph: Graph) -> Followers:
    """What takes something of each op or waits for it."""
    found: dict[str, list[str]] = {}
    for node in graph.nodes:
        for name in dict.fromkeys([*map(node_of, node.inputs), *node.controls]):
            found.setdefault(name, []).append(node.name)
    return found


def _behind(names: Iterable[str], followers: Followers) -> set[str]:
    """These, and all that waits for one of them."""
    left = list(names)
    found: set[str] = set()
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += followers.get(name, ())
    return found


def _behind_loaders(graph: Graph, followers: Followers) -> set[str]:
    """The nodes that restore, save or initialise, by themselves or by a function, and all that
    wait for one of them."""
    calling = _calling(graph.functions)
    return _behind(
        (n.name for n in graph.nodes if n.op in _OF_LOADERS or calling.intersection(n.calls)),
        followers,
    )


def _calling(functions: Mapping[str, Graph]) -> set[str]:
    """The functions that restore, save or initialise, or call one that does."""
    callers: dict[str, list[str]] = {}
    left = []
    for name, body in functions.items():
        if any(node.op in _OF_LOADERS for node in body.nodes):
            left.append(name)
        for called in dict.fromkeys(call for node in body.nodes for call in node.calls):
            callers.setdefault(called, []).append(name)
    return _behind(left, callers)
