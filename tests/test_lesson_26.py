"""What lesson 26 promises beyond the contract of a part."""

import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from graphlab.errors import GraphlabError
from graphlab.lesson import cpus
from lessons.lesson_26_machines import part_2_replicas as replicas


def alone(code):
    """What the code prints in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_a_part_gets_the_cpu_devices_that_it_asks_for():
    code = (
        "from graphlab.lesson import cpus; import tensorflow as tf;"
        "print(cpus(3), cpus(2), len(tf.config.list_logical_devices('CPU')))"
    )
    assert alone(code) == "['CPU:0', 'CPU:1', 'CPU:2'] ['CPU:0', 'CPU:1'] 3"


def test_devices_that_can_no_longer_be_made_are_refused_in_one_line():
    there = len(tf.config.list_logical_devices("CPU"))
    with pytest.raises(GraphlabError) as refused:
        cpus(there + 1)
    assert str(refused.value) == (
        f"the lesson needs CPU:{there}, and TensorFlow has already started with {there} CPU"
        f" devices; start anew, or ask for it from the first: --device CPU:{there}"
    )


def test_without_soft_placement_a_device_that_is_not_there_raises():
    """As 26.1 says. In a process of its own: what was set once stays for all sessions after it."""
    code = (
        "import tensorflow as tf\n"
        "tf.config.set_soft_device_placement(False)\n"
        "def add():\n"
        "    with tf.device('GPU:7'):\n"
        "        return tf.add(tf.constant(1.0), 2.0)\n"
        "for call in (add, tf.function(add)):\n"
        "    try:\n"
        "        call()\n"
        "    except tf.errors.InvalidArgumentError as error:\n"
        "        print('GPU:7' in str(error))\n"
    )
    assert alone(code).split() == ["True", "True"]


def test_two_devices_come_to_what_one_would():
    """NumPy goes down the gradient of the whole batch."""
    w, expected = 0.0, []
    for x in replicas.CASES:
        w -= replicas.RATE * np.mean(2 * x * (w * x - 2 * x))
        expected.append(w)
    np.testing.assert_allclose(replicas.function(replicas.CASES, "CPU:0")["w"], expected, 1e-6)
