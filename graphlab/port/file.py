"""What a body needs of the file that it is written into, and the bodies inside of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Protocol

from graphlab.engine.kernels.nodes import Op
from graphlab.model import Shape
from graphlab.port import effects
from graphlab.port.calls import Methods
from graphlab.port.expression import Expression
from graphlab.port.lines import Line, Lines
from graphlab.port.names import Names
from graphlab.port.scene import Tape
from graphlab.port.statements import Loop, Statements
from graphlab.port.translate import Translator
from graphlab.port.values import Values


class File(Methods, Protocol):
    """What a body needs of the file that it is written into."""

    translator: Translator
    has_arrays: bool  # whether its lists are TensorArrays

    def constant(self, op: Op) -> str:
        """The attribute that holds a constant, as `self.table`."""

    def inner(
        self,
        function: str,
        op: Op,
        gives: tuple[int, ...] | None,
        names: Names,
        given: Mapping[str, str],
        handles: dict[str, str],
        indent: int = 8,
    ) -> Inner:
        """The body of a function of the library, of which these results are wanted, to be written
        where `names` are taken, its arguments are `given` and its variables are `handles`."""

    def count(self, inner: Inner) -> None:
        """The body of a function is written."""

    def layers(self, op: Op) -> str:
        """The attribute that is the layers of Keras for which an op stands."""

    def rule(self, name: str) -> None:
        """A rule of an optimizer or a cell is called, and is to stand in the file."""

    def chain(self, op: Op) -> Loop | None:
        """The loop that an op stands for, where it stands for several calls."""

    def unported(self, op: Op, reason: str) -> str:
        """A method that raises: what stands in place of the op."""


class Writing(Protocol):
    """Who writes a body; see `body.Writer`."""

    file: File
    shape: Callable[[str], Shape]
    values: Values
    lines: Lines
    statements: Statements
    raw: list[str]
    tapes: Mapping[str, Tape]
    makers: Mapping[str, Op]
    is_converted: bool

    @property
    def done(self) -> list[Line]:
        """What is written."""

    @property
    def handed_on(self) -> Mapping[str, Sequence[str]]:
        """The tensors that only hand one on, by that one; when all ops are known."""

    def write(self, ops: Sequence[Op], results: Iterable[str], within: str = "") -> None:
        """All statements; `within` is the scope that the body is of."""

    def ends(self, tensors: Iterable[str]) -> tuple[str, ...]:
        """The ops that stand in what is returned."""

    def results(self, tensors: Iterable[str], whole: bool = True) -> list[Expression]:
        """What is returned."""


@dataclass(frozen=True)
class Inner:
    """The body of a function, to be written: its ops as they were, and as they are written."""

    writer: Writing
    counted: Sequence[Op]
    ops: Sequence[Op]
    results: Sequence[str]

    def write(self) -> None:
        """All its statements."""
        self.writer.write(self.ops, self.results, _common(self.ops))


def _common(ops: Sequence[Op]) -> str:
    """The scope that all ops of a body are in, with the slash behind it."""
    paths = [op.name.split("/")[:-1] for op in ops if op.type not in effects.NO_WORK]
    same = takewhile(lambda words: len({*words}) == 1, zip(*paths, strict=False))
    return "".join(f"{words[0]}/" for words in same)
