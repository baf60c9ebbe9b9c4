"""Ports of exercise 5: wrong ones, with what is broken in the solution and the probe that sees it
first; and right ones, with what is written in another style."""

WRONG = {
    "the averages are not moved": (
        "first state",
        """        self.mean.assign_sub(0.1 * (self.mean - mean))
        self.variance.assign_sub(0.1 * (self.variance - unbiased))
""",
        "",
    ),
    "the variance is not made unbiased, as Keras has it": (
        "first state",
        "self.variance - unbiased",
        "self.variance - variance",
    ),
    "the batch is normalised by the unbiased variance": (
        "first call",
        "loss = tf",
        "variance *= tf.cast(tf.size(out) / (tf.size(out) - 3), tf.float32)\n            loss = tf",
    ),
    "momentum 0.99, as Keras begins with": ("first state", "(0.1 * (self", "(0.01 * (self"),
    "momentum turned round": ("first state", "(0.1 * (self", "(0.9 * (self"),
    "inference normalises by the batch": (
        "forward",
        "self.head(out, self.mean, self.variance)",
        "self.head(out, *tf.nn.moments(out, [0, 1, 2]))",
    ),
    "training normalises by the averages": (
        "first call",
        "self.head(out, mean, variance)",
        "self.head(out, self.mean, self.variance)",
    ),
    "statistics of the first image only": (
        "first call",
        "tf.nn.moments(out, [0, 1, 2])",
        "tf.nn.moments(out[:1], [0, 1, 2])",
    ),
    "the averages are trained like weights": (
        "first state",
        "unbiased = variance",
        "self.mean.assign_sub(0.1 * self.mean)\n        unbiased = variance",
    ),
    "no gradient through the statistics": (
        "first state",
        "mean, variance = tf.nn.moments(out, [0, 1, 2])",
        "mean, variance = tf.nn.moments(tf.stop_gradient(out), [0, 1, 2])",
    ),
    "epsilon is smaller": ("forward", "self.gamma, 1e-3", "self.gamma, 1e-5"),
    "the averages are not saved": (
        "saving",
        "tf.train.Checkpoint(port=self)",
        "tf.train.Checkpoint(weights=[self.kernel, self.gamma, self.beta])",
    ),
}

RIGHT = {
    "a product in place of a convolution": (
        ('tf.nn.conv2d(x, self.kernel, 1, "SAME")', "tf.tensordot(x, self.kernel[0, 0], 1)"),
    ),
    "averages that move last": (
        (
            """        self.mean.assign_sub(0.1 * (self.mean - mean))
        self.variance.assign_sub(0.1 * (self.variance - unbiased))
""",
            "",
        ),
        (
            """            weight.assign_sub(0.1 * slope)
""",
            """            weight.assign_sub(0.1 * slope)
        self.mean.assign(0.9 * self.mean + 0.1 * mean)
        self.variance.assign(0.9 * self.variance + 0.1 * unbiased)
""",
        ),
    ),
}
