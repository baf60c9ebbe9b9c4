"""While ops as the loops that TensorFlow makes of them when it runs them, and If ops as its
conditions: what goes round, and what comes of which side, is seen.

Nothing here is for the file. The tensors inside have names that no graph has, with a `|`; what a
loop gives keeps its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import tensorflow as tf

from graphlab.engine.kernels.functions import called
from graphlab.engine.kernels.nodes import Body, Library, Op
from graphlab.model import node_of
from graphlab.port.calls import invariants
from graphlab.port.order import in_order
from graphlab.port.rewired import made

WHILES = frozenset(("While", "StatelessWhile"))
IFS = frozenset(("If", "StatelessIf"))
INSIDE = "|"
PREDICATE = "_predicate"  # the attr of a Merge that says which tensor decides


@dataclass(frozen=True)
class Part:
    """The condition or the body of a While, or a branch of an If, under names that no other op
    has."""

    function: str
    arguments: tuple[str, ...]  # tensors
    ops: tuple[Op, ...]
    results: tuple[str, ...]  # tensors
    own: Mapping[str, str]  # tensors of the function, by the new names


@dataclass(frozen=True)
class Turns:
    """A While with its functions taken apart."""

    op: Op
    test: Part
    body: Part
    fixed: tuple[bool, ...]  # which values are the same in each turn

    @property
    def parts(self) -> tuple[Part, Part]:
        """The condition, and the body."""
        return self.test, self.body

    def needed(self, results: Iterable[str]) -> list[int]:
        """The numbers of the values that change and are needed for these results of the op."""
        outputs = {tensor: n for n, tensor in enumerate(self.op.outputs)}
        return needed(
            [outputs[tensor] for tensor in results if tensor in outputs],
            self.fixed,
            self.test,
            self.body,
        )


def needed(
    results: Iterable[int], fixed: Sequence[bool], test: Part | Body, body: Part | Body
) -> list[int]:
    """Of the values of a loop that change, the numbers of those that some of these results, the
    condition or what has an effect hang on."""
    wanted = {*results}
    todo = [(test, tensor) for tensor in test.results]
    todo += [(body, body.results[number]) for number in wanted]
    todo += [(each, f"{name}:0") for each in (test, body) for name in _finals(each)]
    makers = {id(each): _ops(each) for each in (test, body)}
    places = {id(each): {t: n for n, t in enumerate(each.arguments)} for each in (test, body)}
    seen = set()
    while todo:
        part, tensor = todo.pop()
        number = places[id(part)].get(tensor)
        if number is not None:
            if number not in wanted:
                wanted.add(number)
                todo.append((body, body.results[number]))
            continue
        op = makers[id(part)].get(node_of(tensor))
        if op is None or (id(part), op.name) in seen:
            continue
        seen.add((id(part), op.name))
        todo += [(part, each) for each in op.inputs]
        todo += [(part, f"{name}:0") for name in op.controls]
    return sorted(number for number in wanted if not fixed[number])


def _finals(part: Part | Body) -> Sequence[str]:
    return part.finals if isinstance(part, Body) else ()


def _ops(part: Part | Body) -> Mapping[str, Op]:
    return part.ops if isinstance(part, Body) else {op.name: op for op in part.ops}


def turns(op: Op, library: Library) -> Turns:
    """GraphlabError where a function is missing."""
    test, body = called(op)
    fixed = tuple(invariants(op, library))
    return Turns(
        op,
        _part(op, test, "cond", "merge {}:0", fixed, library),
        _part(op, body, "body", "switch {}:1", fixed, library),
        fixed,
    )


def branches(op: Op, library: Library) -> tuple[Part, Part]:
    """Of an If what runs where it is true, and where not. GraphlabError where a function is
    missing."""
    then, other = called(op)
    none = [False] * (len(op.inputs) - 1)
    return (
        _part(op, then, "then", "switch {}:1", none, library),
        _part(op, other, "else", "switch {}:0", none, library),
    )


def _part(
    op: Op, function: str, word: str, argument: str, fixed: Sequence[bool], library: Library
) -> Part:
    body = library.body(function, op)
    ways = ["enter {}:0" if is_fixed else argument for is_fixed in fixed]
    arguments = [f"{op.name}{INSIDE}{way.format(n)}" for n, way in enumerate(ways)]
    given = dict(zip(body.arguments, arguments, strict=True))

    def name(of: str) -> str:
        if of in given or node_of(of) not in body.ops:  # a variable that every method has
            return given.get(of, of)
        return f"{op.name}{INSIDE}{word}{INSIDE}{of}"

    ops = tuple(_renamed(inner, name) for inner in body.ops.values())
    own = {name(tensor): tensor for tensor in body.arguments}
    own |= {name(t): t for inner in body.ops.values() for t in inner.outputs}
    return Part(function, tuple(arguments), ops, tuple(map(name, body.results)), own)


def _renamed(op: Op, name: Callable[[str], str]) -> Op:
    inputs = tuple(map(name, op.inputs))
    return replace(
        op,
        name=name(op.name),
        inputs=inputs,
        outputs=tuple(map(name, op.outputs)),
        controls=tuple(map(name, op.controls)),
        before=tuple(dict.fromkeys(map(node_of, inputs))),
        distinct=tuple(dict.fromkeys(inputs)),
    )


def lowered(ops: Iterable[Op], library: Library) -> tuple[list[Op], list[Part]]:
    """The ops with Enter, Merge and their like in place of each While and If, and of each what it
    is made of; of Ifs in the order of the ops. GraphlabError where a function is missing."""
    found: list[Op] = []
    parts: list[Part] = []
    todo = list(reversed(list(ops)))
    while todo:
        op = todo.pop()
        if op.type in IFS:
            two = branches(op, library)
            parts += two
            found += _switches(op)
            todo += reversed(_merges(op, *two))
            todo += [inner for part in two for inner in reversed(in_order(part.ops))]
            continue
        if op.type not in WHILES:
            found.append(op)
            continue
        loop = turns(op, library)
        parts += loop.parts
        found += _frame(loop)
        todo += [inner for part in loop.parts for inner in reversed(part.ops)]
    return found, parts


def _frame(loop: Turns) -> list[Op]:
    """What leads into a loop, round and out of it."""
    op = loop.op
    test = made("LoopCond", f"{op.name}{INSIDE}test", loop.test.results, ["bool"], op)
    found = [test]
    dtypes = op.dtypes
    for n, dtype in enumerate(dtypes):
        names = {
            word: f"{op.name}{INSIDE}{word} {n}"
            for word in ("enter", "merge", "switch", "next", "exit")
        }
        first = {word: f"{name}:0" for word, name in names.items()}
        attrs = {"frame_name": {"s": op.name.encode()}, "is_constant": {"b": loop.fixed[n]}}
        found.append(made("Enter", names["enter"], [op.inputs[n]], [dtype], op, attrs))
        if loop.fixed[n]:
            same = made("Identity", names["exit"], [op.inputs[n]], [dtype], op)
            found.append(replace(same, outputs=(op.outputs[n],)))
            continue
        found += [
            made("Merge", names["merge"], [first["enter"], first["next"]], [dtype, "int32"], op),
            made("Switch", names["switch"], [first["merge"], test.outputs[0]], [dtype] * 2, op),
            made("NextIteration", names["next"], [loop.body.results[n]], [dtype], op),
            replace(
                made("Exit", names["exit"], [first["switch"]], [dtype], op),
                outputs=(op.outputs[n],),
            ),
        ]
    return found


def _switches(op: Op) -> list[Op]:
    """What sends all that an If takes to one of its sides."""
    dtypes = [tf.as_dtype(kind).name for kind in op.attr("Tin").list.type]
    return [
        made("Switch", f"{op.name}{INSIDE}switch {n}", [tensor, op.inputs[0]], [dtype] * 2, op)
        for n, (tensor, dtype) in enumerate(zip(op.inputs[1:], dtypes, strict=True))
    ]


def _merges(op: Op, then: Part, other: Part) -> list[Op]:
    """What takes of each result the side that has run."""
    found = []
    for n, dtype in enumerate(op.dtypes):
        name = f"{op.name}{INSIDE}merge {n}"
        attrs = {"N": {"i": 2}, PREDICATE: {"s": op.inputs[0].encode()}}
        merge = made(
            "Merge", name, [other.results[n], then.results[n]], [dtype, "int32"], op, attrs
        )
        found.append(replace(merge, outputs=(op.outputs[n], f"{name}:1")))
    return found
