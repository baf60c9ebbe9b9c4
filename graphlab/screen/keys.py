"""What the signs of a text view mean, and the names of ops that only the runtime has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

# Signs that say the same, and what they say.
LANES = {
    "●": "● an op",
    "│": "│ a tensor kept",
    "├┤┼": "├ taken, and again below",
    "╯╰┴": "╯ taken for the last time",
}
OPS = {
    "_Arg": "_Arg: what is fed",
    "_Retval": "_Retval: what is fetched",
    "_Mkl": "_Mkl…: by Intel's oneDNN library",
    "_Fused": "_Fused…: several ops in one kernel",
}


def lanes(lines: Iterable[Text]) -> Iterator[Text]:
    """A line about the signs that occur in the rows of text views; none where none does."""
    drawn = set().union(*(line.plain for line in lines))
    yield from _line(text for signs, text in LANES.items() if not drawn.isdisjoint(signs))


def ops(names: Iterable[str]) -> Iterator[Text]:
    """A line about the ops of these names that no program asks for; none where none occurs."""
    seen = tuple(dict.fromkeys(names))
    told = (text for start, text in OPS.items() if any(name.startswith(start) for name in seen))
    yield from _line(told)


def _line(told: Iterable[str]) -> Iterator[Text]:
    line = "   ".join(told)
    if line:
        yield Text(line, "dim")
