"""Ports of exercise 12: wrong ones, with what is broken in the solution and the probe that sees it
first; and right ones, with what is written in another style."""

MOVE = """        for average, weight in zip(self.averages, self.weights, strict=True):
            average.assign_sub(0.1 * (average - weight))
"""

WRONG = {
    "predict reads the weights themselves": (
        "forward",
        "self.network(x, self.averages)",
        "self.network(x, self.weights)",
    ),
    "logits in place of probabilities": ("forward", "tf.nn.softmax(", "("),
    "what is kept is not doubled": ("first call", "hidden * mask / 0.5", "hidden * mask"),
    "the mask says what is dropped": (
        "first call",
        "hidden * mask / 0.5",
        "hidden * (1 - mask) / 0.5",
    ),
    "dropout before the relu's bias": (
        "first call",
        "            hidden = hidden * mask / 0.5",
        "            hidden = tf.nn.relu(tf.matmul(x, kernel) * mask / 0.5 + bias)",
    ),
    "each gradient is clipped by itself": (
        "first state",
        "        rate = 0.5",
        "        clipped = [tf.clip_by_norm(slope, 0.5) for slope in slopes]\n        rate = 0.5",
    ),
    "the norm is told after it was clipped": (
        "first call",
        '"norm": norm',
        '"norm": tf.linalg.global_norm(clipped)',
    ),
    "gradients are always scaled to the limit": (
        "special inputs",
        "        rate = 0.5",
        "        clipped = [0.5 * slope / norm for slope in slopes]\n        rate = 0.5",
    ),
    "the rate falls smoothly": (
        "later calls",
        "tf.cast(self.step // 2, tf.float32)",
        "(tf.cast(self.step, tf.float32) / 2)",
    ),
    "the rate is decided while tracing": (
        "later calls",
        "tf.cast(self.step // 2, tf.float32)",
        "0.0",
    ),
    "the averages move before the weights": (
        "first state",
        MOVE,
        """        for average, weight, slope in zip(self.averages, self.weights, clipped):
            average.assign_sub(0.1 * (average - weight - rate * slope))
""",
    ),
    "the averages do not move": ("first state", MOVE, ""),
    "biases have no average": (
        "first state",
        MOVE,
        MOVE.replace("self.averages, self.weights", "self.averages[::2], self.weights[::2]"),
    ),
    "averages are not saved": (
        "saving",
        "tf.train.Checkpoint(port=self)",
        "tf.train.Checkpoint(weights=self.weights, step=self.step)",
    ),
    "the step is not saved": (
        "saving",
        "tf.train.Checkpoint(port=self)",
        "tf.train.Checkpoint(weights=self.weights, averages=self.averages)",
    ),
    "averages begin at zero": (
        "fresh values",
        "tf.Variable(weight.read_value())",
        "tf.Variable(tf.zeros_like(weight))",
    ),
}

RIGHT = {
    "a schedule of Keras": (
        (
            "0.5 * 0.5 ** tf.cast(self.step // 2, tf.float32)",
            """tf.keras.optimizers.schedules.ExponentialDecay(
            0.5, 2, 0.5, staircase=True
        )(self.step)""",
        ),
    ),
    "clipping written out": (
        (
            "clipped, norm = tf.clip_by_global_norm(slopes, 0.5)",
            """norm = tf.sqrt(sum(tf.reduce_sum(slope**2) for slope in slopes))
        clipped = [slope * 0.5 / tf.maximum(norm, 0.5) for slope in slopes]""",
        ),
    ),
    "the entropy by log_softmax": (
        (
            "tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)",
            "-tf.gather(tf.nn.log_softmax(logits), labels, batch_dims=1)",
        ),
    ),
}
