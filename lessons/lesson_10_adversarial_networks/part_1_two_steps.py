"""Lesson 10.1: two networks, two steps, two lists.

A **generator** G makes points of noise: `z` is [100, 2], from a normal distribution, and G(z) is
[100, 2]. A **discriminator** D gets points and gives a logit for each, [100, 1]: above 0 it takes
the point for real. Real points `x`, [100, 2], lie about a circle of radius 1. G sees none of them,
only what D says.

    d_loss = mean(softplus(-D(x))) + mean(softplus(D(G(z))))    moves the weights of D
    g_loss = mean(softplus(-D(G(z))))                           moves the weights of G

`softplus(a)` is `log(1 + exp(a))`. So `softplus(-a)` is `-log(sigmoid(a))`, the cross-entropy of
2.2 where the answer should be 1, and `softplus(a)` is that where it should be 0. D's step makes
D(G(z)) smaller, G's makes it larger. They take turns, each with noise of its own, 600 times. Where
D cannot tell, its logits are 0 and `d_loss` is 2 log 2 = 1.386: it does not fall to 0. Look at the
points, and how far they are `away` from the circle. `moved`, [2, 2], has a row for D's steps and
one for G's: how far D's weights went in them, and G's.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Cases, Losses, Points, raises

tf1 = tf.compat.v1
TURNS, ROWS, UNITS = 600, 100, 32
NOISE = np.float32(np.random.RandomState(9).normal(size=[1000, 2]))  # for the points to be shown
ADAM = {"learning_rate": 0.005, "beta1": 0.5}  # a short memory, as what is aimed at moves
RTOL = ATOL = 5e-3  # bit-equal here; where a way fuses other ops, 600 turns against each other


def circle(random, count):
    angle, radius = random.uniform(0, 2 * np.pi, count), random.normal(1, 0.05, count)
    return np.float32([radius * np.cos(angle), radius * np.sin(angle)]).T


def cases(seed=0):
    random, start = np.random.RandomState(seed), {"G": [], "D": []}
    for name, outputs in (("G", 2), ("D", 1)):
        for inputs, units in ((2, UNITS), (UNITS, UNITS), (UNITS, outputs)):
            W = np.float32(random.normal(0, np.sqrt(2 / inputs), [inputs, units]))
            start[name] += [W, np.zeros(units, np.float32)]
    noise = np.float32(random.normal(size=[TURNS, 2, ROWS, 2]))
    return Cases([(circle(random, ROWS), *pair) for pair in noise], **start)


def net(w, x):
    h = tf.nn.relu(tf.matmul(x, w[0]) + w[1])
    h = tf.nn.relu(tf.matmul(h, w[2]) + w[3])
    return tf.matmul(h, w[4]) + w[5]


def d_loss_of(G, D, x, z):
    real, made = tf.nn.softplus(-net(D, x)), tf.nn.softplus(net(D, net(G, z)))
    return tf.reduce_mean(real) + tf.reduce_mean(made)


def g_loss_of(G, D, z):
    return tf.reduce_mean(tf.nn.softplus(-net(D, net(G, z))))


def away(points):
    return np.mean(np.abs(np.linalg.norm(points, axis=1) - 1))


def farthest(pairs):  # of the weights of D and of G before and after each step
    far = [[max(np.abs(b - a).max() for a, b in zip(*n)) for n in zip(*pair)] for pair in pairs]
    return np.max(far, axis=0)


def summary(losses, seen, points):
    moved = [farthest(zip(seen[0::2], seen[1::2])), farthest(zip(seen[1::2], seen[2::2]))]
    return {"loss": losses, "moved": moved, "points": points, "away": away(points)}


# One graph holds both networks, both losses and both train ops, each with its list. A run picks:
# whoever fetches `g_step` runs neither `d_step` nor D on real points, and need not feed `x`.
def graph(cases, device):
    losses, start = Losses(), cases.start
    with tf.Graph().as_default() as g, tf.device(device):
        # model
        D, G = nets = [[tf1.Variable(v) for v in start[k]] for k in "DG"]
        x, z = (tf1.placeholder(tf.float32, [None, 2]) for _ in "xz")
        d_loss, g_loss = d_loss_of(G, D, x, z), g_loss_of(G, D, z)
        adam, other = (tf1.train.AdamOptimizer(**ADAM) for _ in nets)
        d_step = [d_loss, adam.minimize(d_loss, var_list=D)]
        g_step = other.minimize(g_loss, var_list=G)
    # run
    with tf1.Session(graph=g) as session:
        session.run(tf1.global_variables_initializer())
        seen = [session.run(nets)]
        for points, noise, more in cases:
            losses.append(session.run(d_step, {x: points, z: noise})[0])
            seen.append(session.run(nets))
            session.run(g_step, {z: more})
            seen.append(session.run(nets))
        # results
        points = session.run(net(G, z), {z: NOISE})
        return summary(losses, seen, points)


class Pair(tf.Module):  # for eager and function
    def __init__(self, G, D):
        self.G, self.D = ([tf.Variable(v) for v in net] for net in (G, D))
        self.adam, self.other = (tf1.train.AdamOptimizer(**ADAM) for _ in "DG")

    def d_step(self, x, z):
        with tf.GradientTape() as tape:
            loss = d_loss_of(self.G, self.D, x, z)
        self.adam.apply_gradients(zip(tape.gradient(loss, self.D), self.D))
        return loss

    def g_step(self, z):
        with tf.GradientTape() as tape:
            loss = g_loss_of(self.G, self.D, z)
        self.other.apply_gradients(zip(tape.gradient(loss, self.G), self.G))

    def seen(self):
        return [[w.numpy() for w in net] for net in (self.D, self.G)]


# Two train ops become two methods, of `Pair` above. What a fetch left out is not in the method: the
# port of `g_step` has no argument `x`.
def eager(cases, device):
    losses = Losses()
    with tf.device(device):
        # model
        nets = Pair(**cases.start)
        d_step, g_step = nets.d_step, nets.g_step
        # run
        seen = [nets.seen()]
        for points, noise, more in cases:
            losses.append(d_step(points, noise).numpy())
            seen.append(nets.seen())
            g_step(more)
            seen.append(nets.seen())
        # results
        points = net(nets.G, NOISE).numpy()
        return summary(losses, seen, points)


# And two functions, each a graph of its own. A function computes all that it returns: one that gave
# both losses would run both steps in each call.
def function(cases, device):
    losses = Losses()
    with tf.device(device):
        # model
        nets = Pair(**cases.start)
        d_step, g_step = map(tf.function, (nets.d_step, nets.g_step))
        # run
        seen = [nets.seen()]
        for points, noise, more in cases:
            losses.append(d_step(points, noise).numpy())
            seen.append(nets.seen())
            g_step(more)
            seen.append(nets.seen())
        # results
        points = net(nets.G, NOISE).numpy()
        return summary(losses, seen, points)


def claim_a_step_of_one_leaves_the_other_as_it_was(results):
    """In no turn has D's step moved a weight of G, nor G's step one of D, by a single bit. Each has
    moved its own."""
    for way in results.values():
        (d_by_d, g_by_d), (d_by_g, g_by_g) = way["moved"]
        assert g_by_d == d_by_g == 0 < min(d_by_d, g_by_g)


def claim_the_sum_of_both_losses_teaches_nothing():
    """One function, the sum of both as its loss: `softplus(a) + softplus(-a)` is least where a is
    0, so G learns to make points that D says nothing of. After 300 calls they are 0.93 from the
    circle; after 300 turns 0.20."""
    nets, turns = Pair(**cases().start), cases().first(300)

    @tf.function
    def step(x, z):
        with tf.GradientTape() as tape:
            loss = d_loss_of(nets.G, nets.D, x, z) + g_loss_of(nets.G, nets.D, z)
        nets.adam.apply_gradients(zip(tape.gradient(loss, nets.G + nets.D), nets.G + nets.D))

    for points, noise, _ in turns:
        step(points, noise)
    right = function(turns, "CPU:0")["away"]
    assert right < 0.3 < 0.8 < away(net(nets.G, NOISE))


def claim_a_run_needs_only_what_its_fetches_need():
    """G's loss is fetched without any real points. D's asks for them, by name."""
    with tf.Graph().as_default(), tf1.Session() as session:
        x, z = (tf1.placeholder(tf.float32, [None, 2], name) for name in "xz")
        nets, fed = [cases().start[name] for name in "GD"], {z: NOISE}
        d_loss, g_loss = d_loss_of(*nets, x, z), g_loss_of(*nets, z)
        assert session.run(g_loss, fed) > 0
        with raises(tf.errors.InvalidArgumentError, match="must feed a value for .* 'x'"):
            session.run(d_loss, fed)


def figures(results):
    both = [*circle(np.random.RandomState(8), 1000), *results["points"]]
    told = "Noise, laid by G about a circle that it has never seen.", both, np.arange(2000) // 1000
    return {"points": Points("Real and made points", *told, ["real", "made"])}


def quiz_what_is_the_loss_of_a_discriminator_that_cannot_tell():
    """D gives the logit 0 for every point, real or made. What is `d_loss`?

    `softplus(0) = log 2` twice: 1.386. That is what a perfect generator brings D to, so a loss that
    does not fall is no bad sign here.
    """
    (x, z, _), start = cases()[0], cases().start
    return float(d_loss_of(start["G"], [0 * w for w in start["D"]], x, z))


def quiz_how_far_does_the_step_of_d_move_g():
    """`d_loss` depends on the weights of both networks. D's step is taken once. How far has a
    weight of G gone at the most?

    The gradient is asked for D's list alone; that G stands in the loss moves nothing.
    """
    return eager(cases().first(1), "CPU:0")["moved"][0][1]
