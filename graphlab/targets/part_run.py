"""Run one way of a lesson's part under observation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from graphlab.course import outline, ways
from graphlab.targets.target import Target, Watched
from graphlab.watch import KEEP


def watch_part(
    target: Target,
    device: str | None,
    seed: int | None,
    tick: Callable[[int, int], None] | None = None,
    values: bool = False,
    until_bad: bool = False,
    first: int = 0,
    keep_bytes: int = KEEP,
    steps: int | None = None,
) -> Watched:
    """Run the target's part in its way. See `targets.run.watch`."""
    assert target.part is not None
    module = outline.load(target.part)
    reached = ""

    def count(done: int, of: int, losses: Sequence[float]) -> None:
        nonlocal reached
        reached = f" after {done} of {of} steps"
        if tick is not None:
            tick(done, of)

    try:
        place = device or "CPU:0"
        with ways.lesson_on(place):
            results, seen = ways.watch_way(
                module,
                target.way,
                place,
                seed,
                count,
                values,
                until_bad,
                first or steps,
                first,
                keep_bytes,
            )
    except KeyboardInterrupt:
        where = f"in {target.part.name}:{target.way}{reached}"
        raise KeyboardInterrupt(where) from None
    return Watched(
        target,
        seen.runs,
        seen.calls,
        None,
        replays=seen.replays,
        live=seen.live,
        metadata=seen.metadata,
        config=seen.config,
        results=results,
        full=seen.full,
    )
