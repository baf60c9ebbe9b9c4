"""Exercise 12, ported: weights, averages and the step are variables; their order is the lines'."""

import tensorflow as tf

SHAPES = {"l1/kernel": [4, 5], "l1/bias": [5], "l2/kernel": [5, 3], "l2/bias": [3]}


def first(shape):
    """What a weight begins with."""
    glorot = tf.keras.initializers.GlorotUniform()
    return glorot(shape) if len(shape) == 2 else tf.zeros(shape)


class Port(tf.Module):
    def __init__(self):
        self.weights = [tf.Variable(first(shape)) for shape in SHAPES.values()]
        self.averages = [tf.Variable(weight.read_value()) for weight in self.weights]
        self.step = tf.Variable(0, dtype=tf.int64)

    @property
    def variables(self):
        slow = [f"{name}/ExponentialMovingAverage" for name in SHAPES]
        return dict(zip([*SHAPES, *slow], [*self.weights, *self.averages], strict=True))

    def network(self, x, weights, mask=None):
        kernel, bias, out_kernel, out_bias = weights
        hidden = tf.nn.relu(tf.matmul(x, kernel) + bias)
        if mask is not None:
            hidden = hidden * mask / 0.5
        return tf.matmul(hidden, out_kernel) + out_bias

    @tf.function(reduce_retracing=True)
    def train_step(self, x, mask, labels):
        with tf.GradientTape() as tape:
            logits = self.network(x, self.weights, mask)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            loss = tf.reduce_mean(losses)
        slopes = tape.gradient(loss, self.weights)
        clipped, norm = tf.clip_by_global_norm(slopes, 0.5)
        rate = 0.5 * 0.5 ** tf.cast(self.step // 2, tf.float32)
        for weight, slope in zip(self.weights, clipped, strict=True):
            weight.assign_sub(rate * slope)
        for average, weight in zip(self.averages, self.weights, strict=True):
            average.assign_sub(0.1 * (average - weight))
        self.step.assign_add(1)
        return {"loss": loss, "norm": norm, "rate": rate}

    def predict(self, x):
        return tf.nn.softmax(self.network(x, self.averages))

    def save(self, path):
        tf.train.Checkpoint(port=self).write(path)

    def restore(self, path):
        tf.train.Checkpoint(port=self).read(path).assert_consumed()


def build():
    return Port()
