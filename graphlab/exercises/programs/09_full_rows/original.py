"""A recurrent cell over chunks of long sequences; a variable carries its state."""

import tensorflow as tf

tf1 = tf.compat.v1


def rnn(x, lengths, state, kernel, bias):
    """Outputs [rows, 4, 2] and the last state, as dynamic_rnn gives them."""
    outputs = []
    for time in range(4):
        new = tf.tanh(tf.matmul(tf.concat([x[:, time], state], axis=1), kernel) + bias)
        alive = tf.expand_dims(tf.less(time, lengths), 1)
        outputs.append(tf.where(alive, new, tf.zeros_like(new)))
        state = tf.where(alive, new, state)
    return tf.stack(outputs, axis=1), state


class Program:
    def __init__(self):
        with tf.Graph().as_default() as graph:
            self.x = tf1.placeholder(tf.float32, [3, 4, 2], name="x")
            self.lengths = tf1.placeholder(tf.int32, [3], name="lengths")
            self.y = tf1.placeholder(tf.float32, [3, 4, 2], name="y")
            kernel = tf1.get_variable("kernel", [4, 2])
            bias = tf1.get_variable("bias", [2], initializer=tf1.zeros_initializer())
            state = tf1.get_variable(
                "state", [3, 2], initializer=tf1.zeros_initializer(), trainable=False
            )
            self.outputs, last = rnn(self.x, self.lengths, state.read_value(), kernel, bias)
            loss = tf.reduce_mean(tf.square(self.outputs - self.y))
            train = tf1.train.GradientDescentOptimizer(0.2).minimize(loss)
            carry = state.assign(last)
            self.fetches = [{"loss": loss, "outputs": self.outputs}, [train, carry.op]]
            self.variables = tf1.global_variables()
            self.saver = tf1.train.Saver()
            init = tf1.global_variables_initializer()
        self.session = tf1.Session(graph=graph)
        self.session.run(init)

    def train_step(self, x, lengths, y):
        feeds = {self.x: x, self.lengths: lengths, self.y: y}
        return self.session.run(self.fetches, feeds)[0]

    def predict(self, x, lengths):
        return self.session.run(self.outputs, {self.x: x, self.lengths: lengths})

    def save(self, path):
        self.saver.save(self.session, path)

    def restore(self, path):
        self.saver.restore(self.session, path)


def build():
    return Program()
