"""Recordings of a real GPU (tests/recordings) as the steps and runs that graphlab makes of them."""

from pathlib import Path

import tensorflow as tf

from graphlab import _private
from graphlab.model import Run, TensorSpec
from graphlab.watch import claims, kernels, runtime
from graphlab.watch.profile import profile_of

RECORDINGS = Path(__file__).parent / "recordings"
SESSIONS = ("session_train_0", "session_train_5", "session_conv_loop")
PROFILES = ("eager", "function", "xla")


def metadata_of(name):
    return tf.compat.v1.RunMetadata.FromString((RECORDINGS / f"{name}.RunMetadata.pb").read_bytes())


def trace_of(name):
    return _private.profile_events((RECORDINGS / f"{name}_host2.profile.pb").read_bytes())


def session_steps(name):
    """The steps of a recorded session as `SessionCall.run` makes them, and what nobody claims."""
    metadata = metadata_of(name)
    stats, partitions = metadata.step_stats, metadata.partition_graphs
    ops = {node.name: node.op for partition in partitions for node in partition.node}
    steps = runtime.steps_of_stats(stats, ops)
    known = {spec.name: spec for step in steps for spec in step.outputs}
    executed = runtime.executed_graph(partitions, known)
    steps = runtime.with_untimed(steps, executed)
    return claims.joined(steps, kernels.of_stats(stats, runtime.zero_of(stats)))


def call_steps(name):
    """The steps of the one function call in a profile, and what nobody claims."""
    profile = profile_of(trace_of(name))
    (call,) = profile.calls
    ran = [op for op in profile.ops if call.start_us <= op.start_us and op.end_us <= call.end_us]
    found = claims.in_call(profile.gpu, call)
    return runtime.steps_of_kernels(ran, None, None, found), found, profile


def session_run(name):
    """A recorded session as a Run; its wall time is up to the last thing that is known of it."""
    steps, unclaimed = session_steps(name)
    partitions = metadata_of(name).partition_graphs
    known = {spec.name: spec for step in steps for spec in step.outputs}
    executed = runtime.executed_graph(partitions, known)
    feeds = (TensorSpec("images:0", "float32", (256, 784)), TensorSpec("labels:0", "int64", (256,)))
    wall = max(step.end_us for step in steps if step.end_us is not None)
    return Run(
        "graph",
        "Session.run",
        int(name[-1]) + 1 if name[-1].isdigit() else 6,
        feeds if "train" in name else (),
        ("loss:0", "told:0") if "train" in name else (),
        None,
        executed,
        steps,
        wall_us=wall,
        unclaimed=unclaimed,
    )


def function_run(name):
    """A recorded call of a function as a Run."""
    (steps, unclaimed), _, profile = call_steps(name)
    (call,) = profile.calls
    wall = call.end_us - call.start_us
    return Run("function", "body", 5, steps=steps, wall_us=wall, unclaimed=unclaimed)
