"""The unrecorded steps of an observed program, against the same program unobserved."""

import statistics
import time
from collections.abc import Callable, Iterable, Iterator

from benchmarks import Cost, Row, in_turns, quiet_tensorflow, row

ROUNDS = 30
STEPS = {"small": 400, "medium": 120}
SKIPPED = 20  # the first steps: the observer records two of them, and the caches fill


def measure() -> Iterator[Row]:
    """Loops of sessions, functions and eager ops, with `seen.steps` and without."""
    quiet_tensorflow()
    from benchmarks._programs import WAYS, Network
    from graphlab import observe

    for size, steps in STEPS.items():
        for way, make in WAYS.items():
            loop = make(Network(size))
            loop(range(SKIPPED))

            def alone(loop: Callable = loop, steps: int = steps) -> Cost:
                return _timed(loop, range(steps))

            def watched(loop: Callable = loop, steps: int = steps) -> Cost:
                with observe() as seen:
                    return _timed(loop, seen.steps(range(steps)))

            def script(loop: Callable = loop, steps: int = steps) -> Cost:
                with observe():
                    return _timed(loop, range(steps))

            pairs = in_turns(watched, alone, ROUNDS)
            for of in ("wall", "cpu"):
                yield row(f"{way}, {size}, a step", pairs, of, 1.05)
            if way != "eager":  # without `steps`, eager ops are all recorded until it is enough
                yield row(
                    f"{way}, {size}, in a script", in_turns(script, alone, ROUNDS), "wall", 1.05
                )


def _timed(loop: Callable, items: Iterable) -> Cost:
    """What a step of the loop costs, those that are skipped left out.

    Of the wall time the median, which a busy machine does not spoil; of the CPU time the mean.
    """
    times: list[float] = []
    cpu = 0.0

    def marked() -> Iterator:
        nonlocal cpu
        last = time.perf_counter()
        for number, item in enumerate(items):
            now = time.perf_counter()  # with what the observer does between two steps
            times.append(now - last)
            last = now
            if number == SKIPPED:
                cpu = time.process_time()
            yield item

    loop(marked())
    taken = times[SKIPPED + 1 :]
    return Cost(statistics.median(taken), (time.process_time() - cpu) / (len(taken) + 1))
