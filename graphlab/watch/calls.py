"""How often each call was made and how long it took, whatever the number of calls."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import Any

from graphlab.model import Source

MOST_TIMES = 1024  # single times that are kept of one kind; of more, evenly spread ones


@dataclass(eq=False)
class Calls:
    """All calls of one kind: one place in the user's code, on one thread, asking for the same."""

    way: str
    name: str  # "Session.run", or the function's name
    source: Source | None
    thread: str = ""  # "" for the thread that began to watch
    asked: tuple[str, ...] = ()  # of a session: what is fetched
    count: int = 0  # calls that came back
    first_us: float = 0.0
    recorded: dict[int, float] = field(default_factory=dict)  # number of a call: its µs
    unrecorded: str = ""  # why none of them could be recorded
    _later_us: list[float] = field(default_factory=list)  # without recording, but for the first
    _every: int = 1  # of the later ones each so manieth is kept

    def took(self, wall_us: float, recorded: bool = False) -> int:
        """Note one more call; its number, from 1."""
        self.count += 1
        if self.count == 1:
            self.first_us = wall_us
        if recorded:
            self.recorded[self.count] = wall_us
        elif self.count > 1 and self.count % self._every == 0:
            self._later_us.append(wall_us)
            if len(self._later_us) >= MOST_TIMES:
                del self._later_us[::2]
                self._every *= 2
        return self.count

    @property
    def later(self) -> int:
        """How many calls came after the first and were not recorded."""
        return self.count - len(set(self.recorded) | {1}) if self.count else 0

    @property
    def median_us(self) -> float | None:
        """The median of those, or of an even sample of them; None where there are none."""
        return statistics.median(self._later_us) if self._later_us else None


@dataclass
class Growth:
    """How a graph grew between the runs that one line asked for."""

    source: Source | None
    runs: int = 0  # calls of the line on this graph
    grew: int = 0  # before how many of them there were new ops
    least: int = 0  # new ops before one of those
    most: int = 0
    _version: int = -1
    _still: int = 0  # runs since it grew

    def at(self, session: Any) -> None:
        """Note a run of the session's graph, whose version grows with each op. Of one that has not
        grown for long it is asked now and then, as that takes as long as much of the rest."""
        self.runs += 1
        if self._still >= STILL and self.runs % NOW_AND_THEN:
            return
        version = session.graph.version
        new = version - self._version if self._version >= 0 else 0
        self._version = version
        self._still = 0 if new > 0 else self._still + 1
        if new > 0:
            self.least = min(self.least or new, new)
            self.most = max(self.most, new)
            self.grew += 1

    @property
    def steady(self) -> bool:
        """Whether it grows with the calls, which will slow and at last stop the program."""
        return self.grew >= STEADY_GROWTH and 2 * self.grew >= self.runs

    def text(self) -> str:
        """One line for a reader."""
        ops = f"{self.least:,}" if self.least == self.most else f"{self.least:,} to {self.most:,}"
        each = "each" if self.grew == self.runs - 1 else f"{self.grew:,}"
        place = f", at {self.source[0]}:{self.source[1]}" if self.source else ""
        plural = "" if (self.least, self.most) == (1, 1) else "s"
        return (
            f"the graph grew by {ops} op{plural} in {each} of {self.runs:,} calls{place}: make the"
            " ops once, before the loop"
        )


STILL = 32  # runs after which a graph has not grown for long
NOW_AND_THEN = 8
STEADY_GROWTH = 8  # a program that is being built grows its graph a few times, too
