"""The console that the command line prints to, and what it prints where characters are missing."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from visualize.words import ASCII, printable

LEAST = 20  # columns; nothing can be read in fewer, and a COLUMNS of 0 means nobody knows
STAND_INS = "graphlab.stand-ins"  # the name of our error handler
# What the text views do not know of: ticks, crosses, dots and rules.
MORE = str.maketrans("✓✗·┆└→←▇▆▅▄▃▂▁", "+x.:+><#######")


class Plain(Console):
    """Brackets, colons and numbers of a lesson's text stay as they are.

    Rich fills each line of a column with spaces. Only a terminal needs them: what is piped goes
    without. No text reaches a terminal with a control character in it, whoever wrote it.
    """

    def __init__(self, file: TextIO) -> None:
        if hasattr(file, "reconfigure"):
            file.reconfigure(errors=STAND_INS)
        super().__init__(file=file, markup=False, emoji=False, highlight=False)
        self.width = max(self.width, LEAST)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterator[Segment]:
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else printable(text), style, control)

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError

    def print(self, *objects: Any, **options: Any) -> None:
        if self.is_terminal:
            super().print(*objects, **options)
            return
        with self.capture() as taken:
            super().print(*objects, **options)
        self.file.write("\n".join(line.rstrip(" ") for line in taken.get().split("\n")))
        self.file.flush()  # as rich does: whoever follows a log waits for it


def stand_ins(error: UnicodeError) -> tuple[str, int]:
    """For each character that an encoding lacks, one that it has: `*` for the dot of an op.

    >>> "●─╯ µs ✓ é".encode("ascii", STAND_INS)
    b'*-/ us + ?'
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error

    lost = error.object[error.start : error.end].translate(ASCII).translate(MORE)
    plain = ("*" if 0x2800 < ord(c) < 0x2900 else c for c in lost)  # the dots of a curve
    return "".join(c if c.isascii() else "?" for c in plain), error.end


codecs.register_error(STAND_INS, stand_ins)
