"""A recorded Session.run, against one that the user asked a full trace of by hand."""

import time
from collections.abc import Iterator

from benchmarks import Cost, Row, in_turns, quiet_tensorflow, row

ROUNDS = 60
CALLS = 8
RECORDED = (2, 4, 8)  # of an observed program without steps; the first call is left out


def measure() -> Iterator[Row]:
    """One call at a time, on a small and a medium graph."""
    quiet_tensorflow()
    import tensorflow as tf

    from benchmarks._programs import SIZES, Network, session
    from graphlab import observe
    from graphlab.watch.observer import RECORDED as also

    assert set(RECORDED) <= set(also), "other calls are recorded now"
    tf1 = tf.compat.v1
    for size in SIZES:
        running, fetches, feeds = session(Network(size))

        def ours(running=running, fetches=fetches, feeds=feeds) -> Cost:
            with observe():
                return _best(lambda traced: running.run(fetches, feeds))

        def theirs(running=running, fetches=fetches, feeds=feeds) -> Cost:
            def run(traced: bool) -> None:
                if not traced:
                    running.run(fetches, feeds)
                    return
                options = tf1.RunOptions(
                    trace_level=tf1.RunOptions.FULL_TRACE, output_partition_graphs=True
                )
                running.run(fetches, feeds, options=options, run_metadata=tf1.RunMetadata())

            return _best(run)

        ours(), theirs()
        pairs = in_turns(ours, theirs, ROUNDS)
        for of in ("wall", "cpu"):
            yield row(f"Session.run, {size}, recorded", pairs, of, 1.3)


def _best(run) -> Cost:
    """The cheapest of the recorded calls among so many."""
    costs = []
    for number in range(1, CALLS + 1):
        cpu, wall = time.process_time(), time.perf_counter()
        run(number in RECORDED)
        if number in RECORDED:
            costs.append(Cost(time.perf_counter() - wall, time.process_time() - cpu))
    return min(costs, key=lambda cost: cost.wall)
