"""Lesson 10.2: each step moves its own averages.

Generators learn better where a layer brings its numbers to one size. **Batch normalisation** takes
`h = x @ W`, [rows, 32], and gives `(h - mean) / sqrt(variance + 0.001)`, by the mean and variance
of the batch, [32] each. Afterwards, when one point is asked for, there is no batch. So a moving
mean and variance are kept: each training step does `kept += 0.1 * (batch - kept)`.

They are variables that no gradient moves: no `var_list` has them. Whose step should? G runs in both
steps of 10.1, and so does D. In TF1 the update is an op of its own, and runs where it is fetched:
G's with G's step, D's with D's. A layer of TF2 moves its averages whenever it is called to train.
Ported so, G's move twice in a turn, and D's also by batches without a real point. The losses stay
what they were, as training looks at batches only; what is made afterwards, by the averages,
changes.

Twenty turns on the circle of 10.1. D gets real and made points as one batch, [200, 2]. `kept` is
[2, 2, 32]: of D and of G, mean and variance. `points` are made by the averages.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Cases, Lines, Losses, raises

tf1 = tf.compat.v1
Descent = tf1.train.GradientDescentOptimizer
TURNS, ROWS, UNITS, SMALL, RATE = 20, 100, 32, 1e-3, 0.05
RTOL = ATOL = 1e-5  # a mean of squares may round otherwise in another kernel
KERAS_RTOL = KERAS_ATOL = 1e-4  # Keras multiplies by 1 / sqrt(variance)
NOISE = np.float32(np.random.RandomState(9).normal(size=[5, 2]))


def cases(seed=0):
    random, start = np.random.RandomState(seed), {}
    for net, outputs in (("D", 1), ("G", 2)):
        W, V = random.normal(size=[2, UNITS]), random.normal(0, 0.25, [UNITS, outputs])
        shift, b, mean, variance = map(np.zeros, (UNITS, outputs, UNITS, UNITS))
        start[net] = [np.float32(v) for v in (W, shift, V, b, mean, variance + 1)]
    angle = random.uniform(0, 2 * np.pi, [TURNS, ROWS])
    real = np.float32(np.stack([np.cos(angle), np.sin(angle)], axis=2))
    noise = np.float32(random.normal(size=[TURNS, 2, ROWS, 2]))
    return Cases([(x, *pair) for x, pair in zip(real, noise)], **start)


def run(net, x, kept=None):  # the outputs, and the mean and variance that a batch has
    W, shift, V, b = net[:4]
    h = tf.matmul(x, W)
    mean, variance = kept or tf.nn.moments(h, [0])
    h = tf.nn.relu((h - mean) / tf.sqrt(variance + SMALL) + shift)
    return tf.matmul(h, V) + b, [mean, variance]


def moved(net, batch):  # the averages, a tenth of the way to the batch's
    return [kept.assign_add(0.1 * (new - kept)) for kept, new in zip(net[4:], batch)]


def d_loss_of(logits):  # of ROWS real points and ROWS made ones
    real, made = tf.split(logits, 2)
    return tf.reduce_mean(tf.nn.softplus(-real)) + tf.reduce_mean(tf.nn.softplus(made))


# `moved` makes ops, and nothing runs them but a fetch. Old code fetches them by way of a collection
# (see 20.3) that holds those of both nets: it has to be asked by scope.
def graph(cases, device):
    losses, start = Losses(), cases.start
    with tf.Graph().as_default() as g, tf.device(device):
        # model
        D, G = ([tf1.Variable(v) for v in start[k]] for k in "DG")
        x, z = (tf1.placeholder(tf.float32, [None, 2]) for _ in "xz")
        made, g_batch = run(G, z)
        logits, d_batch = run(D, tf.concat([x, made], 0))
        d_loss = d_loss_of(logits)
        g_loss = tf.reduce_mean(tf.nn.softplus(-run(D, made)[0]))
        d_step = [d_loss, Descent(RATE).minimize(d_loss, var_list=D[:4])]
        g_step = [Descent(RATE).minimize(g_loss, var_list=G[:4])]
        d_step += moved(D, d_batch)
        g_step += moved(G, g_batch)
        points = run(G, z, G[4:])[0]
    # run
    with tf1.Session(graph=g) as session:
        session.run(tf1.global_variables_initializer())
        for real, noise, more in cases:
            losses.append(session.run(d_step, {x: real, z: noise})[0])
            session.run(g_step, {z: more})
        # results
        told = session.run([D[4:], G[4:], points], {z: NOISE})
        return {"loss": losses, "kept": told[:2], "points": told[2]}


class Nets(tf.Module):  # for eager and function
    always = False  # as a layer of TF2 does it: whatever is called moves

    def __init__(self, D, G):
        self.D, self.G = ([tf.Variable(v) for v in net] for net in (D, G))

    def descend(self, tape, loss, weights):
        Descent(RATE).apply_gradients(zip(tape.gradient(loss, weights), weights))

    def d_step(self, x, z):
        with tf.GradientTape() as tape:
            made, g_batch = run(self.G, z)
            logits, d_batch = run(self.D, tf.concat([x, made], 0))
            loss = d_loss_of(logits)
        self.descend(tape, loss, self.D[:4])
        moved(self.D, d_batch)
        if self.always:
            moved(self.G, g_batch)
        return loss

    def g_step(self, z):
        with tf.GradientTape() as tape:
            made, g_batch = run(self.G, z)
            logits, d_batch = run(self.D, made)
            loss = tf.reduce_mean(tf.nn.softplus(-logits))
        self.descend(tape, loss, self.G[:4])
        moved(self.G, g_batch)
        if self.always:
            moved(self.D, d_batch)

    def results(self, losses):
        kept = [[v.numpy() for v in net[4:]] for net in (self.D, self.G)]
        points = run(self.G, NOISE, self.G[4:])[0].numpy()
        return {"loss": losses, "kept": kept, "points": points}


# `moved` is a line of the step whose net it is, and runs with it. There is nothing to fetch, and
# nothing to forget in a list.
def eager(cases, device):
    losses = Losses()
    with tf.device(device):
        # model
        nets = Nets(**cases.start)
        d_step, g_step = nets.d_step, nets.g_step
        # run
        for real, noise, more in cases:
            losses.append(d_step(real, noise).numpy())
            g_step(more)
        # results
        return nets.results(losses)


# What a function assigns happens in each call, so D's function must not hold the line that moves
# G's averages.
def function(cases, device):
    losses = Losses()
    with tf.device(device):
        # model
        nets = Nets(**cases.start)
        d_step, g_step = map(tf.function, (nets.d_step, nets.g_step))
        # run
        for real, noise, more in cases:
            losses.append(d_step(real, noise).numpy())
            g_step(more)
        # results
        return nets.results(losses)


def keras_net(values):
    layers, plain = tf.keras.layers, {"epsilon": SMALL, "scale": False}
    norm, last = layers.BatchNormalization(momentum=0.9, **plain), layers.Dense(values[3].size)
    first = layers.Dense(UNITS, use_bias=False)
    net = tf.keras.Sequential([layers.Input([2]), first, norm, layers.ReLU(), last])
    net.set_weights([values[i] for i in (0, 1, 4, 5, 2, 3)])
    return net, tf.keras.optimizers.SGD(RATE), norm


def aside(net, x):  # its outputs in training; the averages that it would keep are dropped
    return net.stateless_call(net.trainable_variables, net.non_trainable_variables, x, True)[0]


# `stateless_call` gives the outputs and, beside them, the averages that the call would keep. Who
# drops these moves none: so D's step calls G, and G's step D, by way of `aside`, above.
def keras(cases, device):
    losses = Losses()
    with tf.device(device):
        # model
        nets = [keras_net(cases.start[name]) for name in "DG"]
        (D, d_sgd, d_norm), (G, g_sgd, g_norm) = nets
        # run
        for real, noise, more in cases:
            with tf.GradientTape() as tape:
                both = tf.concat([real, aside(G, noise)], 0)
                loss = d_loss_of(D(both, training=True))
            weights = D.trainable_variables
            d_sgd.apply(tape.gradient(loss, weights), weights)
            losses.append(loss.numpy())
            with tf.GradientTape() as tape:
                logits = aside(D, G(more, training=True))
                loss = tf.reduce_mean(tf.nn.softplus(-logits))
            weights = G.trainable_variables
            g_sgd.apply(tape.gradient(loss, weights), weights)
        # results
        kept = [norm.get_weights()[1:] for norm in (d_norm, g_norm)]
        return {"loss": losses, "kept": kept, "points": G(NOISE).numpy()}


def always_moving():
    nets, losses = Nets(**cases().start), []
    nets.always = True
    for real, noise, more in cases():
        losses.append(nets.d_step(real, noise).numpy())
        nets.g_step(more)
    return nets.results(losses)


def claim_layers_that_always_move_spoil_only_what_is_made_afterwards(results):
    """Where a layer moves whenever it is called to train, the 20 losses are the same to the bit. Of
    D and of G a kept number is off by 0.5 or more, and a point by 0.04."""
    wrong, right = always_moving(), results["eager"]
    assert wrong["loss"] == list(right["loss"])
    off = np.abs(np.subtract(wrong["kept"], right["kept"])).max(axis=(1, 2))
    assert off.min() > 0.5 and np.abs(wrong["points"] - right["points"]).max() > 0.04


def claim_a_frozen_layer_of_keras_does_not_look_at_its_batch():
    """`trainable = False` in the other's step is no way out: such a layer answers by its averages
    even when it is told to train, and G would make other points in D's step than in its own."""
    layer, x = tf.keras.layers.BatchNormalization(), cases()[0][0]
    batch, averages = layer(x, training=True), layer(x, training=False)
    layer.trainable = False
    again = layer(x, training=True)
    assert np.allclose(again, averages) and np.abs(again - batch).max() > 0.1


