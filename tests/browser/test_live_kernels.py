"""What a live page computes is held against TensorFlow, op by op."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphlab import devices
from graphlab.output import pages
from graphlab.targets import run
from graphlab.targets.target import parse

# Every op that the page computes, on numbers below, at and above zero, and spread shapes.
SCRIPT = """
import numpy as np
import tensorflow as tf
tf1 = tf.compat.v1
raw = tf.raw_ops
WINDOWS = [
    (1, "VALID", 1), (1, "SAME", 1), ((2, 3), "SAME", 1), ((2, 1), "VALID", 1), (1, "SAME", (1, 2)),
]
with tf.Graph().as_default():
    x = tf1.placeholder(tf.float32, [2, 3])
    k = tf1.placeholder(tf.int32, [3])
    row = tf.constant([0.5, -1.5, 2.0])
    cube = tf.reshape(tf.range(24, dtype=tf.float32), [2, 3, 4])
    positive = tf.abs(x) + 0.5
    pictures = tf.reshape(tf.sin(tf.range(2 * 5 * 6 * 2, dtype=tf.float32)), [2, 5, 6, 2])
    filters = tf.reshape(tf.cos(tf.range(3 * 2 * 2 * 3, dtype=tf.float32)), [3, 2, 2, 3])
    found = [
        x + row, x - row, x * row, x / row, x // row, tf.math.floormod(x, row), k // 2, k % 2,
        raw.Div(x=k, y=tf.constant(2)), tf.maximum(x, row), tf.minimum(x, row), positive ** 1.5,
        tf.math.squared_difference(x, row), tf.math.divide_no_nan(x, tf.constant([0.0, 1.0, 2.0])),
        x < row, x <= row, x > row, x >= row, tf.equal(x, row), tf.not_equal(x, row),
        tf.logical_and(x < 0, row < 0), tf.logical_or(x < 0, row < 0), tf.logical_not(x < 0),
        -x, tf.square(x), tf.sign(x), tf.exp(x), tf.math.log(positive), tf.math.log1p(positive),
        tf.sqrt(positive), tf.math.rsqrt(positive), tf.math.reciprocal(positive), tf.sin(x),
        tf.cos(x), tf.floor(x), tf.tanh(x), tf.sigmoid(x), tf.nn.relu(x), tf.math.softplus(x),
        tf1.zeros_like(x), tf1.ones_like(x), tf.nn.bias_add(x, row),
        raw.ReluGrad(gradients=x * 3, features=x), raw.TanhGrad(y=tf.tanh(x), dy=x),
        raw.SigmoidGrad(y=tf.sigmoid(x), dy=x), raw.SqrtGrad(y=positive, dy=x),
        raw.ReciprocalGrad(y=positive, dy=x), raw.BiasAddGrad(out_backprop=cube),
        tf.reduce_sum(cube, [0, 2]), tf.reduce_mean(cube, 1, keepdims=True), tf.reduce_max(x),
        tf.reduce_min(x, -1), tf.reduce_prod(x, 0), tf.reduce_all(x < 5), tf.reduce_any(x > 5, 0),
        tf.matmul(x, x, transpose_a=True), tf.matmul(x, x, transpose_b=True),
        raw.BatchMatMulV2(x=cube, y=cube, adj_y=True),
        raw.BatchMatMulV2(x=cube[:, None], y=tf.reshape(cube, [2, 4, 3])),
        raw.BatchMatMulV2(x=cube, y=x, adj_x=True, adj_y=True),
        tf.nn.softmax(x * 30), tf.nn.log_softmax(x), tf.argmax(x, 0), tf.argmax(x, 1),
        tf.cast(x, tf.int32), tf.cast(k, tf.float32), tf.cast(x, tf.bool),
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=k[:2], logits=x),
        raw.SoftmaxCrossEntropyWithLogits(features=x, labels=tf.nn.softmax(row + x)).backprop,
        tf.reshape(x, [3, -1]), tf1.shape(x), tf1.size(x), tf1.rank(x), tf.fill([2, 2], row[0]),
        tf.expand_dims(x, -1), tf.expand_dims(x, 0), tf.squeeze(tf.expand_dims(x, 0), [0]),
        tf.transpose(cube, [2, 0, 1]), tf.tile(x, [2, 3]), tf.broadcast_to(row, [4, 3]),
        *raw.BroadcastGradientArgs(s0=tf1.shape(x), s1=tf1.shape(row)),
        *raw.BroadcastGradientArgs(s0=[2, 1, 3], s1=[1, 4, 3]),
        *raw.BroadcastGradientArgs(s0=[1, 3], s1=[2, 3]),
        tf.where(x < row, x, row), tf.stack([row, row * 2]), tf.add_n([x, x, x]),
        tf.gather(x, [1, 0, 1]), tf.slice(cube, [1, 0, 1], [1, 3, -1]), tf.concat([x, x * 2], 1),
        cube[1], cube[:, 1], cube[::-1, 1:, -1], cube[:, :, 1:4:2], cube[:, -2:5, ::-2], x[-1, 5:],
        cube[:, None, 1], cube[..., 1], cube[1, ..., None], cube[None, ..., 1:, ::-1],
        raw.StridedSliceGrad(shape=[2, 3, 4], begin=[0, 1, -1], end=[2, 3, 0], strides=[1, 1, -2],
                             dy=tf.reshape(tf.range(8.0), [2, 2, 2]), end_mask=4),
        raw.StridedSliceGrad(shape=[2, 3], begin=[0, 1], end=[0, 2], strides=[1, 1],
                             dy=x[:, 1], ellipsis_mask=1, shrink_axis_mask=2),
        *tf.split(cube, 2, axis=2), *tf.split(cube, 3, axis=1),
        tf.nn.leaky_relu(x, 0.3), raw.LeakyReluGrad(gradients=x * 3, features=x, alpha=0.3),
        *[tf.nn.conv2d(pictures, filters, strides, padding, dilations=dilations)
          for strides, padding, dilations in WINDOWS],
        tf.concat([cube, cube], 0), tf.stop_gradient(x), tf.identity(x),
        tf.one_hot(k, 2), tf.one_hot(k, 4, 2.5, -0.5, axis=0),
        tf.one_hot([[0, 1, -1], [2, 1, 0]], 3, axis=1), tf.one_hot([[0, 3], [2, 1]], 3, 1, 7),
    ]
    optimizers = {
        "descent": tf1.train.GradientDescentOptimizer(0.1),
        "momentum": tf1.train.MomentumOptimizer(0.1, 0.9),
        "nesterov": tf1.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True),
        "adagrad": tf1.train.AdagradOptimizer(0.1), "adam": tf1.train.AdamOptimizer(0.1),
        "rms": tf1.train.RMSPropOptimizer(0.1, momentum=0.5),
    }
    for name, optimizer in optimizers.items():
        trained = tf1.get_variable(name, initializer=tf.sin(row), use_resource=True)
        slope = tf.cos(x[0] + trained)
        with tf.control_dependencies([optimizer.apply_gradients([(slope, trained)])]):
            slots = [optimizer.get_slot(trained, each) for each in optimizer.get_slot_names()]
            found += [variable.read_value() for variable in [trained, *slots]]
    wide = tf1.get_variable("wide", initializer=tf.sin(row), use_resource=True)
    sums = tf1.get_variable("sums", initializer=tf.cos(row) + 1.5, use_resource=True)
    second = raw.ResourceApplyAdagradV2(var=wide.handle, accum=sums.handle, lr=0.1, epsilon=0.01,
                                        grad=x[0])
    with tf.control_dependencies([second]):
        found += [wide.read_value(), sums.read_value()]
    with tf1.Session() as session:
        session.run(tf1.global_variables_initializer())
        for _ in range(2):
            session.run(found, {x: [[-1.25, 0.0, 2.5], [0.75, -3.0, 1.0]], k: [2, 0, 1]})
