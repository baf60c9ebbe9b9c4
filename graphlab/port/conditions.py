"""Conditions of TensorFlow 1 become If ops, whose branches are functions.

A Switch sends a tensor to one of two sides; what hangs on the other side is dead, down to a Merge,
which takes whichever of its inputs is alive. So each op is there in certain cases only: on these
sides of these predicates, one inside of the other. All that hangs on one predicate, between what it
takes and the Merges that wait for it, is one If.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import tensorflow as tf

from graphlab.engine.kernels.control_flow import MERGES
from graphlab.engine.kernels.nodes import Op
from graphlab.errors import GraphlabError
from graphlab.model import node_of
from graphlab.port.answers import without_dead_cases
from graphlab.port.cases import SWITCHES, Cases
from graphlab.port.clusters import Cluster, Level, clusters_of
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
    ops = without_dead_cases(ops, results)
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
    ops = without_dead_cases(ops, results)
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
    return _Ifs(Level(cases, inside, 0, {}, functions)).done(given, targets)


@dataclass
class _Ifs:
    """Makes the Ifs of a level."""

    level: Level
    carried: dict[str, str] = field(default_factory=dict)  # what Ifs give of their insides
    units: dict[str, str] = field(default_factory=dict)  # the If that an op is in

    @property
    def functions(self) -> Functions:
        """Where branches are put."""
        return self.level.functions

    def done(self, results: Sequence[str], targets: Iterable[str]) -> tuple[list[Op], list[str]]:
        """The ops of this level and its Ifs, and the results by the names they have now."""
        self.results, level = results, self.level
        found = [op for op in level.ops if not level.is_deeper(op.name) and not level.joins(op)]
        for cluster in clusters_of(level, results, targets):
            found += self._as_op(cluster)
        found = [
            rewired(op, {}, [self.units.get(name, name) for name in op.controls]) for op in found
        ]
        return found, [
            self.carried.get(t, t) if level.is_deeper(node_of(t)) else t for t in results
        ]

    def _as_op(self, cluster: Cluster) -> list[Op]:
        """The If and, of its Merges, the names of old for what it gives."""
        merges = [op for op in cluster.held if self.level.joins(op)]
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
        predicate = self.level.named(cluster.predicate)
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
        return tensor in self.results or any(tensor in op.inputs for op in self.level.ops)

    def _if(
        self,
        name: str,
        cluster: Cluster,
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
            targets = [op.name for op in cluster.held if not self.level.joins(op)]
            renamed = {
                **self.level.renamed,
                **{tensor: op.outputs[0] for tensor, op in came.items()},
            }
            inner = Level(self.level.cases, ops, self.level.depth + 1, renamed, functions)
            parts.append(_Ifs(inner).done(results, targets))
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

    def _came(self, cluster: Cluster, side: int) -> dict[str, Op]:
        """What one side takes of an earlier If. There the other side gave nothing, and of another
        shape, so TensorFlow has to be told its shape."""
        functions = self.functions
        came = {}
        for tensor in cluster.takes[side]:
            like = self.level.inside[node_of(tensor)]
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
            self.level.cases.states[op.name] = self.level.cases.states[like.name]
        return came

    def _branch(
        self,
        cluster: Cluster,
        side: int,
        merges: Sequence[Op],
        indexed: Sequence[Op],
        came: Mapping[str, Op],
    ) -> tuple[list[Op], list[str]]:
        """The ops of one side, and what it gives: in the place of what only the other side has
        something stands that nobody takes."""
        functions = self.functions
        names = {tensor: op.outputs[0] for tensor, op in came.items()}
        mine = [op for op in self.level.ops if op.name in cluster.mine[side]]
        ops = [*came.values(), *(rewired(op, names, op.controls) for op in mine)]
        results = [self.level.inputs(op)[side] for op in merges]
        results = [names.get(tensor, tensor) for tensor in results]
        for of in (0, 1):
            for tensor in cluster.gives[of]:
                if of == side:
                    results.append(tensor)
                    continue
                ops.append(self._nothing(tensor, side))
                results.append(ops[-1].outputs[0])
        for op in indexed:
            place = self.level.cases.joins[op.name].places[side]
            ops.append(constant(functions.new_name(f"{op.name}/index"), place, "int32", op))
            self._set_state(ops[-1], side, op)
            results.append(ops[-1].outputs[0])
        return ops, results

    def _nothing(self, tensor: str, side: int) -> Op:
        """GraphlabError where there is no value that stands for none."""
        like = self.level.inside[node_of(tensor)]
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
        around = self.level.cases.states[like.name][: self.level.depth]
        predicate = self.level.cases.states[like.name][self.level.depth :][:1]
        inner = (predicate[0][0] if predicate else self.level.of(like), side)
        self.level.cases.states[op.name] = (*around, inner)


def _enum(dtype: str) -> int:
    return int(tf.as_dtype(dtype).as_datatype_enum)
