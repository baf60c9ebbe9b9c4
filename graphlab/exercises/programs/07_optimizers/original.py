"""An embedding that Adam trains, and a vector that RMSProp trains."""

import tensorflow as tf

tf1 = tf.compat.v1


class Program:
    def __init__(self):
        with tf.Graph().as_default() as graph:
            self.ids = tf1.placeholder(tf.int32, [None], name="ids")
            self.y = tf1.placeholder(tf.float32, [None], name="y")
            embedding = tf1.get_variable(
                "embedding", [6, 3], initializer=tf1.random_normal_initializer(stddev=0.1)
            )
            w = tf1.get_variable("w", [3], initializer=tf1.ones_initializer())
            self.guess = tf.tensordot(tf.nn.embedding_lookup(embedding, self.ids), w, 1)
            loss = tf.reduce_mean(tf.square(self.guess - self.y))
            sparse, dense = tf1.gradients(loss, [embedding, w])
            adam = tf1.train.AdamOptimizer(0.01)
            rms = tf1.train.RMSPropOptimizer(0.01, decay=0.9, momentum=0.5)
            train = [
                adam.apply_gradients([(sparse, embedding)]),
                rms.apply_gradients([(dense, w)]),
            ]
            self.fetches = [loss, train]
            powers = adam.variables()[:2]
            self.variables = [
                each for each in tf1.global_variables() if all(each is not p for p in powers)
            ]
            self.saver = tf1.train.Saver()
            init = tf1.global_variables_initializer()
        self.session = tf1.Session(graph=graph)
        self.session.run(init)

    def train_step(self, ids, y):
        return {"loss": self.session.run(self.fetches, {self.ids: ids, self.y: y})[0]}

    def predict(self, ids):
        return self.session.run(self.guess, {self.ids: ids})

    def save(self, path):
        self.saver.save(self.session, path)

    def restore(self, path):
        self.saver.restore(self.session, path)


def build():
    return Program()
