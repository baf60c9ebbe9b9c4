"""Loops of TensorFlow 1 become While ops, whose conditions and bodies are functions.

A loop is a frame: Enter leads into it. For each variable a Merge takes the first value or that of
the last turn, LoopCond says whether there is another turn, and a Switch sends the variable into it,
at whose end a NextIteration hands on the new value; or else to its Exit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import tensorflow as tf

from graphlab.engine.kernels.control_flow import ENTERS, EXITS, MERGES, NEXTS
from graphlab.engine.kernels.nodes import Op
from graphlab.errors import GraphlabError
from graphlab.model import Shape, node_of
from graphlab.port import effects
from graphlab.port.cases import SWITCHES
from graphlab.port.conditions import in_a_turn, with_conditions
from graphlab.port.functions import Functions
from graphlab.port.loop_variables import Variable, names_of
from graphlab.port.order import in_order
from graphlab.port.rewired import handed_on, lost, made, rewired

Path = tuple[str, ...]  # names of frames, the outermost first


def with_functions(
    ops: Sequence[Op],
    results: Sequence[str],
    targets: Iterable[str],
    functions: Functions,
) -> list[Op]:
    """The ops, of TensorArrays as `with_arrays` gives them, with a While in place of each loop of
    TF1, and an If in place of each condition.

    What cannot be one is an op without code. GraphlabError where loops take tensors of each other,
    or a result is there in one case of a condition only.
    """
    found, given = with_conditions(with_loops(ops, functions), results, functions, targets)
    for before, after in zip(results, given, strict=True):
        if before != after:
            raise GraphlabError(
                f"{before} is inside of a condition, where it has a value in one case only; fetch"
                " what comes out of it"
            )
    return found


def with_loops(ops: Sequence[Op], functions: Functions) -> list[Op]:
    """The ops with a While in place of each loop."""
    if not any(op.type in ENTERS for op in ops):
        return list(ops)
    inside = _by_frame(ops)
    for path in sorted(inside, key=lambda path: (-len(path), path)):
        if path:
            inside[path[:-1]] += _as_op(path[-1], inside.pop(path), functions)
    return inside[()]


def _by_frame(ops: Sequence[Op]) -> dict[Path, list[Op]]:
    """The ops by the loop they are in; Enter and Exit are in the loop to which they belong."""
    kinds = {op.name: op.type for op in ops}
    paths: dict[str, Path] = {}
    found: dict[Path, list[Op]] = {(): []}
    for op in in_order(ops, NEXTS):
        path: Path = ()
        for name in (*op.before, *op.controls):
            other = paths.get(name, ())
            other = other[:-1] if kinds.get(name) in EXITS else other
            shorter, longer = sorted((path, other), key=len)
            if longer[: len(shorter)] != shorter:
                raise GraphlabError(
                    f"{op.title} takes tensors of the loops {'/'.join(path)} and"
                    f" {'/'.join(other)}; expected one to be inside of the other"
                )
            path = longer
        if op.type in ENTERS:
            path = (*path, op.text("frame_name"))
        paths[op.name] = path
        for depth in range(len(path) + 1):
            found.setdefault(path[:depth], [])
        found[path].append(op)
    return found


def _as_op(frame: str, ops: list[Op], functions: Functions) -> list[Op]:
    """A loop as an op, and its Exits, which give the names of old to what it gives."""
    name = functions.new_name(frame.removesuffix("/while_context") or "while")
    exits = [op for op in ops if op.type in EXITS]
    enters = [op for op in ops if op.type in ENTERS]
    try:
        loop, left = _Loop.of(name, ops).as_op(functions)
    except GraphlabError as error:
        inputs = [op.inputs[0] for op in enters]
        dtypes = [op.dtypes[0] for op in exits]
        loop = lost("Loop", name, inputs, dtypes, enters[-1], str(error))
        left = dict(zip((op.name for op in exits), loop.outputs, strict=True))
    functions.likes |= {left[op.name]: op.outputs[0] for op in exits}
    return [loop, *(handed_on(op.name, left[op.name], op.dtypes[0], op) for op in exits)]


@dataclass(frozen=True)
class _Loop:
    """The parts of a loop."""

    name: str
    variables: tuple[Variable, ...]
    test: Op
    inside: Mapping[str, str]  # what a tensor that only hands on is: a variable, or from outside
    exits: Mapping[str, int]  # which variable each Exit lets out
    ops: tuple[Op, ...]  # what it computes, in order
    enters: tuple[Op, ...]

    @classmethod
    def of(cls, name: str, ops: list[Op]) -> _Loop:
        """GraphlabError where it is no loop as TensorFlow 1 makes them."""
        given = {tensor: op for op in ops for tensor in op.outputs}
        tests = [op for op in ops if op.type == "LoopCond"]
        if len(tests) != 1:
            raise GraphlabError(f"the loop {name} of TF1 has {len(tests)} LoopConds; expected one")
        (test,) = tests
        variables = tuple(_variable(op, given) for op in ops if _is_variable(op, given))
        numbers = {variable.tensor: n for n, variable in enumerate(variables)}
        inside = {
            op.outputs[0]: op.inputs[0]
            for op in ops
            if op.type in ENTERS and op.attr("is_constant").b
        }
        gates = [op for op in ops if op.type in SWITCHES and _source(op.inputs[1], given) is test]
        last: dict[str, int] = {}
        for op in gates:
            if op.inputs[0] not in numbers:
                raise GraphlabError(f"{op.title} ends a loop of TF1 and is given no variable of it")
            inside[op.outputs[1]] = op.inputs[0]
            last[op.outputs[0]] = numbers[op.inputs[0]]
        handed_out = []
        for op in in_order(ops, NEXTS):
            if op.type == "Identity" and op.inputs[0] in last:
                last[op.outputs[0]] = last[op.inputs[0]]
                handed_out.append(op)
        exits = {}
        for op in ops:
            if op.type in EXITS:
                if op.inputs[0] not in last:
                    raise GraphlabError(f"{op.title} lets out what is no variable of its loop")
                exits[op.name] = last[op.inputs[0]]
        parts = {op.name for op in [test, *gates, *handed_out]} | {v.merge.name for v in variables}
        parts |= {op.name for op in ops if op.type in ENTERS | EXITS | NEXTS}
        rest = in_order([op for op in ops if op.name not in parts])
        of_a_turn = inside.keys() | numbers.keys()
        for op in rest:
            for tensor in op.inputs:
                there = given.get(tensor)
                if there is not None and there.name in parts and tensor not in of_a_turn:
                    raise GraphlabError(f"{op.title} takes {tensor}, which is no value of a turn")
        enters = tuple(op for op in ops if op.type in ENTERS)
        return cls(name, variables, test, inside, exits, tuple(rest), enters)

    def as_op(self, functions: Functions) -> tuple[Op, dict[str, str]]:
        """The While, and which of its outputs each Exit gives."""
        inside = {inner: functions.handle(outer) for inner, outer in self.inside.items()}
        ops = [rewired(op, inside, op.controls) for op in self.ops]
        own = [variable.tensor for variable in self.variables]
        ends = {"cond": [self.test], "body": [variable.next for variable in self.variables]}
        parts: dict[str, tuple[list[Op], list[str]]] = {}
        for word, last in ends.items():
            results = [inside.get(op.inputs[0], op.inputs[0]) for op in last]
            waits = [name for op in last for name in op.controls]
            part = _needed(ops, results, waits)
            parts[word] = in_a_turn(part, results, functions, waits)
        self._check_once([part for part, _ in parts.values()], functions)
        taken = [functions.captured(part, own, results) for part, results in parts.values()]
        held = list(dict.fromkeys(tensor for each in taken for tensor in each))
        arguments = [*own, *held]
        named = {
            word: {
                "func": tf.compat.v1.NameAttrList(
                    name=functions.add(
                        f"{self.name}_{word}",
                        part,
                        arguments,
                        [*results, *held] if word == "body" else results,
                        self.test.where,
                    )
                )
            }
            for word, (part, results) in parts.items()
        }
        shapes = [_proto(functions.shape(tensor)) for tensor in arguments]
        dtypes = [variable.merge.dtypes[0] for variable in self.variables]
        dtypes += map(functions.dtype, held)
        kinds = [tf.as_dtype(dtype).as_datatype_enum for dtype in dtypes]
        several = tf.compat.v1.AttrValue.ListValue
        loop = made(
            "While",
            self.name,
            [*(variable.enter.inputs[0] for variable in self.variables), *held],
            dtypes,
            max(self.enters, key=lambda op: op.index),
            {
                **named,
                "T": {"list": several(type=kinds)},
                "output_shapes": {"list": several(shape=shapes)},
            },
            [name for op in self.enters for name in op.controls],
        )
        names = names_of(self.variables, functions.ops)
        functions.likes |= dict(zip(loop.outputs, arguments, strict=True))
        functions.called |= dict(zip(own, names, strict=True))
        functions.called |= dict(zip(loop.outputs, names, strict=False))
        return loop, {name: loop.outputs[number] for name, number in self.exits.items()}

    def _check_once(self, parts: Sequence[Sequence[Op]], functions: Functions) -> None:
        """GraphlabError where what changes something belongs to the condition and to the body."""
        first, second = ({op.name for op in part} for part in parts)
        for op in parts[0]:
            if op.name in first & second and effects.changes(op, functions.library):
                raise GraphlabError(
                    f"{op.title} changes something in the condition of the loop {self.name} and is"
                    " needed in its body, too"
                )


def _is_variable(op: Op, given: Mapping[str, Op]) -> bool:
    sources = [given.get(tensor) for tensor in op.inputs]
    return op.type in MERGES and any(each is not None and each.type in NEXTS for each in sources)


def _variable(merge: Op, given: Mapping[str, Op]) -> Variable:
    sources = [given.get(tensor) for tensor in merge.inputs]
    enters = [op for op in sources if op is not None and op.type in ENTERS]
    nexts = [op for op in sources if op is not None and op.type in NEXTS]
    if (len(enters), len(nexts), len(sources)) != (1, 1, 2):
        raise GraphlabError(
            f"{merge.title} joins more than the first value and that of the last turn"
        )
    if merge.type != "Merge":
        raise GraphlabError(f"{merge.title} hands a reference to a variable from turn to turn")
    return Variable(enters[0], merge, nexts[0])


def _source(tensor: str, given: Mapping[str, Op]) -> Op | None:
    """The op behind Identities."""
    op = given.get(tensor)
    while op is not None and op.type == "Identity":
        op = given.get(op.inputs[0])
    return op


def _needed(ops: Sequence[Op], results: Iterable[str], waits: Iterable[str]) -> list[Op]:
    """Of the ops in order those that the results and ends need."""
    names = {*map(node_of, results), *waits}
    found = []
    for op in reversed(ops):
        if op.name in names:
            found.append(op)
            names.update(op.before, op.controls)
    return found[::-1]


def _proto(shape: Shape) -> object:
    return tf.TensorShape(shape).as_proto()