def claim_all_updates_in_one_list_ask_for_real_points():
    """In TF1, who fetches every update of the graph with G's step fetches D's too. These need real
    points, and G's step is fed none."""
    with tf.Graph().as_default(), tf1.Session() as session:
        x, z = (tf1.placeholder(tf.float32, [None, 2], name) for name in "xz")
        D, G = (cases().start[name] for name in "DG")
        made, g_batch = run(G, z)
        d_batch = run(D, tf.concat([x, made], 0))[1]
        assert len(session.run(g_batch, {z: NOISE})) == 2
        with raises(tf.errors.InvalidArgumentError, match="must feed a value for .* 'x'"):
            session.run([g_batch, d_batch], {z: NOISE})


def figures(results):
    wrong, right = always_moving()["kept"], results["kept"]
    return {
        "kept": Lines(
            "What D keeps as the mean of each unit",
            "Moved by D's own steps, it is that of real and made points. Moved in each call, it is "
            "drawn to the made points, which it sees twice.",
            np.arange(UNITS),
            {"in its own step": right[0][0], "in each call": wrong[0][0]},
            "unit",
            "mean",
        )
    }


def quiz_where_is_an_average_after_two_steps():
    """A moving mean starts at 0, and two batches in a row have the mean 1. Where is it then?

    `kept += 0.1 * (batch - kept)`: 0.1, and then a tenth of what is left, 0.19.
    """
    net = [None] * 4 + [tf.Variable(0.0), tf.Variable(1.0)]
    for _ in range(2):
        moved(net, [tf.constant(1.0), tf.constant(1.0)])
    return float(net[4])


def quiz_what_does_a_frozen_layer_look_at():
    """A `BatchNormalization` of Keras has `trainable = False` and is called with `training=True`.
    By what does it answer?

    - by the mean of its batch
    - by its averages

    Frozen, it is as after training, whatever the call says. So G, frozen in D's step, would make
    other points there than in its own.
    """
    layer, x = tf.keras.layers.BatchNormalization(), cases()[0][0]
    batch, averages = layer(x, training=True), layer(x, training=False)
    layer.trainable = False
    again = layer(x, training=True)
    near = [np.abs(again - each).max() for each in (batch, averages)]
    return "by its averages" if near[1] < near[0] else "by the mean of its batch"
