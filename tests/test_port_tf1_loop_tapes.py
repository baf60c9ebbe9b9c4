"""The gradient of a loop of TensorFlow 1 becomes a tape's: its stacks, and the arrays of gradients
beside its TensorArrays, are in the file no more."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from graphlab.port.recorded import module_of
from tests import trained_loops
from tests.port_proof import differences, in_graph_of_tf1, methods_of, recorded
from tests.trained_loops import SQUARE, X, clipped, counted, descended, halved, recurrent

tf1 = tf.compat.v1
LEFT = ("Stack", "TensorArrayGrad", "f_count", "_acc")  # what TensorFlow adds for the way back


def told(call):
    """The lines of all methods."""
    return "\n".join(line for lines in methods_of(call).values() for line in lines)


def built(build):
    return in_graph_of_tf1(lambda: recorded(*build()))


class Lstm:
    """A cell whose variables and arithmetic are those of tf.nn.rnn_cell.BasicLSTMCell."""

    state_size, output_size = (4, 4), 4

    def zero_state(self, rows, dtype):
        return tf.zeros([rows, 4], dtype), tf.zeros([rows, 4], dtype)

    def __call__(self, x, state, scope=None):
        c, h = state
        with tf1.variable_scope("cell", reuse=tf1.AUTO_REUSE):
            kernel = tf1.get_variable("kernel", initializer=np.resize(SQUARE, (7, 16)))
            bias = tf1.get_variable("bias", initializer=np.zeros(16, np.float32))
        gates = tf.nn.bias_add(tf.matmul(tf.concat([x, h], 1), kernel), bias)
        i, j, f, o = tf.split(gates, 4, axis=1)
        c = tf.sigmoid(f + 1.0) * c + tf.sigmoid(i) * tf.tanh(j)
        h = tf.sigmoid(o) * tf.tanh(c)
        return h, (c, h)


def sequence(lengths=False, embedded=False, swapped=False):
    """dynamic_rnn over a sequence, whose rows and last state are trained."""
    if embedded:
        words = tf1.placeholder(tf.int32, [4, 5], name="words")
        table = tf1.get_variable("table", initializer=np.resize(SQUARE, (6, 3)))
        x, feeds = tf.nn.embedding_lookup(table, words), {words: np.arange(20).reshape(4, 5) % 6}
    else:
        x = tf1.placeholder(tf.float32, [4, 5, 3], name="x")
        feeds = {x: X.transpose(1, 0, 2)}
    ends = None
    if lengths:
        ends = tf1.placeholder(tf.int32, [4], name="lengths")
        feeds[ends] = np.array([5, 1, 3, 2], np.int32)
    rows, (c, _) = tf1.nn.dynamic_rnn(Lstm(), x, ends, dtype=tf.float32, swap_memory=swapped)
    return descended(tf.reduce_mean(tf.square(rows - 0.2)) + tf.reduce_sum(c, name="loss")), feeds


def both_ways():
    """Two loops, one over the sequence from its end."""
    x = tf1.placeholder(tf.float32, [4, 5, 3], name="x")
    rows, _ = tf1.nn.bidirectional_dynamic_rnn(Lstm(), Lstm(), x, dtype=tf.float32)
    loss = tf.reduce_mean(tf.square(tf.concat(rows, 2) - 0.2), name="loss")
    return descended(loss), {x: X.transpose(1, 0, 2)}


def clipped_together():
    """What the gradients are multiplied by hangs on all of them."""
    x = tf1.placeholder(tf.float32, [4, 5, 3], name="x")
    rows, _ = tf1.nn.dynamic_rnn(Lstm(), x, dtype=tf.float32)
    variables = tf1.trainable_variables()
    slopes = tf1.gradients(tf.reduce_sum(rows, name="loss"), variables)
    slopes, norm = tf.clip_by_global_norm(slopes, 1.0)
    adam = tf1.train.AdamOptimizer(0.01)
    return [norm, adam.apply_gradients(zip(slopes, variables, strict=True))], {
        x: X.transpose(1, 0, 2)
    }


PROGRAMS = {
    "counted": counted,
    "recurrent": recurrent,
    "stopped": trained_loops.stopped,
    "two": trained_loops.two,
    "nested": trained_loops.nested,
    "routed": trained_loops.routed,
    "dynamic_rnn": sequence,
    "of lengths": lambda: sequence(lengths=True),
    "of words": lambda: sequence(embedded=True),
    "swapped": lambda: sequence(swapped=True),
    "both ways": both_ways,
    "clipped together": clipped_together,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_gradient_of_a_loop_is_asked_for_in_one_line(name, tmp_path):
    """By a tape, or by tf.gradients where a tape adds up in another order."""
    call = built(PROGRAMS[name])
    lines = told(call)
    assert ".gradient(" in lines or "tf.gradients(" in lines
    assert not any(word in lines for word in LEFT)
    assert "raw_ops" not in lines
    assert differences(call, tmp_path) == []


@pytest.mark.parametrize("passed", [halved, clipped])
def test_a_backward_loop_that_somebody_has_changed_stays_written_out(passed, tmp_path):
    """Also where the numbers of this call are the same: a limit that nothing reaches."""
    call = built(lambda: recurrent(passed))
    assert "GradientTape" not in told(call)
    assert differences(call, tmp_path) == []


def test_a_loop_hands_on_only_what_is_needed():
    """No count of the turns besides the program's own, and nothing on a stack."""
    found = methods_of(built(counted))
    assert [*found] == ["__call__"]
    assert found["__call__"][1:4] == ["state = x", "for _ in tf.range(3):", "state *= self.w"]


