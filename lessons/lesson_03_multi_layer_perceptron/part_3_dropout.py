"""Lesson 3.3: dropout, or one network with two behaviours.

Units that are always together learn to rely on each other. **Dropout** switches off half of the
units in every training step, another random half each time, so that every unit has to be of use by
itself. `h = x * mask / (1 - 0.5)`, and `mask`, of the shape of `x`, is 0 or 1: those that stay
count double, so that a sum over them is what it was, in the mean. Once
trained, the network is to give one answer and not a random one, so dropout is off, and nothing
else changes.

So the same model needs a switch, `training`. To have something to look at we drop the units of
the input layer, which are pixels: `x` is [4, 784], four pictures. A step thins all of them, and
the last of the 201 has the switch off.

Which units fall is drawn from the `seed` in the case: `stateless_uniform` gives the same numbers
for the same seed in every way and version, so that the masks can be compared bit by bit. In the
figure no thinned picture is like another, and the mean of two hundred is nearly the picture.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Images, fashion_mnist, raises

tf1 = tf.compat.v1
DATA = "fashion-mnist"
RATE = 0.5  # the share that is dropped
RTOL = ATOL = 0.0  # the same random bits, and to halve and to double is exact


def cases(seed=0):
    random = np.random.RandomState(seed)
    images, labels = fashion_mnist("test")
    kinds = [images[labels == kind] for kind in (2, 3, 8, 9)]  # pullover, dress, bag, boot
    x = np.stack([each[random.randint(len(each))].ravel() for each in kinds])
    seeds = random.randint(2**31 - 1, size=[201, 2]).astype(np.int32)
    return [(x, each, n < 200) for n, each in enumerate(seeds)]


# A graph is built before anybody knows whether it will train, so it holds both behaviours, and a
# `cond` picks one in each run. What is left unfed takes its default: the switch is off.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # inputs
        x = tf1.placeholder(tf.float32, [None, 784], name="x")
        seed = tf1.placeholder(tf.int32, [2], name="seed")
        training = tf1.placeholder_with_default(False, [], name="training")

        # model
        def thin():
            drawn = tf.random.stateless_uniform(tf.shape(x), seed)
            kept = tf.cast(drawn >= RATE, tf.float32)
            return x * kept / (1 - RATE)

        h = tf.cond(training, thin, lambda: x, name="h")
    # run
    h_of = []
    with tf1.Session(graph=g) as session:
        for pictures, numbers, on in cases:
            fed = {x: pictures, seed: numbers, training: on}
            h_of.append(session.run(h, fed))
    # results
    return {"h": h_of}


# The switch is an argument, and a Python `if` reads it: every call knows what it is for. That is
# why the layers of TF2 and Keras are called with `training=True` or without.
def eager(cases, device):
    # inputs
    def dropout(x, seed, training=False):
        # model
        if training:
            drawn = tf.random.stateless_uniform(tf.shape(x), seed)
            kept = tf.cast(drawn >= RATE, tf.float32)
            return x * kept / (1 - RATE)
        return x

    # run
    with tf.device(device):
        h_of = [dropout(*case) for case in cases]
    # results
    return {"h": [np.array(h) for h in h_of]}


# A Python bool is part of the graph (lesson 1.5), so True and False are two traces, neither with
# a switch: one thins, one does nothing. When the `cond` and the placeholder of TF1 code become an
# `if` and a bool, the graph that answers has no random ops left.
def function(cases, device):
    # inputs
    @tf.function
    def dropout(x, seed, training=False):
        # model
        if training:
            drawn = tf.random.stateless_uniform(tf.shape(x), seed)
            kept = tf.cast(drawn >= RATE, tf.float32)
            return x * kept / (1 - RATE)
        return x

    # run
    with tf.device(device):
        h_of = [dropout(*case) for case in cases]
    # results
    return {"h": [np.array(h) for h in h_of]}


def figures(results):
    if len(results["h"]) < 201:  # cut short: there is no mean to look at
        return {}
    h = np.reshape(results["h"], [201, 4, 28, 28])
    columns = [h[200], h[0], h[1], h[2], h[:10].mean(axis=0), h[:200].mean(axis=0)]
    return {
        "thinned": Images(
            "Half of the pixels, counted double",
            "Four pictures, each as it is with the switch off, then thinned in the first three "
            "steps. In each step other pixels are black, and the rest is twice as bright. The "
            "mean of ten steps is a grainy picture, the mean of two hundred nearly the first.",
            np.stack(columns, axis=1),
            column_names=["off", "step 1", "step 2", "step 3", "mean of 10", "mean of 200"],
        )
    }


def claim_a_switch_left_on_gives_a_picture_two_answers():
    """Leave the switch on after training, and the same picture gets another answer each time."""
    (x, one, _), (_, other, _) = cases()[:2]
    first, second = eager([(x, one, True), (x, other, True)], "CPU:0")["h"]
    with raises(tf.errors.InvalidArgumentError, match="one picture, two answers"):
        tf.debugging.assert_equal(first, second, "one picture, two answers")


def claim_the_mean_is_kept(results):
    """The mean of 200 thinned pictures is the picture, but for chance: no pixel is further off than
    six standard deviations of such a mean, `x / sqrt(200)`."""
    for way in results.values():
        thinned, x = way["h"][:200], way["h"][200]
        assert (np.abs(thinned.mean(axis=0) - x) <= 6 * x / 200**0.5).all()


def claim_tensorflow_drops_the_same():
    """`tf.nn.experimental.stateless_dropout` gives what our three lines give, to the bit."""
    for x, seed, _ in cases()[:3]:
        theirs = tf.nn.experimental.stateless_dropout(x, RATE, seed)
        assert (eager([(x, seed, True)], "CPU:0")["h"][0] == theirs).numpy().all()


def claim_08_was_to_keep_and_is_to_drop():
    """The second argument of `tf.nn.dropout` was the share to keep and is now the share to drop.
    `dropout(x, 0.8)` still runs, and four units of five are gone; only `keep_prob=` is refused."""
    x = tf.ones([1000, 10])
    assert 0.75 < tf.math.count_nonzero(tf1.nn.dropout(x, 0.8)) / 10000 < 0.85
    assert 0.15 < tf.math.count_nonzero(tf.nn.dropout(x, 0.8)) / 10000 < 0.25
    with raises(TypeError, match="keep_prob"):
        tf.nn.dropout(x, keep_prob=0.8)


def claim_a_mask_that_python_draws_is_drawn_once():
    """NumPy's random numbers are drawn while a function is traced, and become a constant: all
    calls drop the same units. In a graph of TF1 it is the same, and as quiet."""

    @tf.function
    def dropout(x):
        return x * (np.random.random(784) >= RATE).astype(np.float32)

    with tf.Graph().as_default() as g:
        h = tf.ones([1, 784]) * (np.random.random(784) >= RATE).astype(np.float32)
    with tf1.Session(graph=g) as session:
        assert (session.run(h) == session.run(h)).all()
    assert (dropout(tf.ones([1, 784])) == dropout(tf.ones([1, 784]))).numpy().all()


def claim_a_function_that_answers_has_no_random_ops():
    """Traced with False, the graph only hands `x` on. Give a tensor for a switch, and both
    behaviours are in it: **AutoGraph**, which reads our Python, has made of the `if` a `cond`."""

    @tf.function
    def dropout(x, training):
        if training:
            return x * tf.round(tf.random.stateless_uniform([2], [20, 18])) / (1 - RATE)
        return x

    def ops(training):
        traced = dropout.get_concrete_function(tf.ones([2]), training)
        return {op.type for op in traced.graph.get_operations()}

    assert ops(False) == {"Placeholder", "Identity"}
    assert "StatelessIf" in ops(tf.constant(False))


def quiz_what_does_08_mean_to_tf1_dropout():
    """`tf.compat.v1.nn.dropout(x, 0.8)` is called on ten thousand ones, as in old code. About how
    many of them are kept, 2000 or 8000?

    The second argument was the share to keep. `tf.nn.dropout(x, 0.8)` of TensorFlow 2 would keep
    2000, and neither says a word.
    """
    kept = tf.math.count_nonzero(tf1.nn.dropout(tf.ones([1000, 10]), 0.8)).numpy()
    return round(kept, -3)


def quiz_how_large_is_a_pixel_that_is_kept():
    """A pixel is 0.3. Half of the pixels are dropped, and this one is kept. What is it now?

    `0.3 / (1 - 0.5)`: what is kept counts double, so that a sum over the pixels keeps its mean.
    """
    x = np.full([1, 784], 0.3, np.float32)
    return eager([(x, cases()[0][1], True)], "CPU:0")["h"][0].max()
