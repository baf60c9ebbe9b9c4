"""Ports of exercise 8: wrong ones, with what is broken in the solution and the probe that sees it
first; and right ones, with what is written in another style."""

WRONG = {
    "the state is not carried": ("first state", "        self.state.assign(state)\n", ""),
    "each chunk begins with zeros": (
        "forward",
        "tf.identity(self.state)",
        "tf.zeros([3, 2])",
    ),
    "outputs repeat after the end, as Keras' do": (
        "forward",
        "tf.where(alive, new, 0.0)",
        "tf.where(alive, new, state)",
    ),
    "outputs go on after the end": ("forward", "tf.where(alive, new, 0.0)", "new"),
    "the state goes on after the end": (
        "first state",
        "state = tf.where(alive, new, state)",
        "state = new",
    ),
    "the state is zero after the end": (
        "first state",
        "state = tf.where(alive, new, state)",
        "state = outputs[-1]",
    ),
    "a step too many counts": ("forward", "time < lengths", "time <= lengths"),
    "the loss is the mean over what counts": (
        "first call",
        "tf.reduce_mean(tf.square(outputs - y))",
        "tf.reduce_mean(tf.boolean_mask(tf.square(outputs - y), tf.sequence_mask(lengths, 4)))",
    ),
    "predict carries the state": (
        "inference",
        "outputs, _ = self.rnn(x, lengths)",
        "outputs, state = self.rnn(x, lengths)\n        self.state.assign(state)",
    ),
    "the gradient stops at each step": (
        "first state",
        "tf.concat([x[:, time], state], axis=1)",
        "tf.concat([x[:, time], tf.stop_gradient(state)], axis=1)",
    ),
    "the cell reads the state before the input": (
        "forward",
        "tf.concat([x[:, time], state], axis=1)",
        "tf.concat([state, x[:, time]], axis=1)",
    ),
    "the state is not saved": (
        "saving",
        "tf.train.Checkpoint(port=self)",
        "tf.train.Checkpoint(weights=[self.kernel, self.bias])",
    ),
}

RIGHT = {
    "AutoGraph makes the loop": (
        (
            "outputs, state = [], tf.identity(self.state)",
            "outputs, state = tf.TensorArray(tf.float32, 4), tf.identity(self.state)",
        ),
        ("for time in range(4)", "for time in tf.range(4)"),
        (
            "outputs.append(tf.where(alive, new, 0.0))",
            "outputs = outputs.write(time, tf.where(alive, new, 0.0))",
        ),
        ("tf.stack(outputs, axis=1), state", "tf.transpose(outputs.stack(), [1, 0, 2]), state"),
    ),
    "a mask that multiplies": (
        ("tf.expand_dims(time < lengths, 1)", "tf.cast(time < lengths, tf.float32)[:, None]"),
        ("tf.where(alive, new, 0.0)", "alive * new"),
        ("tf.where(alive, new, state)", "alive * new + (1.0 - alive) * state"),
    ),
}
