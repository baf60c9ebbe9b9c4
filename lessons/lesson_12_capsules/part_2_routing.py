"""Lesson 12.2: routing by agreement.

Parts belong to a whole. An eye, a nose and a mouth that are there may be those of a face; to find
out, each of them says where the face would have to be. If it is one, they all name one place.

So each of 6 parts predicts a vector for each of 3 wholes: `u` is [6, 3, 2]. Here four parts agree
about whole A, the other two about whole B, and nobody about C. A part divides itself among the
wholes by **couplings** `c`, [6, 3], which sum to 1 for each part. Five rounds:

    c = softmax(b)           over the wholes; b is [6, 3] and begins with zeros
    s = sum(c * u)           over the parts: [3, 2]
    v = squash(s)            of 12.1: no longer than 1
    b = b + sum(u * v)       over the two numbers: who agrees with a whole is drawn to it

What is strewn about cancels out in the sum, what agrees adds up and makes `v` long, so it weighs
more in the next round. No weight is learned in this: it is a loop of the forward pass, and the
gradient goes back through it.

`c` has the couplings of all rounds, [5, 6, 3], and `v` the wholes, [5, 3, 2]. `du` is the gradient
of the sum of the squares of the last `v`. Look at the table: 0.33 everywhere in the first round,
and in the last each part has chosen.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Heat, raises

tf1 = tf.compat.v1
LITTLE, ROUNDS = 1e-9, 5
ANGLES = [  # of what a part predicts for A, B and C: in degrees, 2 long
    [5, 45, 0],
    [-5, 135, 60],
    [10, 225, 120],
    [-10, 315, 180],
    [150, 85, 240],
    [210, 95, 300],
]
RTOL = ATOL = 1e-5  # exp and sums round in their last bits, and five rounds hand that on


def cases(seed=0):
    """What 6 parts predict for 3 wholes, [6, 3, 2]: of the lesson's scene, and drawn anywhere."""
    scene = 2 * np.stack([np.cos(np.radians(ANGLES)), np.sin(np.radians(ANGLES))], axis=-1)
    drawn = np.random.RandomState(seed).normal(size=[6, 3, 2])
    return [np.float32(scene), np.float32(drawn)]


def by_name(answers):
    return {name: [np.array(a[i]) for a in answers] for i, name in enumerate(["c", "v", "du"])}


def squash(s):
    q = tf.reduce_sum(tf.square(s), axis=-1, keepdims=True)
    return tf.sqrt(q + LITTLE) / (1 + q) * s


def expected(cases):
    answers = []
    for u in cases:
        b, kept = np.zeros([6, 3]), []
        for _ in range(ROUNDS):
            c = np.exp(b) / np.exp(b).sum(axis=1, keepdims=True)
            s = np.einsum("ij,ijk->jk", c, np.float64(u))
            q = (s * s).sum(axis=1, keepdims=True)
            v = np.sqrt(q + LITTLE) / (1 + q) * s
            b = b + np.einsum("ijk,jk->ij", u, v)
            kept.append((c, v))
        answers.append([np.array(each) for each in zip(*kept)])
    return {name: [a[i] for a in answers] for i, name in enumerate(["c", "v"])}


# `b` goes from round to round, and two arrays with it, for `c` and for `v`. The number of rounds is
# fixed when the graph is built, and it is a loop of the graph all the same.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # inputs
        u = tf1.placeholder(tf.float32, [6, 3, 2], name="u")

        # model
        def one(t, b, cs, vs):
            c = tf.nn.softmax(b, axis=1)
            s = tf.reduce_sum(c[:, :, tf.newaxis] * u, axis=0)
            v = squash(s)
            b = b + tf.reduce_sum(u * v, axis=2)
            return t + 1, b, cs.write(t, c), vs.write(t, v)

        many = [tf.TensorArray(tf.float32, ROUNDS) for _ in "cv"]
        begin = (0, tf.zeros([6, 3]), *many)
        found = tf.while_loop(lambda t, *_: t < ROUNDS, one, begin)
        c, v = (each.stack() for each in found[2:])
        # gradient
        du = tf.gradients(tf.reduce_sum(tf.square(v[-1])), u)[0]
    # run
    with tf1.Session(graph=g) as session:
        answers = [session.run([c, v, du], {u: case}) for case in cases]
    # results
    return by_name(answers)


