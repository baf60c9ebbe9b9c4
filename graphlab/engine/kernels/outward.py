"""What was done outside by a call that is executed again: it is done, and is not done once more.

A checkpoint may have been written over since, an event file would have its points twice, and a
text would be printed a second time.
"""

from __future__ import annotations

from graphlab.engine.kernels.nodes import Op
from graphlab.engine.state import State
from graphlab.sources.outside import DOES

PRINT = "Print"  # TensorFlow 1's: it also hands on its first input
_DOES = ("writes files", "calls Python functions")


def is_done(kind: str, outputs: int) -> bool:
    """Whether an op with so many outputs is run for nothing but what it does outside: it writes
    files, prints, or calls a Python function that gives nothing back."""
    return kind == PRINT or (not outputs and DOES.get(kind) in _DOES)


def passed(op: Op, inputs: list, state: State) -> list:
    """What such an op gives where it is passed by: nothing, or what it hands on."""
    return inputs[:1] if op.outputs else []
