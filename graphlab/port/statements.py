"""The statements of a body: what is one line, and what stands inside it.

An op whose only taker can hold it is written inside that one's line, as a person would. Before a
variable changes, whatever still needs the value before it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from graphlab.engine.kernels.nodes import Op
from graphlab.errors import GraphlabError
from graphlab.port import composed, layout
from graphlab.port.exact import Given
from graphlab.port.expression import (
    SPARSE,
    Binary,
    Call,
    Expression,
    Lambda,
    Listing,
    Name,
    Tensor,
    captured,
    changed,
    depth,
    mentions,
    tensors,
    text,
)
from graphlab.port.hints import default
from graphlab.port.lines import Line, Lines
from graphlab.port.values import Values

LONGEST_RESULT = 45
DEEPEST = 4  # calls inside of calls, of which nobody reads more
ROWS = 5  # items of a list that are written inside of it, a line each
ROW = 9  # columns of such a line that are not the item's


@dataclass(frozen=True)
class Loop:
    """`for layer in self.layers: x = layer(x)`."""

    variable: str
    over: str  # `self.layers`
    function: str  # what is called; "" for the variable itself
    place: int  # among the inputs: what the turn before it gave


@dataclass
class Statements:
    """What is written so far, and what waits to be written inside a later line."""

    values: Values
    lines: Lines
    constant: Callable[[Op], str]  # where a constant is stored: `self.table`
    pending: dict[str, Expression] = field(default_factory=dict)  # written where they are taken
    owners: dict[str, list[str]] = field(default_factory=dict)  # ops inside a pending expression
    read: set[str] = field(default_factory=set)  # values of variables whose place is past
    lists: dict[tuple[str, ...], str] = field(default_factory=dict)  # what each step of a loop gave
    sparse: dict[tuple[str, ...], str] = field(default_factory=dict)  # sparse tensors, by the parts

    def write(self, op: Op, expression: Expression, given: Given, waits: bool) -> None:
        """The statement of an op; of what `waits`, and one other takes, inside of that one's."""
        single = not given.listed and len(op.outputs) > 0 and self.values.uses[op.outputs[0]] == 1
        held, ops = self.held(op, expression)
        if single and waits:
            self.pending[op.outputs[0]] = held
            self.owners[op.outputs[0]] = ops
            return
        if given.paths:
            scope = op.name.rpartition("/")[0]
            word = f"{scope}/{default(op)}" if default(op) else op.name
            paths = dict(zip(op.outputs, given.paths, strict=False))  # the last nobody may need
            name = self.lines.write_nested(word, paths, held, ops)
            for path, places in given.sparse:
                parts = (op.outputs[n] if n >= 0 else op.inputs[~n] for n in places)
                self.sparse[tuple(map(self.values.resolved, parts))] = f"{name}{path}"
            return
        outputs = [tensor for tensor in op.outputs if tensor not in self.values.alias]
        self.lines.write(outputs[: given.outputs], held, ops, given.listed)

    def held(self, op: Op, expression: Expression) -> tuple[Expression, list[str]]:
        """The expression of an op with what it takes written, and the ops that are then in it."""
        held = self._with_short_lambdas(self._held(expression))
        return held, self._owned(expression, op)

    def write_out(self, tensor: str) -> None:
        """What waits becomes a line by itself, here."""
        tensor = self.values.resolved(tensor)
        if tensor in self.pending:
            self._write_out(tensor)

    def write_loop(self, op: Op, loop: Loop) -> None:
        """The statements of calls that follow one another."""
        inputs = [self.values.resolved(tensor) for tensor in op.inputs]
        for tensor in inputs:
            if tensor in self.pending and tensor != inputs[loop.place]:
                self._write_out(tensor)
        start = inputs[loop.place]
        ops = [op.name, *self.owners.pop(start, [])]
        begin = self.value(start)
        self.pending.pop(start, None)
        (output,) = op.outputs
        is_free = start in self.values.given and not self.values.left[start]
        is_named = isinstance(begin, Name) and begin.text.isidentifier()
        if is_free and is_named:  # nothing behind the loop takes it
            name = self.lines.named[output] = text(begin)
        else:
            name = self.lines.name(output)
        turn = self.lines.names.new(loop.variable) if loop.variable != "_" else "_"
        taken = [
            Name(name) if place == loop.place else self.value(tensor)
            for place, tensor in enumerate(inputs)
        ]
        call = Call(loop.function or turn, tuple(taken))
        indent = self.lines.indent
        lines = [
            *(layout.statement(indent, f"{name} = ", begin) if text(begin) != name else []),
            f"{' ' * indent}for {turn} in {loop.over}:",
            *layout.statement(indent + 4, f"{name} = ", call),
        ]
        self.lines.done.append(Line(tuple(lines), ((output, name),), tuple(ops)))

    def _write_out(self, tensor: str) -> None:
        self.lines.write((tensor,), self.pending.pop(tensor), self.owners.pop(tensor, []))

    def _owned(self, expression: Expression, op: Op) -> list[str]:
        owned = composed.stands_for(op)
        for tensor in tensors(expression):
            owned += self.owners.pop(self.values.resolved(tensor), [])
        return owned

    def _held(self, expression: Expression) -> Expression:
        """The expression with its tensors written: inside, as long as one line holds them."""
        inside = [self.values.resolved(t) for t in tensors(expression)]
        inside = [t for t in dict.fromkeys(inside) if t in self.pending]
        repeated = {self.values.resolved(t) for t in captured(expression)}
        for tensor in inside:
            if tensor in repeated:  # or a loop would compute it in each turn
                self._write_out(tensor)
        inside = [t for t in inside if t in self.pending]
        before = "x" * 18 + " = "
        rows = self._rows(expression)
        whole = self._substituted(expression)
        if len(inside) > 1:
            inside.sort(key=lambda t: (t in rows, -len(text(self.pending[t]))))
        for tensor in inside:
            if layout.fits(self.lines.indent, before, whole) and depth(whole) <= DEEPEST:
                break
            if tensor in rows:  # and so are all that are left
                break
            self._write_out(tensor)
            whole = self._substituted(expression)
        for tensor in inside:
            self.pending.pop(tensor, None)
        return whole

    def _rows(self, expression: Expression) -> set[str]:
        """What waits and may have a line of its own in a list of which each item has one."""
        if not isinstance(expression, Call):
            return set()
        lists = [each.items for each in expression.arguments if isinstance(each, Listing)]
        found: set[str] = set()
        for items in lists:
            own = {self.values.resolved(each.name) for each in items if isinstance(each, Tensor)}
            own &= self.pending.keys()
            room = self.lines.indent + ROW
            short = {t for t in own if room + len(text(self.pending[t])) <= layout.WIDTH}
            found |= short if len(short) >= ROWS else set()
        return found

    def _with_short_lambdas(self, expression: Expression) -> Expression:
        """What a lambda takes along is a tuple by itself where its line would be too long."""
        if not isinstance(expression, Call):
            return expression

        def short(each: Expression) -> Expression:
            if (
                not isinstance(each, Lambda)
                or len(text(each)) <= layout.WIDTH - self.lines.indent - 5
            ):
                return each
            inner = cast(Call, each.value)
            own = len(each.parameters)
            name = self.lines.names.new("held")
            held = layout.statement(
                self.lines.indent, f"{name} = ", Listing(inner.arguments[own:], True)
            )
            self.lines.done.append(Line(tuple(held), (), ()))
            arguments = (*inner.arguments[:own], Name(f"*{name}"))
            return replace(each, value=replace(inner, arguments=arguments))

        return replace(expression, arguments=tuple(map(short, expression.arguments)))

    def _substituted(self, expression: Expression) -> Expression:
        if self.lists or self.sparse:
            expression = self._by_name(expression)
        return changed(expression, lambda tensor: self.value(tensor.name))

    def _by_name(self, expression: Expression) -> Expression:
        """With each list that a loop has made, and sparse tensor that a call gave, by its name."""
        if isinstance(expression, Listing):
            items = expression.items
            name = self._whole(items, self.lists)
            again = replace(expression, items=tuple(map(self._by_name, items)))
            return Name(name) if name else again
        if isinstance(expression, Call):
            arguments = expression.arguments
            name = self._whole(arguments, self.sparse) if expression.function == SPARSE else ""
            return (
                Name(name)
                if name
                else replace(expression, arguments=tuple(map(self._by_name, arguments)))
            )
        if isinstance(expression, Binary):
            left, right = self._by_name(expression.left), self._by_name(expression.right)
            return replace(expression, left=left, right=right)
        return expression

    def _whole(self, items: Sequence[Expression], known: Mapping[tuple[str, ...], str]) -> str:
        """What is known of just these tensors, "" where nothing is."""
        each = tuple(self.values.resolved(t.name) for t in items if isinstance(t, Tensor))
        return known.get(each, "") if len(each) == len(items) else ""

    def value(self, tensor: str) -> Expression:
        """How a tensor is written where it is taken."""
        tensor = self.values.resolved(tensor)
        if tensor in self.lines.named:
            return Name(self.lines.named[tensor])
        if tensor in self.pending:
            return self.pending[tensor]
        if tensor in self.values.reading:
            return Name(self.values.reading[tensor])
        if tensor in self.values.variables:
            return Name(self.values.variables[tensor])
        if tensor in self.values.known:
            literal = self.values.literal(tensor)
            if literal is not None:
                return literal
            return Name(self.constant(self.values.stored[tensor]))
        raise GraphlabError(f"{tensor} is taken before it is there")

    def keep_values_before(self, wrote: set[str], taken: set[str]) -> None:
        """Before variables change: what still needs their value is written. No names are all of
        them. What is `taken` by the op that changes them is computed before it does."""
        if any(not name.startswith("self.") for name in wrote):
            wrote = set()  # an argument may be any variable
        for tensor in list(self.pending):
            if tensor in taken or tensor in self.values.shared:
                continue
            if mentions(self.pending[tensor], wrote):
                self._write_out(tensor)
        for tensor, variable in list(self.values.reading.items()):
            if tensor in self.lines.named or (wrote and variable not in wrote):
                continue
            if tensor in self.values.shared:  # it has changed with the variable
                continue
            if tensor in self.read and self.values.left[tensor] > 0:
                self.lines.write((tensor,), Call(f"{variable}.read_value"), [])

    def results(self, tensors_: Iterable[str], whole: bool) -> list[Expression]:
        """What is returned; what is long has a line of its own before, but for one that is returned
        as a `whole`."""
        tensors_ = list(tensors_)
        longest = LONGEST_RESULT
        if whole and len(tensors_) == 1:
            longest = layout.WIDTH - self.lines.indent - len("return ")
        for tensor in map(self.values.resolved, tensors_):
            if tensor in self.pending and len(text(self.pending[tensor])) > longest:
                self._write_out(tensor)
        return [self.value(tensor) for tensor in tensors_]
