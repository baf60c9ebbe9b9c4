"""What ops gave before a step back."""

from __future__ import annotations

from collections.abc import Callable

from graphlab.engine.kernels.nodes import Op
from graphlab.engine.kernels.table import Kernel
from graphlab.engine.kernels.values import Ref, bytes_of, spec_of


class Memory:
    """What ops gave before a step back, so that it need not be computed again.

    What cannot be computed again (a random draw) is kept in any case; the rest within `budget`
    bytes, the oldest let go first.
    """

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.bytes = 0
        self.once: dict[tuple, list] = {}
        self.kept: dict[tuple, tuple[list, int]] = {}

    def outputs(self, place: tuple, op: Op, kernel: Kernel, run: Callable[[], list]) -> list:
        """The op's outputs at this place of the execution: remembered, or by running it."""
        if kernel.once:
            if place not in self.once:
                self.once[place] = run()
            return self.once[place]
        if not kernel.pure:
            return run()
        if place in self.kept:
            return self.kept[place][0]
        outputs = run()
        if any(type(value) is Ref for value in outputs):  # of this execution's variable
            return outputs
        size = sum(
            bytes_of(spec_of(name, dtype, value)) or 0
            for name, dtype, value in zip(op.outputs, op.dtypes, outputs, strict=True)
        )
        self.kept[place] = outputs, size
        self.bytes += size
        while self.bytes > self.budget:
            oldest = next(iter(self.kept))
            self.bytes -= self.kept.pop(oldest)[1]
        return outputs

    def forget(self) -> None:
        """Let go of all that depends on values that were changed."""
        self.kept.clear()
        self.bytes = 0
