"""Memory that tensors take at most while the engine steps, against a session's on the same graph.

    python -m benchmarks memory
    python benchmarks/memory.py GRAPH.pb FETCH PLACEHOLDER ROWS,SIZE,SIZE,3

Each runs in a process of its own. What is measured is the peak of TensorFlow's own allocator of
CPU memory, which serves both, from before the graph is read to the end of its second run: the
weights, every tensor between ops and what kernels take for themselves. In a first run the engine
makes each weight when its turn comes, so that the peak may be lower.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import Row

WANTED = 1.5
RUNS = 2


def measure() -> Iterator[Row]:
    """MobileNetV2's inference graph, one picture."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "mobilenet.pb")
        yield compared("MobileNetV2 inference", _child("make", path).split())


def compared(what: str, arguments: list[str]) -> Row:
    """One line about the graph of a file."""
    ours, theirs = (int(_child(way, *arguments)) for way in ("engine", "session"))
    told = (f"{peak / 2**20:.1f} MiB" for peak in (ours, theirs))
    return Row(f"{what}, peak of the allocator", *told, ours / theirs, WANTED)


def _child(*arguments: str) -> str:
    """What this file prints in another process. CalledProcessError where it fails."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "TF_CPU_ALLOCATOR_USE_BFC": "1"}
    done = subprocess.run(
        [sys.executable, __file__, *arguments],
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    return done.stdout.splitlines()[-1]


def make(path: str) -> str:
    """Write MobileNetV2's frozen inference graph; what to say to measure it."""
    import tensorflow as tf

    model = tf.keras.applications.MobileNetV2(weights=None)
    picture = tf.TensorSpec([1, 224, 224, 3])
    traced = tf.function(lambda x: model(x, training=False)).get_concrete_function(picture)
    values = {id(variable.handle): variable.numpy() for variable in traced.graph.variables}
    held = {inside.op.name: values[id(handle)] for handle, inside in traced.graph.captures}
    graph_def = traced.graph.as_graph_def()
    for node in graph_def.node:
        if node.op == "ReadVariableOp":  # frozen: the value stands where it was read
            proto = tf.make_tensor_proto(held[node.input[0]])
            node.op = "Const"
            del node.input[:]
            node.attr.clear()
            node.attr["dtype"].type = proto.dtype
            node.attr["value"].tensor.CopyFrom(proto)
    Path(path).write_bytes(graph_def.SerializeToString())
    return f"{path} {traced.graph.outputs[0].name} {traced.inputs[0].name} 1,224,224,3"


def peak(way: str, path: str, fetch: str, placeholder: str, shape: str) -> int:
    """The allocator's peak in bytes, in this process, of one run of a graph."""
    import numpy as np
    import tensorflow as tf

    from graphlab.engine import Engine

    tf1 = tf.compat.v1
    tf.config.experimental.reset_memory_stats("CPU:0")
    graph_def = tf1.GraphDef.FromString(Path(path).read_bytes())
    feeds = {placeholder: np.ones([int(size) for size in shape.split(",")], np.float32)}
    if way == "engine":
        engine = Engine(graph_def)
        for _ in range(RUNS):
            execution = engine.steps(fetch, feeds)
            for _ in execution:
                pass
            assert execution.fetched
    else:
        with tf.Graph().as_default() as graph:
            tf1.import_graph_def(graph_def, name="")
        session = tf1.Session(graph=graph)
        for _ in range(RUNS):
            session.run(fetch, feeds)
    return tf.config.experimental.get_memory_info("CPU:0")["peak"]


if __name__ == "__main__":
    first, *others = sys.argv[1:]
    if first == "make":
        print(make(*others))
    elif first in ("engine", "session"):
        print(peak(first, *others))
    else:
        from benchmarks import HEADING

        print(HEADING, compared(Path(first).name, sys.argv[1:]), sep="\n")