def test_what_is_put_on_a_stack_stays_where_somebody_takes_it(tmp_path):
    """The gradient of one of two losses is changed: what its way back takes is kept."""

    def program():
        x = tf1.placeholder(tf.float32, [4], name="x")
        w = tf1.get_variable("w", initializer=SQUARE[0])
        _, y = tf1.while_loop(
            lambda i, _: i < 3, lambda i, y: (i + 1, halved(tf.sin(y * w))), [0, x]
        )
        return [y, *tf1.gradients(y, w)], {x: SQUARE[2]}

    call = built(program)
    assert "StackPushV2" in told(call)
    assert differences(call, tmp_path) == []


def test_a_gradient_that_is_a_result_is_called_as_what_it_is_taken_for():
    """Not as the sum of TensorFlow's own in which it ends: `b_acc_3`, `AddN`, `Reshape`."""

    def program():
        x = tf1.placeholder(tf.float32, [4, 5, 3], name="x")
        rows, (c, _) = tf1.nn.dynamic_rnn(Lstm(), x, dtype=tf.float32)
        loss = tf.reduce_sum(rows) + tf.nn.l2_loss(c)
        kernel, bias = tf1.trainable_variables()
        slopes = tf1.gradients(loss + tf.nn.l2_loss(kernel), [kernel, bias, x])
        return [*slopes, tf.identity(slopes[0], name="mine")], {x: X.transpose(1, 0, 2)}

    call = built(program)
    results = module_of(call).results
    assert [*results.values()] == ["kernel_grad", "bias_grad", "x_grad", "mine"]


def test_the_rows_of_a_gradient_are_called_as_what_they_are_taken_for():
    def program():
        ids = tf1.placeholder(tf.int32, [3], name="ids")
        table = tf1.get_variable("model/table", initializer=SQUARE)
        table_2 = tf1.get_variable("other/table", initializer=SQUARE)
        (one,) = tf1.gradients(tf.nn.l2_loss(tf.gather(table, ids)), [table])
        (two,) = tf1.gradients(tf.nn.l2_loss(tf.matmul(table_2, SQUARE)), [table_2])
        return [one.values, two, ids], {ids: np.array([1, 0, 1], np.int32)}

    results = module_of(built(program)).results
    assert [*results.values()] == ["table_grad_values", "table_grad", "ids"]


def test_one_loss_stops_behind_the_loop_and_another_goes_through_it(tmp_path):
    """As an actor's and a critic's, that share what is recurrent. The loop keeps its values for one
    way back, and the other is a tape's, too."""

    def program():
        x = tf1.placeholder(tf.float32, [4, 5, 3], name="x")
        rows, _ = tf1.nn.dynamic_rnn(Lstm(), x, dtype=tf.float32)
        v = tf1.get_variable("v", initializer=SQUARE)
        actor = tf.reduce_mean(tf.square(tf.tensordot(rows, v, 1)), name="actor")
        first = tf1.train.GradientDescentOptimizer(0.1).minimize(actor, var_list=[v])
        return [first, *descended(tf.reduce_mean(rows, name="critic"))], {x: X.transpose(1, 0, 2)}

    call = built(program)
    said = told(call)
    assert "tape.gradient(actor, self.v)" in said
    assert not any(word in said for word in LEFT)
    assert differences(call, tmp_path) == []
