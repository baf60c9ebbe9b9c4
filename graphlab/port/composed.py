"""Several ops become one call, where TensorFlow, asked for that call, makes exactly these ops.

What is between them nobody else may take: it has no name any more.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import tensorflow as tf
from tensorflow.core.framework import node_def_pb2

from graphlab import _private
from graphlab.engine.kernels.nodes import Op
from graphlab.model import node_of
from graphlab.port import matched
from graphlab.port.expression import SPARSE, Call, Expression, Listing, Literal, Part, Tensor
from graphlab.port.functions import Functions
from graphlab.port.order import in_order, with_most
from graphlab.port.patterns import GUESSES, PART, STANDS_FOR, WHOLE, WORDS
from graphlab.port.rewired import elsewhere, handed_on, rewired
from graphlab.port.rows import of_rows
from graphlab.port.scene import TYPE
from graphlab.port.seen import Copy, Guess, Seen, Sparse, Taken, is_listed

CALL = "call"  # the attr that says how the arguments are written


def composed(ops: Sequence[Op], asked: Iterable[str], functions: Functions) -> list[Op]:
    """The ops with one in place of those that a public function of TensorFlow makes together.

    `asked` are the tensors that must keep their names. GraphlabError where the ops are in no order.
    """
    asked = [*asked]
    ops = list(map(_cast_to_another, ops))
    ops = of_rows(ops, asked, functions.known_shape)
    if not any(op.type in GUESSES for op in ops):
        return list(ops)
    ordered = in_order(ops)
    seen = Seen.of(ordered)
    kept = {*asked, *(tensor for op in ops if op.type == TYPE for tensor in op.inputs)}
    homes: dict[str, _Composed] = {}  # of each member the last that was found
    for op in ordered:
        for guess in (each for make in GUESSES.get(op.type, ()) for each in make(seen, op)):
            members = matched.members(guess, _expression(guess), seen, functions.known_shape)
            if members is None:
                continue
            smaller = {homes[name].name: homes[name] for name in members if name in homes}
            if any(not each.members.keys() <= members.keys() for each in smaller.values()):
                continue
            handing = _handing_on(guess, members, seen)
            if kept.isdisjoint(handing) and _is_closed(guess, members, seen, kept):
                members |= dict.fromkeys(map(node_of, handing))
                homes |= dict.fromkeys(members, _Composed(guess, members))
                break
    found = list({each.name: each for each in homes.values()}.values())
    return with_most(ordered, found, lambda ones: _with_ones(ones, ordered, seen, functions, kept))


def _cast_to_another(op: Op) -> Op:
    """The op, or what hands on where it casts to the type that is there, of which `tf.cast` makes
    nothing."""
    if op.type != "Cast" or op.attr("SrcT").type != op.attr("DstT").type:
        return op
    return handed_on(op.name, op.inputs[0], op.dtypes[0], op)


@dataclass(frozen=True)
class _Composed:
    """A guess that is true, and the ops that it stands for."""

    guess: Guess
    members: Mapping[str, None]

    @property
    def name(self) -> str:
        """Of the op that stands for them: of several tensors all get that of the first's."""
        return node_of(self.guess.gives[0])

    @property
    def renamed(self) -> dict[str, str]:
        """The new names of tensors, by the old."""
        return {old: f"{self.name}:{n}" for n, old in enumerate(self.guess.gives) if n}

    def handed_on(self, kept: Container[str], ops: Mapping[str, Op]) -> list[Op]:
        """What gives its name to each tensor that must keep it and is not the first."""
        found = []
        for old, new in self.renamed.items():
            if old in kept:
                op = ops[node_of(old)]
                found.append(handed_on(op.name, new, op.dtypes[op.outputs.index(old)], op))
        return found


def _handing_on(guess: Guess, members: Iterable[str], seen: Seen) -> list[str]:
    """What Identities give of what is inside: they are so, too."""
    ends = set(map(seen.source, guess.gives))
    tensors = (tensor for name in members for tensor in seen.ops[name].outputs)
    return [each for t in tensors if t not in ends for each in seen.handed_on.get(t, ())]


def _is_closed(guess: Guess, members: Mapping[str, None], seen: Seen, kept: set[str]) -> bool:
    """Whether nobody takes what is inside."""
    ends = set(map(seen.source, guess.gives))
    for name in members:
        for tensor in seen.ops[name].outputs:
            if tensor in ends:
                continue
            outside = any(op.name not in members for op in seen.takers.get(tensor, ()))
            if outside or tensor in kept:
                return False
    return True


