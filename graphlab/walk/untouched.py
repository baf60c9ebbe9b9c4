"""The same call, in which nothing was set: what would have come, beside what came.

untouched = Untouched(start)
untouched.gives(12, step)    # {"z:0": ...}, as step 12 gives without any change
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from graphlab.model import Step

if TYPE_CHECKING:
    from graphlab.engine.execution import Execution


class Untouched:
    """An execution that follows another one; it begins when it is first asked."""

    def __init__(self, start: Callable[[], Execution]) -> None:
        self._start = start
        self._execution: Execution | None = None

    def gives(self, number: int, step: Step) -> Mapping[str, Any]:
        """What the step of this number gives; nothing where it is another op by then."""
        if self._execution is None:
            self._execution = self._start()
        other = self._execution
        if other.number > number:
            other.go_to(number)
        while other.number < number and next(other, None) is not None:
            pass
        last = other.last
        if last is None or other.number != number:
            return {}
        same = (last.node, last.frame) == (step.node, step.frame)
        return dict(last.values or {}) if same else {}
