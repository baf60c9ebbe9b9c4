"""Which node of one graph is which of another, by what they are and what is around them.

Matching(Side(a, {}), Side(b, {})).partner      # for each node of A the number of B's, or None
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from graphlab.model import Graph, Node, Shape, node_of

ARGUMENT = "_user_specified_name"
ROUNDS = 3  # how far around a node is looked


def in_order(
    a: Iterable[int],
    b: Iterable[int],
    key_a: Callable[[int], Hashable],
    key_b: Callable[[int], Hashable],
    alone: bool = False,
) -> list[tuple[int, int]]:
    """Pairs of equal keys, the first with the first, where both sides have as many of them.

    With `alone` only where each has one.
    """
    groups: dict[Hashable, tuple[list[int], list[int]]] = {}
    for side, (items, key) in enumerate(((a, key_a), (b, key_b))):
        for item in items:
            groups.setdefault(key(item), ([], []))[side].append(item)
    return [
        pair
        for one, other in groups.values()
        if len(one) == len(other) and (len(one) == 1 or not alone)
        for pair in zip(one, other, strict=True)
    ]


@dataclass
class Side:
    """A graph with numbers for names, which are quick to walk along."""

    graph: Graph
    called: Mapping[str, str]  # what a function is called here: by B's name
    inputs: list[list[tuple[int, int]]] = field(init=False)  # producer and output, by slot
    controls: list[list[int]] = field(init=False)
    takers: list[list[tuple[int, int, int]]] = field(init=False)  # consumer, slot, output
    kind: list[int] = field(init=False)  # what a node is by itself

    def __post_init__(self) -> None:
        nodes = self.graph.nodes
        number = {node.name: n for n, node in enumerate(nodes)}
        place = {
            spec.name: (n, index)
            for n, node in enumerate(nodes)
            for index, spec in enumerate(node.outputs)
        }
        self.inputs = [
            [place.get(t) or (number[node_of(t)], 0) for t in node.inputs] for node in nodes
        ]
        self.controls = [[number[name] for name in node.controls] for node in nodes]
        self.takers = [[] for _ in nodes]
        for n, inputs in enumerate(self.inputs):
            for slot, (producer, output) in enumerate(inputs):
                self.takers[producer].append((n, slot, output))
            for producer in self.controls[n]:
                self.takers[producer].append((n, -1, -1))
        self.kind = [hash((node.op, self.attrs(node), _outputs(node))) for node in nodes]

    def attrs(self, node: Node) -> str:
        """The attributes as a text, functions by the name that both sides have for them."""
        if not node.attrs:
            return ""
        attrs = node.attrs
        if ARGUMENT in attrs:  # a name, and often only the number that a handle had
            attrs = {key: value for key, value in attrs.items() if key != ARGUMENT}
        text = repr(attrs)
        if node.calls:
            for name in node.calls:
                text = text.replace(repr(name), repr(self.called.get(name, name)))
        return text

    def rounds(self) -> list[list[int]]:
        """What is around each node as one number: no edge far, one edge, two, ..."""
        labels = self.kind
        found = [labels]
        for _ in range(ROUNDS):
            before = labels
            labels = []
            for n, own in enumerate(before):
                given = [(before[producer], output) for producer, output in self.inputs[n]]
                waited = [before[control] for control in self.controls[n]]
                taken = [hash((before[m], slot, output)) for m, slot, output in self.takers[n]]
                if len(waited) > 1:
                    waited.sort()
                if len(taken) > 1:
                    taken.sort()
                labels.append(hash((own, tuple(given), tuple(waited), tuple(taken))))
            found.append(labels)
        return found


def _outputs(node: Node) -> tuple[tuple[str, Shape], ...]:
    return tuple([(spec.dtype, spec.shape) for spec in node.outputs])


def _named(labels: Sequence[Hashable], names: Sequence[str]) -> Callable[[int], Hashable]:
    """A key of a node: what it is like, and its name."""
    return lambda n: (labels[n], names[n])


class Matching:
    """Which node of B each node of A is, or None: found out from what is surest on."""

    def __init__(self, a: Side, b: Side) -> None:
        self.a, self.b = a, b
        self.partner: list[int | None] = [None] * len(a.graph.nodes)
        self.taken: list[int | None] = [None] * len(b.graph.nodes)
        self._known: deque[tuple[int, int]] = deque()
        names_a = [node.name for node in a.graph.nodes]
        names_b = [node.name for node in b.graph.nodes]
        around = list(zip(a.rounds(), b.rounds(), strict=True))
        for labels_a, labels_b in reversed(around):
            self._pair(_named(labels_a, names_a), _named(labels_b, names_b))
            self._pair(labels_a.__getitem__, labels_b.__getitem__, alone=labels_a is around[0][0])
            self._spread(a.kind, b.kind)
        ops_a = [node.op for node in a.graph.nodes]
        ops_b = [node.op for node in b.graph.nodes]
        self._known.extend((n, m) for n, m in enumerate(self.partner) if m is not None)
        self._spread(ops_a, ops_b)
        self._pair(lambda n: (ops_a[n], names_a[n]), lambda n: (ops_b[n], names_b[n]))
        self._spread(ops_a, ops_b)
        self._between()
        self._pair(names_a.__getitem__, names_b.__getitem__)
        self._spread(ops_a, ops_b)

    def _pair(
        self,
        key_a: Callable[[int], Hashable],
        key_b: Callable[[int], Hashable],
        alone: bool = False,
    ) -> None:
        """Match what is left and has equal keys; with `alone` only where nobody else has it."""
        left = self._left(self.partner), self._left(self.taken)
        for n, m in in_order(*left, key_a, key_b, alone):
            self._match(n, m)

    @staticmethod
    def _left(partners: Sequence[int | None]) -> Iterator[int]:
        return (n for n, partner in enumerate(partners) if partner is None)

    def _match(self, n: int, m: int) -> None:
        if self.partner[n] is None and self.taken[m] is None:
            self.partner[n], self.taken[m] = m, n
            self._known.append((n, m))

    def _spread(self, like_a: Sequence[Hashable], like_b: Sequence[Hashable]) -> None:
        """From what is matched to neighbours that are alike: what gives the same slot, takes it."""
        a, b = self.a, self.b
        while self._known:
            n, m = self._known.popleft()
            for (before, output), (other, same) in zip(a.inputs[n], b.inputs[m], strict=False):
                if output == same and like_a[before] == like_b[other]:
                    self._match(before, other)
            around = ((a, n, self.partner, like_a), (b, m, self.taken, like_b))
            for of in (self._takers, self._waited):
                free, others = (of(*each) for each in around)
                for key, mine in free.items():
                    theirs = others.get(key, [])
                    if len(mine) == len(theirs):
                        for one, other in zip(mine, theirs, strict=True):
                            self._match(one, other)

    def _between(self) -> None:
        """Of another op, but alone in what it is given: it stands in the other's place."""

        def given(side: Side, n: int, number: Sequence[int | None] | None) -> Hashable:
            found = [
                (producer if number is None else number[producer], output)
                for producer, output in side.inputs[n]
            ]
            known = bool(found) and all(producer is not None for producer, _ in found)
            return tuple(found) if known else (side is self.a, n)

        for n, m in in_order(
            self._left(self.partner),
            self._left(self.taken),
            lambda n: given(self.a, n, self.partner),
            lambda m: given(self.b, m, None),
        ):
            self._match(n, m)

    @staticmethod
    def _waited(
        side: Side, n: int, partners: Sequence[int | None], like: Sequence[Hashable]
    ) -> dict[tuple, list[int]]:
        """What a node waits for and nobody is matched with yet, the alike together."""
        found: dict[tuple, list[int]] = {}
        for control in side.controls[n]:
            if partners[control] is None:
                found.setdefault((like[control],), []).append(control)
        return found

    @staticmethod
    def _takers(
        side: Side, n: int, partners: Sequence[int | None], like: Sequence[Hashable]
    ) -> dict[tuple, list[int]]:
        """The takers of a node that nobody is matched with yet, the alike by slot and output."""
        found: dict[tuple, list[int]] = {}
        for taker, slot, output in side.takers[n]:
            if partners[taker] is None:
                found.setdefault((like[taker], slot, output), []).append(taker)
        return found
