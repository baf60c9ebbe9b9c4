"""The passes are replayed in the runtime's own order: it is asked, in a process of its own."""

import os
import re
import subprocess
import sys

import pytest
import tensorflow as tf
from google.protobuf import text_format

from graphlab import _private, observe, stages
from graphlab.stages.rewriter import ONEDNN, told

tf1 = tf.compat.v1
PROGRAM = """
import sys
import tensorflow as tf
from google.protobuf import text_format
tf1 = tf.compat.v1
config = text_format.Parse(sys.argv[1], tf1.ConfigProto())
with tf.Graph().as_default(), tf1.Session(config=config) as session:
    x = tf1.placeholder(tf.float32, [None, 3], name="x")
    session.run(tf.nn.relu(tf.matmul(x, tf.ones((3, 2))) + 1.0), {x: [[1.0, 2.0, 3.0]]})
from graphlab.stages.rewriter import is_small, passes_of
print(*[] if is_small(10, config) else [label for _, label in passes_of(config)], sep="\\n")
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
    "pin_to_host_optimizer": "pin_to_host_optimization",
}
REWRITE = "graph_options { rewrite_options { %s } }"
CONFIGS = {
    "default": "",
    "off": REWRITE % "disable_meta_optimizer: true",
    "no folding": REWRITE % "constant_folding: OFF remapping: OFF memory_optimization: NO_MEM_OPT",
    "no pruning": REWRITE % "disable_model_pruning: true",
    "once": REWRITE % "meta_optimizer_iterations: ONE",
    "named": REWRITE % 'optimizers: "constfold" optimizers: "pruning"',
    "more": REWRITE
    % "debug_stripper: ON pin_to_host_optimization: ON auto_mixed_precision_cpu: ON",
    "bfloat16": REWRITE % "auto_mixed_precision_onednn_bfloat16: ON",
    "small": REWRITE % "min_graph_nodes: 50",
}


def config_of(name):
    return text_format.Parse(CONFIGS[name], tf1.ConfigProto())


@pytest.mark.parametrize("name", CONFIGS)
def test_the_runtime_runs_these_passes_in_this_order_as_often_as_its_config_says(name):
    ran, mine = what_runs(name, {})
    assert ran == mine


@pytest.mark.parametrize("onednn", "01")
def test_the_pass_for_onednn_runs_where_onednn_does(onednn):
    ran, mine = what_runs("bfloat16", {"TF_ENABLE_ONEDNN_OPTS": onednn})
    assert ran == mine and (ONEDNN in ran) == (onednn == "1")


def what_runs(name, more):
    """The passes of a process of its own: what its runtime says, and what we say there."""
    settings = {"TF_CPP_MIN_LOG_LEVEL": "0", "TF_CPP_VMODULE": "meta_optimizer=5", **more}
    environment = {k: v for k, v in os.environ.items() if k != "TF_DUMP_GRAPH_PREFIX"}
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM, CONFIGS[name]],
        env={**environment, **settings},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    ran = [
        NAMES.get(each, each) + (f" {int(number) + 1}" if number != "0" else "")
        for number, each in re.findall(
            r"after_MetaOptimizer_iteration_(\d)_([a-z_0-9]+?)_\d+ ", told.stderr
        )
    ]
    return ran, [line for line in told.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("default", ""),
        ("once", ""),
        ("off", "its config lets no pass of Grappler's run"),
        ("no folding", "its config leaves out constfold, remap, memory"),
        ("bfloat16", f"its config adds {ONEDNN}" if _private.onednn() else ""),
    ],
)
def test_what_a_config_does_otherwise_is_said(name, said):
    assert told(config_of(name)) == said


def session_stages(config):
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [None, 3], name="x")
        y = tf.add(x * tf.sqrt(tf.constant(2.0), name="root"), x, name="y")
        with observe() as seen, tf1.Session(config=config) as session:
            session.run(y, {x: [[1.0, 2.0, 3.0]]})
    (run,) = seen.runs
    return stages.stages(graph, run.fetches, ["x:0"], run, config)


def test_the_stages_of_a_session_are_those_that_its_config_lets_run():
    names = [stage.name for stage in session_stages(config_of("off"))]
    assert names == ["built", "pruned", "placed", "partitioned"]
    found = session_stages(config_of("no folding"))
    assert not {"constfold", "remap", "memory"} & {stage.name for stage in found}
    assert found[1].note == "its config leaves out constfold, remap, memory"
    nodes = {stage.name: {n.name: n.op for n in stage.graph.nodes} for stage in found}
    assert nodes["dependency"]["root"] == "Sqrt"
    default = session_stages(config_of("default"))
    assert {n.name: n.op for n in default[-1].graph.nodes}["root"] == "Const"
    assert default[1].note == ""


def test_the_stages_of_a_function_follow_the_settings_of_the_process():
    f = tf.function(lambda x: x * (tf.constant(2.0) + 3.0))
    tf.config.optimizer.set_experimental_options({"constant_folding": False})
    try:
        graph = f.get_concrete_function(tf.constant(1.0)).graph
        found = stages.stages(graph, [graph.outputs[0].name])
    finally:
        tf.config.optimizer.set_experimental_options({"constant_folding": True})
    assert "constfold" not in [stage.name for stage in found]
