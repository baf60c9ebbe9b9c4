"""The passes are replayed in the runtime's own order: it is asked, in a process of its own."""

import os
import re
import subprocess
import sys

from graphlab.stages.passes import ONCE, PASSES

PROGRAM = """
import tensorflow as tf
tf1 = tf.compat.v1
with tf.Graph().as_default(), tf1.Session() as session:
    x = tf1.placeholder(tf.float32, [None, 3], name="x")
    session.run(tf.nn.relu(tf.matmul(x, tf.ones((3, 2))) + 1.0), {x: [[1.0, 2.0, 3.0]]})
"""
# What the runtime calls a pass, where RewriterConfig.optimizers has another name for it.
NAMES = {
    "model_pruner": "pruning",
    "function_optimizer": "function",
    "constant_folding": "constfold",
    "shape_optimizer": "shape",
    "arithmetic_optimizer": "arithmetic",
    "remapper": "remap",
    "loop_optimizer": "loop",
    "dependency_optimizer": "dependency",
    "memory_optimizer": "memory",
}


def test_the_runtime_runs_these_passes_in_this_order_twice():
    settings = {"TF_CPP_MIN_LOG_LEVEL": "0", "TF_CPP_VMODULE": "meta_optimizer=5"}
    environment = {k: v for k, v in os.environ.items() if k != "TF_DUMP_GRAPH_PREFIX"}
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**environment, **settings},
        capture_output=True,
        text=True,
        timeout=120,
    ).stderr
    rounds: dict[str, list[str]] = {"0": [], "1": []}
    for number, name in re.findall(r"after_MetaOptimizer_iteration_(\d)_([a-z_]+?)_\d+ ", told):
        rounds[number].append(NAMES.get(name, name))
    assert tuple(rounds["0"]) == PASSES
    assert tuple(rounds["1"]) == tuple(name for name in PASSES if name not in ONCE)
