"""Ports of exercise 11: wrong ones, with what is broken in the solution and the probe that sees it
first; and right ones, with what is written in another style."""

WRONG = {
    "var_list is lost: the discriminator's step moves the generator": (
        "first state",
        "            self.d.w.assign_sub(0.1 * d_slopes[0])\n",
        """            self.d.w.assign_sub(0.1 * d_slopes[0])
            for weight, slope in zip(
                [self.g.w, self.g.b], tape.gradient(d_loss, [self.g.w, self.g.b])
            ):
                weight.assign_sub(0.1 * slope)
""",
    ),
    "var_list is lost: the generator's step moves the discriminator": (
        "later calls",
        "            self.g.w.assign_sub(0.1 * g_slopes[0])\n",
        """            self.g.w.assign_sub(0.1 * g_slopes[0])
            self.d.b.assign_sub(0.1 * tape.gradient(g_loss, self.d.b))
""",
    ),
    "both learn in each call": (
        "first state",
        "        else:\n            self.g.w",
        "        if turn < 2:\n            self.g.w",
    ),
    "the turns are swapped": ("first state", "if turn == 0", "if turn == 1"),
    "the turn is decided while tracing": (
        "later calls",
        "if turn == 0",
        "if True",
    ),
    "the generator sees no gradient": (
        "later calls",
        "self.g.w.assign_sub(0.1 * g_slopes[0])",
        "self.g.w.assign_sub(0.0 * g_slopes[0])",
    ),
    "the generator's loss is less the discriminator's": (
        "first call",
        "g_loss = entropy(judged, 1.0)",
        "g_loss = -entropy(judged, 0.0)",
    ),
    "labels are smoothed": (
        "first call",
        "entropy(self.d(x), 1.0)",
        "entropy(self.d(x), 0.9)",
    ),
    "losses after the step": (
        "first call",
        '"d_loss": d_loss',
        '"d_loss": entropy(self.d(x), 1.0) + entropy(self.d(tf.tanh(self.g(z))), 0.0)',
    ),
    "the noise of two fetches is drawn twice": (
        "first call",
        "jittered = x[0] + jitter",
        "jittered = x[0] + tf.random.normal([2])",
    ),
    "the noise is frozen in the trace": (
        "accounting",
        "jitter = tf.random.normal([2])",
        "import random\n\n        jitter = tf.constant([random.gauss(), random.gauss()])",
    ),
    "the discriminator is not saved": (
        "saving",
        "tf.train.Checkpoint(port=self)",
        "tf.train.Checkpoint(g=self.g)",
    ),
}

RIGHT = {
    "the entropy written out": (
        (
            "tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)",
            "tf.nn.softplus(logits) - labels * logits",
        ),
    ),
    "both losses weighed by the turn": (
        (
            """        if turn == 0:
            self.d.w.assign_sub(0.1 * d_slopes[0])
            self.d.b.assign_sub(0.1 * d_slopes[1])
        else:
            self.g.w.assign_sub(0.1 * g_slopes[0])
            self.g.b.assign_sub(0.1 * g_slopes[1])
""",
            """        of_g = 0.1 * tf.cast(turn, tf.float32)
        of_d = 0.1 - of_g
        self.d.w.assign_sub(of_d * d_slopes[0])
        self.d.b.assign_sub(of_d * d_slopes[1])
        self.g.w.assign_sub(of_g * g_slopes[0])
        self.g.b.assign_sub(of_g * g_slopes[1])
""",
        ),
    ),
}
LEFT_OUT = ("without AutoGraph",)  # which makes its condition
