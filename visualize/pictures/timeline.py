"""A Run on a time axis: a Gantt picture, or a trace for Perfetto and chrome://tracing.

    >>> from graphlab.model import Step
    >>> run = Run("graph", "Session.run", 2, steps=(Step("y", "MatMul", "CPU:0", 0.0, 12.5),))
    >>> gantt(run).startswith("<svg"), [lane.name for lane in lanes(run)]
    (True, ['CPU:0'])

A step that was not timed is never given a place on the axis: it is listed below, hollow.
"""

from __future__ import annotations

import html
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graphlab.model import Run, Step
from visualize.kinds import short_device
from visualize.words import duration, middle, printable, shape_text

# Okabe and Ito's colours, lightened: dark text stays readable on each of them.
COLOURS = ("#8ec7e8", "#f5c26b", "#7fccb0", "#e8a8cb", "#f2a17c", "#d8d27a", "#a9b4e6", "#c9c9c9")
INK, FAINT, GRID = "#1a1a1a", "#595959", "#dddddd"
WIDTH, LEFT, RIGHT = 1100, 150, 24
BAR, ROW, FONT_SIZE, LETTER = 20, 26, 11, 6.8  # px; a letter of the font at its widest usual
MOST_UNTIMED = 60  # of which the names are listed


@dataclass(frozen=True, slots=True)
class Lane:
    """Steps of one device and thread of which no two overlap, in the order of their starts."""

    device: str
    thread: str
    steps: tuple[Step, ...]

    @property
    def name(self) -> str:
        """The device, and the thread where one is known."""
        return f"{self.device} {self.thread}".strip() or "no device"


def lanes(run: Run) -> list[Lane]:
    """The timed steps by device and thread, in as many lanes as keep overlapping ones apart."""
    found: dict[tuple[str, str], list[list[Step]]] = {}
    timed = [step for step in run.steps if step.duration_us is not None]
    for step in sorted(timed, key=_start):
        rows = found.setdefault((short_device(step.device), step.thread), [])
        for row in rows:
            if _end(row[-1]) <= _start(step):
                row.append(step)
                break
        else:
            rows.append([step])
    return [Lane(*where, tuple(row)) for where, rows in sorted(found.items()) for row in rows]


def _start(step: Step) -> float:
    return step.start_us or 0.0


def _end(step: Step) -> float:
    return max(step.end_us or 0.0, _start(step))


def title(run: Run) -> str:
    """Which call it was, and whose clock its times come from."""
    which = "the first call: it also pays for start-up" if run.call == 1 else "a steady call"
    clocks = {"runtime": "TensorFlow's runtime", "engine": "graphlab's engine", "python": "Python"}
    return f"{run.name}, call {run.call} ({which}); times by {clocks.get(run.clock, run.clock)}"


def gantt(run: Run) -> str:
    """An SVG picture: a lane for each device and thread, a bar for each timed step.

    The same run gives the same text.
    """
    every = lanes(run)
    untimed = [step for step in run.steps if step.duration_us is None]
    begin = min((_start(step) for lane in every for step in lane.steps), default=0.0)
    end = max((_end(step) for lane in every for step in lane.steps), default=begin)
    scale = (WIDTH - LEFT - RIGHT) / max(end - begin, 1e-3)
    colours = op_colours(run)
    threads = thread_names(every)
    body = [_text(LEFT, 24, title(run), size=15, weight="bold")]
    body.append(_text(LEFT, 43, _summary(run, begin, end, len(untimed)), colour=FAINT))
    top = 78
    if every:
        body += _axis(begin, end, scale, top, top + ROW * len(every))
    for i, lane in enumerate(every):
        label = f"{lane.device} {threads[lane.thread]}".strip() or lane.name
        body += _lane(lane, label, top + ROW * i, begin, scale, colours)
    bottom = top + ROW * len(every) + 24
    body += _legend(colours, bottom)
    bottom += 22 * -(-len(colours) // 4) + 8
    listed, height = _untimed(untimed, bottom)
    body += listed
    height += 12
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="DejaVu Sans,Verdana,sans-serif" '
        f'font-size="{FONT_SIZE}">'
    )
    back = f'<rect width="{WIDTH}" height="{height}" fill="white"/>'
    return "\n".join([head, back, *body, "</svg>", ""])


