"""Runs as trace JSON for Perfetto and chrome://tracing.

>>> from graphlab.model import Step
>>> run = Run("graph", "Session.run", 2, steps=(Step("y", "MatMul", "CPU:0", 0.0, 12.5),))
>>> [each["name"] for each in json.loads(chrome([run]))["traceEvents"] if each["ph"] == "X"]
['Session.run, call 2', 'MatMul']
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from graphlab.model import Kernel, Run, Step
from visualize.busy import busy
from visualize.lanes import Bar, lanes
from visualize.pictures.timeline import title
from visualize.words import shape_text


def chrome(runs: Sequence[Run]) -> str:
    """Trace JSON: a process for each device, a thread for each of its lanes, a slice a step.

    Of a GPU, a thread for each stream and a slice for each kernel; arrows lead to it from its
    launch. Runs follow one another. The calls themselves are slices of a process `Python`. Steps
    that were not timed are named in the call's args, for they have no place in time.
    """
    pids: dict[str, int] = {"Python": 1}
    tids: dict[tuple[str, str, int], int] = {}
    slices: list[dict] = []
    offset = 0.0
    for run in runs:
        every = lanes(run)
        span = max([run.wall_us, *(bar.end_us for lane in every for bar in lane.bars)])
        slices.append(_slice(f"{run.name}, call {run.call}", 1, 1, offset, span, _call_args(run)))
        seen: dict[tuple[str, str], int] = {}
        placed: list[tuple[Bar, int, int]] = []
        for lane in every:
            where = (lane.device, lane.thread)
            seen[where] = seen.get(where, 0) + 1
            pid = pids.setdefault(lane.device or "no device", len(pids) + 1)
            tid = tids.setdefault((*where, seen[where]), len(tids) + 2)
            for bar in lane.bars:
                start, took = offset + bar.start_us, bar.end_us - bar.start_us
                slices.append(_slice(_bar_name(bar), pid, tid, start, took, _bar_args(bar)))
                placed.append((bar, pid, tid))
        slices += _flows(placed, offset, len(slices))
        offset += span * 1.02 + 1
    names = [_named("process_name", pid, 0, name) for name, pid in pids.items()]
    names.append(_named("thread_name", 1, 1, "calls"))
    for (device, thread, n), tid in tids.items():
        label = (thread or "ops") + (f" ({n})" if n > 1 else "")
        names.append(_named("thread_name", pids[device or "no device"], tid, label))
    return json.dumps({"displayTimeUnit": "ms", "traceEvents": names + slices}, ensure_ascii=False)


def _slice(name: str, pid: int, tid: int, ts: float, took: float, args: dict) -> dict:
    times = {"ts": round(ts, 3), "dur": round(took, 3)}
    return {"name": name, "ph": "X", "pid": pid, "tid": tid, **times, "args": args}


def _flows(placed: Sequence[tuple[Bar, int, int]], offset: float, first: int) -> Iterator[dict]:
    """An arrow from each launch to each kernel that it launched."""
    launches = {id(bar.step): (bar, pid, tid) for bar, pid, tid in placed if bar.launch}
    for number, (bar, pid, tid) in enumerate(placed, first):
        if bar.kernel is None or id(bar.step) not in launches:
            continue
        launch, *where = launches[id(bar.step)]
        # An arrow begins in the slice that it is of; the launch of the kernel itself is nearer.
        since = bar.kernel.launch[0] if bar.kernel.launch else launch.start_us
        since = min(max(since, launch.start_us), launch.end_us)
        arrow = {"name": "launch", "cat": "launch", "id": number}
        yield {**arrow, "ph": "s", "pid": where[0], "tid": where[1], "ts": round(offset + since, 3)}
        until = round(offset + bar.start_us, 3)
        yield {**arrow, "ph": "f", "bp": "e", "pid": pid, "tid": tid, "ts": until}


def _bar_name(bar: Bar) -> str:
    if bar.gap is not None:
        return f"waited for {bar.gap.waited_for}" if bar.gap.waited_for else "did nothing"
    if bar.step is None:
        return bar.kernel.name if bar.kernel else ""
    return f"launch {bar.step.op}" if bar.launch else bar.step.op


def _bar_args(bar: Bar) -> dict:
    if bar.gap is not None:
        return {"before": bar.gap.before} if bar.gap.before else {}
    args = _step_args(bar.step) if bar.step else {"op": "none that is known"}
    return args | (_kernel_args(bar.kernel) if bar.kernel else {})


def _kernel_args(kernel: Kernel) -> dict:
    fields: Mapping = {
        "kernel": kernel.name,
        "stream": kernel.stream,
        "copied bytes": kernel.bytes or None,
        "memory": " to ".join(kernel.memory),
        "bytes a second": kernel.rate,
        "grid": list(kernel.grid),
        "block": list(kernel.block),
        "registers": kernel.registers,
        "shared bytes": kernel.shared_bytes,
        "occupancy %": kernel.occupancy,
        "made from": kernel.made_from,
    }
    return {key: value for key, value in fields.items() if value not in (None, "", [])}


def _named(what: str, pid: int, tid: int, name: str) -> dict:
    return {"name": what, "ph": "M", "pid": pid, "tid": tid, "args": {"name": name}}


def _step_args(step: Step) -> dict:
    args: dict = {"node": step.node, "device": step.device}
    if step.outputs:
        args["outputs"] = [f"{s.name} {shape_text(s.shape)} {s.dtype}" for s in step.outputs]
    if step.bytes is not None:
        args["bytes"] = step.bytes
    if step.on_host:
        args["ran"] = "on the host"
    return args | ({"frame": step.frame} if step.frame else {})


def _call_args(run: Run) -> dict:
    return {
        "what": title(run),
        "feeds": [f"{feed.name} {shape_text(feed.shape)} {feed.dtype}" for feed in run.feeds],
        "fetches": list(run.fetches),
        "not timed": [
            step.node for step in run.steps if step.duration_us is None and step.launch is None
        ],
    } | ({"GPU": [line for each in busy(run) for line in each.lines()]} if busy(run) else {})
