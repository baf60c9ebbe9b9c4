"""The runtime's profile of a stretch of time: what ran on the host, sorted by kind, and on GPUs."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class Profile:
    """The spans of one recording, each kind in the order in which it started."""

    eager: tuple[Span, ...]  # single ops, by op type
    calls: tuple[Span, ...]  # function calls, by the function's name
    ops: tuple[Span, ...]  # node by node, inside function calls, as the host ran them
    gpu: tuple[kernels.Found, ...] = ()  # what GPUs did


def profile_of(trace: Any) -> Profile:
    """Sort the recorder's raw events by kind."""
    threads = kernels.threads(trace)
    eager: list[Span] = []
    calls: list[Span] = []
    ops: list[Span] = []
    dispatches: list[Span] = []
    for event in trace.trace_events:
        start = event.timestamp_ps / 1e6
        thread = threads.get((event.device_id, event.resource_id), "")
        span = Span(event.name, start, start + event.duration_ps / 1e6, thread)
        if event.name == "EagerExecute":
            span = replace(span, name=event.args["eager_op"])
            (calls if event.args["is_func"] == "1" else dispatches).append(span)
        elif event.name == "KernelAndDeviceFunc::Run":
            eager.append(span)
        elif "long_name" in event.args:
            name, _, op = event.args["long_name"].rpartition(":")
            ops.append(replace(span, name=name, op=op))
    return Profile(
        _dispatched(eager, dispatches), _ordered(calls), _ordered(ops), kernels.of_trace(trace)
    )


def _ordered(spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(sorted(spans, key=lambda span: span.start_us))


def _dispatched(ran: Sequence[Span], dispatches: Sequence[Span]) -> tuple[Span, ...]:
    """Each eager op as long as its kernel ran: dispatch is Python's and the runtime's business."""
    starts = [span.start_us for span in _ordered(ran)]
    ran = _ordered(ran)
    result = []
    for dispatch in _ordered(dispatches):
        index = bisect.bisect_left(starts, dispatch.start_us)
        if index < len(ran) and ran[index].end_us <= dispatch.end_us:
            asked = dispatch.start_us
            result.append(replace(ran[index], name=dispatch.name, asked_us=asked))
        else:
            result.append(dispatch)
    return tuple(result)
