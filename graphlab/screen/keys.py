"""What the signs and words of a text view mean, and the names of ops that only the runtime has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rich.text import Text

from graphlab.model import Step

# Signs that say the same, and what they say.
LANES = {
    "●": "● an op",
    "│": "│ a tensor kept",
    "├┤┼": "├ taken, and again below",
    "╯╰┴": "╯ taken for the last time",
}
BEYOND = re.compile(r"[●│├┤┼╯╰┴─ ] \+\d+(  |$)")
# Words of TensorFlow's that stand in the rows of a graph with variables, and what they say.
WORDS = {
    "VarHandleOp": "VarHandleOp: a variable",
    "resource": "resource: what a variable is read and written by",
}
OPS = {
    "_Arg": "_Arg: what is fed",
    "_Retval": "_Retval: what is fetched",
    "_Mkl": "_Mkl…: by Intel's oneDNN library",
    "_Fused": "_Fused…: several ops in one kernel",
}


def lanes(lines: Iterable[Text]) -> Iterator[Text]:
    """A line about the signs that occur in the rows of text views, and one about the words; none
    where none does."""
    rows = [line.plain for line in lines]
    drawn = set().union(*rows)
    signs = [text for signs, text in LANES.items() if not drawn.isdisjoint(signs)]
    if any(BEYOND.search(row) for row in rows):
        signs.append("+1 so many more are kept, without a line")
    yield from _line(signs)
    yield from _line(text for word, text in WORDS.items() if any(word in row for row in rows))


def ops(names: Iterable[str]) -> Iterator[Text]:
    """A line about the ops of these names that no program asks for; none where none occurs."""
    seen = tuple(dict.fromkeys(names))
    told = (text for start, text in OPS.items() if any(name.startswith(start) for name in seen))
    yield from _line(told)


def times(steps: Iterable[Step]) -> Iterator[Text]:
    """A line about steps that ran and have no time; none where every one has."""
    if any(step.duration_us is None and step.launch is None for step in steps):
        yield from _line(["not timed: it ran, and the runtime's record has no time of it"])


def _line(told: Iterable[str]) -> Iterator[Text]:
    line = "   ".join(told)
    if line:
        yield Text(line, "dim")
