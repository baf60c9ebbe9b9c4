"""A Run on a time axis: a Gantt picture.

    >>> from graphlab.model import Step
    >>> run = Run("graph", "Session.run", 2, steps=(Step("y", "MatMul", "CPU:0", 0.0, 12.5),))
    >>> gantt(run).startswith("<svg")
    True

A step that was not timed is never given a place on the axis: it is listed below, hollow.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence

from graphlab.model import Run, Step
from visualize.busy import busy
from visualize.lanes import Bar, Lane, about, lanes
from visualize.words import duration, middle, printable, shape_text

# Okabe and Ito's colours, lightened: dark text stays readable on each of them.
COLOURS = ("#8ec7e8", "#f5c26b", "#7fccb0", "#e8a8cb", "#f2a17c", "#d8d27a", "#a9b4e6", "#c9c9c9")
INK, FAINT, GRID = "#1a1a1a", "#595959", "#dddddd"
WIDTH, LEFT, RIGHT = 1100, 150, 24
BAR, ROW, FONT_SIZE, LETTER = 20, 26, 11, 6.8  # px; a letter of the font at its widest usual
MOST_UNTIMED = 60  # of which the names are listed


def title(run: Run) -> str:
    """Which call it was, and whose clock its times come from."""
    which = "the first call: it also pays for start-up" if run.call == 1 else "a steady call"
    clocks = {"runtime": "TensorFlow's runtime", "engine": "graphlab's engine", "python": "Python"}
    return f"{run.name}, call {run.call} ({which}); times by {clocks.get(run.clock, run.clock)}"


def gantt(run: Run) -> str:
    """An SVG picture: a lane for each device and thread, a bar for each timed step.

    Of a GPU: lanes for its launches, its streams, its copies and its gaps, a bar for each kernel,
    and a line that says what share of the call it computed. The same run gives the same text.
    """
    every = lanes(run)
    untimed = [step for step in run.steps if step.duration_us is None and step.launch is None]
    begin = min((bar.start_us for lane in every for bar in lane.bars), default=0.0)
    end = max((bar.end_us for lane in every for bar in lane.bars), default=begin)
    scale = (WIDTH - LEFT - RIGHT) / max(end - begin, 1e-3)
    colours = op_colours(run)
    threads = thread_names(every)
    body = [_text(LEFT, 24, title(run), size=15, weight="bold")]
    body.append(_text(LEFT, 43, _summary(run, begin, end, len(untimed)), colour=FAINT))
    top = 78
    for line in (line for each in busy(run) for line in each.lines()):
        body.append(_text(LEFT, top - 19, line, colour=FAINT))
        top += 16
    if every:
        body += _axis(begin, end, scale, top, top + ROW * len(every))
    for i, lane in enumerate(every):
        label = f"{lane.device} {threads.get(lane.thread, lane.thread)}".strip() or lane.name
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
    without = sum(step.duration_us is None and step.launch is not None for step in run.steps)
    said = f"{len(run.steps) - untimed - without} timed steps in {duration(end - begin)}"
    said += f", {without} launched that needed no kernel" if without else ""
    said += f", {untimed} not timed" if untimed else ""
    # The engine's steps take longer than the call that they are of: both are told, and why.
    engine = ", one op at a time; the call itself, seen from Python"
    whole = engine if run.clock == "engine" else "; the whole call, seen from Python"
    return said + (f"{whole}: {duration(run.wall_us)}" if run.wall_us else "")


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
    threads = dict.fromkeys(lane.thread for lane in every if lane.thread and not lane.of_gpu)
    return {"": ""} | {thread: f"thread {n}" for n, thread in enumerate(threads, 1)}


def _lane(
    lane: Lane, label: str, top: int, begin: float, scale: float, colours: dict[str, str]
) -> Iterator[str]:
    yield _text(LEFT - 10, top + 14, middle(label, 20), anchor="end", title=lane.name)
    for i, bar in enumerate(lane.bars):
        x, width = LEFT + (bar.start_us - begin) * scale, (bar.end_us - bar.start_us) * scale
        following = lane.bars[i + 1] if i + 1 < len(lane.bars) else None
        edge = LEFT + (following.start_us - begin) * scale if following else WIDTH - RIGHT
        yield (
            f'<rect x="{_n(x)}" y="{top}" width="{_n(max(width, 1))}" height="{BAR}" rx="2" '
            f"{_look(bar, colours)}><title>{_escape(about(bar, _tip(bar.step)))}</title></rect>"
        )
        name = bar.name
        if len(name) * LETTER + 6 <= width:
            yield _text(x + 3, top + 14, name)
        elif len(name) * LETTER + 8 <= edge - x - max(width, 1):  # in the gap behind the bar
            yield _text(x + max(width, 1) + 3, top + 14, name, colour=FAINT)


def _look(bar: Bar, colours: dict[str, str]) -> str:
    """A launch is lighter than what it launched, a gap is empty."""
    if bar.gap is not None:
        return f'fill="{GRID}" fill-opacity="0.5" stroke="{FAINT}" stroke-width="0.3"'
    colour = colours.get(bar.step.op, COLOURS[-1]) if bar.step else COLOURS[-1]
    lighter = ' fill-opacity="0.4"' if bar.launch else ""
    return f'fill="{colour}"{lighter} stroke="{FAINT}" stroke-width="0.4"'


def _tip(step: Step | None) -> str:
    if step is None:
        return ""
    lines = [f"{step.node} ({step.op})"]
    if step.duration_us is not None and step.start_us is not None:
        lines.append(f"{duration(step.duration_us)}, from {duration(step.start_us)}")
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
