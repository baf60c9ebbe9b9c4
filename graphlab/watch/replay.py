"""A recorded call, executed again op by op from the state that it began with.

    with observe(values=True) as seen:
        ...
    for replay in seen.replays:
        replay.check()               # does the engine get what the real call got?
        for step in replay.steps():  # as written, with values
            ...

The real call was made once, by the program itself. This is another execution, of the graph as
it was written, on private copies of the variables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tensorflow as tf

from graphlab import _private
from graphlab.agreement import Agreement, agree, wide
from graphlab.devices import is_gpu
from graphlab.engine import Engine
from graphlab.engine.execution import Execution
from graphlab.engine.kernels.values import array_of, is_tensor
from graphlab.engine.program import Lent, program_of
from graphlab.engine.start import initial_state
from graphlab.model import Run

# A session rewrites its graph: fused and reordered sums differ from the written ones in the last
# bits, and a division by a small number makes more of them.
RTOL = 1e-4
ATOL = 1e-6  # of the largest number there is: what is left where large ones cancel
IGNORE = 1  # as tf.data's options call it: random numbers of an iterator may be drawn once more
MOST_REWRITTEN = 3  # ops that a sentence names
# What stands for a value, and says nothing where it ran as something else or not at all.
UNCHANGED = frozenset(
    "Const Identity NoOp Placeholder PlaceholderWithDefault ReadVariableOp VarHandleOp".split()
)
COMPILED_ATOL = 1e-5  # XLA's own product of [64, 784] and [784, 100]: 3e-6 of it apart


@dataclass(frozen=True)
class Start:
    """What a call began with and gave, taken down while it was made."""

    feeds: Mapping[str, Any]  # by tensor
    state: Mapping[str, Any]  # values of variables by name, before the call
    results: Mapping[str, Any]  # what the real call gave, by fetch
    fetches: tuple[str, ...]
    alive: Sequence[Any] = ()  # what must live as long: a function does not hold its variables
    soft_placement: bool = False  # whether an op may run elsewhere than it asks to
    handles: Mapping[str, int] = field(default_factory=dict)  # of eager variables, by node: `_id`
    iterators: Mapping[str, Any] = field(default_factory=dict)  # by feed: where each one stood


@dataclass(frozen=True)
class Check:
    """Whether the engine's fetches equal the real ones."""

    agreement: Agreement
    draws: tuple[str, ...]  # ops that draw random numbers: each execution has its own
    steps: int = 0  # of the whole call
    rewritten: tuple[str, ...] = ()  # where the fetches differ: what did not run as it is written

    @property
    def ok(self) -> bool:
        """Equal within RTOL, and ATOL or COMPILED_ATOL."""
        return self.agreement.ok

    def text(self) -> str:
        """One line for a reader."""
        if self.ok and self.agreement.worst is None:
            return "the engine's fetches equal the real ones to the last bit"
        if self.ok:
            away = self.agreement.worst.absolute if self.agreement.worst else 0.0
            return f"the engine's fetches equal the real ones; largest difference {away:.2g}"
        if self.draws:
            return (
                f"the engine's fetches cannot equal the real ones: {', '.join(self.draws[:3])}"
                " drew random numbers, which are drawn anew"
            )
        worst = self.agreement.worst
        assert worst is not None
        told = ", ".join(self.rewritten[:MOST_REWRITTEN])
        why = f"; TensorFlow had rewritten the graph: {told}" if told else ""
        where = " ".join([str(list(worst.index)), *([worst.problem] if worst.problem else [])])
        return (
            f"the engine's {worst.result} differs from the real one: {worst.value} against"
            f" {worst.other_value} at {where}{why}"
        )


def _rewritten(run: Run, written: Mapping[str, str]) -> list[str]:
    """Of the ops that the engine ran as they are `written`, by name, those that ran as another op;
    where there are none, those that did not run. Nothing where nobody knows."""
    ran = {step.node: step.op for step in run.steps}
    if run.way == "eager" or run.compiled_by or not ran:
        return []
    ops = {name: op for name, op in written.items() if op not in UNCHANGED}
    changed = [f"{n} ({op}) ran as {ran[n]}" for n, op in ops.items() if ran.get(n, op) != op]
    return changed or [f"{name} ({op}) did not run" for name, op in ops.items() if name not in ran]


