"""Ports of exercise 4: wrong ones, with what is broken in the solution and the probe that sees it
first; and right ones, with what is written in another style."""

WRONG = {
    "two towers in place of one": (
        "forward",
        "self.tower(left) - self.tower(right)",
        "self.tower(left) - Tower()(right)",
    ),
    "the right tower is a copy that is equal and does not learn": (
        "first state",
        "self.tower(left) - self.tower(right)",
        "self.tower(left) - tf.stop_gradient(self.tower(right))",
    ),
    "a tower is built in each call": (
        "forward",
        "return tf.reduce_sum",
        "self.tower = Tower()\n        return tf.reduce_sum",
    ),
    "only the kernel is trained": (
        "first state",
        "weights = [self.tower.kernel, self.tower.bias]",
        "weights = [self.tower.kernel]",
    ),
    "the distance is not rooted": (
        "forward",
        "tf.sqrt(self.apart(left, right) + 1e-6)",
        "self.apart(left, right)",
    ),
    "the margin is not squared": ("first call", "tf.square(missing)", "missing"),
    "the margin may be negative": (
        "first call",
        "tf.maximum(1.0 - tf.sqrt(apart + 1e-6), 0.0)",
        "1.0 - tf.sqrt(apart + 1e-6)",
    ),
    "no small number under the root": (
        "special inputs",
        "missing = tf.maximum(1.0 - tf.sqrt(apart + 1e-6), 0.0)",
        "missing = tf.maximum(1.0 - tf.sqrt(apart), 0.0)",
    ),
    "the bias is not saved": (
        "saving",
        "tf.train.Checkpoint(port=self)",
        "tf.train.Checkpoint(kernel=self.tower.kernel)",
    ),
    "the kernel begins as a normal distribution": (
        "fresh values",
        "tf.keras.initializers.GlorotUniform()([4, 3])",
        "tf.random.normal([4, 3], stddev=2.0)",
    ),
}

RIGHT = {
    "left and right change places": (("self.apart(left, right)", "self.apart(right, left)"),),
    "both inputs in one batch": (
        (
            "tf.reduce_sum(tf.square(self.tower(left) - self.tower(right)), axis=1)",
            """tf.reduce_sum(
            tf.square(tf.subtract(*tf.split(self.tower(tf.concat([left, right], 0)), 2))), axis=1
        )""",
        ),
    ),
}