def _summary(run: Run, begin: float, end: float, untimed: int) -> str:
    said = f"{len(run.steps) - untimed} timed steps in {duration(end - begin)}"
    said += f", {untimed} not timed" if untimed else ""
    return said + (
        f"; the whole call, seen from Python: {duration(run.wall_us)}" if run.wall_us else ""
    )


def op_colours(run: Run) -> dict[str, str]:
    """A colour for each of the seven op types that took longest; the others share the last."""
    times: dict[str, float] = {}
    for step in run.steps:
        if step.duration_us is not None:
            times[step.op] = times.get(step.op, 0.0) + step.duration_us
    ranked = sorted(times, key=lambda op: -times[op])  # stable: ties as they first ran
    named = dict(zip(ranked, COLOURS[:-1], strict=False))
    return named | ({"other ops": COLOURS[-1]} if len(ranked) > len(named) else {})


def ticks(begin: float, end: float, most: int = 8) -> list[float]:
    """At most `most` + 1 round numbers from `begin` to `end`.

    >>> ticks(0, 70)
    [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0]
    """
    raw = max(end - begin, 1e-3) / most
    size = 10 ** math.floor(math.log10(raw))
    step = next(size * n for n in (1, 2, 5, 10) if size * n >= raw * 0.999999)
    first, last = math.ceil(begin / step - 1e-9), math.floor(end / step + 1e-9)
    return [round(i * step, 9) + 0.0 for i in range(first, last + 1)]


def _axis(begin: float, end: float, scale: float, top: int, bottom: int) -> Iterator[str]:
    unit, size = ("ms", 1000) if end - begin >= 5000 else ("µs", 1)
    for tick in ticks(begin, end):
        x = LEFT + (tick - begin) * scale
        yield f'<path d="M{_n(x)},{top - 8}V{bottom}" stroke="{GRID}"/>'
        yield _text(x, top - 13, f"{tick / size:,g}", colour=FAINT, anchor="middle")
    yield _text(LEFT - 14, top - 13, unit, colour=FAINT, anchor="end")


def thread_names(every: Sequence[Lane]) -> dict[str, str]:
    """`"thread 1"` for each thread in the order of the lanes: its own name is a long number."""
    threads = dict.fromkeys(lane.thread for lane in every if lane.thread)
    return {"": ""} | {thread: f"thread {n}" for n, thread in enumerate(threads, 1)}


def _lane(
    lane: Lane, label: str, top: int, begin: float, scale: float, colours: dict[str, str]
) -> Iterator[str]:
    yield _text(LEFT - 10, top + 14, middle(label, 20), anchor="end", title=lane.name)
    for i, step in enumerate(lane.steps):
        x, width = LEFT + (_start(step) - begin) * scale, (_end(step) - _start(step)) * scale
        following = lane.steps[i + 1] if i + 1 < len(lane.steps) else None
        edge = LEFT + (_start(following) - begin) * scale if following else WIDTH - RIGHT
        colour = colours.get(step.op, COLOURS[-1])
        yield (
            f'<rect x="{_n(x)}" y="{top}" width="{_n(max(width, 1))}" height="{BAR}" rx="2" '
            f'fill="{colour}" stroke="{FAINT}" stroke-width="0.4">'
            f"<title>{_escape(_tip(step))}</title></rect>"
        )
        name = step.node.rpartition("/")[2] or step.op
        if len(name) * LETTER + 6 <= width:
            yield _text(x + 3, top + 14, name)
        elif len(name) * LETTER + 8 <= edge - x - max(width, 1):  # in the gap behind the bar
            yield _text(x + max(width, 1) + 3, top + 14, name, colour=FAINT)


def _tip(step: Step) -> str:
    lines = [f"{step.node} ({step.op})"]
    if step.duration_us is not None:
        lines.append(f"{duration(step.duration_us)}, from {duration(_start(step))}")
    lines += [f"{spec.name} {shape_text(spec.shape)} {spec.dtype}" for spec in step.outputs]
    return "\n".join([*lines, *([step.frame] if step.frame else [])])


