"""What is to be seen of a walk at one moment, and what was changed on the way: plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphlab.model import Source, Step

if TYPE_CHECKING:
    from graphlab.engine.execution import Live, Next


@dataclass(frozen=True)
class View:
    """The moment after a step: all that a screen may show of it."""

    number: int  # steps made so far
    step: Step | None  # the last one, with values; None: nothing has run yet
    inputs: Mapping[str, Any]  # what it was given
    why: str  # what came last to it, see `Execution.why`
    whence: int | None  # the step that gave what came last; None: it was fed, or an argument
    source: Source | None
    ready: tuple[Next, ...]
    live: tuple[Live, ...]
    over: bool  # whether nothing is left to run
    again: bool  # whether this step had been made before a step back: its time tells nothing
    changed: Mapping[str, Any]  # tensors that were given another value at this moment
    variables: Mapping[str, str]  # which variable a handle is of, by tensor
    total: int | None = None  # steps of the whole run; None: nobody has seen its end yet
    became: str = ""  # in the recorded call, where it ran as part of another op
    was: Mapping[str, Any] = field(default_factory=dict)  # by tensor: before somebody set one


@dataclass(frozen=True)
class Edit:
    """A tensor, or a variable, that was changed after so many steps."""

    number: int
    tensor: str
    frame: str | None  # None: a variable
    value: Any
    before: Any = None


Heed = Callable[[int], bool]  # is told of each step of a motion, and says whether to stop there
