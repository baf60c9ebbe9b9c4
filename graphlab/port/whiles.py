"""A While with a short condition as a loop of Python's, of which AutoGraph makes a While again.

    while tf.abs(root - x / root) > 0.001:
        root -= 0.4 * (root - x / root)

Where a loop only counts its turns, `for _ in tf.range(3):`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace

from graphlab.engine.kernels.functions import called
from graphlab.engine.kernels.nodes import Body, Op
from graphlab.model import node_of
from graphlab.port import arrays, calls, constants, effects, layout
from graphlab.port.counters import behind, counters, source
from graphlab.port.expression import (
    Binary,
    Call,
    Expression,
    Listing,
    Literal,
    Name,
    mentions,
    text,
)
from graphlab.port.file import Inner, Writing
from graphlab.port.lines import Line
from graphlab.port.loop_variables import counts, given_name


def write(op: Op, writer: Writing) -> bool:
    """Whether the While is written as a loop of Python's. It is not where AutoGraph would make
    another of it: of what has an effect, changes its shape or is handed on for nobody."""
    loop = _Loop.of(op, writer)
    if loop is None:
        return False
    head = loop.head()
    if head is None:
        return False
    loop.write(head)
    return True


@dataclass
class _Loop:
    op: Op
    writer: Writing
    functions: tuple[str, str]
    test: Body
    body: Body
    kept: tuple[int, ...]  # the values that change
    counters: dict[int, Expression] = field(default_factory=dict)  # of them; how many turns
    names: dict[int, str] = field(default_factory=dict)  # what each value is called in a turn

    @classmethod
    def of(cls, op: Op, writer: Writing) -> _Loop | None:
        """None where no loop of Python's does the same."""
        library, values = writer.file.library, writer.values
        condition, turn = called(op)
        test, body = library.body(condition, op), library.body(turn, op)
        fixed = calls.invariants(op, library)
        kept = tuple(n for n, same in enumerate(fixed) if not same)
        inside = [*test.ops.values(), *body.ops.values()]
        if calls.shapes_of(op, kept, writer.shape) is not None:
            return None
        if any(effects.changes(each, library) for each in inside):
            return None
        begins = [values.resolved(op.inputs[n]) for n in kept]
        begins = [tensor for tensor in begins if not _is_filled(tensor, writer)]
        if writer.tapes and len({*begins}) < len(begins):
            return None  # whose gradients would be added up in another order
        taken = {*test.results, *body.results, *(t for each in inside for t in each.inputs)}
        for n in kept:
            arguments = {test.arguments[n], body.arguments[n]}
            if not values.uses[op.outputs[n]] and taken.isdisjoint(arguments):
                return None
        loop = cls(op, writer, (condition, turn), test, body, kept)
        limits = counters(op, test, body, kept, values)
        loop.counters = {n: loop.limit(each) for n, each in limits.items()}
        return loop

    def limit(self, limit: str | Literal) -> Expression:
        """A number of turns as it is written."""
        return limit if isinstance(limit, Literal) else self._outer(limit)

    def _outer(self, tensor: str) -> Expression:
        """What is the same in each turn, by its name or as a number."""
        values, statements = self.writer.values, self.writer.statements
        tensor = values.resolved(tensor)
        if tensor in values.known and tensor not in values.given:
            bare = constants.bare(values.known[tensor])
            if bare is not None:
                return bare
        statements.write_out(tensor)
        return statements.value(tensor)

    def head(self) -> tuple[str, Sequence[str]] | None:
        """The line that begins the loop, and the ops that it stands for; None where the condition
        is more than one expression."""
        names = self.writer.lines.names
        before = deepcopy(names)
        for n in self._states:
            self.names[n] = self._new_name(n)
        space = " " * self.writer.lines.indent
        if self.counters:
            counter = self._counter()
            self.names |= dict.fromkeys(self.counters, counter)
            return f"{space}for {counter} in tf.range({self._turns()}):", ()
        inner = self._inner(self.functions[0], self.test, None, self.writer.lines.indent)
        inner.write()
        (condition,) = inner.writer.results(inner.results)
        line = f"{space}while {text(condition)}:"
        if inner.writer.done or not self._is_test(condition) or len(line) > layout.WIDTH:
            self.writer.lines.names = before
            return None
        self.writer.file.count(inner)
        return line, inner.writer.ends(inner.results)

    def _is_test(self, condition: Expression) -> bool:
        """Whether AutoGraph sees a tensor, and no number of Python's."""
        if isinstance(condition, Call):
            return condition.function != "tf.constant"
        is_variable = isinstance(condition, Name) and condition.text in self.names.values()
        return is_variable or isinstance(condition, Binary)

    def _turns(self) -> str:
        """The least of the limits."""
        numbers = [each.value for each in self.counters.values() if isinstance(each, Literal)]
        others = [text(each) for each in self.counters.values() if not isinstance(each, Literal)]
        found = [*(str(min(numbers)) for _ in numbers[:1]), *dict.fromkeys(others)]
        return found[0] if len(found) == 1 else f"tf.minimum({', '.join(found)})"

    @property
    def _states(self) -> tuple[int, ...]:
        """The values that change and do not only count."""
        return tuple(n for n in self.kept if n not in self.counters)

    def _counter(self) -> str:
        """What counts the turns; `_` where nothing takes it."""
        steps = [behind(self.body.results[n], self.body) for n in self.counters]
        rest = [op for op in self.body.ops.values() if op.type not in effects.ALIASES]
        taken = {source(t, self.body) for op in rest if op not in steps for t in op.inputs}
        for n in self.counters:
            if self.body.arguments[n] in taken:
                graphs = self.writer.lines.name_of(self.op.outputs[n])
                is_own = graphs == node_of(self.op.outputs[n])
                return self.writer.lines.names.new("i" if is_own else graphs)
        return "_"

    def _new_name(self, n: int) -> str:
        """A name that a person gave: to what comes out of the loop, the variable, what it begins
        with or becomes."""
        lines, values, output = self.writer.lines, self.writer.values, self.op.outputs[n]
        begin = self.writer.makers.get(values.resolved(self.op.inputs[n]))
        after = self.writer.handed_on.get(output, ())
        step = behind(self.body.results[n], self.body)
        makers = [*map(self.writer.makers.get, after), begin, step]
        found = [given_name(op) for op in makers if op is not None]
        graphs = lines.name_of(output)
        if graphs != node_of(output):
            found.insert(len(after), graphs)
        is_list = begin is not None and (arrays.is_array(begin) or "TensorList" in begin.type)
        is_count = step is not None and counts(step, self.body.ops)
        found.append("i" if is_count else "outputs" if is_list else "state")
        return lines.names.new(next(filter(None, found)))

    def _inner(
        self, function: str, part: Body, gives: tuple[int, ...] | None, indent: int
    ) -> Inner:
        """A function of the loop, to be written where its arguments have these names."""
        values = self.writer.values
        given, handles, known = {}, {}, {}
        for n, argument in enumerate(part.arguments):
            tensor = values.resolved(self.op.inputs[n])
            if n in self.names:
                given[argument] = self.names[n]
            elif tensor in values.variables:
                handles[argument] = values.variables[tensor]
            elif tensor in values.known and tensor not in values.given:
                known[argument] = tensor
            else:
                given[argument] = text(self._outer(tensor))
        lines = self.writer.lines
        inner = self.writer.file.inner(
            function, self.op, gives, lines.names, given, handles, indent
        )
        for argument, tensor in known.items():
            inner.writer.values.known[argument] = values.known[tensor]
            if tensor in values.stored:
                inner.writer.values.stored[argument] = values.stored[tensor]
        return inner

    def write(self, head: tuple[str, Sequence[str]]) -> None:
        """The first values, the line that begins the loop, and what a turn does."""
        line, ops = head
        lines = self.writer.lines
        values = self.writer.values
        inputs = [values.resolved(tensor) for tensor in self.op.inputs]
        values.left.subtract(inputs)
        for n, tensor in enumerate(inputs):  # or each turn would compute it
            if n not in self.kept:
                self.writer.statements.write_out(tensor)
        for n in self._states:
            self._begin(n)
        lines.done.append(Line((line,), (), (self.op.name, *ops)))
        gives = self._states
        inner = self._inner(self.functions[1], self.body, gives, lines.indent + 4)
        inner.writer.is_converted = True
        inner.writer.lines.again = lambda tensor: self._again(tensor, gives, inner)
        inner.write()
        # What a turn gives comes into no line of the graph outside.
        lines.done += [replace(each, tensors=()) for each in inner.writer.done]
        last = _assigned(
            {
                self.names[n]: _value(tensor, inner.writer)
                for n, tensor in zip(gives, inner.results, strict=True)
            },
            lines.indent + 4,
        )
        found = tuple((self.op.outputs[n], self.names[n]) for n in gives)
        lines.done.append(Line(tuple(last), found, inner.writer.ends(inner.results)))
        lines.named |= dict(found)
        self.writer.raw += inner.writer.raw
        self.writer.file.count(inner)

    def _begin(self, n: int) -> None:
        lines, statements = self.writer.lines, self.writer.statements
        tensor = self.writer.values.resolved(self.op.inputs[n])
        begin = _value(tensor, self.writer)
        statements.pending.pop(tensor, None)
        ops = tuple(statements.owners.pop(tensor, ()))
        written = layout.statement(lines.indent, f"{self.names[n]} = ", begin)
        lines.done.append(Line(tuple(written), (), ops))

    def _again(self, tensor: str, gives: Sequence[int], inner: Inner) -> str:
        """The name of the loop variable that a tensor becomes, once nobody takes what the variable
        was; else ""."""
        values = inner.writer.values
        ends = dict(zip(map(values.resolved, inner.results), gives, strict=True))
        n = ends.get(tensor)
        if n is None or values.left[self.body.arguments[n]]:
            return ""
        pending = inner.writer.statements.pending.values()
        return "" if any(mentions(each, {self.names[n]}) for each in pending) else self.names[n]


