"""Ports of exercise 7: wrong ones, with what is broken in the solution and the probe that sees it
first; and right ones, with what is written in another style."""

WRONG = {
    "Adam's epsilon is Keras'": (
        "special inputs",
        "tf.sqrt(self.v) + 1e-8",
        "tf.sqrt(self.v) + 1e-7",
    ),
    "Adam's epsilon under the root": (
        "special inputs",
        "tf.sqrt(self.v) + 1e-8",
        "tf.sqrt(self.v + 1e-8)",
    ),
    "Adam's bias is not corrected": (
        "first state",
        "0.01 * tf.sqrt(1 - 0.999**self.step) / (1 - 0.9**self.step)",
        "0.01",
    ),
    "Adam's slope is damped once more": (
        "first state",
        "self.step.assign_add(1)",
        "self.step.assign_add(1)\n        slope = slope * 0.9",
    ),
    "Adam moves only the rows that were looked up": (
        "later calls",
        "rate * self.m / (tf.sqrt(self.v) + 1e-8)",
        "tf.where(slope != 0, rate * self.m / (tf.sqrt(self.v) + 1e-8), 0.0)",
    ),
    "of an id that comes twice the last one counts": (
        "special inputs",
        "self.adam(tf.convert_to_tensor(sparse))",
        """at = tf.one_hot(sparse.indices, 6)
        last = at * tf.cast(tf.cumsum(at, axis=0, reverse=True) == 1, tf.float32)
        self.adam(tf.matmul(last, sparse.values, transpose_a=True))""",
    ),
    "squares of an id that comes twice are summed": (
        "special inputs",
        """        self.adam(tf.convert_to_tensor(sparse))
""",
        """        at = tf.one_hot(sparse.indices, 6)
        self.adam(tf.convert_to_tensor(sparse))
        extra = tf.matmul(at, sparse.values**2, transpose_a=True)
        self.v.assign_add(0.001 * (extra - tf.convert_to_tensor(sparse) ** 2))
""",
    ),
    "RMSProp's accumulator begins at zero": (
        "first state",
        "self.squares, self.speed = tf.Variable(tf.ones([3]))",
        "self.squares, self.speed = tf.Variable(tf.zeros([3]))",
    ),
    "RMSProp's momentum is lost": ("later calls", "0.5 * self.speed", "0.0 * self.speed"),
    "RMSProp centred": (
        "first state",
        "tf.sqrt(self.squares + 1e-10)",
        "tf.sqrt(self.squares - 0.01 * slope**2 + 1e-10)",
    ),
    "the count of Adam's steps is not saved": (
        "saving",
        "tf.train.Checkpoint(port=self)",
        "tf.train.Checkpoint(all=list(self.variables.values()))",
    ),
}

RIGHT = {
    "repeated ids summed by hand": (
        (
            "tf.convert_to_tensor(sparse)",
            "tf.math.unsorted_segment_sum(sparse.values, sparse.indices, 6)",
        ),
    ),
    "powers in float64": (
        (
            "rate = 0.01 * tf.sqrt(1 - 0.999**self.step) / (1 - 0.9**self.step)",
            """step = tf.cast(self.step, tf.float64)
        rate = tf.cast(0.01 * tf.sqrt(1 - 0.999**step) / (1 - 0.9**step), tf.float32)""",
        ),
    ),
    "rows by one_hot": (
        (
            "tf.gather(self.embedding, ids)",
            "tf.matmul(tf.one_hot(ids, 6), self.embedding)",
        ),
        ("tf.convert_to_tensor(sparse)", "sparse"),
    ),
}
