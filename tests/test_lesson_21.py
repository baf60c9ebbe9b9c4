"""What lesson 21 promises beyond the contract of a part."""

import subprocess
import sys

import numpy as np
import tensorflow as tf

from lessons.lesson_21_feeding_and_fetching import part_1_feeds_and_fetches as ends
from lessons.lesson_21_feeding_and_fetching import part_2_python_in_a_graph as called

X = tf.TensorSpec([4], tf.float32)

LOAD = """
import sys
import numpy as np
import tensorflow as tf

x = tf.constant([-4.0, -2.0, 1.0, 3.0])
saved = tf.saved_model.load(sys.argv[1])
try:
    saved.bend(x)
except tf.errors.InvalidArgumentError as error:
    print("Could not find callback" in str(error))
own = []
while len(own) < int(sys.argv[2]):
    own.append(tf.function(lambda x: tf.numpy_function(np.negative, [x], tf.float32)))
    own[-1](x)
print(saved.bend(x).numpy().tolist())
"""


def tokens_given():
    """How many tokens this process has given out: the next one says."""
    with tf.Graph().as_default():
        node = tf.numpy_function(np.abs, [1.0], tf.float32).op
    return int(node.get_attr("token").decode().rpartition("_")[2])


def test_a_gap_is_the_largest_distance_of_each_step():
    z = np.float32([[1, 2], [3, 4]])
    found = ends.named([(z, z, z, z @ ends.B), (z, z, z, z @ ends.B + np.float32([[0, 2, -3]]))])
    assert found["gap"] == [0, 3]


def test_of_a_python_node_the_shape_is_unknown_and_of_operations_it_is_not():
    by_python = tf.function(lambda z: tf.numpy_function(called.leak, [z, z], tf.float32))
    by_operations = tf.function(called.tf_leak)
    traced = [each.get_concrete_function(X) for each in (by_python, by_operations)]
    assert [each.outputs[0].shape.rank for each in traced] == [None, 1]


def test_the_two_leaks_are_one_function():
    z = np.float32([-4, -0.5, 0, 2])
    assert called.tf_leak(z).numpy().tolist() == called.leak(z, z).tolist() == [-1, -0.125, 0, 2]


def test_in_another_process_a_saved_token_is_unknown_or_that_of_something_else(tmp_path):
    model = tf.Module()
    model.bend = tf.function(
        lambda z: tf.numpy_function(np.abs, [z], tf.float32), input_signature=[X]
    )
    tf.saved_model.save(model, str(tmp_path))
    command = [sys.executable, "-c", LOAD, str(tmp_path), str(tokens_given())]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.stdout.splitlines() == ["True", "[4.0, 2.0, -1.0, -3.0]"]
