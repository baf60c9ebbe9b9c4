"""TensorFlow 1's optimizers as arithmetic: what a ported file says in place of their kernels.

Each function takes what the kernel of its name takes, in the kernel's order. They are written into
the file as they stand here; `graphlab.port.updates` asks TensorFlow whether they change a variable
as the kernel does, to the last bit. The order of the arithmetic is the kernels'.
"""

from __future__ import annotations

import tensorflow as tf


def momentum(variable, accum, lr, grad, momentum):
    """A step of tf.compat.v1.train.MomentumOptimizer."""
    accum.assign(accum * momentum + grad)
    variable.assign_sub(accum * lr)


def nesterov(variable, accum, lr, grad, momentum):
    """A step of tf.compat.v1.train.MomentumOptimizer with use_nesterov."""
    accum.assign(accum * momentum + grad)
    variable.assign_sub(grad * lr + accum * momentum * lr)


def adam(variable, m, v, beta1_power, beta2_power, lr, beta1, beta2, epsilon, grad):
    """A step of tf.compat.v1.train.AdamOptimizer."""
    one = tf.ones([], variable.dtype)
    alpha = lr * tf.sqrt(one - beta2_power) / (one - beta1_power)
    m.assign_add((grad - m) * (one - beta1))
    v.assign_add((tf.square(grad) - v) * (one - beta2))
    variable.assign_sub(m * alpha / (tf.sqrt(v) + epsilon))


def adamax(variable, m, v, beta1_power, lr, beta1, beta2, epsilon, grad):
    """A step of AdaMax."""
    one = tf.ones([], variable.dtype)
    m.assign_add((grad - m) * (one - beta1))
    v.assign(tf.maximum(v * beta2, tf.abs(grad)))
    variable.assign_sub(lr / (one - beta1_power) * (m / (v + epsilon)))


def adagrad(variable, accum, lr, grad):
    """A step of tf.compat.v1.train.AdagradOptimizer."""
    accum.assign_add(tf.square(grad))
    variable.assign_sub(grad * lr * tf.math.rsqrt(accum))


def adagrad_v2(variable, accum, lr, epsilon, grad):
    """A step of Adagrad with an epsilon."""
    accum.assign_add(tf.square(grad))
    variable.assign_sub(grad * lr / (tf.sqrt(accum) + epsilon))


def adadelta(variable, accum, accum_update, lr, rho, epsilon, grad):
    """A step of tf.compat.v1.train.AdadeltaOptimizer."""
    one = tf.ones([], variable.dtype)
    accum.assign(accum * rho + tf.square(grad) * (one - rho))
    update = tf.sqrt(accum_update + epsilon) * tf.math.rsqrt(accum + epsilon) * grad
    variable.assign_sub(update * lr)
    accum_update.assign(accum_update * rho + tf.square(update) * (one - rho))


def rms_prop(variable, ms, mom, lr, rho, momentum, epsilon, grad):
    """A step of tf.compat.v1.train.RMSPropOptimizer."""
    one = tf.ones([], variable.dtype)
    ms.assign_add((tf.square(grad) - ms) * (one - rho))
    mom.assign(mom * momentum + grad * lr / tf.sqrt(ms + epsilon))
    variable.assign_sub(mom)


def centered_rms_prop(variable, mg, ms, mom, lr, rho, momentum, epsilon, grad):
    """A step of tf.compat.v1.train.RMSPropOptimizer with centered."""
    one = tf.ones([], variable.dtype)
    ms.assign_add((tf.square(grad) - ms) * (one - rho))
    mg.assign_add((grad - mg) * (one - rho))
    mom.assign(mom * momentum + grad * lr / tf.sqrt(ms - tf.square(mg) + epsilon))
    variable.assign_sub(mom)


def ftrl(variable, accum, linear, grad, lr, l1, l2, lr_power):
    """A step of tf.compat.v1.train.FtrlOptimizer; lr_power is -0.5."""
    new = accum + tf.square(grad)
    linear.assign_add(grad - (tf.sqrt(new) - tf.sqrt(accum)) / lr * variable)
    clipped = tf.clip_by_value(linear, -l1, l1)
    variable.assign((clipped - linear) / (tf.sqrt(new) / lr + 2 * l2))
    accum.assign(new)


