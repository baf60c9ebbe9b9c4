"""A tensor's value in a few lines: small ones whole, large ones by what they span.

>>> [line.plain for line in summary([[1.0, 2.0], [3.0, 4.0]], 40)]
['[[1 2] [3 4]]']
>>> [line.plain for line in summary(list(range(100)), 60)]
['0 to 99, mean 49.5, std 28.9  ▇▇▇▇▇▇▇▇▇▇▇▇']
"""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
from rich.text import Text

from visualize.words import printable

WHOLE = 20  # a tensor of so many elements is shown whole
FIRST = 8  # elements of a larger one that are shown where there is room
BINS = 12
SHORT = 60  # columns of a value inside of a sentence
BARS = " ▁▂▃▄▅▆▇"


def summary(value: Any, width: int, first: bool = False) -> list[Text]:
    """Lines of at most `width` columns; with `first` also the first elements of a large one."""
    if isinstance(value, str):  # what is no array: a handle, a variant
        return [Text(_cut(value, width), "dim")]
    array = _plain(np.asarray(value))
    if array.size <= WHOLE:
        return [Text(line) for line in _rows(_whole(array), width)]
    lines = _packed(_span(array), width) if array.dtype.kind in "biuf" else []
    if first or not lines:
        start = " ".join(_number(each) for each in array.ravel()[:FIRST])
        lines.append(Text(_cut(f"begins {start} …", width)))
    return lines


def short(value: Any) -> str:
    """A value inside of a sentence."""
    return " ".join(line.plain for line in summary(value, SHORT)).strip()


def histogram(array: np.ndarray) -> str:
    """A bar for each of BINS equal ranges of the finite elements, from the least to the most.

    A range with at least one element has a bar that can be seen.
    """
    counts, _ = np.histogram(array, BINS)
    tallest = counts.max()
    heights = -(-counts * (len(BARS) - 1) // tallest)  # rounded up
    return "".join(BARS[int(height)] for height in heights)


def _span(array: np.ndarray) -> list[Text]:
    """What an array of numbers spans, in pieces; how many are no numbers is said first, in red."""
    wide = array.astype(np.float64)
    finite = wide[np.isfinite(wide)]
    nans, infs = int(np.isnan(wide).sum()), int(np.isinf(wide).sum())
    bad = ", ".join(f"{n:,} {word}" for n, word in ((nans, "NaN"), (infs, "Inf")) if n)
    said = [Text(bad, "bold red")] if bad else []
    if not finite.size:
        return [*said, Text("no finite number")]
    low, high = finite.min(), finite.max()
    if array.dtype.kind == "b":
        return [*said, Text(f"{int(wide.sum()):,} of {array.size:,} are True")]
    if low == high:
        return [*said, Text(f"all others {low:.4g}" if bad else f"all {low:.4g}")]
    span = f"{low:.4g} to {high:.4g}, mean {finite.mean():.4g}, std {finite.std():.3g}"
    return [*said, Text(span), Text(histogram(finite), "cyan")]


def _packed(pieces: list[Text], width: int) -> list[Text]:
    """The pieces in lines; one that is wider than a line goes on in the next, between words."""
    lines: list[Text] = []
    for piece in pieces:
        if lines and len(lines[-1]) + 2 + len(piece) <= width:
            lines[-1] = Text.assemble(lines[-1], "  ", piece)
        elif len(piece) <= width:
            lines.append(piece)
        else:
            lines += [Text(part, piece.style) for part in textwrap.wrap(piece.plain, width)]
    return lines


def _rows(whole: str, width: int) -> list[str]:
    """The numbers in lines; a row of them is broken only where it is wider than a line.

    >>> _rows("[[1 2 3] [4 5 6] [7 8 9]]", 20)
    ['[[1 2 3] [4 5 6]', ' [7 8 9]]']
    >>> _rows("[[1 2 3] [4 5 6]]", 7)
    ['[[1 2', '  3]', ' [4 5', '  6]]']
    """
    lines: list[str] = []
    deep = _opened(whole)
    beyond = " " * deep if deep > 1 else ""
    for row in whole.replace("] [", "]\n[").split("\n"):
        if lines and lines[-1].strip()[:1] == "[" and len(lines[-1]) + 1 + len(row) <= width:
            lines[-1] += f" {row}"
        else:
            under = " " * (deep - _opened(row))
            lines += textwrap.wrap(row, width, initial_indent=under, subsequent_indent=beyond)
    return lines or ["empty"]


def _opened(text: str) -> int:
    """How many brackets it begins with."""
    return len(text) - len(text.lstrip("["))


def _plain(array: np.ndarray) -> np.ndarray:
    """NumPy knows the names of TensorFlow's short floats, and little else of them."""
    return array.astype(np.float32) if array.dtype.kind == "V" else array


def _whole(array: Any) -> str:
    if not getattr(array, "ndim", 0):  # an element: of texts, Python's own
        return _number(array.tolist() if isinstance(array, np.ndarray) else array)
    return f"[{' '.join(_whole(each) for each in array)}]" if array.size else "[]"


def _number(value: Any) -> str:
    if isinstance(value, bytes):
        return repr(value.decode("utf-8", "backslashreplace"))
    if isinstance(value, float | np.floating):
        return f"{value:.6g}"
    return printable(str(value), newlines=False)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: max(width - 1, 0)]}…"
