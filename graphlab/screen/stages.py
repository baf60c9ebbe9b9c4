"""The lives of a graph for the terminal: its stages, its ops' verdicts, what went between devices.

All of it as rich renderables; nothing is computed here that `graphlab.stages` does not say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from rich.console import RenderableType
from rich.text import Text

from graphlab.model import Graph, Kernel, Node, Run
from graphlab.screen import plain
from graphlab.stages import (
    KINDS,
    MUST_COMPILE,
    Stage,
    Transfer,
    Verdict,
    ops_inside,
    program,
)
from graphlab.stages.verdict import BY_METADATA
from graphlab.watch.nonfinite import Bad
from visualize.words import duration, middle, printable

MOST_ROWS = 40  # ops of one table; the others are counted
MOST_DOWNSTREAM = 8
STYLES = {
    "stays": "",
    "not needed": "dim",
    "folded to a constant": "yellow",
    "fused into": "magenta",
    "merged with its twin": "cyan",
    "inlined": "blue",
    "rewritten as": "green",
    "moved to device": "blue",
    "compiled into": "magenta",
    "inside": "dim",
    "dropped": "yellow",
    "unmatched": "bold red",
}


def stages(found: Sequence[Stage]) -> RenderableType:
    """A line a stage: how many ops it has, and what it did to those of the stage before.

    Passes that changed nothing are told in one line.
    """
    table = plain.table("stage", "ops", "what it did")
    table.columns[1].justify = "right"
    idle: list[str] = []
    before: Mapping[str, Verdict] = {}
    for stage in found:
        counts = Counter(verdict.kind for verdict in before.values())
        said = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS[1:] if counts[kind])
        before = stage.verdicts
        if not said and stage.name not in ("built", "placed", "partitioned"):
            idle.append(stage.name)
            continue
        table.add_row(stage.name, f"{len(stage.graph):,}", said or Text("·", "dim"))
    if idle:
        table.add_row(Text(f"{len(idle)} passes changed nothing", "dim"), "", ", ".join(idle))
    return table


def compiled(run: Run) -> Iterator[RenderableType]:
    """A line for each kernel that XLA made: of the whole call, or of a call in it."""
    if run.compiled_by:
        ops = len(run.built) if run.built is not None else 0
        yield Text(f"{_by(run.compiled_by)}: {ops:,} ops built, {_kernel(run, run.name)}", "bold")
        return
    for node in run.executed.nodes if run.executed is not None else ():
        if node.attrs.get(MUST_COMPILE):
            name = printable(node.name, newlines=False)
            yield Text(f"{name} is {_by('XLA')}: {_kernel(run, node.name)}", "bold")


def instructions(run: Run, width: int) -> Iterator[RenderableType]:
    """What a compiled call spent its time on, longest first: the instructions that were timed."""
    if not run.instructions:
        return
    made = program(run) or Graph()
    found: dict[str, list[float]] = {}
    for step in run.instructions:
        found.setdefault(step.node.rpartition("/")[2], []).append(step.duration_us or 0.0)
    whole = sum(map(sum, found.values()))
    room = max((width - 40) // 2, 16)
    table = plain.table("instruction", "", "made from", "time", "of these")
    for column in table.columns[3:]:
        column.justify = "right"
    ordered = sorted(found.items(), key=lambda item: -sum(item[1]))
    for name, times in ordered[:MOST_ROWS]:
        node = made[name]
        often = f" ({len(times)} times)" if len(times) > 1 else ""
        table.add_row(
            middle(name, room) + often,
            node.op,
            printable(middle(str(node.attrs.get("op_name", "")), room), newlines=False),
            duration(sum(times)),
            f"{sum(times) / whole:.0%}" if whole else "",
        )
    if len(ordered) > MOST_ROWS:
        table.add_row(Text(f"and {len(ordered) - MOST_ROWS} more", "dim"), "", "", "", "")
    yield table


def _by(compiler: str) -> str:
    return f"compiled by {compiler} (jit_compile=True)"


def _kernel(run: Run, node: str) -> str:
    """How often one kernel ran, what a GPU made of it, and how long in all."""
    ran = [step for step in run.steps if step.node == node]
    times = [step.duration_us for step in ran]
    known = [time for time in times if time is not None]
    often = f", run {len(times)} times" if len(times) > 1 else ""
    took = duration(sum(known)) if known and len(known) == len(times) else "not timed"
    on_gpu = sum(len(step.kernels) for step in ran)
    parts = f" to TensorFlow, {on_gpu} kernels and copies to the GPU" if on_gpu else ""
    return f"one kernel{parts}{often}, {took}"


NOTHING: Mapping[str, str] = {}


def inside(
    graph: Graph, told: Mapping[str, Verdict], width: int, fused: Mapping[str, str] = NOTHING
) -> Iterator[RenderableType]:
    """What became of the ops in the bodies that the graph calls, by their path."""
    if told:
        yield from _told(ops_inside(graph), told, width, "ops in what it calls", fused)


def verdicts(
    graph: Graph, told: Mapping[str, Verdict], width: int, fused: Mapping[str, str] = NOTHING
) -> Iterator[RenderableType]:
    """What became of each op, those first that a reader will wonder about: all that changed.

    Ops that stayed or were not needed are counted. `fused`: what is said of those that ran in one
    kernel, see `graphlab.stages.fusions`.
    """
    yield from _told(graph.by_name, told, width, "ops built", fused)


WIDE = 100  # columns, from which on a table says how a verdict is known
QUIET = ("stays", "not needed", "inside", "compiled into")  # of many alike, their number tells


def _told(
    nodes: Mapping[str, Node],
    told: Mapping[str, Verdict],
    width: int,
    what: str,
    fused: Mapping[str, str],
) -> Iterator[RenderableType]:
    counts = Counter(verdict.kind for verdict in told.values())
    yield Text(f"{len(told):,} {what}: {_counted(counts)}")
    shown = [n for n, v in told.items() if v.kind not in QUIET or v.how.startswith(BY_METADATA)]
    if not shown:
        return
    wide = width >= WIDE  # else there is no room for how it is known
    table = plain.table("op", "type", "what became of it", *(["how we know"] if wide else []))
    listed = shown[:MOST_ROWS]
    words = {name: fused.get(name) or told[name].text() for name in listed}
    room = _room([(name, words[name], told[name]) for name in listed], width, wide)
    for name in listed:
        verdict = told[name]
        how = [Text(printable(middle(verdict.how, room), newlines=False), "dim")] if wide else []
        became = printable(_became(words[name], verdict, room), newlines=False)
        style = STYLES["fused into" if name in fused else verdict.kind]
        row = middle(name, room), middle(nodes[name].op, 20), Text(became, style)
        table.add_row(*row, *how)
    if len(shown) > MOST_ROWS:
        table.add_row(Text(f"and {len(shown) - MOST_ROWS} more", "dim"))
    yield table


def _room(listed: Sequence[tuple[str, str, Verdict]], width: int, wide: bool) -> int:
    """How wide each text of such a row may be: as wide as the widest, where all fit."""
    for room in (10_000, 80, 60):
        columns = [
            [len(middle(name, room)), len(_became(words, v, room))] for name, words, v in listed
        ]
        known = [len(middle(v.how, room)) for *_, v in listed] if wide else [0]
        if sum(map(max, zip(*columns, strict=True))) + max(known) + 20 + 6 <= width:
            return room
    return max((width - 24) // (3 if wide else 2), 16)


def _became(words: str, verdict: Verdict, room: int) -> str:
    """What became of an op: the words whole, the name behind them as long as there is room."""
    if not words.startswith(verdict.kind):
        return middle(words, max(room, 16))
    name = words.removeprefix(verdict.kind).strip()
    return f"{verdict.kind} {middle(name, max(room - len(verdict.kind) - 1, 8))}".strip()


def transfers(sent: Sequence[Transfer]) -> RenderableType:
    """What went from one device to another, in the order of the executed graph."""
    if not sent:
        return Text("nothing went from one device to another", "dim")
    copied = any(one.copies for one in sent)
    columns = ["tensor", "from", "to", "bytes", "times", *(["copied in", "rate"] if copied else [])]
    table = plain.table(*columns)
    for column in table.columns[3:]:
        column.justify = "right"
    for one in sent[:MOST_ROWS]:
        size = "not known" if one.bytes is None else f"{one.bytes:,}"
        name = middle(one.tensor, 40) + (f" ({middle(one.stands_for, 24)})" if copied else "")
        name = name.removesuffix(" ()")
        cells = [name, one.from_device, one.to_device, size, str(one.times)]
        table.add_row(*cells, *(_copied(one.copies) if copied else ()))
    if len(sent) > MOST_ROWS:
        table.add_row(Text(f"and {len(sent) - MOST_ROWS} more", "dim"), *[""] * len(columns[1:]))
    return table


def _copied(copies: Sequence[Kernel]) -> tuple[str, str]:
    """How long a GPU's copies took together, and how many bytes a second that is."""
    if not copies:
        return "no copy", ""
    took = sum(kernel.duration_us for kernel in copies)
    if not took:
        return "under 1 µs" if len(copies) == 1 else f"under {len(copies)} µs", ""
    rate = sum(kernel.bytes or 0 for kernel in copies) / took / 1e3
    return duration(took), f"{rate:.3g} GB/s"


