"""Ports of exercise 2: wrong ones, with what is broken in the solution and the probe that sees it
first; and right ones, with what is written in another style."""

STEPS = """            slot.assign(0.9 * slot + slope)
            weight.assign_sub(rate * slot)
"""

WRONG = {
    "the rate is decided while tracing": (
        "later calls",
        "rate = self.rate()",
        "rate = tf.constant(0.5)",
    ),
    "the boundary belongs to the next rate": (
        "later calls",
        "self.step <= 3",
        "self.step < 3",
    ),
    "momentum as Keras has it, with the rate in the slot": (
        "first state",
        STEPS,
        """            slot.assign(0.9 * slot - rate * slope)
            weight.assign_add(slot)
""",
    ),
    "the last rate's slot, scaled as Keras scales it": (
        "later calls",
        STEPS,
        """            before = tf.where(self.step <= 4, 0.5, tf.where(self.step <= 6, 0.1, 0.02))
            slot.assign(0.9 * slot * before / rate + slope)
            weight.assign_sub(rate * slot)
""",
    ),
    "Nesterov's step": (
        "first state",
        "weight.assign_sub(rate * slot)",
        "weight.assign_sub(rate * (slope + 0.9 * slot))",
    ),
    "the slope is damped, as in (1 - momentum) * slope": (
        "first state",
        "0.9 * slot + slope",
        "0.9 * slot + 0.1 * slope",
    ),
    "l2 without its half": (
        "first call",
        "tf.nn.l2_loss(self.w)",
        "tf.reduce_sum(self.w**2)",
    ),
    "l2 is lost": (
        "first call",
        """ + 0.01 * tf.nn.l2_loss(self.w)
        rate""",
        """
        rate""",
    ),
    "the bias is decayed too": (
        "first call",
        "0.01 * tf.nn.l2_loss(self.w)",
        "0.01 * (tf.nn.l2_loss(self.w) + tf.nn.l2_loss(self.b))",
    ),
    "the slots are not saved": (
        "saving",
        "tf.train.Checkpoint(port=self)",
        "tf.train.Checkpoint(w=self.w, b=self.b, step=self.step)",
    ),
    "the count of steps is not saved": (
        "saving",
        "tf.train.Checkpoint(port=self)",
        "tf.train.Checkpoint(w=self.w, b=self.b, slots=self.slots)",
    ),
    "the cross entropy by hand, without logits": (
        "special inputs",
        "losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=self.logits(x))",
        """p = tf.sigmoid(self.logits(x))
            losses = -y * tf.math.log(p) - (1 - y) * tf.math.log(1 - p)""",
    ),
}

RIGHT = {
    "AutoGraph chooses the rate": (
        (
            "        return tf.where(self.step <= 3, 0.5, tf.where(self.step <= 5, 0.1, 0.02))",
            """        rate = tf.constant(0.02)
        if self.step <= 3:
            rate = tf.constant(0.5)
        elif self.step <= 5:
            rate = tf.constant(0.1)
        return rate""",
        ),
    ),
    "a schedule of Keras": (
        (
            "        return tf.where(self.step <= 3, 0.5, tf.where(self.step <= 5, 0.1, 0.02))",
            """        schedule = tf.keras.optimizers.schedules.PiecewiseConstantDecay
        return schedule([3, 5], [0.5, 0.1, 0.02])(self.step)""",
        ),
    ),
    "the entropy written out": (
        (
            "tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=self.logits(x))",
            "tf.nn.softplus(self.logits(x)) - y * self.logits(x)",
        ),
    ),
}
