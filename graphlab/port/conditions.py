"""Conditions of TensorFlow 1 become If ops, whose branches are functions.

A Switch sends a tensor to one of two sides; what hangs on the other side is dead, down to a Merge,
which takes whichever of its inputs is alive. So each op is there in certain cases only: on these
sides of these predicates, one inside of the other. All that hangs on one predicate, between what it
takes and the Merges that wait for it, is one If.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import tensorflow as tf

from graphlab.engine.kernels.control_flow import MERGES
from graphlab.engine.kernels.nodes import Op
from graphlab.errors import GraphlabError
from graphlab.model import node_of
from graphlab.port.cases import SWITCHES, Cases
from graphlab.port.functions import Functions
from graphlab.port.rewired import constant, lost, made, rewired


def with_conditions(
    ops: Sequence[Op], results: Sequence[str], functions: Functions, targets: Iterable[str] = ()
) -> tuple[list[Op], list[str]]:
    """The ops with an If in place of each condition, and the results by the names they have then.

    `targets` are ops that must run although no result needs them. What cannot be an If is an op
    without code.
    """
    if not any(op.type in SWITCHES or op.type in MERGES for op in ops):
        return functions.in_use(ops), list(results)
    return _with_cases(Cases.of(ops, functions, {}), results, functions, targets)


def in_a_turn(
    ops: Sequence[Op], results: Sequence[str], functions: Functions, targets: Iterable[str]
) -> tuple[list[Op], list[str]]:
    """The same for the ops of a turn of a loop.

    A loop that stands in one case of a condition may ask the condition again, to which there is
    only one answer: with the other the turn would give nothing, and the loop never end.
    """
    if not any(op.type in SWITCHES or op.type in MERGES for op in ops):
        return functions.in_use(ops), list(results)
    known: dict[str, int] = {}
    while True:
        cases = Cases.of(ops, functions, known)
        asked = dict(case for tensor in results for case in cases.of_tensor(tensor))
        if not asked:
            return _with_cases(cases, results, functions, targets)
        known |= asked


def _with_cases(
    cases: Cases, results: Sequence[str], functions: Functions, targets: Iterable[str]
) -> tuple[list[Op], list[str]]:
    inside = functions.in_use(cases.ops)
    given = [cases.behind.get(tensor, tensor) for tensor in results]
    return _Level(cases, functions, inside, 0, {}).done(given, targets)


@dataclass
class _Cluster:
    """What becomes one If."""

    predicate: str
    held: list[Op]  # Merges, and what else must have run before others go on
    mine: tuple[set[str], set[str]] = field(default_factory=lambda: (set(), set()))  # by side
    # Tensors of one side that later ops of this side take, and those taken from earlier Ifs.
    gives: tuple[dict[str, None], dict[str, None]] = field(default_factory=lambda: ({}, {}))
    takes: tuple[dict[str, None], dict[str, None]] = field(default_factory=lambda: ({}, {}))
    waits: set[str] = field(default_factory=set)  # earlier Ifs


@dataclass
class _Level:
    """Ops that are there in the same cases, and what is deeper: that becomes Ifs."""

    cases: Cases
    functions: Functions
    ops: Sequence[Op]
    depth: int
    renamed: Mapping[str, str]  # tensors that came in under another name
    carried: dict[str, str] = field(default_factory=dict)  # what Ifs give of their insides
    owner: dict[str, int] = field(default_factory=dict)  # in which cluster an op is
    units: dict[str, str] = field(default_factory=dict)  # the If that an op is in

    def done(self, results: Sequence[str], targets: Iterable[str]) -> tuple[list[Op], list[str]]:
        """The ops of this level and its Ifs, and the results by the names they have now."""
        self.inside = {op.name: op for op in self.ops}
        self.results = results
        escaping = [t for t in results if self._is_deeper(node_of(t))]
        must_run = {name for name in targets if self._is_deeper(name)}
        must_run |= {node_of(tensor) for tensor in escaping}
        for op in self.ops:
            if not self._is_deeper(op.name):
                must_run |= {name for name in op.controls if self._is_deeper(name)}
        clusters = self._clusters(must_run)
        for number, cluster in enumerate(clusters):
            self._gather(number, cluster, clusters)
        for tensor in escaping:
            owner = clusters[self.owner[node_of(tensor)]]
            owner.gives[self._side(node_of(tensor))][tensor] = None
        found = [op for op in self.ops if not self._is_deeper(op.name) and not self._joins(op)]
        for cluster in clusters:
            found += self._as_op(cluster)
        found = [
            rewired(op, {}, [self.units.get(name, name) for name in op.controls]) for op in found
        ]
        return found, [
            self.carried.get(t, t) if self._is_deeper(node_of(t)) else t for t in results
        ]

    def _is_deeper(self, name: str) -> bool:
        return name in self.inside and len(self.cases.states[name]) > self.depth

    def _side(self, name: str) -> int:
        return self.cases.states[name][self.depth][1]

    def _inputs(self, merge: Op) -> list[str]:
        """What a Merge is given on each side."""
        return [self.renamed.get(t, t) for t in self.cases.joins[merge.name].inputs]

    def _joins(self, op: Op) -> bool:
        """Whether an op of this level is a Merge that waits for an If."""
        return op.name in self.cases.joins and len(self.cases.states[op.name]) == self.depth

    def _of(self, op: Op) -> str:
        """The predicate of the If that what is held belongs to."""
        if self._joins(op):
            return self.cases.joins[op.name].predicate
        return self.cases.states[op.name][self.depth][0]

    def _asked(self, op: Op) -> list[str]:
        """The predicates of Ifs inside of an If of this level, of which the op is a part."""
        asked = [case[0] for case in self.cases.states[op.name][self.depth + 1 :]]
        if op.name in self.cases.joins:
            asked.append(self.cases.joins[op.name].predicate)
        return [self._named(tensor) for tensor in asked]

    def _clusters(self, must_run: set[str]) -> list[_Cluster]:
        """The Ifs in the order in which they can run: as much as possible runs before the next."""
        waits: dict[str, int] = {}
        followers: dict[str, list[Op]] = {}
        held = {op.name for op in self.ops if self._joins(op) or op.name in must_run}
        for op in self.ops:
            before = [*op.before, *op.controls]
            if op.name in held:
                before.append(node_of(self._of(op)))
            before = [name for name in dict.fromkeys(before) if name in self.inside]
            waits[op.name] = len(before)
            for name in before:
                followers.setdefault(name, []).append(op)
        ready = [(op.index, op.name) for op in self.ops if not waits[op.name]]
        heapq.heapify(ready)
        open_: dict[str, _Cluster] = {}
        closed = []

        def release(name: str) -> None:
            for follower in followers.get(name, ()):
                waits[follower.name] -= 1
                if not waits[follower.name]:
                    heapq.heappush(ready, (follower.index, follower.name))

        while ready or open_:
            if ready:
                op = self.inside[heapq.heappop(ready)[1]]
                if op.name not in held:
                    release(op.name)
                    continue
                predicate = self._of(op)
                open_.setdefault(predicate, _Cluster(predicate, [])).held.append(op)
                continue
            first = min(open_.values(), key=lambda cluster: cluster.held[0].index)
            closed.append(open_.pop(first.predicate))
            for op in first.held:
                release(op.name)
        return closed

    def _gather(self, number: int, cluster: _Cluster, clusters: Sequence[_Cluster]) -> None:
        """The ops that a cluster needs and no earlier one has; what those have they give."""
        todo: list[Op] = []

        def take(tensor: str, side: int) -> None:
            name = node_of(tensor)
            if not self._is_deeper(name):
                return
            owner = self.owner.get(name, number)
            if owner != number:
                clusters[owner].gives[side][tensor] = None
                cluster.takes[side][tensor] = None
            else:
                add(self.inside[name], side)

        def add(op: Op, side: int) -> None:
            if op.name in cluster.mine[side]:
                return
            cluster.mine[side].add(op.name)
            todo.append(op)
            if op.type != "Const":  # which each may have for itself
                self.owner[op.name] = number

        for op in cluster.held:
            if self._joins(op):
                for side, tensor in enumerate(self._inputs(op)):
                    take(tensor, side)
            elif self.owner.get(op.name, number) == number:
                add(op, self._side(op.name))
        while todo:
            op = todo.pop()
            side = self._side(op.name)
            for tensor in (*op.inputs, *self._asked(op)):
                take(tensor, side)
            for name in op.controls:
                if self._is_deeper(name):
                    if self.owner.get(name, number) == number:
                        add(self.inside[name], side)
                    else:
                        cluster.waits.add(clusters[self.owner[name]].held[0].name)

    def _as_op(self, cluster: _Cluster) -> list[Op]:
        """The If and, of its Merges, the names of old for what it gives."""
        merges = [op for op in cluster.held if self._joins(op)]
        first = cluster.held[0]
        scope = first.name.rpartition("/")[0] or first.name
        name = self.functions.new_name(scope)
        gives = [*cluster.gives[0], *cluster.gives[1]]
        indexed = [op for op in merges if self._takes(op.outputs[1])]
        dtypes = [
            *(op.dtypes[0] for op in merges),
            *map(self.functions.dtype, gives),
            *("int32" for _ in indexed),
        ]
        predicate = self._named(cluster.predicate)
        try:
            branch = self._if(name, cluster, merges, indexed, predicate, dtypes)
        except GraphlabError as error:
            branch = lost("Condition", name, [predicate], dtypes, first, str(error))
        outputs = branch.outputs
        for tensor, output in zip(gives, outputs[len(merges) :], strict=False):
            self.carried[tensor] = output
            self.functions.likes[output] = tensor
        for op in cluster.held:
            self.units[op.name] = name
        numbers = dict(zip((op.name for op in indexed), outputs[-len(indexed) :], strict=False))
        found = [branch]
        for op, output in zip(merges, outputs, strict=False):
            self.functions.likes[output] = op.outputs[0]
            self.functions.called[output] = self.functions.called[op.outputs[0]] = scope
            came = [output, numbers[op.name]] if op.name in numbers else [output]
            found.append(made("IdentityN", op.name, came, op.dtypes[: len(came)], op))
            del self.units[op.name]
        return found

    def _takes(self, tensor: str) -> bool:
        return tensor in self.results or any(tensor in op.inputs for op in self.ops)

    def _named(self, tensor: str) -> str:
        tensor = self.cases.behind.get(tensor, tensor)
        return self.renamed.get(tensor, tensor)

    def _if(
        self,
        name: str,
        cluster: _Cluster,
        merges: Sequence[Op],
        indexed: Sequence[Op],
        predicate: str,
        dtypes: Sequence[str],
    ) -> Op:
        functions, first = self.functions, cluster.held[0]
        parts = []
        for side in (1, 0):
            came = self._came(cluster, side)
            ops, results = self._branch(cluster, side, merges, indexed, came)
            targets = [op.name for op in cluster.held if not self._joins(op)]
            renamed = {**self.renamed, **{tensor: op.outputs[0] for tensor, op in came.items()}}
            level = _Level(self.cases, functions, ops, self.depth + 1, renamed)
            parts.append(level.done(results, targets))
        taken = [functions.captured(ops, (), results) for ops, results in parts]
        held = list(dict.fromkeys(tensor for each in taken for tensor in each))
        attrs = {
            key: {
                "func": tf.compat.v1.NameAttrList(
                    name=functions.add(f"{name}_{word}", ops, held, results, first.where)
                )
            }
            for key, word, (ops, results) in zip(
                ("then_branch", "else_branch"), ("true", "false"), parts, strict=True
            )
        }
        kinds = {
            key: {"list": tf.compat.v1.AttrValue.ListValue(type=map(_enum, each))}
            for key, each in (("Tin", map(functions.dtype, held)), ("Tout", dtypes))
        }
        attrs |= {"Tcond": {"type": _enum("bool")}, **kinds}
        return made("If", name, [predicate, *held], dtypes, first, attrs, cluster.waits)

    def _came(self, cluster: _Cluster, side: int) -> dict[str, Op]:
        """What one side takes of an earlier If. There the other side gave nothing, and of another
        shape, so TensorFlow has to be told its shape."""
        functions = self.functions
        came = {}
        for tensor in cluster.takes[side]:
            like = self.inside[node_of(tensor)]
            shape, dtype = functions.shape(tensor), functions.dtype(tensor)
            kind = {"type": tf.as_dtype(dtype).as_datatype_enum}
            op = made(
                "Identity" if shape is None else "EnsureShape",
                functions.new_name(like.name),
                [self.carried[tensor]],
                [dtype],
                like,
                {"T": kind, "shape": {"shape": tf.TensorShape(shape).as_proto()}},
            )
            came[tensor] = op
            functions.likes[op.outputs[0]] = tensor
            self.cases.states[op.name] = self.cases.states[like.name]
        return came

    def _branch(
        self,
        cluster: _Cluster,
        side: int,
        merges: Sequence[Op],
        indexed: Sequence[Op],
        came: Mapping[str, Op],
    ) -> tuple[list[Op], list[str]]:
        """The ops of one side, and what it gives: in the place of what only the other side has
        something stands that nobody takes."""
        functions = self.functions
        names = {tensor: op.outputs[0] for tensor, op in came.items()}
        mine = [op for op in self.ops if op.name in cluster.mine[side]]
        ops = [*came.values(), *(rewired(op, names, op.controls) for op in mine)]
        results = [self._inputs(op)[side] for op in merges]
        results = [names.get(tensor, tensor) for tensor in results]
        for of in (0, 1):
            for tensor in cluster.gives[of]:
                if of == side:
                    results.append(tensor)
                    continue
                ops.append(self._nothing(tensor, side))
                results.append(ops[-1].outputs[0])
        for op in indexed:
            place = self.cases.joins[op.name].places[side]
            ops.append(constant(functions.new_name(f"{op.name}/index"), place, "int32", op))
            self._set_state(ops[-1], side, op)
            results.append(ops[-1].outputs[0])
        return ops, results

    def _nothing(self, tensor: str, side: int) -> Op:
        """GraphlabError where there is no value that stands for none."""
        like = self.inside[node_of(tensor)]
        dtype = self.functions.dtype(tensor)
        is_array = tensor in self.functions.arrays
        if dtype in ("resource", "variant") or is_array:
            what = "TensorArray" if is_array else dtype
            raise GraphlabError(
                f"{like.title} gives a {what} in one case of a condition of TF1, which is taken in"
                " a later one"
            )
        value = b"" if dtype == "string" else tf.as_dtype(dtype).as_numpy_dtype(0)
        op = constant(self.functions.new_name(f"{like.name}/none"), value, dtype, like)
        self._set_state(op, side, like)
        return op

    def _set_state(self, op: Op, side: int, like: Op) -> None:
        around = self.cases.states[like.name][: self.depth]
        predicate = self.cases.states[like.name][self.depth :][:1]
        inner = (predicate[0][0] if predicate else self._of(like), side)
        self.cases.states[op.name] = (*around, inner)


def _enum(dtype: str) -> int:
    return int(tf.as_dtype(dtype).as_datatype_enum)