"""
# What the page does not compute: its recorded value stays.
LEFT: set[str] = set()


@pytest.fixture(scope="module")
def every(tmp_path_factory) -> str:
    script: Path = tmp_path_factory.mktemp("kernels") / "every.py"
    script.write_text(SCRIPT, encoding="utf-8")
    watched = run.watch(parse(str(script)), devices.prepare("CPU:0"), None, values=True)
    assert watched.failure == ""
    return pages.page_of_watched(watched, live=True)


STAYS = """() => Object.fromEntries([...graphlab.machine.stays].map(([s, why]) =>
    [graphlab.machine.run.ops[graphlab.machine.run.op[s]], why]))"""


def test_each_kernel_gives_what_tensorflow_gave(opened, every):
    view = opened(every)
    assert set(view.evaluate(STAYS)) <= LEFT, view.evaluate(STAYS)
    assert view.evaluate("graphlab.machine.worst") < 1e-4
    ran = set(view.evaluate("graphlab.machine.program.map(line => line.op)"))
    assert {"Conv2D", "LeakyRelu", "LeakyReluGrad", "OneHot"} <= ran
    rules = "Adam Adagrad AdagradV2 GradientDescent Momentum RMSProp".split()
    assert {f"ResourceApply{rule}" for rule in rules} <= ran
    assert {"Softmax", "ArgMax", "BroadcastGradientArgs", "ConcatV2", "Slice"} <= ran


def test_a_kernel_that_is_wrong_is_found_out(opened, every):
    view = opened(every)
    view.evaluate(
        """() => { const { machine } = graphlab;
        const line = machine.program.find(({ op }) => op === "Tanh");
        line.op = "Sigmoid"; machine.check(); }"""
    )
    assert "from the recorded value" in view.evaluate(STAYS)["Tanh"]
