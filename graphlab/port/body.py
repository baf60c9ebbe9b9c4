"""The ops of a graph or of a function as statements: what is one line, and what stands inside it.

An op whose only taker can hold it is written inside that one's line, as a person would. What
changes a variable is a line by itself, and whatever still needs the value before it is written
before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, cast

import numpy as np

from graphlab.engine.kernels.nodes import Library, Op
from graphlab.errors import GraphlabError
from graphlab.model import Shape
from graphlab.port import calls, constants, effects, exact, layout, variables
from graphlab.port.exact import Given
from graphlab.port.expression import (
    Call,
    Expression,
    Lambda,
    Listing,
    Name,
    Tensor,
    changed,
    parts,
    tensors,
    text,
)
from graphlab.port.names import Names
from graphlab.port.order import in_order
from graphlab.port.translate import Translator

INDENT = 8
LONGEST_RESULT = 45
MOST_TARGETS, MOST_UNUSED = 6, 2  # names on the left, and places without one
SPLITS, JOINS = ("Switch", "RefSwitch"), ("Merge", "RefMerge")
FROM_SHAPES = ("Shape", "ShapeN", "Size", "Rank", "ZerosLike", "OnesLike")
DEEPEST = 4  # calls inside of calls, of which nobody reads more


@dataclass(frozen=True)
class Line:
    """A statement, over one or more lines of text."""

    lines: tuple[str, ...]
    tensors: tuple[tuple[str, str], ...]  # a tensor, and its name in the file
    ops: tuple[str, ...]  # the ops that it stands for


class File(Protocol):
    """What a body needs of the file that it is written into."""

    library: Library
    translator: Translator

    def constant(self, op: Op) -> str:
        """The attribute that holds a constant, as `self.table`."""

    def method(
        self, function: str, op: Op, kept: tuple[int, ...] | None = None, gives: bool = True
    ) -> str:
        """The method that a function of the library becomes, as `self.body`.

        The arguments whose numbers are `kept` come first; with `gives` its results are those of
        these numbers, else all.
        """

    def unported(self, op: Op, reason: str) -> str:
        """A method that raises: what stands in place of the op."""


@dataclass
class Writer:
    """Writes one body. `names` are those of its scope; `given` are what its tensors are called."""

    file: File
    names: Names
    given: Mapping[str, str]  # arguments, by tensor
    variables: dict[str, str]  # by the tensor of the handle: `self.w`
    shape: Callable[[str], Shape]
    done: list[Line] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)
    pending: dict[str, Expression] = field(default_factory=dict)  # written where they are taken
    reading: dict[str, str] = field(default_factory=dict)  # values of variables, by tensor
    read: set[str] = field(default_factory=set)  # of them those whose place in the order is past
    known: dict[str, np.ndarray] = field(default_factory=dict)
    stored: dict[str, Op] = field(default_factory=dict)  # constants too large to be written
    alias: dict[str, str] = field(default_factory=dict)
    uses: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)  # uses that are still to be written
    owners: dict[str, list[str]] = field(default_factory=dict)  # ops inside a pending expression
    raw: list[str] = field(default_factory=list)  # ops that have no public name
    branch: set[str] = field(default_factory=set)  # tensors inside of a condition of TF1

    def write(self, ops: Sequence[Op], results: Iterable[str]) -> None:
        """All statements. GraphlabError where the ops are in no order."""
        self.named |= self.given
        ordered = in_order(ops)
        for op in ordered:
            self._know(op)
            self._follow(op)
        for op in self._live(ordered, [self.resolved(tensor) for tensor in results]):
            self._op(op)

    def _know(self, op: Op) -> None:
        """What is no work: constants, handles, what only hands on."""
        if op.type == "Const":
            self.known[op.outputs[0]] = constants.value_of(op)
            self.stored[op.outputs[0]] = op
        elif op.type in effects.ALIASES:
            for inside, outside in zip(op.inputs, op.outputs, strict=True):
                if outside in self.given:
                    continue
                inside = self.resolved(inside)
                is_ref = op.type != "RefIdentity" and inside in self.variables
                if is_ref and op.dtypes[0] != "resource":
                    self.reading[outside] = self.variables[inside]
                else:
                    self.alias[outside] = inside
        elif op.type in ("While", "StatelessWhile"):
            fixed = calls.invariants(op, self.file.library)
            for inside, outside, same in zip(op.inputs, op.outputs, fixed, strict=True):
                if same:
                    self.alias[outside] = self.resolved(inside)
        elif op.type == "ReadVariableOp":
            handle = self.resolved(op.inputs[0])
            if handle in self.variables:
                self.reading[op.outputs[0]] = self.variables[handle]
        if op.outputs and op.definition.input_arg and op.definition.output_arg[0].is_ref:
            source = self.resolved(op.inputs[0])
            if source in self.variables and op.type not in effects.ALIASES:
                self.variables[op.outputs[0]] = self.variables[source]

    def _follow(self, op: Op) -> None:
        """What a Switch gives, and all that comes of it, is not there in the other case."""
        if op.type in SPLITS or (
            op.type not in JOINS and any(self.resolved(t) in self.branch for t in op.inputs)
        ):
            self.branch.update(op.outputs)

    def resolved(self, tensor: str) -> str:
        """The tensor behind what only hands on."""
        return self.alias.get(tensor, tensor)

    def _live(self, ordered: list[Op], results: Iterable[str]) -> list[Op]:
        """The ops that some result or effect needs, and how often each tensor is taken."""
        self.uses.update(results)
        kept = []
        for op in reversed(ordered):
            if op.type in effects.NO_WORK or op.type in effects.ALIASES:
                if op.outputs and op.outputs[0] in self.reading:
                    kept.append(op)
                continue
            if op.type == "ReadVariableOp" and op.outputs[0] in self.reading:
                kept.append(op)
                continue
            taken = any(self.uses[tensor] for tensor in op.outputs)
            if taken or effects.changes(op, self.file.library):
                kept.append(op)
                self.uses.update(self.resolved(tensor) for tensor in op.inputs)
        self.left.update(self.uses)
        return kept[::-1]

    def _op(self, op: Op) -> None:
        if op.outputs and op.outputs[0] in self.reading:
            self.read.add(op.outputs[0])
            return
        if self._folded(op):
            return
        handles = [self.variables.get(self.resolved(tensor), "") for tensor in op.inputs]
        changing = effects.changes(op, self.file.library)
        try:
            expression, given = self._expression(op, handles)
        except GraphlabError as error:
            method = self.file.unported(op, str(error))
            expression = Call(method, tuple(map(Tensor, dict.fromkeys(op.inputs))))
            given = Given(len(op.outputs), len(op.outputs) > 1)
        if isinstance(expression, Call) and expression.function.startswith("tf.raw_ops."):
            self.raw.append(op.name)
        taken = {self.resolved(tensor) for tensor in op.inputs}
        self.left.subtract(self.resolved(tensor) for tensor in op.inputs)
        if changing:
            wrote = set() if effects.is_call(op, self.file.library) else set(filter(None, handles))
            self._keep_values_before(wrote, taken)
        single = not given.listed and len(op.outputs) > 0 and self.uses[op.outputs[0]] == 1
        held = self._held(expression)
        held = self._with_short_lambdas(held)
        ops = [*self._owned(expression, op)]
        if single and not changing and not effects.is_call(op, self.file.library):
            self.pending[op.outputs[0]] = held
            self.owners[op.outputs[0]] = ops
            return
        outputs = [tensor for tensor in op.outputs if tensor not in self.alias]
        self._emit(outputs[: given.outputs], held, ops, given.listed)

    def _folded(self, op: Op) -> bool:
        """Whether it is arithmetic with written constants, as TensorFlow does with shapes; then
        its output is one."""
        known = self._known_of(op)
        if len(op.outputs) != 1 or op.definition.is_stateful or not op.inputs:
            return False
        if len(known) < len(op.distinct) or any(v.size > constants.MOST for v in known.values()):
            return False
        value = exact.computed(op, known)
        if value is None or constants.literal_of(value) is None:
            return False
        self.known[op.outputs[0]] = value
        return True

    def _owned(self, expression: Expression, op: Op) -> list[str]:
        owned = [op.name]
        for tensor in tensors(expression):
            owned += self.owners.pop(self.resolved(tensor), [])
        return owned

    def _expression(self, op: Op, handles: list[str]) -> tuple[Expression, Given]:
        whole = Given(len(op.outputs), len(op.outputs) > 1)
        if effects.is_call(op, self.file.library):
            outputs = len([tensor for tensor in op.outputs if tensor not in self.alias])
            listed = outputs > 1 or "While" in op.type
            return calls.expression_of(op, self.file), Given(outputs, listed)
        if any(handles) and (op.definition.is_stateful or any(op.refs)):
            known = self._known_of(op)
            taken = [
                (constants.bare(known[each.name]) if each.name in known else None) or each
                for each in map(Tensor, op.inputs)
            ]
            return variables.expression_of(op, taken, handles), whole
        effects.check_portable(op)
        if op.type in JOINS and any(self.resolved(t) not in self.branch for t in op.inputs):
            raise GraphlabError(
                f"{op.title} joins a branch of a condition of TF1 that nothing but a control input"
                " holds back"
            )
        inside = any(self.resolved(tensor) in self.branch for tensor in op.inputs)
        needed = max((n for n, t in enumerate(op.outputs, 1) if self.uses[t]), default=0)
        known = self._known_of(op)
        # A public call may know the shape, and make a constant that is there in either case.
        raw = inside and op.type in FROM_SHAPES
        return self.file.translator.call(op, known, self._rank, needed, raw)

    def _known_of(self, op: Op) -> dict[str, np.ndarray]:
        """The inputs of an op that are constants."""
        behind = {tensor: self.resolved(tensor) for tensor in op.inputs}
        return {
            tensor: self.known[there]
            for tensor, there in behind.items()
            if there in self.known and there not in self.given
        }

    def _rank(self, tensor: str) -> int | None:
        shape = self.shape(tensor)
        return None if shape is None else len(shape)

    def _literal(self, tensor: str) -> Expression | None:
        """A constant where it stands for itself."""
        tensor = self.resolved(tensor)
        if tensor in self.given or tensor not in self.known:
            return None
        value = self.known[tensor]
        literal = constants.literal_of(value)
        return None if literal is None else constants.typed(value, literal)

    def _held(self, expression: Expression) -> Expression:
        """The expression with its tensors written: inside, as long as one line holds them."""
        inside = [self.resolved(t) for t in tensors(expression)]
        inside = [t for t in dict.fromkeys(inside) if t in self.pending]
        captured = {self.resolved(t) for t in _captured(expression)}
        for tensor in inside:
            if tensor in captured:  # or a loop would compute it in each turn
                self._emit((tensor,), self.pending.pop(tensor), self.owners.pop(tensor, []))
        inside = [t for t in inside if t in self.pending]
        before = "x" * 18 + " = "
        for tensor in sorted(inside, key=lambda t: -len(text(self.pending[t]))):
            whole = self._substituted(expression)
            if layout.fits(INDENT, before, whole) and _depth(whole) <= DEEPEST:
                break
            self._emit((tensor,), self.pending.pop(tensor), self.owners.pop(tensor, []))
        whole = self._substituted(expression)
        for tensor in inside:
            self.pending.pop(tensor, None)
        return whole

    def _with_short_lambdas(self, expression: Expression) -> Expression:
        """What lambdas take along is a tuple by itself where their lines would be too long."""
        if not isinstance(expression, Call):
            return expression
        lambdas = [each for each in expression.arguments if isinstance(each, Lambda)]
        long = [each for each in lambdas if len(text(each)) > layout.WIDTH - INDENT - 5]
        if not long:
            return expression
        inner = cast(Call, long[0].value)
        own = len(long[0].parameters)
        name = self.names.new("held")
        held = Listing(inner.arguments[own:], True)
        self.done.append(Line(tuple(layout.statement(INDENT, f"{name} = ", held)), (), ()))

        def short(each: Expression) -> Expression:
            if not isinstance(each, Lambda):
                return each
            inner = cast(Call, each.value)
            arguments = (*inner.arguments[:own], Name(f"*{name}"))
            return replace(each, value=replace(inner, arguments=arguments))

        return replace(expression, arguments=tuple(map(short, expression.arguments)))

    def _substituted(self, expression: Expression) -> Expression:
        return changed(expression, lambda tensor: self.value(tensor.name))

    def value(self, tensor: str) -> Expression:
        """How a tensor is written where it is taken."""
        tensor = self.resolved(tensor)
        if tensor in self.named:
            return Name(self.named[tensor])
        if tensor in self.pending:
            return self.pending[tensor]
        if tensor in self.reading:
            return Name(self.reading[tensor])
        if tensor in self.variables:
            return Name(self.variables[tensor])
        if tensor in self.known:
            literal = self._literal(tensor)
            if literal is not None:
                return literal
            return Name(self.file.constant(self.stored[tensor]))
        raise GraphlabError(f"{tensor} is taken before it is there")

    def _keep_values_before(self, wrote: set[str], taken: set[str]) -> None:
        """Before variables change: what still needs their value is written. No names are all of
        them. What is `taken` by the op that changes them is computed before it does."""
        if any(not name.startswith("self.") for name in wrote):
            wrote = set()  # an argument may be any variable
        for tensor in list(self.pending):
            if tensor not in taken and _mentions(self.pending[tensor], wrote):
                self._emit((tensor,), self.pending.pop(tensor), self.owners.pop(tensor, []))
        for tensor, variable in list(self.reading.items()):
            if tensor in self.named or (wrote and variable not in wrote):
                continue
            if tensor in self.read and self.left[tensor] > 0:
                self._emit((tensor,), Call(f"{variable}.read_value"), [])

    def _emit(
        self,
        outputs: Sequence[str],
        expression: Expression,
        ops: list[str],
        several: bool = False,
    ) -> None:
        """A statement. With `several` the call gives a list, also where it is of one."""
        new: list[tuple[str, str]] = []
        targets = []
        used = len([tensor for tensor in outputs if self.uses[tensor]])
        if used and (used > MOST_TARGETS or len(outputs) - used > MOST_UNUSED):
            self._emit_whole(outputs, expression, ops)
            return
        for tensor in outputs:
            if self.uses[tensor] and tensor not in self.variables:
                name = self.names.new(tensor.rpartition(":")[0])
                self.named[tensor] = name
                new.append((tensor, name))
                targets.append(name)
            else:
                targets.append("_")
        comment = ""
        if len(outputs) == 1 and new:
            shape = self.shape(outputs[0])
            comment = "" if shape is None else str(list(shape))
        written = f"({targets[0]},)" if several and len(targets) == 1 else ", ".join(targets)
        before = f"{written} = " if new else ""
        if len(targets) > 1 and not layout.can_begin(INDENT, before, expression):
            self._emit_whole(outputs, expression, ops)
            return
        lines = layout.statement(INDENT, before, expression, comment)
        self.done.append(Line(tuple(lines), tuple(new), tuple(ops)))

    def _emit_whole(self, outputs: Sequence[str], expression: Expression, ops: list[str]) -> None:
        """A statement whose tensors are taken out of what it gives where they are needed."""
        name = self.names.new(ops[0] if ops else outputs[0])
        new = tuple((t, f"{name}[{n}]") for n, t in enumerate(outputs) if self.uses[t])
        self.named |= dict(new)
        lines = layout.statement(INDENT, f"{name} = ", expression)
        self.done.append(Line(tuple(lines), new, tuple(ops)))

    def results(self, tensors_: Iterable[str]) -> list[Expression]:
        """What is returned; what is long has a line of its own before."""
        tensors_ = list(tensors_)
        for tensor in map(self.resolved, tensors_):
            if tensor in self.pending and len(text(self.pending[tensor])) > LONGEST_RESULT:
                self._emit((tensor,), self.pending.pop(tensor), self.owners.pop(tensor, []))
        return [self.value(tensor) for tensor in tensors_]


def _mentions(expression: Expression, variables_: set[str]) -> bool:
    if isinstance(expression, Name):
        return expression.text in variables_ if variables_ else True
    return any(_mentions(part, variables_) for part in parts(expression))


def _captured(expression: Expression) -> list[str]:
    """The tensors that stand inside of a lambda."""
    if isinstance(expression, Lambda):
        return list(tensors(expression))
    return [tensor for part in parts(expression) for tensor in _captured(part)]


def _depth(expression: Expression) -> int:
    inner = max(map(_depth, parts(expression)), default=0)
    return inner + isinstance(expression, Call)