# Python's own loop, and lists. What the papers write as a procedure is ported as that procedure;
# the tape unrolls it.
def eager(cases, device):
    # inputs
    def route(u):
        u, b, cs, vs = tf.constant(u), tf.zeros([6, 3]), [], []
        # model
        with tf.GradientTape() as tape:
            tape.watch(u)
            for _ in range(ROUNDS):
                c = tf.nn.softmax(b, axis=1)
                s = tf.reduce_sum(c[:, :, tf.newaxis] * u, axis=0)
                v = squash(s)
                b = b + tf.reduce_sum(u * v, axis=2)
                cs.append(c)
                vs.append(v)
            total = tf.reduce_sum(tf.square(v))
        # gradient
        return tf.stack(cs), tf.stack(vs), tape.gradient(total, u)

    # run
    with tf.device(device):
        answers = [route(case) for case in cases]
    # results
    return by_name(answers)


# Over `tf.range` AutoGraph makes the `while_loop`, with `b`, `cs` and `vs` as loop variables: each
# round sets them, and the next one reads them.
def function(cases, device):
    # inputs
    @tf.function(input_signature=[tf.TensorSpec([6, 3, 2])])
    def route(u):
        b = tf.zeros([6, 3])
        cs, vs = (tf.TensorArray(tf.float32, ROUNDS) for _ in "cv")
        # model
        with tf.GradientTape() as tape:
            tape.watch(u)
            for t in tf.range(ROUNDS):
                c = tf.nn.softmax(b, axis=1)
                s = tf.reduce_sum(c[:, :, tf.newaxis] * u, axis=0)
                v = squash(s)
                b = b + tf.reduce_sum(u * v, axis=2)
                cs, vs = cs.write(t, c), vs.write(t, v)
            total = tf.reduce_sum(tf.square(v))
        # gradient
        return cs.stack(), vs.stack(), tape.gradient(total, u)

    # run
    with tf.device(device):
        answers = [route(case) for case in cases]
    # results
    return by_name(answers)


def claim_a_part_is_shared_out_whole(results):
    """In every round the couplings of a part sum to 1, and no whole is longer than 1."""
    for way in results.values():
        for c, v in zip(way["c"], way["v"]):
            assert np.allclose(c.sum(axis=2), 1, atol=1e-6)
            assert (np.linalg.norm(v, axis=2) < 1).all()


def claim_a_softmax_over_the_parts_gives_shares_of_nothing():
    """With `axis=0` the wholes are shared out among the parts, and a part gives 0.5 of itself. It
    is the same softmax, and no shape complains."""
    b = tf.zeros([6, 3])
    tf.debugging.assert_near(tf.reduce_sum(tf.nn.softmax(b, axis=1), axis=1), tf.ones(6))
    with raises(tf.errors.InvalidArgumentError, match="shares of a part"):
        shares = tf.reduce_sum(tf.nn.softmax(b, axis=0), axis=1)
        tf.debugging.assert_near(shares, tf.ones(6), message="shares of a part")


def claim_parts_go_where_they_agree(results):
    """In the scene all couplings are 1/3 in the first round. In the fifth, those of the four parts
    with A are above 0.9, those of the other two with B above 0.99. A and B have become longer, and
    C is never longer than 0.05."""
    for way in results.values():
        c, lengths = way["c"][0], np.linalg.norm(way["v"][0], axis=-1)
        assert np.allclose(c[0], 1 / 3) and (c[4, :4, 0] > 0.9).all() and (c[4, 4:, 1] > 0.99).all()
        assert (lengths[4, :2] > lengths[0, :2] + 0.25).all() and (lengths[:, 2] < 0.05).all()


def figures(results):
    c = results["c"][0].transpose(1, 2, 0).reshape(6, 3 * ROUNDS)
    columns = [f"{whole}{each}" for whole in "ABC" for each in range(1, ROUNDS + 1)]
    return {
        "couplings": Heat(
            "How six parts choose among three wholes",
            "A row is a part, a column a whole in one of five rounds. All begin with 0.33. Parts 1 "
            "to 4 go to A, parts 5 and 6 to B, and C is left alone.",
            c,
            [f"part {each}" for each in range(1, 7)],
            columns,
            [name[0] for name in columns],
            numbers=True,
        )
    }


def quiz_how_much_comes_to_a_whole_in_the_first_round():
    """6 parts divide themselves among 3 wholes. What do the couplings of whole A add up to in the
    first round?

    `c = softmax(0)`: each part gives a third, and six thirds are 2. What sums to 1 is a part's row,
    not a whole's column.
    """
    return float(eager(cases()[:1], "CPU:0")["c"][0][0, :, 0].sum())


def quiz_how_long_is_a_whole_that_nobody_agrees_about():
    """Six parts predict vectors for C that are 2 long, and point to six sides. How long is `v` of C
    in the first round, to two digits after the point?

    What is strewn about cancels out in `s`, and the length of a squashed nothing is nothing.
    """
    return round(float(np.linalg.norm(eager(cases()[:1], "CPU:0")["v"][0][0, 2])), 2)
