"""A target is run under observation, or, where it is a model's file, only read.

watched = watch(parse("train.py:model"), device=None, seed=None)
watched.runs
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from graphlab.errors import GraphlabError
from graphlab.sources import choice
from graphlab.targets.target import Target, Watched
from graphlab.watch import KEEP

Tick = Callable[[int, int], None]  # steps done, steps in all


def read_target(target: Target, function: str = "") -> Watched:
    """A model's graph as its file has it: all of it, what a signature needs, or one function.

    Nothing is run and TensorFlow is not needed. GraphlabError where the file cannot be read, holds
    values alone, or has no such signature or function.
    """
    from graphlab.sources import files

    assert target.model is not None
    model = files.read_model(target.model, target.ask.tags)
    if model.variables and not any(map(len, model.bodies)):
        raise GraphlabError(
            f"{target.text} is a {model.kind}, which holds values and no graph; graphlab info lists"
            " them, and the graph is in the model's own file"
        )
    graph, note = choice.graph_of(model, target.ask.signature, function)
    return Watched(target, (), (), graph, "; ".join([*model.notes, *([note] if note else [])]))


def watch(
    target: Target,
    device: str | None,
    seed: int | None,
    tick: Tick | None = None,
    values: bool = False,
    until_bad: bool = False,
    keep_bytes: int = KEEP,
    first: int = 0,
    steps: int | None = None,
) -> Watched:
    """Run a target under observation; TensorFlow has been started.

    `device` has been prepared; None leaves a script where it asks to be, and puts a lesson on
    CPU:0. `values`, `until_bad`, `first` and, not of a model, `keep_bytes` are as for `observe`;
    with `first`, or `steps`, a lesson ends after so many steps. A script that raises is no error
    here: `failure` says what it raised, and what was recorded until then is kept. A
    KeyboardInterrupt in a lesson says how far it came.
    """
    if target.model is not None:
        from graphlab.targets.model_run import watch_model

        return watch_model(target, device, seed, values, until_bad)
    if target.part is None:
        from graphlab.targets.script_run import watch_script

        return watch_script(target, device, values, until_bad, keep_bytes, first)
    from graphlab.targets.part_run import watch_part

    return watch_part(target, device, seed, tick, values, until_bad, first, keep_bytes, steps)


def watch_alone(
    target: Target,
    device: str | None,
    seed: int | None,
    values: bool = False,
    until_bad: bool = False,
    first: int = 0,
    keep_bytes: int = KEEP,
) -> Watched:
    """`watch`, for whoever goes on in this process: TensorFlow is as it was before the target."""
    try:
        return watch(target, device, seed, None, values, until_bad, keep_bytes, first)
    finally:
        _back_to_v2()


def _back_to_v2() -> None:
    """A script may have switched to TensorFlow 1; what is run next is perhaps one of 2."""
    import tensorflow as tf

    if not tf.executing_eagerly():
        tf.compat.v1.reset_default_graph()
        tf.compat.v1.enable_v2_behavior()


def of_way(watched: Watched, way: str) -> Watched:
    """Only the runs of one way, where there are any: a function's kernels, not its eager call."""
    from graphlab.course.ways import kind_of

    runs = tuple(run for run in watched.runs if run.way == kind_of(way))
    return replace(watched, runs=runs) if any(run.steps for run in runs) else watched
