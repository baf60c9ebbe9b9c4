"""Lesson 20.3: collections, or what a layer leaves for the training step to find.

A layer normalises its batch, `(x - mean) / sqrt(variance)`, and keeps a moving mean and variance
to answer by later, when there is no batch. `x` is [4, 2], `w` [2, 1] and `normal @ w` [4, 1].
Port what the loss is made of, line by line, and the six losses equal TF1's to the bit. But the
moving mean is 0 still, where TF1's is 2.95, and the answer for an unseen row is 3.06, not 0.03.

No line of TF1's training step names the moving mean. A graph has **collections**, lists under
agreed names. The layer put its updates into `UPDATE_OPS`, a variable its penalty into the
regularization losses, and itself into the trainable variables; the training step takes out what
is there. A port has no such lists: whoever makes a thing hands it on. The layer moves its mean in
the call, the penalty is a summand of the loss, and a `tf.Module` lists its variables.

So before you port, print the collections of the graph: what is in them needs a line.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Cases, Losses, raises

tf1 = tf.compat.v1
Descent = tf1.train.GradientDescentOptimizer
X = np.float32([[1, 2], [3, 2], [2, 4], [6, 4]])
START = {"w": np.float32([[1], [2]]), "mean": np.zeros(2, "f"), "variance": np.ones(2, "f")}
CASES = Cases([(X, X[:, :1] - X[:, 1:])] * 6, **START)
UNSEEN = np.float32([[3, 3]])
RTOL = ATOL = 1e-6  # a mean of squares may round otherwise in another kernel
KERAS_RTOL = KERAS_ATOL = 1e-5  # Keras multiplies by 1 / sqrt(variance)


def normal(x, mean, variance):
    return (x - mean) / tf.sqrt(variance)


def penalty(w):
    return 0.1 * tf.reduce_sum(tf.square(w))


class Net(tf.Module):  # for eager and function
    penalty = staticmethod(penalty)

    def __init__(self, w, mean, variance):
        self.w = tf.Variable(w)
        self.mean, self.variance = (tf.Variable(v, trainable=False) for v in (mean, variance))

    def keep(self, mean, variance):
        self.mean.assign_add(0.5 * (mean - self.mean))
        self.variance.assign_add(0.5 * (variance - self.variance))

    def train(self, x, target):
        with tf.GradientTape() as tape:
            batch = tf.nn.moments(x, [0])
            self.keep(*batch)
            error = tf.square(normal(x, *batch) @ self.w - target)
            loss = tf.reduce_mean(error) + self.penalty(self.w)
        trained = self.trainable_variables
        Descent(0.1).apply_gradients(zip(tape.gradient(loss, trained), trained))
        return loss

    def answer(self, x):
        return normal(x, self.mean, self.variance) @ self.w


# Into a list go the penalty by `regularizer`, the updates, the squared error by itself, and each
# variable that is not `trainable=False`. `get_total_loss`, `get_collection` and `minimize` ask.
def graph(cases, device):
    losses, keys, start = Losses(), tf1.GraphKeys, cases.start
    with tf.Graph().as_default() as g, tf.device(device):
        # model
        x, target = (tf1.placeholder(tf.float32, [None, n]) for n in (2, 1))
        first = start["w"]
        w = tf1.get_variable("w", initializer=first, regularizer=penalty)
        batch, kept = tf.nn.moments(x, [0]), []
        for name, new in zip(["mean", "variance"], batch):
            first = start[name]
            old = tf1.get_variable(name, initializer=first, trainable=False)
            update = old.assign_add(0.5 * (new - old))
            tf1.add_to_collection(keys.UPDATE_OPS, update)
            kept.append(old)
        y, answer = (tf.matmul(normal(x, *by), w) for by in (batch, kept))
        tf1.losses.mean_squared_error(target, y)
        # train
        loss = tf1.losses.get_total_loss()
        with tf.control_dependencies(tf1.get_collection(keys.UPDATE_OPS)):
            train = Descent(0.1).minimize(loss)
    # run
    with tf1.Session(graph=g) as session:
        session.run(tf1.global_variables_initializer())
        for case in cases:
            fed = dict(zip([x, target], case))
            losses.append(session.run([loss, train], fed)[0])
        # results
        found = {"mean": kept[0], "answer": answer}
        return {"loss": losses, **session.run(found, {x: UNSEEN})}


# The updates are lines of `keep`, which runs with each training call, the penalty is a summand
# of the loss. `trainable=False` still keeps the mean out of the list that is trained.
def eager(cases, device):
    losses = Losses()
    with tf.device(device):
        # model
        net = Net(**cases.start)
        # train
        train = net.train
        # run
        for case in cases:
            losses.append(train(*case).numpy())
        # results
        mean, answer = net.mean.numpy(), net.answer(UNSEEN).numpy()
        return {"loss": losses, "mean": mean, "answer": answer}


# The same lines. What a function assigns happens in each call, so the list of updates needs no
# successor here either.
def function(cases, device):
    losses = Losses()
    with tf.device(device):
        # model
        net = Net(**cases.start)
        # train
        train = tf.function(net.train)
        # run
        for case in cases:
            losses.append(train(*case).numpy())
        # results
        mean, answer = net.mean.numpy(), net.answer(UNSEEN).numpy()
        return {"loss": losses, "mean": mean, "answer": answer}


# Each layer keeps its own list. `train_on_batch` calls the model with `training=True`, by which
# a mean moves, and adds the penalties; who writes the loop adds `sum(model.losses)`.
def keras(cases, device):
    losses, layers, start = Losses(), tf.keras.layers, cases.start
    with tf.device(device):
        # model
        plain = {"epsilon": 0.0, "center": False, "scale": False}
        norm = layers.BatchNormalization(momentum=0.5, **plain)
        squares = tf.keras.regularizers.L2(0.1)
        dense = layers.Dense(1, use_bias=False, kernel_regularizer=squares)
        model = tf.keras.Sequential([layers.Input([2]), norm, dense])
        model.set_weights([start[n] for n in ("mean", "variance", "w")])
        # train
        model.compile(tf.keras.optimizers.SGD(0.1), "mse")
        # run
        for case in cases:
            model.reset_metrics()
            losses.append(model.train_on_batch(*case))
        # results
        mean, answer = norm.moving_mean.numpy(), model(UNSEEN).numpy()
        return {"loss": losses, "mean": mean, "answer": answer}


def trained_without(what, nothing):
    net = type("Port", (Net,), {what: lambda *_: nothing})(**START)
    return net, [net.train(*case).numpy() for case in CASES]


def claim_without_the_updates_only_the_answer_is_wrong(results):
    """Without the updates all six losses are the same, to the bit. The moving mean stays 0, and the
    unseen row is answered with 3.06; with them it is 0.03."""
    net, losses = trained_without("keep", None)
    right = results["eager"]
    assert losses == list(right["loss"]) and not net.mean.numpy().any()
    assert np.allclose([net.answer(UNSEEN), right["answer"]], [[[3.06]], [[0.03]]], atol=5e-3)


def claim_without_the_penalty_the_first_loss_is_off(results):
    """The first loss is 6.965 where TF1 has 7.465: the squares of 1 and 2, times 0.1, are 0.5."""
    first = trained_without("penalty", 0.0)[1][0], results["graph"]["loss"][0]
    assert np.allclose(first, [6.965, 7.465], atol=5e-4)


def claim_outside_of_a_graph_a_loss_is_in_no_list():
    """Eager, `tf.compat.v1.losses` still reckons and puts nothing anywhere: the total of all that
    there is raises."""
    assert tf1.losses.mean_squared_error(X, X + 2) == 4
    with raises(ValueError, match="at least one Tensor"):
        tf1.losses.get_total_loss()


def claim_a_layer_of_keras_moves_its_mean_except_in_a_session():
    """Called eagerly with `training=True`, Keras' layer moves its mean from 0 to 1.5. In a graph of
    TF1 it puts nothing into `UPDATE_OPS`, and the mean stays 0 however often it runs."""
    layer = tf.keras.layers.BatchNormalization(momentum=0.5)
    layer(X, training=True)
    assert layer.moving_mean.numpy().tolist() == [1.5, 1.5]
    with tf.Graph().as_default(), tf1.Session() as session:
        layer = tf.keras.layers.BatchNormalization(momentum=0.5)
        y = layer(tf.constant(X), training=True)
        session.run(tf1.global_variables_initializer())
        session.run([y, *tf1.get_collection(tf1.GraphKeys.UPDATE_OPS)])
        assert session.run(layer.moving_mean.value).tolist() == [0, 0]


def quiz_how_many_losses_show_that_the_updates_are_missing():
    """The port leaves out the updates of the moving mean, and trains six steps. How many of its six
    losses differ from TF1's?

    In training a batch is normalised by its own mean. The moving mean is asked only afterwards,
    when there is no batch, and there the answer is 3.06 and not 0.03.
    """
    right = eager(CASES, "CPU:0")["loss"]
    return np.count_nonzero(np.subtract(trained_without("keep", None)[1], right))


def quiz_how_much_does_the_penalty_add_to_the_first_loss():
    """`w` is (1, 2), and the regularizer is `0.1 * sum(w²)`. How much is missing in the first loss
    of a port that forgot it?

    `0.1 * (1 + 4)`. In TF1 no line of the training step names it: it lay in a collection.
    """
    return float(eager(CASES, "CPU:0")["loss"][0] - trained_without("penalty", 0.0)[1][0])