def _legend(colours: dict[str, str], top: int) -> Iterator[str]:
    for i, (op, colour) in enumerate(colours.items()):
        x, y = LEFT + 230 * (i % 4), top + 22 * (i // 4)
        yield f'<rect x="{x}" y="{y}" width="14" height="14" rx="2" fill="{colour}"/>'
        yield _text(x + 20, y + 11, middle(op, 28), title=op)


def _untimed(steps: Sequence[Step], top: int) -> tuple[list[str], int]:
    """Hollow boxes in the order of execution, and where they end."""
    if not steps:
        return [], top
    body = [_text(LEFT - 10, top + 14, "not timed", colour=FAINT, anchor="end")]
    x = LEFT
    names = [(step.node.rpartition("/")[2] or step.op, _tip(step)) for step in steps[:MOST_UNTIMED]]
    if len(steps) > MOST_UNTIMED:
        names.append((f"and {len(steps) - MOST_UNTIMED} more", ""))
    for name, tip in names:
        name = middle(name, 28)
        width = round(len(name) * LETTER + 10)
        if x + width > WIDTH - RIGHT:
            x, top = LEFT, top + ROW
        body.append(
            f'<rect x="{x}" y="{top}" width="{width}" height="{BAR}" rx="2" fill="none" '
            f'stroke="{FAINT}" stroke-dasharray="3 2"><title>{_escape(tip or name)}</title></rect>'
        )
        body.append(_text(x + 5, top + 14, name, colour=FAINT))
        x += width + 6
    return body, top + ROW


def _text(
    x: float,
    y: float,
    text: str,
    size: int = 0,
    colour: str = INK,
    weight: str = "",
    anchor: str = "",
    title: str = "",
) -> str:
    extra = f' font-size="{size}"' if size else ""
    extra += f' font-weight="{weight}"' if weight else ""
    extra += f' text-anchor="{anchor}"' if anchor else ""
    tip = f"<title>{_escape(title)}</title>" if title and title != text else ""
    return f'<text x="{_n(x)}" y="{_n(y)}" fill="{colour}"{extra}>{tip}{_escape(text)}</text>'


def _escape(text: str) -> str:
    return html.escape(printable(text))


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def chrome(runs: Sequence[Run]) -> str:
    """Trace JSON: a process for each device, a thread for each of its lanes, a slice a step.

    Runs follow one another. The calls themselves are slices of a process `Python`. Steps that
    were not timed are named in the call's args, for they have no place in time.
    """
    pids: dict[str, int] = {"Python": 1}
    tids: dict[tuple[str, str, int], int] = {}
    slices: list[dict] = []
    offset = 0.0
    for run in runs:
        every = lanes(run)
        span = max([run.wall_us, *(_end(step) for lane in every for step in lane.steps)])
        slices.append(_slice(f"{run.name}, call {run.call}", 1, 1, offset, span, _call_args(run)))
        seen: dict[tuple[str, str], int] = {}
        for lane in every:
            where = (lane.device, lane.thread)
            seen[where] = seen.get(where, 0) + 1
            pid = pids.setdefault(lane.device or "no device", len(pids) + 1)
            tid = tids.setdefault((*where, seen[where]), len(tids) + 2)
            for step in lane.steps:
                start, took = offset + _start(step), _end(step) - _start(step)
                slices.append(_slice(step.op, pid, tid, start, took, _step_args(step)))
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


def _named(what: str, pid: int, tid: int, name: str) -> dict:
    return {"name": what, "ph": "M", "pid": pid, "tid": tid, "args": {"name": name}}


def _step_args(step: Step) -> dict:
    args: dict = {"node": step.node, "device": step.device}
    if step.outputs:
        args["outputs"] = [f"{s.name} {shape_text(s.shape)} {s.dtype}" for s in step.outputs]
    if step.bytes is not None:
        args["bytes"] = step.bytes
    return args | ({"frame": step.frame} if step.frame else {})


def _call_args(run: Run) -> dict:
    return {
        "what": title(run),
        "feeds": [f"{feed.name} {shape_text(feed.shape)} {feed.dtype}" for feed in run.feeds],
        "fetches": list(run.fetches),
        "not timed": [step.node for step in run.steps if step.duration_us is None],
    }
