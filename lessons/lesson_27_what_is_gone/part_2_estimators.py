"""Lesson 27.2: an Estimator counts its steps in the checkpoint.

`estimator.train(input_fn, max_steps=3)` becomes a function with `for step in range(3)`. The program
trains two steps, then up to three, then up to three again. The Estimator has taken 3 steps, and `w`
is 2.75. The port has taken 8, and `w` is 15.5.

Between two calls an Estimator keeps nothing but a checkpoint. Each call builds a new graph with
`model_fn`, for one of three **modes**, restores what was trained, and begins with the first batch.
`global_step` is a variable: `steps=` is how many more, `max_steps=` how many in all calls together.

`X` is [5], in batches of two, and `w * x` is to be 2x. A case is a call of `train`, and gives `w`
and `global_step` after it. Then `evaluate` gives `loss`, and `predict` gives `y`, [5]. Look at
`loss`: 7.5 is the mean of three losses, though the last batch has one number only.
"""

import itertools
import tempfile

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises

tf1 = tf.compat.v1
X, RATE = np.float32([1, 2, 3, 4, 5]), 0.1
BATCHES = [X[:2], X[2:4], X[4:]]
CASES = [(2, None), (None, 3), (None, 3)]  # (steps, max_steps) of three calls of train
RTOL = ATOL = 1e-6  # a mean may be rounded in its last bit


def first(count):  # so many batches, over and over from the beginning
    return itertools.islice(itertools.cycle(BATCHES), count)


def model_fn(x, mode):  # as TF1 had it
    w = tf1.get_variable("w", initializer=0.0)
    step = tf1.train.get_or_create_global_step()
    if mode == "predict":
        return w * x
    loss = tf.reduce_mean((w * x - 2 * x) ** 2)
    if mode == "eval":
        return loss
    return tf1.train.GradientDescentOptimizer(RATE).minimize(loss, step), w, step


# What an Estimator did, written out: each time a new graph for the mode, the last checkpoint
# restored, and after training a new one saved.
def graph(cases, device):
    def call(mode, steps=None, max_steps=None):
        with tf.Graph().as_default() as g, tf.device(device):
            x = tf1.placeholder(tf.float32, [None], name="x")
            made, saver = model_fn(x, mode), tf1.train.Saver()
        with g.as_default(), tf1.Session() as session:
            session.run(tf1.global_variables_initializer())
            if tf.train.latest_checkpoint(folder):
                saver.restore(session, tf.train.latest_checkpoint(folder))
            if mode != "train":
                return [session.run(made, {x: rows}) for rows in BATCHES]
            update, w, step = made
            for rows in first(steps or max_steps - session.run(step)):
                session.run(update, {x: rows})
            saver.save(session, folder + "/model", session.run(step))
            return session.run([w, step])

    with tempfile.TemporaryDirectory() as folder:
        # train
        trained = [call("train", *case) for case in cases]
        # others
        return told(trained, call("eval"), call("predict"))


def told(trained, losses, ys):
    w, steps = map(np.array, zip(*trained))
    return {"w": w, "global_step": steps, "loss": np.mean(losses), "y": np.hstack(ys)}


class Model(tf.Module):
    def __init__(self):
        super().__init__()
        self.w, self.step = tf.Variable(0.0), tf.Variable(0, dtype=tf.int64)

    def predict(self, x):
        return self.w * x

    def evaluate(self, x):
        return tf.reduce_mean((self.predict(x) - 2 * x) ** 2)

    def train(self, x):
        with tf.GradientTape() as tape:
            loss = self.evaluate(x)
        self.w.assign_sub(RATE * tape.gradient(loss, self.w))
        self.step.assign_add(1)


def train(model, update, steps, max_steps):
    for rows in first(steps or max(0, max_steps - model.step.numpy())):
        update(rows)
    return model.w.numpy(), model.step.numpy()


# Three modes are three methods. `train`, above, asks the model's own count how many steps are left;
# there is no checkpoint between calls, as the model stays.
def eager(cases, device):
    with tf.device(device):
        model = Model()
        # train
        trained = [train(model, model.train, *case) for case in cases]
        # others
        found = [(model.evaluate(x), model.predict(x)) for x in BATCHES]
    return told(trained, *zip(*found))


# Each method is traced by itself, as each mode had a graph by itself. The loop over the steps and
# the question how many are left stay in Python.
def function(cases, device):
    with tf.device(device):
        model, spec = Model(), [tf.TensorSpec([None])]
        update = tf.function(model.train, input_signature=spec)
        evaluate = tf.function(model.evaluate, input_signature=spec)
        predict = tf.function(model.predict, input_signature=spec)
        # train
        trained = [train(model, update, *case) for case in cases]
        # others
        found = [(evaluate(x), predict(x)) for x in BATCHES]
    return told(trained, *zip(*found))


def claim_a_range_of_max_steps_trains_on(results):
    """`range(steps or max_steps)` for each call: 8 steps and 15.5, in all right ways 3 and 2.75."""
    model = Model()
    for rows in itertools.chain(*(first(case[0] or case[1]) for case in CASES)):
        model.train(rows)
    assert (model.step.numpy(), round(float(model.w), 2)) == (8, 15.5)
    for way in results.values():
        assert (way["global_step"][-1], round(float(way["w"][-1]), 2)) == (3, 2.75)


def claim_the_loss_of_evaluate_is_a_mean_of_means(results):
    """The mean over all five numbers is 6.19, that over the three batches 7.5."""
    for way in results.values():
        losses = np.float64([np.mean((way["y"] - 2 * X) ** 2), way["loss"]])
        assert losses.round(2).tolist() == [6.19, 7.5]


def claim_estimators_are_gone():
    """`tf.estimator` is not there, and neither is that of `compat.v1`."""
    for module in (tf, tf1):
        with raises(AttributeError, match="no attribute 'estimator'"):
            module.estimator.Estimator(model_fn)


def quiz_how_many_steps_after_two_and_two_and_at_most_three():
    """`train(steps=2)` twice, and then `train(max_steps=3)`. What is `global_step`?

    `steps` is how many more, 2 and 2. `max_steps` is how many in all calls together, and there are
    4 already: nothing is done.
    """
    return eager([(2, None), (2, None), (None, 3)], "CPU:0")["global_step"][-1]


def quiz_what_is_the_mean_of_a_long_and_a_short_batch():
    """The first batch has the losses 1 and 3, the second, which is short, the loss 8. What does
    `evaluate` say?

    The mean of the batches' means, 2 and 8. Over all three numbers it would be 4.
    """
    return told([(0, 0)], [np.mean([1, 3]), np.mean([8])], [[0]])["loss"]
