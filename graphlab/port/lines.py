"""Lines of a body as they are written: each gives tensors names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from graphlab.model import Shape, node_of
from graphlab.port import layout
from graphlab.port.expression import Call, Expression, Listing, Name, text
from graphlab.port.names import LONGEST, Names
from graphlab.port.values import Values

NUMBER = len("_99")  # what may stand behind a name
MOST_TARGETS, MOST_UNUSED = 6, 2  # names on the left, and places without one


@dataclass(frozen=True)
class Line:
    """A statement, over one or more lines of text."""

    lines: tuple[str, ...]
    tensors: tuple[tuple[str, str], ...]  # a tensor, and its name in the file
    ops: tuple[str, ...]  # the ops that it stands for


@dataclass(frozen=True)
class Gradients:
    """A list of gradients, as the file calls it, and the statement that gives it."""

    place: int  # of its line
    indent: int
    loss: Expression
    sources: Listing
    before: str
    asked: str  # the function
    above: tuple[str, ...] = ()  # lines

    def written(self, sources: str = "") -> tuple[str, ...]:
        """The statement; with a name for what the gradients are of, behind that of the list."""
        if not sources:
            return tuple(self._statement(self.sources))
        listed = layout.statement(self.indent, f"{sources} = ", self.sources)
        return (*listed, *self._statement(Name(sources)))

    def _statement(self, sources: Expression) -> list[str]:
        call = Call(self.asked, (self.loss, sources))
        return [*self.above, *layout.statement(self.indent, self.before, call)]


@dataclass
class Lines:
    """What is written of a body so far, and what its tensors are called."""

    values: Values
    names: Names  # of the body's scope
    shape: Callable[[str], Shape]
    name_of: Callable[[str], str]  # the name in the graph of which a tensor's is made
    indent: int  # of the statements
    done: list[Line] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)
    lists: set[tuple[str, ...]] = field(default_factory=set)  # outputs that are not taken apart
    gradients: dict[str, Gradients] = field(default_factory=dict)  # by the name of their list
    again: Callable[[str], str] = lambda tensor: ""  # the name of a loop variable that it may have

    def write(
        self,
        outputs: Sequence[str],
        expression: Expression,
        ops: list[str],
        several: bool = False,
    ) -> None:
        """A statement. With `several` the call gives a list, also where it is of one."""
        new: list[tuple[str, str]] = []
        targets = []
        used = len([tensor for tensor in outputs if self.values.uses[tensor]])
        many = used > MOST_TARGETS or len(outputs) - used > MOST_UNUSED
        if used and (many or tuple(outputs) in self.lists):
            self._write_whole(outputs, expression, ops)
            return
        for tensor in outputs:
            if self.values.uses[tensor] and tensor not in self.values.variables:
                name = self.name(tensor, self._room(expression))
                new.append((tensor, name))
                targets.append(name)
            else:
                targets.append("_")
        comment = ""
        if len(outputs) == 1 and new and not self.values.lists.intersection(outputs):
            shape = self.shape(outputs[0])
            comment = "" if shape is None else str(list(shape))
        written = f"({targets[0]},)" if several and len(targets) == 1 else ", ".join(targets)
        before = f"{written} = " if new else ""
        if len(targets) > 1 and not layout.can_begin(self.indent, before, expression):
            self._write_whole(outputs, expression, ops)
            return
        lines = layout.statement(self.indent, before, expression, comment)
        self.done.append(Line(tuple(lines), tuple(new), tuple(ops)))

    def write_listed(
        self, words: Sequence[str], outputs: Sequence[str], call: Call, ops: list[str]
    ) -> None:
        """The statement of what gives a list and one tensor behind it, called by these words. What
        it is given is a list; of gradients of a tape all in their order are that list."""
        *listed, last = outputs
        given, *others = call.arguments
        name = self.names.new(words[0])
        each = [*map(text, given.items)] if isinstance(given, Listing) else []
        all_ = each[0].removesuffix("[0]") if each else ""
        known = self.gradients.get(all_)
        if known is not None and each == [f"{all_}[{n}]" for n in range(len(known.sources.items))]:
            given, self.gradients[name] = Name(all_), known
        new = [(tensor, f"{name}[{n}]") for n, tensor in enumerate(listed)]
        if self.values.uses[last]:
            new.append((last, self.names.new(words[1])))
        self.named |= dict(new)
        before = f"{name}, {dict(new).get(last, '_')} = "
        lines = layout.statement(self.indent, before, replace(call, arguments=(given, *others)))
        self.done.append(Line(tuple(lines), tuple(new), tuple(ops)))

    def write_nested(
        self, word: str, paths: Mapping[str, str], expression: Expression, ops: list[str]
    ) -> str:
        """The statement of what gives tensors that are taken out of it, as `.values`, and the name
        of its whole, after a word of the graph."""
        name = self.names.new(word)
        told = paths.items()
        new = tuple((t, f"{name}{path}") for t, path in told if self.values.uses[t])
        self.named |= dict(new)
        lines = layout.statement(self.indent, f"{name} = ", expression)
        self.done.append(Line(tuple(lines), new, tuple(ops)))
        return name

    def name(self, tensor: str, longest: int = LONGEST) -> str:
        """A new name for a tensor, or that of the loop variable which it becomes."""
        if own := self.again(tensor):
            self.named[tensor] = own
            return own
        graphs = self.name_of(tensor)
        if graphs == node_of(tensor):
            graphs = self.values.hints.get(tensor, graphs)
        self.named[tensor] = self.names.new(graphs, longest)
        return self.named[tensor]

    def _room(self, expression: Expression) -> int:
        """How long a name may be before an expression that cannot be broken."""
        if isinstance(expression, Call | Listing):
            return LONGEST
        room = layout.WIDTH - self.indent - len(" = ") - len(text(expression)) - NUMBER
        return max(1, min(LONGEST, room))

    def _write_whole(self, outputs: Sequence[str], expression: Expression, ops: list[str]) -> None:
        """A statement whose tensors are taken out of what it gives where they are needed."""
        name = self.names.new(ops[0] if ops else outputs[0])
        new = tuple((t, f"{name}[{n}]") for n, t in enumerate(outputs) if self.values.uses[t])
        self.named |= dict(new)
        lines = layout.statement(self.indent, f"{name} = ", expression)
        self.done.append(Line(tuple(lines), new, tuple(ops)))