@dataclass(frozen=True)
class Replay:
    """One recorded call that can be executed again, as often as one likes."""

    run: Run  # as executed, by the runtime
    source: Callable[[], Any]  # what the engine is given
    start: Start

    def steps(
        self, keep_bytes: int = 0, device: str | None = None, engine: Engine | None = None
    ) -> Execution:
        """A new execution of the graph as written. GraphlabError: it has what cannot be run.

        Ops that ask for no device run on `device`; without it on the GPU where the call ran, if it
        ran on one. `engine` is one that was made of the same `source` for another call. What the
        call wrote to files or printed is not written once more.
        """
        start = self.start
        for name, stood in start.iterators.items():
            tf.raw_ops.DeserializeIterator(resource_handle=start.feeds[name], serialized=stood)
        return (engine or Engine(self.source())).steps(
            start.fetches,
            start.feeds,
            device or self._gpu(),
            start.state,
            keep_bytes,
            start.soft_placement,
            again=True,
        )

    def _gpu(self) -> str | None:
        """The GPU that TensorFlow gave most ops to; None where it gave none to any."""
        given = Counter(step.device for step in self.run.steps if is_gpu(step.device))
        return given.most_common(1)[0][0] if given else None

    def check(self) -> Check:
        """Run it to the end and compare. GraphlabError as for `steps`."""
        execution = self.steps()
        written = {step.node: step.op for step in execution if not step.frame}
        found = execution.results()
        # Of a handle there is no value to compare, only what it is.
        mine = {name: _array(value) for name, value in found.items() if not isinstance(value, str)}
        real = {n: _array(value) for n, value in self.start.results.items() if n in mine}
        mine = {name: mine[name] for name in real}
        both = {"real": real, "engine": mine}
        agreement = agree(both, RTOL)
        if (
            agreement.worst is not None
        ):  # what is tolerated depends on all numbers, many as they are
            share = COMPILED_ATOL if self._may_be_compiled() else ATOL
            agreement = agree(both, RTOL, share * _largest(real))
        rewritten = () if agreement.ok else tuple(_rewritten(self.run, written))
        return Check(agreement, execution.random_ops, execution.number, rewritten)

    def _may_be_compiled(self) -> bool:
        """Whether XLA computed it, or a function that eager code calls: of that nobody says here
        whether it is compiled."""
        run = self.run
        calls = run.built is not None and any(n.op.startswith("__") for n in run.built.nodes)
        return bool(run.compiled_by) or (run.way == "eager" and calls)

    def as_written(self, seen: Callable[[Execution], None] = lambda execution: None) -> Run:
        """The replay as a Run: every op as written, with values, timed by the engine.

        `seen` is shown the execution after each step.
        """
        run, steps, execution = self.run, [], self.steps()
        for step in execution:
            steps.append(step)
            seen(execution)
        return Run(
            run.way,
            run.name,
            run.call,
            run.feeds,
            self.start.fetches,
            run.built,
            None,
            tuple(steps),
            "engine",
            run.wall_us,
            run.source,
            run.step,
        )


def allows_soft_placement(session: Any) -> bool:
    """Whether a session moves an op that asks for a device that is not there, or has no kernel."""
    config = _private.session_config(session)
    return config is not None and config.allow_soft_placement


def function_start(function: Any, args: Sequence[Any]) -> Start:
    """Where a call of a traced function begins: its arguments, its variables' values."""
    program = program_of(function)
    graph = function.graph
    captured = {inside.name for _, inside in graph.captures}
    feeds = {
        inside.name: _lent(inside, outside) or tf.identity(outside)
        for inside, outside in zip(graph.inputs, args, strict=True)
        if inside.name not in captured
    }
    state = initial_state(program, None)
    alive = tuple(graph.variables) if captured else ()
    soft = bool(tf.config.get_soft_device_placement())
    stood = {name: _stood(value) for name, value in feeds.items() if _is_handle(value)}
    iterators = {name: state for name, state in stood.items() if state is not None}
    return Start(feeds, state, {}, program.fetches, alive, soft, iterators=iterators)


def _stood(handle: tf.Tensor) -> tf.Tensor | None:
    """Where an iterator of `tf.data` stands, as a checkpoint keeps it; None of what is none, and of
    one that cannot be kept, as of a generator of Python."""
    try:
        return tf.raw_ops.SerializeIterator(resource_handle=handle, external_state_policy=IGNORE)
    except tf.errors.OpError:
        return None


def _lent(inside: tf.Tensor, argument: Any) -> Lent | None:
    return Lent.of(inside, argument) if inside.dtype == tf.resource else None


def all_finite(values: Mapping[str, Any]) -> bool:
    """Whether no number is a NaN or an Inf; what is no number is finite enough."""
    plain = (value for value in values.values() if not (_is_table(value) or _is_handle(value)))
    arrays = (wide(_array(value)) for value in plain)
    return all(np.isfinite(array).all() for array in arrays if array.dtype.kind in "fc")


def _largest(arrays: Mapping[str, np.ndarray]) -> float:
    """The largest finite size of a number, at least 1."""
    numbers = [wide(a) for a in arrays.values()]
    sizes = [np.abs(a[np.isfinite(a)]) for a in numbers if a.dtype.kind in "fc"]
    return float(max([1.0, *(size.max() for size in sizes if size.size)]))


def _is_table(value: Any) -> bool:
    """A table's contents in a state are its (keys, values)."""
    return isinstance(value, tuple)


def _is_handle(value: Any) -> bool:
    """Of an iterator or a table there are no numbers; of a variable there is its value."""
    return getattr(value, "dtype", None) in (tf.resource, tf.variant)


def _array(value: Any) -> np.ndarray:
    value = value.value if isinstance(value, Lent) else value
    value = array_of(value) if is_tensor(value) else value
    # An array of texts by itself has room for the longest, and none for zeros at the end.
    return np.asarray(value, object if isinstance(value, bytes | str) else None)
