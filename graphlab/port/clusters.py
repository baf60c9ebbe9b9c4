"""What of the conditions of TensorFlow 1 becomes one If: all that hangs on one predicate, between
what it takes and the Merges that wait for it."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from graphlab.engine.kernels.nodes import Op
from graphlab.model import node_of
from graphlab.port.cases import Cases
from graphlab.port.functions import Functions


@dataclass
class Cluster:
    """What becomes one If."""

    predicate: str
    held: list[Op]  # Merges, and what else must have run before others go on
    mine: tuple[set[str], set[str]] = field(default_factory=lambda: (set(), set()))  # by side
    # Tensors of one side that later ops of this side take, and those taken from earlier Ifs.
    gives: tuple[dict[str, None], dict[str, None]] = field(default_factory=lambda: ({}, {}))
    takes: tuple[dict[str, None], dict[str, None]] = field(default_factory=lambda: ({}, {}))
    waits: set[str] = field(default_factory=set)  # earlier Ifs


@dataclass
class Level:
    """Ops that are there in the same cases, with what is deeper: that becomes Ifs."""

    cases: Cases
    ops: Sequence[Op]
    depth: int
    renamed: Mapping[str, str]  # tensors that came in under another name
    functions: Functions

    @cached_property
    def inside(self) -> dict[str, Op]:
        """The ops by name."""
        return {op.name: op for op in self.ops}

    def is_deeper(self, name: str) -> bool:
        """Whether an op is in an If of this level."""
        return name in self.inside and len(self.cases.states[name]) > self.depth

    def side(self, name: str) -> int:
        """On which side of the predicate of that If."""
        return self.cases.states[name][self.depth][1]

    def inputs(self, merge: Op) -> list[str]:
        """What a Merge is given on each side."""
        return [self.renamed.get(t, t) for t in self.cases.joins[merge.name].inputs]

    def joins(self, op: Op) -> bool:
        """Whether an op of this level is a Merge that waits for an If."""
        return op.name in self.cases.joins and len(self.cases.states[op.name]) == self.depth

    def of(self, op: Op) -> str:
        """The predicate of the If that what is held belongs to."""
        if self.joins(op):
            return self.cases.joins[op.name].predicate
        return self.cases.states[op.name][self.depth][0]

    def asked(self, op: Op) -> list[str]:
        """The predicates of Ifs inside of an If of this level, of which the op is a part."""
        asked = [case[0] for case in self.cases.states[op.name][self.depth + 1 :]]
        if op.name in self.cases.joins:
            asked.append(self.cases.joins[op.name].predicate)
        return [self.named(tensor) for tensor in asked]

    def named(self, tensor: str) -> str:
        """What a tensor is called here, by what a Switch takes."""
        tensor = self.cases.behind.get(tensor, tensor)
        return self.renamed.get(tensor, tensor)


def clusters_of(level: Level, results: Sequence[str], targets: Iterable[str]) -> list[Cluster]:
    """The Ifs of a level in the order in which they can run, for these results, and ops that must
    run although no result needs them."""
    escaping = [tensor for tensor in results if level.is_deeper(node_of(tensor))]
    must_run = {name for name in targets if level.is_deeper(name)}
    for op in level.ops:
        if not level.is_deeper(op.name):
            must_run |= {name for name in op.controls if level.is_deeper(name)}
    clusters, found = _gathered(level, must_run)
    alone = {node_of(tensor) for tensor in escaping} - clusters.owner.keys()
    if alone:  # no Merge needs them
        clusters, found = _gathered(level, must_run | alone)
    for tensor in escaping:
        owner = found[clusters.owner[node_of(tensor)]]
        owner.gives[level.side(node_of(tensor))][tensor] = None
    return found


def _gathered(level: Level, must_run: set[str]) -> tuple[_Clusters, list[Cluster]]:
    clusters = _Clusters(level)
    found = clusters.in_order(must_run)
    for number, cluster in enumerate(found):
        clusters.gather(number, cluster, found)
    return clusters, found


@dataclass
class _Clusters:
    """Finds the Ifs of a level."""

    level: Level
    owner: dict[str, int] = field(default_factory=dict)  # in which an op is

    def in_order(self, must_run: set[str]) -> list[Cluster]:
        """The Ifs in the order in which they can run: as much as possible runs before the next."""
        waits: dict[str, int] = {}
        followers: dict[str, list[Op]] = {}
        held = {op.name for op in self.level.ops if self.level.joins(op) or op.name in must_run}
        for op in self.level.ops:
            before = [*op.before, *op.controls]
            if op.name in held:
                before.append(node_of(self.level.of(op)))
            before = [name for name in dict.fromkeys(before) if name in self.level.inside]
            waits[op.name] = len(before)
            for name in before:
                followers.setdefault(name, []).append(op)
        ready = [(op.index, op.name) for op in self.level.ops if not waits[op.name]]
        heapq.heapify(ready)
        open_: dict[tuple[str, str], Cluster] = {}
        closed = []

        def release(name: str) -> None:
            for follower in followers.get(name, ()):
                waits[follower.name] -= 1
                if not waits[follower.name]:
                    heapq.heappush(ready, (follower.index, follower.name))

        while ready or open_:
            if ready:
                op = self.level.inside[heapq.heappop(ready)[1]]
                if op.name not in held:
                    release(op.name)
                    continue
                # A gradient that needs nothing of what its condition gave is an If of its own.
                key = self.level.of(op), self.level.functions.backward(op.name)
                open_.setdefault(key, Cluster(key[0], [])).held.append(op)
                continue
            first = min(open_, key=lambda key: open_[key].held[0].index)
            closed.append(open_.pop(first))
            for op in closed[-1].held:
                release(op.name)
        return closed

    def gather(self, number: int, cluster: Cluster, clusters: Sequence[Cluster]) -> None:
        """The ops that a cluster needs and no earlier one has; what those have they give."""
        todo: list[Op] = []

        def take(tensor: str, side: int) -> None:
            name = node_of(tensor)
            if not self.level.is_deeper(name):
                return
            owner = self.owner.get(name, number)
            if owner != number:
                clusters[owner].gives[side][tensor] = None
                cluster.takes[side][tensor] = None
            else:
                add(self.level.inside[name], side)

        def add(op: Op, side: int) -> None:
            if op.name in cluster.mine[side]:
                return
            cluster.mine[side].add(op.name)
            todo.append(op)
            if op.type != "Const":  # which each may have for itself
                self.owner[op.name] = number

        for op in cluster.held:
            if self.level.joins(op):
                for side, tensor in enumerate(self.level.inputs(op)):
                    take(tensor, side)
            elif self.owner.get(op.name, number) == number:
                add(op, self.level.side(op.name))
        while todo:
            op = todo.pop()
            side = self.level.side(op.name)
            for tensor in (*op.inputs, *self.level.asked(op)):
                take(tensor, side)
            for name in op.controls:
                if self.level.is_deeper(name):
                    if self.owner.get(name, number) == number:
                        add(self.level.inside[name], side)
                    else:
                        cluster.waits.add(clusters[self.owner[name]].held[0].name)
