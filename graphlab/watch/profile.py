"""The runtime's profile of a stretch of time: what ran on the host, sorted by kind, and on GPUs."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from graphlab.watch import kernels


@dataclass(frozen=True, slots=True)
class Span:
    """A named stretch of time on a thread, in µs of the profile's clock."""

    name: str
    start_us: float
    end_us: float
    thread: str
    op: str = ""
    asked_us: float | None = None  # of an eager op: when its dispatch began, with copies to come
    lane: int = 0  # the profile's number of the thread, as names are shared

    def overlaps(self, other: Span) -> bool:
        """Whether there is an instant that both have."""
        return self.start_us < other.end_us and other.start_us < self.end_us

    def within(self, other: Span) -> bool:
        """Whether the other lasts as long and longer."""
        return other.start_us <= self.start_us and self.end_us <= other.end_us


MARK = "graphlab call"  # what `Windows` writes into the profile around a call that is recorded
HERE = 0  # the number of the mark that says which thread is watched


@dataclass(frozen=True, slots=True)
class Profile:
    """The spans of one recording, each kind in the order in which it started."""

    eager: tuple[Span, ...]  # single ops, by op type
    calls: tuple[Span, ...]  # function calls, by the function's name
    ops: tuple[Span, ...]  # node by node, inside function calls, as the host ran them
    gpu: tuple[kernels.Found, ...] = ()  # what GPUs did
    marks: Mapping[int, Span] = field(default_factory=dict)  # see `MARK`
    instructions: tuple[Span, ...] = ()  # of programs that XLA made, as the host ran them

    @property
    def dispatched(self) -> list[Span]:
        """The eager ops and calls of the thread that is watched."""
        here = self.marks.get(HERE)
        spans = [span for span in self.eager + self.calls if here and span.lane == here.lane]
        return sorted(spans, key=lambda span: span.start_us)

    def call_under(self, mark: int, function: str) -> Span | None:
        """The call of a function that was made under a mark.

        None where another thread called one meanwhile: nothing tells whose ops ran.
        """
        marked = self.marks.get(mark)
        if marked is None:
            return None
        meanwhile = [call for call in self.calls if call.overlaps(marked)]
        own = next((c for c in meanwhile if c.name == function and c.lane == marked.lane), None)
        if own is None or any(call.overlaps(own) and call.lane != own.lane for call in meanwhile):
            return None
        return own


def profile_of(trace: Any) -> Profile:
    """Sort the recorder's raw events by kind."""
    threads = kernels.threads(trace)
    hosts = {n for n, entry in trace.devices.items() if entry.name.startswith("/host:")}
    eager: list[Span] = []
    calls: list[Span] = []
    ops: list[Span] = []
    dispatches: list[Span] = []
    marks: dict[int, Span] = {}
    instructions: list[Span] = []
    for event in trace.trace_events:
        name, args = event.name, event.args
        if name == MARK:
            marks[int(args["number"])] = _span(event, threads, name)
        elif name == "EagerExecute":
            span = _span(event, threads, args["eager_op"])
            (calls if args["is_func"] == "1" else dispatches).append(span)
        elif name == "KernelAndDeviceFunc::Run":
            eager.append(_span(event, threads, name))
        elif "long_name" in args:
            node, _, op = args["long_name"].rpartition(":")
            ops.append(_span(event, threads, node, op))
        elif "hlo_op" in args and event.device_id in hosts:
            instructions.append(_span(event, threads, args["hlo_op"]))
    gpu = kernels.of_trace(trace)
    eager_ops = _dispatched(eager, dispatches)
    return Profile(eager_ops, _ordered(calls), _ordered(ops), gpu, marks, _ordered(instructions))


def _span(event: Any, threads: Mapping[Any, str], name: str, op: str = "") -> Span:
    start, lane = event.timestamp_ps / 1e6, event.resource_id
    thread = threads.get((event.device_id, lane), "")
    return Span(name, start, start + event.duration_ps / 1e6, thread, op, lane=lane)


def _ordered(spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(sorted(spans, key=lambda span: span.start_us))


def _dispatched(ran: Sequence[Span], dispatches: Sequence[Span]) -> tuple[Span, ...]:
    """Each eager op as long as its kernel ran: dispatch is Python's and the runtime's business."""
    by_lane: dict[int, list[Span]] = {}
    for span in _ordered(ran):
        by_lane.setdefault(span.lane, []).append(span)
    starts = {lane: [span.start_us for span in spans] for lane, spans in by_lane.items()}
    result = []
    for dispatch in _ordered(dispatches):
        found = by_lane.get(dispatch.lane, [])
        index = bisect.bisect_left(starts.get(dispatch.lane, []), dispatch.start_us)
        if index < len(found) and found[index].end_us <= dispatch.end_us:
            asked = dispatch.start_us
            result.append(replace(found[index], name=dispatch.name, asked_us=asked))
        else:
            result.append(dispatch)
    return tuple(result)
