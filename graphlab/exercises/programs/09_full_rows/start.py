"""Exercise 9, a right port: break it so that the weak checker does not see it."""

import tensorflow as tf


class Port(tf.Module):
    def __init__(self):
        self.kernel = tf.Variable(tf.keras.initializers.GlorotUniform()([4, 2]))
        self.bias = tf.Variable(tf.zeros([2]))
        self.state = tf.Variable(tf.zeros([3, 2]), trainable=False)

    @property
    def variables(self):
        return {"kernel": self.kernel, "bias": self.bias, "state": self.state}

    def rnn(self, x, lengths):
        outputs, state = [], tf.identity(self.state)
        for time in range(4):
            both = tf.concat([x[:, time], state], axis=1)
            new = tf.tanh(tf.matmul(both, self.kernel) + self.bias)
            alive = tf.expand_dims(time < lengths, 1)
            outputs.append(tf.where(alive, new, 0.0))
            state = tf.where(alive, new, state)
        return tf.stack(outputs, axis=1), state

    @tf.function
    def train_step(self, x, lengths, y):
        weights = [self.kernel, self.bias]
        with tf.GradientTape() as tape:
            outputs, state = self.rnn(x, lengths)
            loss = tf.reduce_mean(tf.square(outputs - y))
        for weight, slope in zip(weights, tape.gradient(loss, weights), strict=True):
            weight.assign_sub(0.2 * slope)
        self.state.assign(state)
        return {"loss": loss, "outputs": outputs}

    def predict(self, x, lengths):
        outputs, _ = self.rnn(x, lengths)
        return outputs

    def save(self, path):
        tf.train.Checkpoint(port=self).write(path)

    def restore(self, path):
        tf.train.Checkpoint(port=self).read(path).assert_consumed()


def build():
    return Port()
