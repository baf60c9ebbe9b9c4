"""A run's lanes on a time axis: a row for each device and thread, and for each stream of a GPU.

>>> from graphlab.model import Step
>>> run = Run("graph", "Session.run", 2, steps=(Step("y", "MatMul", "CPU:0", 0.0, 12.5),))
>>> [lane.name for lane in lanes(run)]
['CPU:0']
"""

from __future__ import annotations

from dataclasses import dataclass

from graphlab.model import Kernel, Run, Step
from visualize.busy import Gap, busy, every_kernel
from visualize.kinds import short_device
from visualize.words import duration, of_kernel

HOST, LAUNCHES, COPIES_IN, COPIES_OUT, WAITED = (
    "on the host", "launches", "copies in", "copies out", "waited"
)  # fmt: skip
_ORDER = (LAUNCHES, HOST, "", COPIES_IN, COPIES_OUT, WAITED)  # "": the streams, and all of a CPU
_COPIES = {"MemcpyH2D": COPIES_IN, "MemcpyD2H": COPIES_OUT}


@dataclass(frozen=True, slots=True)
class Bar:
    """What was going on from one time to another."""

    start_us: float
    end_us: float
    step: Step | None = None  # the op that it was for; None: no op is known
    kernel: Kernel | None = None  # what a GPU ran for it; None: the host's own time
    gap: Gap | None = None  # a GPU did nothing
    launch: bool = False  # the host's launch of an op, whose own time is elsewhere

    @property
    def name(self) -> str:
        """What is written on it."""
        if self.gap is not None:
            return f"for {self.gap.waited_for}" if self.gap.waited_for else ""
        if self.step is None:
            return self.kernel.name if self.kernel else ""
        return self.step.node.rpartition("/")[2] or self.step.op


@dataclass(frozen=True, slots=True)
class Lane:
    """Bars of one device and thread of which no two overlap, in the order of their starts."""

    device: str
    thread: str  # of a GPU: "stream 13", "copies in", "launches", ...
    bars: tuple[Bar, ...]

    @property
    def name(self) -> str:
        """The device, and the thread where one is known."""
        return f"{self.device} {self.thread}".strip() or "no device"

    @property
    def steps(self) -> tuple[Step, ...]:
        """Of its bars, where they are known."""
        return tuple(bar.step for bar in self.bars if bar.step is not None)

    @property
    def of_gpu(self) -> bool:
        """Whether the thread is a word of ours and not the runtime's."""
        return self.device.rpartition("/")[2].startswith("GPU")


def lanes(run: Run) -> list[Lane]:
    """The timed steps by device and thread, in as many lanes as keep overlapping ones apart.

    A GPU has a lane for its launches, for its ops that ran on the host, for each stream, for the
    copies in and out, and for the gaps in which it did nothing.
    """
    found: dict[tuple[str, str], list[list[Bar]]] = {}
    for device, thread, bar in sorted(_bars(run), key=lambda each: each[2].start_us):
        rows = found.setdefault((device, thread), [])
        for row in rows:
            if row[-1].end_us <= bar.start_us:
                row.append(bar)
                break
        else:
            rows.append([bar])
    ordered = sorted(found.items(), key=lambda item: _rank(*item[0]))
    return [Lane(*where, tuple(row)) for where, rows in ordered for row in rows]


def about(bar: Bar, step: str) -> str:
    """What is said of a bar; `step` is what is said of its step, "" where it has none."""
    if bar.gap is not None:
        waited = f"waited for {bar.gap.waited_for}" if bar.gap.waited_for else "did nothing"
        before = f", before {bar.gap.before}" if bar.gap.before else ""
        return f"{waited} {duration(bar.gap.duration_us)}{before}"
    lines = [of_kernel(bar.kernel)] if bar.kernel else []
    if bar.launch:
        lines = [f"the launch, on the host: {duration(bar.end_us - bar.start_us)}"]
    return "\n".join(filter(None, [*lines, step if bar.step else "for no op that is known"]))


def _rank(device: str, thread: str) -> tuple[str, int, str]:
    return device, _ORDER.index(thread if thread in _ORDER else ""), thread


def _bars(run: Run) -> list[tuple[str, str, Bar]]:
    bars = []
    for step in run.steps:
        device = short_device(step.device)
        if step.launch is not None and step.launch[0] is not None:
            bars.append((device, LAUNCHES, Bar(*step.launch, step, launch=True)))
        if not step.kernels and step.start_us is not None and step.end_us is not None:
            end = max(step.end_us, step.start_us)
            thread = HOST if step.on_host else step.thread
            bars.append((device, thread, Bar(step.start_us, end, step)))
    for kernel, owner in every_kernel(run):
        stream = f"stream {kernel.stream}" if kernel.stream else "a stream not told"
        thread = _COPIES.get(kernel.name, stream)
        bar = Bar(kernel.start_us, kernel.end_us, owner, kernel)
        bars.append((short_device(kernel.device), thread, bar))
    for each in busy(run):
        for gap in each.gaps:
            bars.append((each.device, WAITED, Bar(gap.start_us, gap.end_us, gap=gap)))
    return bars
