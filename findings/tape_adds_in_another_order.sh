#!/usr/bin/env bash
# A tensor that is used three times has three gradients, which are added. tf.gradients and a
# GradientTape are asked for the sum, over the same forward ops. (In the tape's graph `truediv` is of the
# mean, `mul_1` of the squared difference.)
#
# A good guess: they build the same ops, so a port from the one to the other is bit-equal.
# TensorFlow 2.21.0: both make one AddN of the three, and in another order. Of what a batch
# normalization by tf.nn.moments computes, that is another last bit in a third of the numbers; with
# two uses there is none, as two numbers have the same sum either way. The tape gives the same in a
# function and eagerly.
# Seen:
#   tf.gradients adds mul_1_grad/Mul_1, SquaredDifference_grad/mul_1, Mean_grad/truediv
#   the tape adds mul_1/Mul_1, truediv, mul_1
#   another last bit: True, more than rounding: False
#   function and eager: the same
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/program.py" << 'PROGRAM'
import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1
tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
X = np.random.RandomState(0).randn(64, 20).astype(np.float32)


def loss(x):
    mean = tf.reduce_mean(x, [0], keepdims=True)
    variance = tf.reduce_mean(tf.math.squared_difference(x, tf.stop_gradient(mean)), [0])
    return tf.reduce_sum(3.0 * tf.math.rsqrt(variance + 1e-3) * x - 0.7 * mean)


def added(gradient):
    """What the AddN adds, in its order."""
    return ", ".join(tensor.op.name.partition("/")[2] for tensor in gradient.op.inputs)


with tf.Graph().as_default():
    x = tf1.placeholder(tf.float32, X.shape)
    gradient = tf1.gradients(loss(x), x)[0]
    print("tf.gradients adds", added(gradient))
    with tf1.Session(config=tf1.ConfigProto()) as session:
        by_session = session.run(gradient, {x: X})


def by_tape(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        found = loss(x)
    return tape.gradient(found, x)


graph = tf.function(by_tape).get_concrete_function(tf.TensorSpec(X.shape, tf.float32)).graph
print("the tape adds", added(graph.get_tensor_by_name("AddN:0")))
in_function, eager = tf.function(by_tape)(X).numpy(), by_tape(tf.constant(X)).numpy()
apart = np.abs(by_session - in_function)
print(f"another last bit: {apart.any()}, more than rounding: {(apart > 1e-6).any()}")
print("function and eager:", "the same" if np.array_equal(in_function, eager) else "apart")
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
