"""The lines of tapes: where their blocks begin and end, and what is asked of them.

with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(x @ self.w - y))
w_grad = tape.gradient(loss, self.w)

What tf.gradients is asked for is a line like the last one, and needs no block.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graphlab.engine.kernels.nodes import Op
from graphlab.model import node_of
from graphlab.port import layout
from graphlab.port.expression import Call, Expression, Listing, text
from graphlab.port.lines import MOST_TARGETS, Gradients, Line, Lines
from graphlab.port.scene import TAPE, Tape
from graphlab.port.statements import Statements

WHY = "# A tape makes other ops of this; tf.gradients works inside of a tf.function only."


@dataclass(frozen=True)
class Block:
    """Tapes that open and close together, and so are one, which is asked as often."""

    tapes: tuple[str, ...]  # their ops, one behind the other
    first: int  # the place of the op before which they open
    end: int  # the place of the first of their ops


def blocks(ops: Sequence[Op], tapes: Mapping[str, Tape]) -> list[Block]:
    """The blocks of the tapes among the ops, outer ones first where several open."""
    place = {op.name: n for n, op in enumerate(ops)}
    found: list[Block] = []
    for op in ops:
        if op.name not in tapes or tapes[op.name].by != TAPE:
            continue
        at = place[op.name]
        first = min([place[name] for name in tapes[op.name].inside if name in place], default=at)
        last = found[-1] if found else None
        inner = () if last is None else last.tapes
        if last is not None and last.end + len(inner) == at and not {*inner} & {*op.before}:
            found[-1] = Block((*inner, op.name), min(last.first, first), last.end)
        else:
            found.append(Block((op.name,), first, at))
    nested = [_around(block, found) for block in found]
    return sorted(nested, key=lambda block: (block.first, -block.end))


def _around(block: Block, others: Sequence[Block]) -> Block:
    """The block, begun early enough to hold all that close in it: blocks nest."""
    first = block.first
    for other in reversed(others):  # by their ends
        if first < other.end < block.end:
            first = min(first, other.first)
    return Block(block.tapes, first, block.end)


@dataclass
class Beneath:
    """Writes the tapes of a body among its other lines."""

    lines: Lines
    statements: Statements
    tapes: Mapping[str, Tape]  # by their ops
    blocks: Sequence[Block]
    names: dict[str, str] = field(default_factory=dict)  # of the tapes in the file

    def before(self, place: int) -> None:
        """What is to be written before the op of this place is."""
        for block in self.blocks:
            if block.first == place:
                self._begin(block)
        for block in self.blocks:
            if block.end == place:
                self._end(block)

    def _begin(self, block: Block) -> None:
        lines, name = self.lines, self.lines.names.new("tape")
        self.names |= dict.fromkeys(block.tapes, name)
        often = "persistent=True" if len(block.tapes) > 1 else ""
        written = [f"{' ' * lines.indent}with tf.GradientTape({often}) as {name}:"]
        lines.indent += 4
        told = dict.fromkeys(each for tape in block.tapes for each in self.tapes[tape].watched)
        watched = [self.statements.value(tensor) for tensor in told]
        if watched:
            call = Call(f"{name}.watch", (_one_or_all(watched),))
            written += layout.statement(lines.indent, "", call)
        lines.done.append(Line(tuple(written), (), ()))

    def _end(self, block: Block) -> None:
        for name in block.tapes:
            for tensor in self.tapes[name].losses:
                self.statements.write_out(tensor)
        self.lines.indent -= 4

    def write(self, op: Op) -> None:
        """What a tape is asked for, or tf.gradients."""
        tape = self.tapes[op.name]
        for tensor in tape.losses if tape.by != TAPE else ():
            self.statements.write_out(tensor)
        value = self.statements.value
        sources = [value(tensor) for tensor in tape.sources]
        asked = (_one_or_all([value(tensor) for tensor in tape.losses]), _one_or_all(sources))
        names = [] if len(sources) > MOST_TARGETS else self._names(sources)
        whole = ", ".join(names)
        if not names or len(f"{whole} = {tape.by}.gradient(") > layout.WIDTH - self.lines.indent:
            whole = self.lines.names.new("gradients")
            names = [f"{whole}[{n}]" for n in range(len(sources))]
        new = []
        for tensor, gradient in tape.gives:
            name = names[tape.sources.index(gradient.source)]
            new.append((tensor, f"{name}.{gradient.part}" if gradient.part else name))
        self.lines.named |= dict(new)
        above = () if tape.by == TAPE else (f"{' ' * self.lines.indent}{WHY}",)
        function = f"{self.names[op.name]}.gradient" if tape.by == TAPE else tape.by
        if tape.by != TAPE and len(names) == 1 and whole in names:
            whole = f"({whole},)"
        before = f"{whole} = "
        loss, of = asked
        if whole not in names and isinstance(of, Listing):
            place = len(self.lines.done), self.lines.indent
            self.lines.gradients[whole] = Gradients(*place, loss, of, before, function, above)
        call = Call(function, asked)
        written = [*above, *layout.statement(self.lines.indent, before, call)]
        ops = tuple(dict.fromkeys(node_of(tensor) for tensor, _ in tape.gives))
        self.lines.done.append(Line(tuple(written), tuple(new), ops))

    def _names(self, sources: Sequence[Expression]) -> list[str]:
        """Names of gradients, by those of what they are taken for."""
        own = [text(each).removeprefix("self.").removesuffix(".value") for each in sources]
        return [self.lines.names.new(f"{name.replace('.', '/')}_grad") for name in own]


def _one_or_all(each: Sequence[Expression]) -> Expression:
    return each[0] if len(each) == 1 else Listing(tuple(each))
