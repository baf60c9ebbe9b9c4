"""How a GPU spent the time of a call: computing, copying, or waiting for the host.

>>> from graphlab.model import Kernel, Step
>>> kernel = Kernel("k", "GPU:0", "1", 60.0, 80.5, launch=(50.0, 58.0))
>>> step = Step("mm", "MatMul", "GPU:0", 60.0, 80.5, launch=(40.0, 59.0), kernels=(kernel,))
>>> busy(Run("graph", "Session.run", 2, steps=(step,), wall_us=100.0))[0].lines()
('GPU:0 computed for 20.5 µs of 100 µs (20%) and stood still for 79.5 µs',)
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from graphlab.model import Kernel, Run, Step
from visualize.kinds import short_device
from visualize.words import duration, middle

HOST, GPU = "the host", "the GPU"  # what a GPU waited for


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which a GPU did nothing, between two things that it did."""

    start_us: float
    end_us: float
    before: str  # the node for which it went on; "" where none is known
    waited_for: str  # HOST: its launch ended later; GPU: it was launched; "": nobody knows

    @property
    def duration_us(self) -> float:
        return self.end_us - self.start_us


@dataclass(frozen=True, slots=True)
class Busy:
    """What one GPU did in a call."""

    device: str
    wall_us: float  # the whole call, seen from Python; without it, from the first to the last
    computed_us: float  # in which at least one kernel ran
    copied_us: float  # in which it only copied or set memory
    gaps: tuple[Gap, ...]
    whole_us: bool  # whether every kernel's length is in whole µs: the witness keeps no more

    @property
    def share(self) -> float:
        """Of the wall time, in which it computed."""
        return self.computed_us / self.wall_us if self.wall_us else 0.0

    @property
    def still_us(self) -> float:
        """In which it did nothing."""
        return max(self.wall_us - self.computed_us - self.copied_us, 0.0)

    def lines(self) -> tuple[str, ...]:
        """The share of time in which it computed; and what it waited for, where that is known."""
        share = f"{self.share:.0%}" if self.share >= 0.1 else f"{self.share * 100:.2g}%"
        said = f"{self.device} computed for {duration(self.computed_us)} of"
        said += f" {duration(self.wall_us)} ({share})"
        said += f", moved memory for {duration(self.copied_us)}" if self.copied_us else ""
        said += f" and stood still for {duration(self.still_us)}"
        said += "; its times are in whole µs" if self.whole_us else ""
        waited = [gap for gap in self.gaps if gap.waited_for == HOST]
        if not waited:
            return (said,)
        longest = max(waited, key=lambda gap: gap.duration_us)
        return said, (
            f"{self.device} waited {duration(sum(gap.duration_us for gap in waited))} for the host"
            f" to launch what came next, longest for {middle(longest.before, 40)}"
            f" ({duration(longest.duration_us)})"
        )


def busy(run: Run) -> tuple[Busy, ...]:
    """How each GPU spent the time of a call; nothing where none is known to have run anything."""
    ran: dict[str, list[tuple[Kernel, Step | None]]] = {}
    for kernel, step in every_kernel(run):
        ran.setdefault(short_device(kernel.device), []).append((kernel, step))
    return tuple(_busy(run, device, kernels) for device, kernels in sorted(ran.items()))


def every_kernel(run: Run) -> Iterator[tuple[Kernel, Step | None]]:
    """All that GPUs did in a call, with the step that it was for, None where there is none."""
    for step in run.steps:
        for kernel in step.kernels:
            yield kernel, step
    for kernel in run.unclaimed:
        yield kernel, None


def _busy(run: Run, device: str, ran: list[tuple[Kernel, Step | None]]) -> Busy:
    ran = sorted(ran, key=lambda one: one[0].start_us)
    computing = _merged(kernel for kernel, _ in ran if kernel.bytes is None)
    working = _merged(kernel for kernel, _ in ran)
    computed = sum(end - start for start, end in computing)
    copied = sum(end - start for start, end in working) - computed
    wall = run.wall_us or working[-1][1] - working[0][0]
    first = {kernel.start_us: (kernel, step) for kernel, step in reversed(ran)}
    gaps = []
    for (_, end), (start, _) in itertools.pairwise(working):
        kernel, step = first[start]
        gaps.append(Gap(end, start, step.node if step else "", _waited_for(kernel, step, end)))
    whole = all(float(kernel.duration_us).is_integer() for kernel, _ in ran)
    return Busy(device, wall, round(computed, 3), round(copied, 3), tuple(gaps), whole)


def _merged(kernels: Iterable[Kernel]) -> list[tuple[float, float]]:
    """The stretches that kernels in the order of their starts cover together."""
    found: list[tuple[float, float]] = []
    for kernel in kernels:
        if found and kernel.start_us <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], kernel.end_us))
        else:
            found.append((kernel.start_us, kernel.end_us))
    return found


def _waited_for(kernel: Kernel, step: Step | None, since_us: float) -> str:
    """What a GPU that had done all the rest waited for before it went on with a kernel."""
    launch = kernel.launch or (step.launch if step else None)
    if launch is None:
        return ""
    return HOST if launch[1] > since_us else GPU