def bad(found: Bad | None) -> Iterator[RenderableType]:
    """The first NaN or Inf with where it came from and how far it got."""
    if found is None:
        yield Text("no NaN and no Inf: every recorded number is finite")
        return
    where = f", iteration or call {found.frame}" if found.frame else ""
    by = f", compiled by {found.compiled_by}" if found.compiled_by else ""
    if found.refused:
        by = ", a result of the call"
    first = "a" if found.refused else "the first"  # what came before it is not known
    yield Text.assemble(
        (f"{first} {found.what} came out of ", "bold"),
        (f"{printable(found.node, newlines=False)} ({found.op})", "bold red"),
        by or f", step {found.step + 1}{where}",
    )
    if found.source is not None:
        yield Text(f"made at {found.source[0]}:{found.source[1]}", "dim")
    yield Text(f"  gave {found.output.text()}")
    if found.compiled_by:
        yield Text(
            "  executed op by op, as it was before it was compiled, the call has no such number: in"
            " what it is made of, look for a division, root or logarithm of 0"
        )
        return
    if found.refused:
        yield Text(f"  where it began is not known: {found.refused}")
        return
    for taken in found.inputs:
        yield Text(f"  took {taken.text()}")
    names = ", ".join(printable(n, newlines=False) for n in found.downstream[:MOST_DOWNSTREAM])
    more = len(found.downstream) - MOST_DOWNSTREAM
    rest = f" and {more} more" if more > 0 else ""
    yield Text(
        f"  {len(found.downstream)} ops depend on it: {names}{rest}"
        if names
        else "  no op depends on it"
    )


def _counted(counts: Counter[str]) -> str:
    counted = ((counts[kind], _COUNTED.get(kind, kind)) for kind in KINDS if counts[kind])
    return ", ".join(f"{number:,} {kind}" for number, kind in counted)


# Where the verdict's own word would wait for the name of a call.
_COUNTED = {"compiled into": "compiled into a kernel", "inside": "inside of a call"}