def sparse_momentum(variable, accum, lr, grad, indices, momentum):
    """A step of MomentumOptimizer for some rows of the variable, none of them twice."""
    new = tf.gather(accum, indices) * momentum + grad
    accum.scatter_update(tf.IndexedSlices(new, indices))
    variable.scatter_sub(tf.IndexedSlices(new * lr, indices))


def sparse_nesterov(variable, accum, lr, grad, indices, momentum):
    """A step of MomentumOptimizer with use_nesterov for some rows, none of them twice."""
    both = tf.ones([], variable.dtype) * lr * momentum  # Python's product has more bits
    new = tf.gather(accum, indices) * momentum + grad
    accum.scatter_update(tf.IndexedSlices(new, indices))
    variable.scatter_sub(tf.IndexedSlices(grad * lr + both * new, indices))


def sparse_adagrad(variable, accum, lr, grad, indices):
    """A step of AdagradOptimizer for some rows of the variable, none of them twice."""
    accum.scatter_add(tf.IndexedSlices(tf.square(grad), indices))
    update = grad * lr * tf.math.rsqrt(tf.gather(accum, indices))
    variable.scatter_sub(tf.IndexedSlices(update, indices))


def sparse_adagrad_v2(variable, accum, lr, epsilon, grad, indices):
    """A step of Adagrad with an epsilon for some rows of the variable, none of them twice."""
    accum.scatter_add(tf.IndexedSlices(tf.square(grad), indices))
    update = grad * lr / (tf.sqrt(tf.gather(accum, indices)) + epsilon)
    variable.scatter_sub(tf.IndexedSlices(update, indices))


def sparse_adadelta(variable, accum, accum_update, lr, rho, epsilon, grad, indices):
    """A step of AdadeltaOptimizer for some rows of the variable, none of them twice."""
    one = tf.ones([], variable.dtype)
    new = tf.gather(accum, indices) * rho + tf.square(grad) * (one - rho)
    accum.scatter_update(tf.IndexedSlices(new, indices))
    before = tf.gather(accum_update, indices)
    update = tf.sqrt(before + epsilon) * tf.math.rsqrt(new + epsilon) * grad
    variable.scatter_sub(tf.IndexedSlices(update * lr, indices))
    after = before * rho + tf.square(update) * (one - rho)
    accum_update.scatter_update(tf.IndexedSlices(after, indices))


def sparse_rms_prop(variable, ms, mom, lr, rho, momentum, epsilon, grad, indices):
    """A step of RMSPropOptimizer for some rows of the variable, none of them twice."""
    one = tf.ones([], variable.dtype)
    mean = tf.gather(ms, indices) * rho + tf.square(grad) * (one - rho)
    ms.scatter_update(tf.IndexedSlices(mean, indices))
    update = tf.gather(mom, indices) * momentum + tf.math.rsqrt(mean + epsilon) * lr * grad
    mom.scatter_update(tf.IndexedSlices(update, indices))
    variable.scatter_sub(tf.IndexedSlices(update, indices))


def sparse_ftrl(variable, accum, linear, grad, indices, lr, l1, l2, lr_power):
    """A step of FtrlOptimizer for some rows, none of them twice; lr_power is -0.5."""
    old = tf.gather(accum, indices)
    new = old + tf.square(grad)
    change = grad - (tf.sqrt(new) - tf.sqrt(old)) / lr * tf.gather(variable, indices)
    sum_ = tf.gather(linear, indices) + change
    linear.scatter_update(tf.IndexedSlices(sum_, indices))
    clipped = tf.clip_by_value(sum_, -l1, l1)
    after = (clipped - sum_) / (tf.sqrt(new) / lr + 2 * l2)
    variable.scatter_update(tf.IndexedSlices(after, indices))
    accum.scatter_update(tf.IndexedSlices(new, indices))
