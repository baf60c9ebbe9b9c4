"""Several ops become one call, where TensorFlow, asked for that call, makes exactly these ops.

What is between them nobody else may take: it has no name any more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import tensorflow as tf
from tensorflow.core.framework import node_def_pb2

from graphlab import _private
from graphlab.engine.kernels.nodes import Op
from graphlab.model import Shape, node_of
from graphlab.port import exact
from graphlab.port.expression import SPARSE, Call, Expression, Listing, Literal, Part, Tensor
from graphlab.port.functions import Functions
from graphlab.port.order import in_order, with_most
from graphlab.port.patterns import GUESSES, PART, STANDS_FOR, WHOLE, WORDS
from graphlab.port.rewired import handed_on, rewired
from graphlab.port.rows import of_rows
from graphlab.port.scene import TYPE
from graphlab.port.seen import Guess, Seen, Sparse, Taken, is_listed
from graphlab.port.sparse_rows import COMBINED

CALL = "call"  # the attr that says how the arguments are written
COMMUTATIVE = frozenset(("Mul", "Add", "AddV2"))  # ops that give the same bits in either order


def composed(ops: Sequence[Op], asked: Iterable[str], functions: Functions) -> list[Op]:
    """The ops with one in place of those that a public function of TensorFlow makes together.

    `asked` are the tensors that must keep their names. GraphlabError where the ops are in no order.
    """
    asked = [*asked]
    ops = of_rows(ops, asked, functions.known_shape)
    if not any(op.type in GUESSES for op in ops):
        return list(ops)
    ordered = in_order(ops)
    seen = Seen.of(ordered)
    kept = {*asked, *(tensor for op in ops if op.type == TYPE for tensor in op.inputs)}
    found: list[_Composed] = []
    gone: set[str] = set()
    for op in ordered:
        for guess in (each for make in GUESSES.get(op.type, ()) for each in make(seen, op)):
            members = _members(guess, seen, functions.known_shape)
            if members is None or not gone.isdisjoint(members):
                continue
            handing = _handing_on(guess, members, seen)
            if kept.isdisjoint(handing) and _is_closed(guess, members, seen, kept):
                members |= dict.fromkeys(map(node_of, handing))
                found.append(_Composed(guess, members))
                gone |= members.keys()
                break
    return with_most(ordered, found, lambda ones: _with_ones(ones, ordered, seen, functions, kept))


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


def _members(guess: Guess, seen: Seen, shape: Callable[[str], Shape]) -> dict[str, None] | None:
    """The ops that the call makes; None where it makes others."""
    with tf.Graph().as_default():
        given: dict[str, Any] = {}
        for tensor in dict.fromkeys(guess.taken):
            given[tensor] = _given(tensor, seen, shape if guess.shaped else lambda _: None)
        try:
            found = tf.nest.flatten(exact.evaluated(_expression(guess), given.__getitem__))
        except (TypeError, ValueError, AttributeError, tf.errors.OpError):
            return None  # the function takes no such arguments
        match = _Match(seen, {id(_tensor(value)): name for name, value in given.items()})
        if len(found) != len(guess.gives):
            return None
        same = all(match.is_same(*pair) for pair in zip(found, guess.gives, strict=True))
        return match.members if same else None


def _given(tensor: str, seen: Seen, shape: Callable[[str], Shape]) -> Any:
    """What stands for a tensor that a call takes; for a handle a variable. It is on a device of its
    own, as variables of a function are: from one beside it TensorFlow looks rows up otherwise."""
    dtype = _dtype(tensor, seen)
    with tf.device("CPU:0"):
        if dtype != tf.resource:
            return tf.compat.v1.placeholder(dtype, shape(tensor))
        taker = seen.taker(tensor, "ResourceGather")
        if taker is None:
            raise ValueError(f"{tensor} is a variable of which no rows are taken")
        row = (shape(taker.outputs[0]) or ())[len(shape(taker.inputs[1]) or (None,)) :]
        value = tf.zeros([1, *(size or 1 for size in row)], taker.dtypes[0])
        return tf.Variable(value, shape=[None, *row])


def _tensor(value: Any) -> Any:
    return value.handle if isinstance(value, tf.Variable) else value


def _dtype(tensor: str, seen: Seen) -> Any:
    """The type of a tensor, by what gives it or, of an argument, by what takes it."""
    op = seen.ops.get(node_of(tensor))
    if op is not None and tensor in op.outputs:
        return op.dtypes[op.outputs.index(tensor)]
    taker = next(op for op in seen.takers[tensor] if op.definition.input_arg)
    return exact.input_dtype(taker, next(t for t in taker.inputs if seen.source(t) == tensor))


@dataclass
class _Match:
    """What is made beside what was recorded."""

    seen: Seen
    given: Mapping[int, str]  # by identity: which tensor a placeholder stands for
    members: dict[str, None] = field(default_factory=dict)
    pairs: dict[str, str] = field(default_factory=dict)  # recorded, by made

    def is_same(self, made: Any, recorded: str) -> bool:
        """Whether a recorded tensor is made as this one is, from what is given."""
        recorded = self.seen.source(recorded)
        if id(made) in self.given:
            return self.given[id(made)] == recorded
        if made.name in self.pairs:
            return self.pairs[made.name] == recorded
        if made.op.type == "Identity":
            return self.is_same(made.op.inputs[0], recorded)
        if made.op.type == "Const":
            value = self.seen.value(recorded)
            return value is not None and exact.equal(value, made)
        op = self.seen.ops.get(node_of(recorded))
        if op is None or recorded not in op.outputs:
            return False
        if made.op.type == "AddV2" and op.type in ("Select", "SelectV2"):
            return self._is_nan_else(made, op)
        if not exact.is_alike(op, made.op):
            return False
        if op.outputs.index(recorded) != made.value_index:
            return False
        if not self._takes_same(made, op):
            return False
        self.members[op.name] = None
        self.pairs[made.name] = recorded
        return True

    def _is_nan_else(self, made: Any, op: Op) -> bool:
        """Whether an op gives NaN beside a number that is not finite: TensorFlow 1 asked whether it
        is, and its successor adds the number less itself, which is zero or NaN."""
        test, chosen, other = op.inputs
        asked, nan = self.seen.maker(test, "IsFinite"), self.seen.scalar(other)
        value, zero = made.op.inputs
        if asked is None or nan is None or nan == nan or zero.op.type != "Sub":
            return False
        numbers = [(each, asked.inputs[0]) for each in zero.op.inputs]
        if not all(self.is_same(*pair) for pair in [(value, chosen), *numbers]):
            return False
        self.members |= dict.fromkeys((op.name, asked.name))
        self.pairs[made.name] = op.outputs[0]
        return True

    def _takes_same(self, made: Any, op: Op) -> bool:
        """Whether an op takes what the one that was made does, in its order or in one as good."""
        orders = [op.inputs, op.inputs[::-1]] if op.type in COMMUTATIVE else [op.inputs]
        segments = self.seen.maker(op.inputs[-1], "Cast") if op.type in COMBINED else None
        if segments is not None:  # TensorFlow 1 had them in int32 only
            orders.append((*op.inputs[:-1], segments.inputs[0]))
        before = dict(self.members), dict(self.pairs)
        for inputs in orders:
            if all(self.is_same(*pair) for pair in zip(made.op.inputs, inputs, strict=True)):
                if inputs[-1:] != op.inputs[-1:] and segments is not None:
                    self.members[segments.name] = None
                return True
            self.members, self.pairs = dict(before[0]), dict(before[1])
        return False


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
    taken = tuple(guess.taken)
    node = node_def_pb2.NodeDef(name=name, op=guess.function)
    node.attr[CALL].s = _spelled(guess).encode()
    node.attr[STANDS_FOR].list.s.extend(op.name.encode() for op in inside)
    kinds = [tf.as_dtype(_dtype(tensor, seen)).as_datatype_enum for tensor in taken]
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
        before=tuple(dict.fromkeys(map(node_of, taken))),
        distinct=tuple(dict.fromkeys(taken)),
    )


def _spelled(guess: Guess) -> str:
    """The arguments as text: a tensor is "taken", and of a list of them, or of what makes one that
    is "sparse", it is said how many."""
    return json.dumps(
        [
            [key, "taken"]
            if isinstance(each, Taken)
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