def _is_filled(tensor: str, writer: Writing) -> bool:
    """Whether a tensor is a constant, or one number again and again: it has no gradient."""
    op = writer.makers.get(tensor)
    if op is not None and op.type == "Fill":
        tensor = writer.values.resolved(op.inputs[1])
    return tensor in writer.values.known or (
        op is not None and op.type in ("ZerosLike", "OnesLike")
    )


def _value(tensor: str, writer: Writing) -> Expression:
    """A tensor as what a loop variable is to be: of a variable its value, and not itself."""
    found = writer.statements.value(tensor)
    is_variable = isinstance(found, Name) and found.text in writer.values.variables.values()
    return Call(f"{text(found)}.read_value") if is_variable else found


def _assigned(values: Mapping[str, Expression], indent: int) -> list[str]:
    """The lines that give the variables their next values: one after another, or together where
    each is taken by another."""
    left = {name: each for name, each in values.items() if each != Name(name)}
    found: list[str] = []
    while left:
        free = [
            name
            for name in left
            if not any(mentions(each, {name}) for other, each in left.items() if other != name)
        ]
        if not free:
            targets, each = ", ".join(left), tuple(left.values())
            together = " " * indent + f"{targets} = {', '.join(map(text, each))}"
            if len(together) <= layout.WIDTH:
                return [*found, together]
            return [*found, *layout.statement(indent, f"{targets} = ", Listing(each, True))]
        for name in free[:1]:
            found += _next(name, left.pop(name), indent)
    return found


def _next(name: str, value: Expression, indent: int) -> list[str]:
    """A variable's next value: `n += 1` for `n = n + 1`."""
    if (
        isinstance(value, Binary)
        and value.left == Name(name)
        and value.sign in ("+", "-", "*", "/")
    ):
        return layout.statement(indent, f"{name} {value.sign}= ", value.right)
    return layout.statement(indent, f"{name} = ", value)
