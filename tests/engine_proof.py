"""What the proofs of the engine share: a session that rewrites nothing, and the comparison."""

import re

import numpy as np
import tensorflow as tf

from graphlab.engine import Engine
from graphlab.engine.start import session_state

tf1 = tf.compat.v1

# Rewriting on: kernels are fused and sums are done in another order. float32 has 24 bits; a
# hundred roundings of 2**-24 are 6e-6, and sums of large numbers that cancel lose more.
RTOL, ATOL = 1e-4, 1e-5


def as_written():
    """A session's config with which it runs the ops that were written, and no others.

    It has all the CPU devices that there are."""
    config = tf1.ConfigProto(device_count={"CPU": len(tf.config.list_logical_devices("CPU"))})
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    config.graph_options.optimizer_options.opt_level = tf1.OptimizerOptions.L0
    config.graph_options.optimizer_options.do_function_inlining = False
    return config


def same_bits(a, b):
    if isinstance(a, tuple):  # a table: in no order
        return len(a) == len(b) and [_rows(*a)] == [_rows(*b)]
    a, b = (np.asarray(x, object if isinstance(x, bytes) else None) for x in (a, b))
    if (a.dtype, a.shape) != (b.dtype, b.shape):
        return False
    if a.dtype.kind == "V":  # TensorFlow's short types: a NaN is not equal to itself
        return a.tobytes() == b.tobytes()
    if a.dtype.kind == "O":  # texts
        return a.tolist() == b.tolist()
    return np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")


def _rows(keys, values):
    """A table's rows, sorted."""
    pairs = zip(np.asarray(keys).tolist(), np.asarray(values).tolist(), strict=True)
    return str(np.asarray(values).dtype), sorted(pairs, key=repr)


def close(a, b):
    if isinstance(a, tuple) or np.asarray(a).dtype.kind not in "fc":
        return same_bits(a, b)
    a, b = np.asarray(a), np.asarray(b)
    return a.shape == b.shape and (
        np.array_equal(a, b, equal_nan=True)  # which is asked faster
        or np.allclose(a, b, RTOL, ATOL, equal_nan=True)
    )


def written_names(steps, old_loops=()):
    """Where in the whole program each op of these steps stands: `while/body/mul`.

    The ops of an old loop (Enter, Exit) have full names already."""
    names = set()
    for step in steps:
        path = []
        for part in step.frame.split(" > ") if step.frame else ():
            name, _, word = part.partition(":")
            if word.endswith(" cond"):
                path += [name, "cond"]
            elif word in ("then", "else"):
                path += [name, word]
            elif word.startswith("branch "):
                path += [name, word.replace(" ", "")]
            elif name in old_loops:
                continue
            elif word:
                path += [name, "body"]
            else:
                path += [name]
        names.add("/".join([*path, step.node]))
    return names


_NOT_WRITTEN = re.compile(r"_SOURCE|_SINK|_arg_|_retval_|_send_|_recv_|Func/|.*/_\d+$")


def ran_names(metadata):
    """The same for what the runtime says that it ran, without what it put there itself."""
    found = {n.node_name for device in metadata.step_stats.dev_stats for n in device.node_stats}
    return {re.sub(r"/_\d+(?=/)", "", name) for name in found if not _NOT_WRITTEN.match(name)}


CALLS = "If StatelessIf Case StatelessCase While StatelessWhile".split()  # lowered by the runtime


def check_run(session, fetches, feeds=None, engine=None, exact=True, run=None):
    """One Session.run and the engine's own: the same fetches, the same state after, and where
    nothing is rewritten the same ops. Gives what the session gave, and the engine's steps."""
    engine = engine or Engine(session.graph)
    execution = engine.steps(fetches, feeds, state=session)
    steps = list(execution)
    options, metadata = tf1.RunOptions(trace_level=tf1.RunOptions.FULL_TRACE), tf1.RunMetadata()
    run = run or session.run
    expected = run(fetches, feeds, options=options, run_metadata=metadata)
    actual = list(execution.results().values())
    flat = [value for value in tf.nest.flatten(expected) if value is not None]
    parts = [p for v in flat for p in (v if type(v).__name__.endswith("Value") else [v])]
    same = same_bits if exact else close
    # One tensor fetched twice is one of the engine's results.
    names = [name for name in execution.fetches if ":" in name]
    assert len(names) == len(parts)
    for name, value in zip(names, parts, strict=True):
        assert same(execution.fetched[name], value), name
    assert len(actual) == len(set(names))
    after = session_state(session)
    state = execution.state()
    assert [name for name in after if not same(after[name], state[name])] == []
    if exact:
        check_ops(session.graph, steps, metadata)
    return expected, steps


def check_ops(graph, steps, metadata):
    """The ops that ran are those that the runtime says it ran.

    What a PartitionedCall does inside cannot be compared: the runtime prepares the function by
    itself and rewrites it whatever the session is told.
    """
    ran = ran_names(metadata)
    functions = {f.signature.name for f in graph.as_graph_def().library.function}
    calls = functions | {"PartitionedCall", "StatefulPartitionedCall", "SymbolicGradient"}
    if any(step.op in calls for step in steps):
        if not any(step.op in CALLS for step in steps):  # of whose inputs the runtime drops some
            assert {step.node for step in steps if not step.frame} <= ran
        return
    loops = {
        op.get_attr("frame_name").decode().removesuffix("/while_context")
        for op in graph.get_operations()
        if op.type in ("Enter", "RefEnter")
    }
    calls = {step.node for step in steps if step.op in CALLS}
    written = written_names([step for step in steps if step.node not in calls], loops)
    if calls:  # the runtime writes them as old loops, and drops the variables nobody needs
        assert ran <= written
    else:
        assert written == ran
