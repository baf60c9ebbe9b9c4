"""Gradients that are clipped by their norm together are one call, and a list stays a list."""

import numpy as np
import pytest
import tensorflow as tf

from tests.port_proof import differences, methods_of, recorded

tf1 = tf.compat.v1
POINTS = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)


def trained(clip, layers):
    """A step of a network of so many matrices, of whose gradients `clip` gives others and a norm;
    both are asked for."""
    with tf.Graph().as_default():
        y = x = tf1.placeholder(tf.float32, [None, 3], name="x")
        variables = [tf1.get_variable(f"w{n}", initializer=POINTS[:3]) for n in range(layers)]
        for w in variables:
            y = tf.tanh(y @ w)
        optimizer = tf1.train.MomentumOptimizer(0.1, 0.9)
        gradients, norm = clip(tf1.gradients(tf.reduce_sum(y, name="loss"), variables))
        step = optimizer.apply_gradients(zip(gradients, variables, strict=True))
    return recorded([norm, step], {x: POINTS})


def by_norm(gradients):
    return tf.clip_by_global_norm(gradients, 0.5)


def as_in_tf1(gradients):
    """TensorFlow 1.15 asks whether the norm is finite; its successor adds the norm less itself."""
    norm = tf.linalg.global_norm(gradients)
    scale = 0.5 * tf.minimum(1.0 / norm, tf.constant(1.0) / 0.5)
    scale = tf1.where(tf.math.is_finite(norm), scale, float("nan"))
    return [tf.identity(gradient * scale) for gradient in gradients], norm


def less_than_all(gradients):
    """The norm is that of one gradient more than are clipped."""
    norm = tf.linalg.global_norm(gradients)
    clipped, _ = tf.clip_by_global_norm(gradients[1:], 0.5, use_norm=norm)
    return [gradients[0], *clipped], norm


def with_zero(gradients):
    """What is no finite number becomes zero, and not NaN."""
    norm = tf.linalg.global_norm(gradients)
    scale = 0.5 * tf.minimum(1.0 / norm, tf.constant(1.0) / 0.5)
    scale = tf1.where(tf.math.is_finite(norm), scale, 0.0)
    return [gradient * scale for gradient in gradients], norm


@pytest.mark.parametrize("clip", [by_norm, as_in_tf1])
def test_two_gradients_are_clipped_together(clip, tmp_path):
    call = trained(clip, layers=2)
    said = methods_of(call)["__call__"]
    assert "clipped, global_norm = tf.clip_by_global_norm([w0_grad, w1_grad], 0.5)" in said
    assert "(self.w1, self.w1_momentum, clipped[1])," in said
    assert said[-1] == 'return {"global_norm": global_norm}'
    assert differences(call, tmp_path) == []


@pytest.mark.parametrize("clip", [by_norm, as_in_tf1])
def test_a_list_of_gradients_is_clipped_as_a_list(clip, tmp_path):
    call = trained(clip, layers=8)
    said = methods_of(call)["__call__"]
    assert "clipped, global_norm = tf.clip_by_global_norm(gradients, 0.5)" in said
    assert "for variable, accum, grad in zip(variables, slots, clipped, strict=True):" in said
    assert differences(call, tmp_path) == []


@pytest.mark.parametrize("clip", [less_than_all, with_zero])
def test_what_is_almost_clipped_stays_what_it_is(clip, tmp_path):
    call = trained(clip, layers=3)
    assert "clip_by_global_norm(" not in "".join(methods_of(call)["__call__"])
    assert differences(call, tmp_path) == []
