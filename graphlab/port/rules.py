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


def each_row_once(grad):
    """What the rows of tf.IndexedSlices get, and the rows: for one named more often the sum."""
    rows, place = tf.unique(grad.indices)
    return tf.math.unsorted_segment_sum(grad.values, place, tf.shape(rows)[0]), rows


def sparse_adam(variable, m, v, beta1_power, beta2_power, lr, beta1, beta2, epsilon, grad):
    """A step of AdamOptimizer for the rows of tf.IndexedSlices; what m and v keep moves all."""
    grad, rows = each_row_once(grad)
    one = tf.ones([], variable.dtype)
    alpha = lr * tf.sqrt(one - beta2_power) / (one - beta1_power)
    m.assign(m * beta1)
    m.scatter_add(tf.IndexedSlices(grad * (one - beta1), rows))
    v.assign(v * beta2)
    v.scatter_add(tf.IndexedSlices(grad * grad * (one - beta2), rows))
    variable.assign_sub(alpha * m / (tf.sqrt(v) + epsilon))


def sparse_momentum(variable, accum, lr, grad, momentum):
    """A step of MomentumOptimizer for the rows of tf.IndexedSlices."""
    grad, rows = each_row_once(grad)
    new = tf.gather(accum, rows) * momentum + grad
    accum.scatter_update(tf.IndexedSlices(new, rows))
    variable.scatter_sub(tf.IndexedSlices(new * lr, rows))


def sparse_nesterov(variable, accum, lr, grad, momentum):
    """A step of MomentumOptimizer with use_nesterov for the rows of tf.IndexedSlices."""
    grad, rows = each_row_once(grad)
    both = tf.ones([], variable.dtype) * lr * momentum  # Python's product has more bits
    new = tf.gather(accum, rows) * momentum + grad
    accum.scatter_update(tf.IndexedSlices(new, rows))
    variable.scatter_sub(tf.IndexedSlices(grad * lr + both * new, rows))


def sparse_adagrad(variable, accum, lr, grad):
    """A step of AdagradOptimizer for the rows of tf.IndexedSlices."""
    grad, rows = each_row_once(grad)
    accum.scatter_add(tf.IndexedSlices(tf.square(grad), rows))
    update = grad * lr * tf.math.rsqrt(tf.gather(accum, rows))
    variable.scatter_sub(tf.IndexedSlices(update, rows))


def sparse_adagrad_v2(variable, accum, lr, epsilon, grad):
    """A step of Adagrad with an epsilon for the rows of tf.IndexedSlices."""
    grad, rows = each_row_once(grad)
    accum.scatter_add(tf.IndexedSlices(tf.square(grad), rows))
    update = grad * lr / (tf.sqrt(tf.gather(accum, rows)) + epsilon)
    variable.scatter_sub(tf.IndexedSlices(update, rows))


def sparse_adadelta(variable, accum, accum_update, lr, rho, epsilon, grad):
    """A step of AdadeltaOptimizer for the rows of tf.IndexedSlices."""
    grad, rows = each_row_once(grad)
    one = tf.ones([], variable.dtype)
    new = tf.gather(accum, rows) * rho + tf.square(grad) * (one - rho)
    accum.scatter_update(tf.IndexedSlices(new, rows))
    before = tf.gather(accum_update, rows)
    update = tf.sqrt(before + epsilon) * tf.math.rsqrt(new + epsilon) * grad
    variable.scatter_sub(tf.IndexedSlices(update * lr, rows))
    after = before * rho + tf.square(update) * (one - rho)
    accum_update.scatter_update(tf.IndexedSlices(after, rows))


def sparse_rms_prop(variable, ms, mom, lr, rho, momentum, epsilon, grad):
    """A step of RMSPropOptimizer for the rows of tf.IndexedSlices."""
    grad, rows = each_row_once(grad)
    one = tf.ones([], variable.dtype)
    mean = tf.gather(ms, rows) * rho + tf.square(grad) * (one - rho)
    ms.scatter_update(tf.IndexedSlices(mean, rows))
    update = tf.gather(mom, rows) * momentum + tf.math.rsqrt(mean + epsilon) * lr * grad
    mom.scatter_update(tf.IndexedSlices(update, rows))
    variable.scatter_sub(tf.IndexedSlices(update, rows))


