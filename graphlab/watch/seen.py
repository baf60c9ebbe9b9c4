"""What was observed: every call, and the recorded ones as Runs and Replays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import tensorflow as tf

from graphlab.model import Graph, Run
from graphlab.sources import live
from graphlab.watch import KEEP
from graphlab.watch.calls import Calls
from graphlab.watch.recording import OP_BYTES, Recording
from graphlab.watch.replay import Replay, all_finite
from graphlab.watch.retracing import Traced


class Stepper(Protocol):
    """Whoever watches steps: the observer."""

    def watched(self, items: Sequence[Any], on_step: Callable[[int], None] | None) -> Iterator[Any]:
        """The items one by one, each a step that lasts until the next is asked for."""


class Seen:
    """What was observed so far."""

    def __init__(
        self, observer: Stepper, hunting: bool = False, keep_bytes: int = KEEP, first: int = 0
    ) -> None:
        self.traces = 0  # how often Python ran the body of a tf.function to trace it
        self.eager_cut = False  # whether there were more eager ops than are recorded
        self.step_us: list[float] = []  # each item of `steps`, from hand-over to the next
        self.step_calls: dict[int, int] = {}  # recorded steps, and their calls into the runtime
        self.step_kinds: list[frozenset] = []  # for each item of `steps`, what it called
        self.hunting = hunting  # for the first number that is not finite
        self.first = first  # so many calls of each kind are recorded; 0: the first and a steady one
        self.notes: list[str] = []  # what must be said of what was seen
        self.traced: tuple[Traced, ...] = ()  # functions whose body was run to trace it
        self._observer = observer
        self._calls: list[Calls] = []
        self._keep_bytes = keep_bytes
        self._kept_bytes = 0
        self._full = False
        self._weighed: set[int] = set()  # graphs whose memory is counted, by id
        self._recordings: dict[Any, list[Recording]] = {}
        self._built: dict[tuple[int, int], tuple[tf.Graph, Graph]] = {}
        self._latest: Recording | None = None  # of the hunt
        self._suspect: Recording | None = None  # after which a number is not finite any more

    @property
    def calls(self) -> tuple[Calls, ...]:
        """Every kind of call in the order of its first."""
        return tuple(self._calls)

    def add(self, calls: Calls) -> None:
        """Note a new kind of call."""
        self._calls.append(calls)

    @property
    def runs(self) -> tuple[Run, ...]:
        """The recorded runs as they started: of each kind of call the first and a steady one."""
        return tuple(recording.run(self._graph) for recording in self._in_order())

    @property
    def replays(self) -> tuple[Replay, ...]:
        """The recorded runs that can be executed again; none without `observe(values=True)`."""
        return tuple(
            Replay(recording.run(self._graph), recording.source, recording.start)
            for recording in self._in_order()
            if recording.start is not None
        )

    def live(self, run: Run) -> tf.Graph | None:
        """The TensorFlow graph that `run.built` was read from; it may have grown since."""
        found = (live for live, graph in self._built.values() if graph is run.built)
        return next(found, None)

    def metadata(self, run: Run) -> Any:
        """The RunMetadata of one of the runs, to keep; None where there is none: eager ops.

        A session filled it in; a function's has the graphs that its devices were given.
        """
        found = (each.metadata_of(_which(run)) for each in self._in_order())
        return next((metadata for metadata in found if metadata is not None), None)

    def config(self, run: Run) -> Any:
        """The ConfigProto of the session that made one of the runs; None where no session did."""
        found = (each.config_of(_which(run)) for each in self._in_order())
        return next((config for config in found if config is not None), None)

    def steps(
        self, items: Sequence[Any], on_step: Callable[[int], None] | None = None
    ) -> Sequence[Any]:
        """`items` again, but whoever iterates over them is watched step by step.

        Each item is a step that lasts until the next one is asked for. All are timed; the first
        and a steady one (the eighth, or the last of fewer) are recorded. `on_step` is called
        with the number of steps done after each.
        """
        return _Steps(self._observer, items, on_step)

    def keep(self, kind: Any, recording: Recording) -> None:
        """Keep the first and the latest recording of a kind, or all where so many are asked for."""
        kept = self._recordings.setdefault(kind, [])
        replaced = [] if self.first else kept[1:]
        self._kept_bytes += recording.bytes - sum(each.bytes for each in replaced)
        graph = recording.graph
        if graph is not None and id(graph) not in self._weighed:  # kept, so no other gets its id
            self._weighed.add(id(graph))
            self._kept_bytes += OP_BYTES * len(graph.get_operations())
        del kept[len(kept) - len(replaced) :]
        kept.append(recording)

    @property
    def full(self) -> bool:
        """Whether there was no room to record what would have been recorded."""
        return self._full

    def has_room(self) -> bool:
        """Whether another call may be recorded; if not, that is noted once."""
        if self._kept_bytes < self._keep_bytes:
            return True
        if not self._full:
            self._full = True
            self.notes.append(
                f"recordings reached the {self._keep_bytes >> 20} MiB that may be kept (--keep MiB)"
                "; of calls of later kinds only the number and the times are known"
            )
        return False

    def sessions_only(self) -> bool:
        """Whether the program made calls, and all of them of sessions."""
        others = [kind for kind in self._recordings if not isinstance(kind, Calls)]
        return bool(self._calls) and not others and all(c.way == "graph" for c in self._calls)

    def look_at(self, recording: Recording) -> None:
        """End the hunt where numbers are not finite any more.

        A result, or what was fed, tells of this call; a variable's value before it, of the last.
        """
        if not self.hunting or recording.start is None:
            return
        start = recording.start
        if not (all_finite(start.feeds) and all_finite(start.results)):
            self._suspect = recording
        elif not all_finite(start.state):
            self._suspect = self._latest or recording
        self._latest = recording
        self.hunting = self._suspect is None

    def _in_order(self) -> list[Recording]:
        kept = [recording for kept in self._recordings.values() for recording in kept]
        if self._suspect is not None and not any(self._suspect is each for each in kept):
            kept.append(self._suspect)
        return sorted(kept, key=lambda recording: recording.started)

    def _graph(self, graph: tf.Graph, operations: int, variables: Mapping[str, str]) -> Graph:
        """The built graph as it was with so many operations; equal ones are one object."""
        key = (id(graph), operations)
        if key not in self._built:
            self._built[key] = graph, live.from_graph(graph, operations, variables)
        return self._built[key][1]


def _which(run: Run) -> tuple:
    """What tells a run from all others, as `Recording.metadata_of` and `config_of` take it."""
    return (run.name, run.call, run.step, run.wall_us)


class _Steps(Sequence):
    """See `Seen.steps`."""

    def __init__(
        self, observer: Stepper, items: Sequence[Any], on_step: Callable[[int], None] | None
    ) -> None:
        self._observer = observer
        self._items = items
        self._on_step = on_step

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: Any) -> Any:
        return self._items[index]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._items, name)  # what the steps carry along, as `Cases.start`

    def __iter__(self) -> Iterator[Any]:
        return self._observer.watched(self._items, self._on_step)
