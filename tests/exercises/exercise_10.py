"""Ports of exercise 10: wrong ones, with what is broken in the solution and the probe that sees it
first; and right ones, with what is written in another style."""

WRONG = {
    "gates in Keras' order": ("forward", "i, j, f, o = ", "i, f, j, o = "),
    "the forget bias is forgotten": ("forward", "tf.sigmoid(f + 1.0)", "tf.sigmoid(f)"),
    "the forget bias begins in the bias as well": (
        "fresh values",
        "tf.Variable(tf.zeros([12]))",
        "tf.Variable(tf.repeat([0.0, 0.0, 1.0, 0.0], 3))",
    ),
    "the kernel's rows begin with the state": (
        "forward",
        "tf.concat([x[:, time], h], axis=1)",
        "tf.concat([h, x[:, time]], axis=1)",
    ),
    "gates are interleaved": (
        "forward",
        "tf.split(gates, 4, axis=1)",
        "[gates[:, at::4] for at in range(4)]",
    ),
    "the output is not squashed": ("forward", "tf.tanh(c) * tf.sigmoid(o)", "c * tf.sigmoid(o)"),
    "Keras 2's hard sigmoid": (
        "forward",
        "tf.sigmoid(i) *",
        "tf.clip_by_value(0.2 * i + 0.5, 0.0, 1.0) *",
    ),
    "the sequence is read backwards": ("forward", "x[:, time]", "x[:, 2 - time]"),
    "the gradient goes one step back only": (
        "first state",
        "tf.concat([x[:, time], h], axis=1)",
        "tf.concat([x[:, time], tf.stop_gradient(h)], axis=1)",
    ),
    "the matrix of the output is not trained": (
        "first state",
        "weights = [self.kernel, self.bias, self.out]",
        "weights = [self.kernel, self.bias]",
    ),
    "the kernel is not saved": (
        "saving",
        "tf.train.Checkpoint(port=self)",
        "tf.train.Checkpoint(bias=self.bias, out=self.out)",
    ),
}

RIGHT = {
    "AutoGraph makes the loop": (("for time in range(3)", "for time in tf.range(3)"),),
    "gates cut out one by one": (
        (
            "i, j, f, o = tf.split(gates, 4, axis=1)",
            "i, j, f, o = (gates[:, 3 * n : 3 * n + 3] for n in range(4))",
        ),
    ),
    "two products in place of one": (
        (
            "tf.matmul(tf.concat([x[:, time], h], axis=1), self.kernel)",
            "tf.matmul(x[:, time], self.kernel[:2]) + tf.matmul(h, self.kernel[2:])",
        ),
    ),
}
