"""Ports of exercise 1: wrong ones, with what is broken in the solution and the probe that sees it
first; and right ones, with what is written in another style."""

WRONG = {
    "the mean is read before it is moved": (
        "first call",
        """        self.m.assign_add(0.1 * (tf.reduce_mean(x, axis=0) - before))
        centred = x - self.m
""",
        """        centred = x - self.m
        self.m.assign_add(0.1 * (tf.reduce_mean(x, axis=0) - before))
""",
    ),
    "a sum in place of a mean": (
        "first call",
        "tf.reduce_mean(x, axis=0)",
        "tf.reduce_sum(x, axis=0)",
    ),
    "the mean before the move is read after it": (
        "first call",
        '"before": before',
        '"before": self.m + 0.0',
    ),
    "predict moves the mean": (
        "inference",
        "        return x - self.m\n",
        "        found = x - self.m\n        self.m.assign(0.5 * self.m)\n        return found\n",
    ),
    "nothing is restored": ("saving", ".read(path).assert_consumed()", ""),
    "it begins at one": ("fresh values", "tf.zeros([3])", "tf.ones([3])"),
}

RIGHT = {
    "a sum over a count": (
        (
            "tf.reduce_mean(x, axis=0)",
            "tf.reduce_sum(x, axis=0) / tf.cast(tf.shape(x)[0], tf.float32)",
        ),
    ),
    "the mean is put in place": (
        (
            "self.m.assign_add(0.1 * (tf.reduce_mean(x, axis=0) - before))",
            "self.m.assign(0.9 * before + 0.1 * tf.reduce_mean(x, axis=0))",
        ),
    ),
    "what assign_add gives": (
        (
            """        self.m.assign_add(0.1 * (tf.reduce_mean(x, axis=0) - before))
        centred = x - self.m
""",
            """        after = self.m.assign_add(0.1 * (tf.reduce_mean(x, axis=0) - before))
        centred = x - after
""",
        ),
    ),
}
