"""What a GPU did in a call, for the terminal: how busy it was, and its kernels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from graphlab.model import Kernel, Run, Step
from graphlab.screen import plain
from visualize.busy import busy
from visualize.words import duration, middle, of_kernel, took

MOST_ROWS = 12  # ops of one table; the others are counted
MOST_UNCLAIMED = 6
NAME_WIDTH, KERNEL_WIDTH = 28, 26
COLUMNS = ("op on the GPU", "kernels", "time", "launch", "its longest kernel", "grid", "registers")


def busy_lines(run: Run) -> Iterator[RenderableType]:
    """The share of the call in which each GPU computed, and what it waited for; else nothing."""
    for line in (line for each in busy(run) for line in each.lines()):
        yield Text(line)


def kernels(run: Run) -> Iterator[RenderableType]:
    """The ops that had kernels, those that took longest first: launched when, ran how long."""
    ran = [step for step in run.steps if any(k.bytes is None for k in step.kernels)]
    ran.sort(key=lambda step: -(step.duration_us or 0.0))
    if ran:
        table = plain.table(*COLUMNS)
        for column in table.columns[1:4]:
            column.justify = "right"
        for step in ran[:MOST_ROWS]:
            table.add_row(*_row(step))
        if len(ran) > MOST_ROWS:
            table.add_row(Text(f"and {len(ran) - MOST_ROWS} more", "dim"))
        yield table
    yield from unclaimed(run.unclaimed)


def _row(step: Step) -> tuple[str, ...]:
    longest = max(step.kernels, key=lambda kernel: kernel.duration_us)
    launch = duration(step.launch[1] - step.launch[0]) if step.launch else "·"
    name = f"{step.node} [{step.frame}]" if step.frame else step.node
    return (
        middle(name, NAME_WIDTH),
        f"{len(step.kernels):,}",
        took(step),
        launch,
        _plain(longest),
        " of ".join(map(_sizes, filter(None, (longest.grid, longest.block)))),
        "" if longest.registers is None else str(longest.registers),
    )


def _sizes(sizes: Sequence[int]) -> str:
    """Blocks or threads, without the axes behind of which there is one: `"8x1x18"`, `"128"`."""
    text = "x".join(map(str, sizes))
    while text.endswith("x1"):
        text = text.removesuffix("x1")
    return text


def _plain(kernel: Kernel) -> str:
    """A kernel's name without what C++ adds to it; of a compiled one, what it was made from."""
    name = kernel.name.removeprefix("void ").partition("<")[0].partition("(")[0]
    return middle(kernel.made_from or name.rpartition("::")[2], KERNEL_WIDTH)


def unclaimed(every: Sequence[Kernel]) -> Iterator[RenderableType]:
    """What a GPU did for no op that is known, one line each."""
    for kernel in every[:MOST_UNCLAIMED]:
        yield Text(f"{kernel.device} for no op that is known: {of_kernel(kernel)}", "dim")
    if len(every) > MOST_UNCLAIMED:
        yield Text(f"and {len(every) - MOST_UNCLAIMED} more", "dim")
