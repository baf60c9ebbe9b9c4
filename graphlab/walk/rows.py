"""A tensor in the stepper: its name, its type and its value, in lines of the width there is.

>>> [line.plain for line in tensor_lines("gives", spec_of("x:0", [1.0, 2.0]), [1.0, 2.0], 60)]
['gives x:0  float64 [2]  [1 2]']
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from rich.text import Text

from graphlab.model import TensorSpec
from graphlab.walk.values import summary
from visualize.words import middle, shape_text

LEAD = 6  # columns of a label, and of what goes on below


def tensor_lines(
    label: str, spec: TensorSpec, value: Any, width: int, first: bool = False
) -> Iterable[Text]:
    """A line with the tensor's name and type, and below it, or behind where it fits, its value.

    `label` stands before it, in columns of its own; `first` is as for `values.summary`.
    """
    handle = isinstance(value, str)
    about = "" if handle else f"  {spec.dtype} {shape_text(spec.shape)}"
    lead = LEAD if label else 2
    mark = f"{label:<{LEAD}}" if label else ""
    room = min(max(width - 30, 16), width - len(mark) - len(about))
    head = Text.assemble((mark, "dim"), (middle(spec.name, max(room, 8)), "bold"))
    head.append(about)
    lines = summary(value, max(width - lead, 20), first)
    if len(lines) == 1 and len(head) + len(lines[0]) + 2 <= width:
        yield Text.assemble(head, "  ", lines[0].copy())
        return
    yield head
    for line in lines:
        yield Text.assemble(" " * lead, line)


def spec_of(name: str, value: Any) -> TensorSpec:
    """The type and shape of a value; TensorFlow's name for a text is string."""
    if isinstance(value, str):
        return TensorSpec(name, "", None)
    array = np.asarray(value)
    dtype = "string" if array.dtype.kind in "OSU" else array.dtype.name
    return TensorSpec(name, dtype, array.shape)
