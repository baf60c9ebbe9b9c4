"""The cells of TensorFlow 1's recurrent networks: what a ported file calls in place of their ops.

They are written into the file as they stand here; `graphlab.port.composed` asks TensorFlow whether
they make exactly the ops of a step.
"""

from __future__ import annotations

import tensorflow as tf


def lstm_cell(x, c, h, kernel, bias, forget_bias):
    """A step of tf.compat.v1.nn.rnn_cell.LSTMCell: its memory c and its output h, [rows, units].

    Of the four gates, side by side in the kernel, i lets the candidate j into the memory, f keeps
    what is there, and o lets it out.
    """
    gates = tf.nn.bias_add(tf.matmul(tf.concat([x, h], 1), kernel), bias)
    i, j, f, o = tf.split(gates, 4, axis=1)
    c = tf.sigmoid(f + forget_bias) * c + tf.sigmoid(i) * tf.tanh(j)
    return c, tf.sigmoid(o) * tf.tanh(c)


def gru_cell(x, h, gate_kernel, gate_bias, candidate_kernel, candidate_bias):
    """A step of tf.compat.v1.nn.rnn_cell.GRUCell: its output h, [rows, units].

    Of the two gates, side by side in the kernel, r says how much of h the candidate is made of, and
    u how much of h stays.
    """
    gates = tf.nn.bias_add(tf.matmul(tf.concat([x, h], 1), gate_kernel), gate_bias)
    r, u = tf.split(tf.sigmoid(gates), 2, axis=1)
    candidate = tf.matmul(tf.concat([x, r * h], 1), candidate_kernel)
    return u * h + (1 - u) * tf.tanh(tf.nn.bias_add(candidate, candidate_bias))