def _with_ones(
    found: Sequence[_Composed],
    ops: Sequence[Op],
    seen: Seen,
    functions: Functions,
    kept: Container[str],
) -> list[Op]:
    """The ops with one in place of the members of each."""
    renamed = {old: new for each in found for old, new in each.renamed.items()}
    functions.likes |= {new: functions.likes.get(old, old) for old, new in renamed.items()}
    homes = {member: each.name for each in found for member in each.members}
    ones = {each.name: _one(each, seen) for each in found}
    result = []
    for op in ops:
        if op.name in homes and op.name not in ones:
            continue
        op = ones.get(op.name, op)
        waits = [homes.get(name, name) for name in op.controls]
        result.append(rewired(op, renamed, waits))
    return [*result, *(op for each in found for op in each.handed_on(kept, seen.ops))]


def _one(each: _Composed, seen: Seen) -> Op:
    """The op that stands for the members; it takes what they did, by the names of old."""
    guess, name = each.guess, each.name
    inside = [seen.ops[member] for member in each.members]
    controls = dict.fromkeys(c for op in inside for c in op.controls if c not in each.members)
    before = [b for op in inside for b in elsewhere(op) if b not in each.members]
    taken = tuple(guess.taken)
    node = node_def_pb2.NodeDef(name=name, op=guess.function)
    node.attr[CALL].s = _spelled(guess).encode()
    node.attr[STANDS_FOR].list.s.extend(op.name.encode() for op in inside)
    kinds = [tf.as_dtype(matched.dtype_of(tensor, seen)).as_datatype_enum for tensor in taken]
    node.attr["T"].list.type.extend(kinds)
    return replace(
        seen.ops[name],
        type=guess.function,
        inputs=taken,
        controls=tuple(controls),
        outputs=tuple(f"{name}:{n}" for n in range(len(guess.gives))),
        dtypes=tuple(seen.ops[node_of(tensor)].dtypes[0] for tensor in guess.gives),
        definition=_private.op_def("IdentityN"),  # which changes nothing
        node=node,
        before=tuple(dict.fromkeys((*map(node_of, taken), *before))),
        distinct=tuple(dict.fromkeys(taken)),
    )


def _spelled(guess: Guess) -> str:
    """The arguments as text: a tensor is "taken", and of a list of them, or of what makes one that
    is "sparse", it is said how many."""
    return json.dumps(
        [
            [key, "taken"]
            if isinstance(each, Taken)
            else [key, "copied"]
            if isinstance(each, Copy)
            else [key, "sparse", len(each.parts)]
            if isinstance(each, Sparse)
            else [key, "listed", len(each)]
            if is_listed(each)
            else [key, "written", each]
            for key, each in guess.arguments
        ]
    )


def _expression(guess: Guess) -> Expression:
    return _call(guess.function, _spelled(guess), guess.taken)


def _call(function: str, spelled: str, taken: Sequence[str]) -> Expression:
    tensors = iter(taken)
    arguments: list[Expression] = []
    keywords: list[tuple[str, Expression]] = []
    for key, *told in json.loads(spelled):
        each: Expression
        if told[0] == "taken":
            each = Tensor(next(tensors))
        elif told[0] == "copied":
            each = Call("tf.identity", (Tensor(next(tensors)),))
        elif told[0] == "sparse":
            each = Call(SPARSE, tuple(Tensor(next(tensors)) for _ in range(3)))
            if told[1] > 3:
                each = Call("tf.sparse.reshape", (each, Tensor(next(tensors))))
        elif told[0] == "listed":
            each = Listing(tuple(Tensor(next(tensors)) for _ in range(told[1])))
        else:
            each = Literal(tuple(told[1]) if isinstance(told[1], list) else told[1])
        if key:
            keywords.append((key, each))
        else:
            arguments.append(each)
    if function == PART:
        value, *indices = arguments
        return Part(value, tuple(map(_index, indices)))
    return Call(function, tuple(arguments), tuple(keywords))


def _index(written: Expression) -> Any:
    if not isinstance(written, Literal):
        return written
    return slice(None) if written.value == WHOLE else written.value


def is_composed(op: Op) -> bool:
    """Whether it stands for several ops."""
    return op.type in WORDS


def stands_for(op: Op) -> list[str]:
    """The names of the ops that it stands for."""
    if STANDS_FOR not in op.node.attr:
        return [op.name]
    return [name.decode() for name in op.node.attr[STANDS_FOR].list.s]


def expression_of(op: Op) -> Expression:
    """The call of what stands for several ops."""
    return _call(op.type, op.node.attr[CALL].s.decode(), op.inputs)
