"""Lesson 8.4: an estimator of density, alone.

The third network of CP-CNN counts. Heads are small at the back and large in front, so the **density
map estimator** looks with filters of several sizes, in three **columns** that see one picture:

    7 by 7, 8 of them, pool, 3 by 3, 12 of them, pool     [48, 48, 1] to [12, 12, 12]
    5 by 5, 8 of them, pool, 3 by 3, 12 of them, pool     the same
    3 by 3, 8 of them, pool, 3 by 3, 12 of them, pool     the same

Side by side they are [12, 12, 36]. Alone, as here, a filter of 1 by 1 makes [12, 12, 1] of that:
the number of people in each cell, which was called `cells` in 8.1. In the paper the columns have
more layers and more filters, and pictures of hundreds of pixels. Where a ReLU would be, a leaky one
is, as in 4.5: it cannot die.

It learns from 1,200 crowds, 400 steps of 10. `loss` is the mean square of a cell's error, and
`miscounted` how many people it is wrong by, averaged over 200 unseen crowds. Look at the pictures:
it counts leaves. They look like far heads, and a cell sees only 14 pixels, not where the ground is.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Cases, Images, Losses, crowds, densities, raises

tf1 = tf.compat.v1
STEPS, ROWS, RATE, COLUMNS = 400, 10, 0.004, (7, 5, 3)
relu, conv2d = tf.nn.leaky_relu, tf.nn.conv2d
RTOL = 1e-3  # the first moves of Adam go by the sign of a gradient, and so by last bits
ATOL = 0.02
KERAS_RTOL = 0.02  # so with Keras' Adam, which rounds otherwise
KERAS_ATOL = 0.02


def cells(maps):  # the sums of 4 by 4 pixels
    return maps.reshape(-1, 12, 4, 12, 4, 1).sum(axis=(2, 4))


def cases(seed=0):
    random, start = np.random.RandomState(seed), {}
    shapes = {}
    for k in COLUMNS:
        shapes.update({f"a{k}": [k, k, 1, 8], f"b{k}": [3, 3, 8, 12]})
    for name, shape in dict(shapes, out=[1, 1, 36, 1]).items():
        w = random.normal(scale=np.sqrt(2 / np.prod(shape[:3])), size=shape)
        start[name], start[name + "_b"] = np.float32(w), np.zeros(shape[3], np.float32)
    pictures, heads = crowds(1200, seed + 1)
    wanted, steps = cells(densities(heads)), []
    for rate in np.float32(RATE * (1 - np.arange(STEPS) / STEPS)):
        rows = random.randint(len(heads), size=ROWS)
        steps.append((pictures[rows], wanted[rows], rate))
    return Cases(steps, **start)


# What the ways share.
def layer(w, name, x):
    return relu(conv2d(x, w[name], 1, "SAME") + w[name + "_b"])


def columns(w, x):  # [rows, 12, 12, 36]
    seen = []
    for k in COLUMNS:
        half = tf.nn.max_pool2d(layer(w, f"a{k}", x), 2, 2, "SAME")
        seen.append(tf.nn.max_pool2d(layer(w, f"b{k}", half), 2, 2, "SAME"))
    return tf.concat(seen, 3)


def estimate(w, x):
    return conv2d(columns(w, x), w["out"], 1, "SAME") + w["out_b"]


def loss_of(w, x, wanted):
    return tf.reduce_mean(tf.square(estimate(w, x) - wanted))


def summary(losses, look):
    pictures, heads = crowds(200, 0)
    found, people = np.array(look(pictures)), [len(each) for each in heads]
    wrong = np.abs(found.sum(axis=(1, 2, 3)) - people)
    return {"loss": losses, "miscounted": wrong.mean(), "cells": found[:4, ..., 0]}


class Estimator(tf.Module):  # for eager and function
    def __init__(self, start):
        self.w = {k: tf.Variable(v, name=k) for k, v in start.items()}
        self.rate = tf.Variable(0.0, trainable=False)
        self.adam = tf1.train.AdamOptimizer(self.rate)

    def step(self, x, wanted, rate):
        with tf.GradientTape() as tape:
            loss = loss_of(self.w, x, wanted)
        slopes = tape.gradient(loss, self.w)
        self.rate.assign(rate)
        self.adam.apply_gradients((slopes[k], self.w[k]) for k in slopes)
        return loss


# The three columns wait for nothing but the picture, so a session may run them side by side: the
# graph says so, and nobody has to.
def graph(cases, device):
    losses, start = Losses(), cases.start
    with tf.Graph().as_default() as g, tf.device(device):
        # model
        get, hold = tf1.get_variable, tf1.placeholder
        w = {k: get(k, initializer=v) for k, v in start.items()}
        x = hold(tf.float32, [None, 48, 48, 1], "pictures")
        wanted = hold(tf.float32, [None, 12, 12, 1], "wanted")
        rate = hold(tf.float32, [], "rate")
        found, loss = estimate(w, x), loss_of(w, x, wanted)
        # train
        train = tf1.train.AdamOptimizer(rate).minimize(loss)
    # run
    with tf1.Session(graph=g) as session:
        session.run(tf1.global_variables_initializer())
        for case in cases:
            fed = dict(zip([x, wanted, rate], case))
            losses.append(session.run([loss, train], fed)[0])
        # results
        return summary(losses, lambda a: session.run(found, {x: a}))


# Eagerly they run one after the other, in the order of Python's loop. The numbers are the same.
# A dict of variables may be handed to the tape as it is: slopes come by the same names.
def eager(cases, device):
    losses = Losses()
    with tf.device(device):
        # model
        net = Estimator(cases.start)
        # train
        step = net.step
        # run
        for case in cases:
            losses.append(step(*case).numpy())
        # results
        return summary(losses, lambda x: estimate(net.w, x))


# Traced, the loop over columns is gone, and they wait for nothing but the picture, as in a session.
# A placeholder's [None, 12, 12, 1] would have refused a map without channels; a trace takes it.
def function(cases, device):
    losses = Losses()
    with tf.device(device):
        # model
        net = Estimator(cases.start)
        # train
        step = tf.function(net.step)
        # run
        for case in cases:
            losses.append(step(*case).numpy())
        # results
        return summary(losses, lambda x: estimate(net.w, x))


# What branches and joins is no `Sequential`: layers are called, and `Concatenate` joins them. The
# weights are set layer by layer, as a model has its own order of them.
def keras(cases, device):
    losses, start, layers = Losses(), cases.start, tf.keras.layers
    with tf.device(device):
        # model
        x, seen = tf.keras.Input([48, 48, 1]), []
        same = {"padding": "same", "activation": "leaky_relu"}
        for k in COLUMNS:
            h = layers.Conv2D(8, k, name=f"a{k}", **same)(x)
            h = layers.MaxPooling2D()(h)
            h = layers.Conv2D(12, 3, name=f"b{k}", **same)(h)
            seen.append(layers.MaxPooling2D()(h))
        h = layers.Concatenate()(seen)
        model = tf.keras.Model(x, layers.Conv2D(1, 1, name="out")(h))
        for name in start:
            if not name.endswith("_b"):
                values = [start[name], start[name + "_b"]]
                model.get_layer(name).set_weights(values)
        # train
        adam = tf.keras.optimizers.Adam(RATE, epsilon=1e-8)
        model.compile(adam, "mse")
        # run
        for pictures, wanted, rate in cases:
            model.reset_metrics()  # Else a loss is the mean of all so far.
            adam.learning_rate = rate
            losses.append(model.train_on_batch(pictures, wanted))
        # results
        found = summary(losses, model.predict_on_batch)
        return {k: found[k] for k in ("loss", "miscounted")}


def claim_a_map_without_channels_may_be_wanted_of_every_crowd():
    """Forget the last axis of `wanted`, [rows, 12, 12]. With 10 crowds that is an error, by luck:
    with 12 nothing complains, and a row of one crowd is to be like rows of all others."""
    start, (x, heads) = cases().start, crowds(12, 0)
    wanted = cells(densities(heads))[..., 0]
    assert (estimate(start, x) - wanted).shape == (12, 12, 12, 12)
    with raises(tf.errors.InvalidArgumentError, match="Incompatible shapes"):
        estimate(start, x[:10]) - wanted[:10]


def claim_a_cell_sees_14_pixels_and_no_more():
    """A cell is 4 pixels wide. The 3 by 3 filter adds 2 on each side, as it sees pooled ones, and
    the 7 by 7 filter 3. So the cell of rows 24 to 27 knows rows 19 to 32, and not the sky."""
    start, x = cases().start, tf.constant(crowds(1, 0)[0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        cell = estimate(start, x)[0, 6, 6, 0]
    rows = np.flatnonzero(np.abs(tape.gradient(cell, x)).sum(axis=(0, 2, 3)))
    assert rows.min() >= 19 and rows.max() <= 32


def claim_it_counts_better_than_nobody_and_worse_than_it_should(results):
    """The estimator is off by more than 12 people, and by less than 0.8 of what it costs to say 23
    each time."""
    people = np.array([len(heads) for heads in crowds(200, 0)[1]])
    for way in results.values():
        assert 12 < way["miscounted"] < 0.8 * np.abs(people - 23).mean()


def figures(results):
    pictures, heads = crowds(4, 0)
    true = cells(densities(heads))[..., 0]
    rows = list(zip(pictures[..., 0], true, results["cells"]))
    return {
        "cells": Images(
            "Four crowds, as they are and as it sees them",
            "Crowds that no step has seen. It is brightest where far heads crowd, as it should be; "
            "but the leaves of a tree are people to it, too.",
            rows,
            [f"{len(each)} people" for each in heads],
            ["picture", "true", "estimated"],
            each=True,
        )
    }


def quiz_how_many_rows_of_cells_does_the_top_change():
    """The uppermost row of pixels turns from dark to light and from light to dark. In how many of
    the 12 rows of cells can numbers change?

    A cell sees 5 pixels beyond its own 4, so the second row of cells sees the top, too.
    """
    start, x = cases().start, crowds(1, 0)[0]
    turned = x.copy()
    turned[:, 0] = 1 - turned[:, 0]
    changed = np.array(estimate(start, x) != estimate(start, turned))
    return changed.any(axis=(0, 2, 3)).sum()