def sparse_ftrl(variable, accum, linear, grad, lr, l1, l2, lr_power):
    """A step of FtrlOptimizer for the rows of tf.IndexedSlices; lr_power is -0.5."""
    grad, rows = each_row_once(grad)
    old = tf.gather(accum, rows)
    new = old + tf.square(grad)
    change = grad - (tf.sqrt(new) - tf.sqrt(old)) / lr * tf.gather(variable, rows)
    sum_ = tf.gather(linear, rows) + change
    linear.scatter_update(tf.IndexedSlices(sum_, rows))
    clipped = tf.clip_by_value(sum_, -l1, l1)
    after = (clipped - sum_) / (tf.sqrt(new) / lr + 2 * l2)
    variable.scatter_update(tf.IndexedSlices(after, rows))
    accum.scatter_update(tf.IndexedSlices(new, rows))


def by_kernel(kernel, grad, **taken):
    """A step by TensorFlow's kernel for the rows of tf.IndexedSlices."""
    grad, rows = each_row_once(grad)
    handles = {k: v.handle if isinstance(v, tf.Variable) else v for k, v in taken.items()}
    kernel(grad=grad, indices=rows, **handles)


def kernel_momentum(variable, accum, lr, grad, momentum):
    """A step of MomentumOptimizer for the rows of tf.IndexedSlices, by its kernel."""
    by_kernel(
        tf.raw_ops.ResourceSparseApplyMomentum,
        grad,
        var=variable,
        accum=accum,
        lr=lr,
        momentum=momentum,
    )


def kernel_nesterov(variable, accum, lr, grad, momentum):
    """A step of Nesterov's momentum for the rows of tf.IndexedSlices, by its kernel."""
    by_kernel(
        tf.raw_ops.ResourceSparseApplyMomentum,
        grad,
        var=variable,
        accum=accum,
        lr=lr,
        momentum=momentum,
        use_nesterov=True,
    )


def kernel_adagrad(variable, accum, lr, grad):
    """A step of AdagradOptimizer for the rows of tf.IndexedSlices, by its kernel."""
    by_kernel(tf.raw_ops.ResourceSparseApplyAdagrad, grad, var=variable, accum=accum, lr=lr)


def kernel_adagrad_v2(variable, accum, lr, epsilon, grad):
    """A step of Adagrad with an epsilon for the rows of tf.IndexedSlices, by its kernel."""
    by_kernel(
        tf.raw_ops.ResourceSparseApplyAdagradV2,
        grad,
        var=variable,
        accum=accum,
        lr=lr,
        epsilon=epsilon,
    )


def kernel_adadelta(variable, accum, accum_update, lr, rho, epsilon, grad):
    """A step of AdadeltaOptimizer for the rows of tf.IndexedSlices, by its kernel."""
    by_kernel(
        tf.raw_ops.ResourceSparseApplyAdadelta,
        grad,
        var=variable,
        accum=accum,
        accum_update=accum_update,
        lr=lr,
        rho=rho,
        epsilon=epsilon,
    )


def kernel_rms_prop(variable, ms, mom, lr, rho, momentum, epsilon, grad):
    """A step of RMSPropOptimizer for the rows of tf.IndexedSlices, by its kernel."""
    by_kernel(
        tf.raw_ops.ResourceSparseApplyRMSProp,
        grad,
        var=variable,
        ms=ms,
        mom=mom,
        lr=lr,
        rho=rho,
        momentum=momentum,
        epsilon=epsilon,
    )


def kernel_ftrl(variable, accum, linear, grad, lr, l1, l2, lr_power):
    """A step of FtrlOptimizer for the rows of tf.IndexedSlices, by its kernel."""
    by_kernel(
        tf.raw_ops.ResourceSparseApplyFtrl,
        grad,
        var=variable,
        accum=accum,
        linear=linear,
        lr=lr,
        l1=l1,
        l2=l2,
        lr_power=lr_power,
    )
