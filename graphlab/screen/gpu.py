"""What a GPU did in a call, for the terminal: how busy it was, and its kernels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from graphlab.model import Kernel, Run, Step
from graphlab.screen import plain
from visualize.busy import busy
from visualize.words import duration, middle, of_kernel, took

MOST_ROWS = 12  # ops of one table; the others are counted
MOST_UNCLAIMED = 6
NAME_WIDTH, KERNEL_WIDTH = 28, 26
LEAST_WIDTH = 14  # of both, where there is less room
LEAST_COLUMNS = 5  # of these
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
        yield _Kernels([_row(step) for step in ran[:MOST_ROWS]], len(ran) - MOST_ROWS)
    yield from unclaimed(run.unclaimed)


class _Kernels:
    """A row for each op, on one line: where there is no room it has no registers, then no grid, and
    then shorter names."""

    def __init__(self, rows: Sequence[Sequence[str]], more: int) -> None:
        self.rows, self.more = rows, more

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        columns = [list(column) for column in zip(COLUMNS, *self.rows, strict=True)]
        while len(columns) > LEAST_COLUMNS and _needed(columns) > options.max_width:
            columns.pop()
        over = _needed(columns) - options.max_width
        for names in (columns[4], columns[0]):
            wide = max(map(len, names))
            room = max(wide - max(over, 0), LEAST_WIDTH)
            names[:] = [middle(name, room) for name in names]
            over -= wide - max(map(len, names))
        table = plain.table(*(head for head, *_ in columns))
        for column in table.columns[1:4]:
            column.justify = "right"
        for cells in zip(*(cells for _, *cells in columns), strict=True):
            table.add_row(*cells)
        if self.more > 0:
            table.add_row(Text(f"and {self.more} more", "dim"))
        yield table


def _needed(columns: Sequence[Sequence[str]]) -> int:
    return sum(max(map(len, column)) for column in columns) + plain.GAP * (len(columns) - 1)


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
