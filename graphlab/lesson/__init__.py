"""The few things a lesson part needs that are not TensorFlow.

Plain enough for Python 3.7, so that the graph way of every part also runs beside the real
TensorFlow 1.15.5.
"""

from __future__ import annotations

import contextlib
import re

from graphlab.errors import GraphlabError
from graphlab.figure import Heat, Images, Lines, Points
from graphlab.lesson.clothes import captions, edges, kinds_named, things_seen, worn
from graphlab.lesson.crowds import crowds, densities
from graphlab.lesson.datasets import data_file, fashion_mnist, given_data, recorded_gpu
from graphlab.lesson.drift import Drift
from graphlab.lesson.slots import brown, hidden, numbered, pad, questions, slot_f1

__all__ = [
    "Cases",
    "Drift",
    "Heat",
    "Images",
    "Lines",
    "Losses",
    "Points",
    "brown",
    "captions",
    "cpus",
    "crowds",
    "data_file",
    "densities",
    "edges",
    "fashion_mnist",
    "given_data",
    "gpus",
    "hidden",
    "kinds_named",
    "numbered",
    "pad",
    "questions",
    "raises",
    "recorded_gpu",
    "run_as_written",
    "slot_f1",
    "steps",
    "things_seen",
    "verdicts",
    "worn",
]


class raises:
    """Show a failure: the block must raise `kind`, with a message that `match` is found in.

    >>> with raises(ValueError, match="invalid literal") as failure:
    ...     int("one")
    >>> type(failure.error).__name__
    'ValueError'

    Leaves the error in `.error`. AssertionError where the block raises nothing, or a message
    without `match` (a regular expression); an error of another kind passes through.
    """

    def __init__(self, kind, match=""):
        self.kind = kind
        self.match = match
        self.error = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if error is None:
            raise AssertionError(f"expected {self.kind!r}, and nothing was raised")
        if not isinstance(error, self.kind):
            return False
        self.error = error
        if not re.search(self.match, str(error)):
            raise AssertionError(f"{self.match!r} is not in the message: {error}") from error
        for witness in _witnesses:
            witness(error)
        return True


_witnesses: list = []


def witnessed(witness):
    """While the block runs, `witness(error)` is called with each error that `raises` has shown."""
    return _joined(_witnesses, witness)


class Cases(list):
    """The steps of a part, and what its training starts from.

    >>> some = Cases([1, 2, 3], W=[[0.5]])
    >>> some.start["W"], some.first(2), some.first(2).start == some.start
    ([[0.5]], [1, 2], True)
    """

    def __init__(self, steps, **start):
        super().__init__(steps)
        self.start = start

    def first(self, count):
        """The first steps only, from the same start."""
        return Cases(self[:count], **self.start)


class Losses(list):
    """The losses of a training, one a step: a list that the progress bar can read meanwhile."""

    def append(self, loss):
        """Add the loss of a step, and tell whoever follows the training."""
        super().append(loss)
        for follower in _followers:
            follower(self)


_followers: list = []


def following(follower):
    """While the block runs, `follower(losses)` is called with all Losses that grow."""
    return _joined(_followers, follower)


@contextlib.contextmanager
def _joined(listeners, listener):
    listeners.append(listener)
    try:
        yield
    finally:
        listeners.remove(listener)


def cpus(count):
    """So many CPU devices, `["CPU:0", "CPU:1"]`, which a part asks for while it is imported.

    TensorFlow makes them of the one CPU, before its first operation only. In TensorFlow 1.15 a
    session makes its own. GraphlabError where TensorFlow has started with fewer.
    """
    import tensorflow as tf

    names = [f"CPU:{n}" for n in range(count)]
    if not hasattr(tf.config, "set_logical_device_configuration"):
        return names
    cpu = tf.config.list_physical_devices("CPU")[0]
    with contextlib.suppress(RuntimeError):  # it has started; perhaps with enough of them
        each = tf.config.LogicalDeviceConfiguration()
        tf.config.set_logical_device_configuration(cpu, [each] * count)
    there = len(tf.config.list_logical_devices("CPU"))
    if there < count:
        raise GraphlabError(
            f"the lesson needs {names[-1]}, and TensorFlow has already started with {there} CPU"
            f" device{'s' if there > 1 else ''}; start anew, or ask for it from the first:"
            f" --device {names[-1]}"
        )
    return names


# What follows is for claims. It needs the TensorFlow that graphlab is installed with, and imports
# it when it is called.


def gpus():
    """The GPUs that TensorFlow has here, `["GPU:0"]`: what is said of one is tried on each."""
    import tensorflow as tf

    return [each.name.rpartition("device:")[2] for each in tf.config.list_logical_devices("GPU")]


def steps(graph, fetches, feeds=None, state=None):
    """What a session does with this, one operation at a time: the engine's Execution.

    To iterate over it runs it. Each step has `.node`, `.op`, `.device` and `.values`; `.why` of
    the execution is what came last to the operation that ran, and `.results()` has the fetched
    arrays by name. Fetches and feeds are as for `Session.run`, `state` is a session to read the
    variables from. GraphlabError, before anything has run, for what cannot be run.
    """
    from graphlab.engine import Engine

    return Engine(graph).steps(fetches, feeds, state=state)


def run_as_written(graph, fetches, feeds=None):
    """What a session gives that rewrites nothing, and the nodes of the graph that it ran.

    The nodes, each with its device, are from TensorFlow's own trace: `{"y": "CPU:0"}`. The
    session has no variables yet. What `Session.run` raises passes through.
    """
    import tensorflow as tf

    tf1 = tf.compat.v1
    # A session with a config of its own has one CPU device, unless the config says how many.
    config = tf1.ConfigProto(device_count={"CPU": len(tf.config.list_logical_devices("CPU"))})
    config.graph_options.optimizer_options.opt_level = -1
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    options, metadata = tf1.RunOptions(trace_level=tf1.RunOptions.FULL_TRACE), tf1.RunMetadata()
    with tf1.Session(graph=graph, config=config) as session:
        values = session.run(fetches, feeds, options=options, run_metadata=metadata)
    written = {op.name for op in graph.get_operations()}
    return values, {
        node.node_name: device.device.rpartition("device:")[2]
        for device in metadata.step_stats.dev_stats
        for node in device.node_stats
        if node.node_name in written
    }


def verdicts(run):
    """What became of each operation that was written, in the graph that a recorded Run executed.

    In words, by the operation's name: `{"x": "stays", "product": "fused into y"}`. Empty where
    the runtime did not hand out the executed graph.
    """
    from graphlab import stages

    return {name: verdict.text() for name, verdict in stages.verdicts(run).items()}
