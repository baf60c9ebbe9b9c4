"""Lesson 12.1: a vector that says yes by its length.

A unit answers with a number. A **capsule** answers with a vector: its length, from 0 to 1, says how
surely the thing is there, and its direction says how it looks, say how it is turned or how wide it
is. Lengths come in any size, so they are **squashed**, as a sigmoid squashes a score:

    v = |s|² / (1 + |s|²) * s / |s|

`|s|` is the length of `s`. The direction stays. A length of 0.1 becomes 0.0099, 1 becomes 1/2, and
10 becomes 0.99. `s` is [capsules, 4] here, and so is `v`.

Where `s` is zero, two things go wrong. `s / |s|` is 0 / 0, NaN. And were it not: a short `v` is
about `|s| s`, and that has a gradient of 0 at zero. Capsules that start there never learn, as zeros
did not in 4.6.

The first can be cured. `|s| / (1 + |s|²) * s` has no division by a length; but the derivative of a
root at 0 is infinite, so a little goes under the root: `q = sum(s²)`, and
`v = sqrt(q + 1e-9) / (1 + q) * s`. For the second there is only to start elsewhere.

`ds` is the gradient of `sum(w * v)` in `s`, with weights `w` that come with each case.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Lines, raises

tf1 = tf.compat.v1
LITTLE = 1e-9
RTOL = 1e-5  # NumPy reckons in float64
ATOL = 1e-6


def cases(seed=0):
    """(s, w) each: capsules as a layer makes them, of every length along one line, and zeros."""
    normal = np.random.RandomState(seed).normal
    line = np.linspace(0, 4, 81)[:, np.newaxis] * [[0, 0.6, 0, -0.8]]
    some = [normal(size=[32, 4]), line, np.zeros([2, 4])]
    return [(np.float32(s), np.float32(normal(size=s.shape))) for s in some]


def by_name(answers):
    return {name: [np.array(a[i]) for a in answers] for i, name in enumerate(["v", "ds"])}


def expected(cases):
    answers = []
    for s, w in cases:
        s = np.float64(s)
        q, along = (np.sum(s * each, axis=1, keepdims=True) for each in (s, w))
        root = np.sqrt(q + LITTLE)
        factor = root / (1 + q)
        slope = (1 / root - 2 * factor) / (1 + q)  # of the factor in q, twice
        answers.append((factor * s, factor * w + slope * along * s))
    return by_name(answers)


# `keepdims` leaves an axis of length 1, [capsules, 1], so that a length multiplies its own vector.
# Old TF1 code calls it `keep_dims`, which 2.x refuses.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # inputs
        s = tf1.placeholder(tf.float32, [None, 4], name="s")
        w = tf1.placeholder(tf.float32, [None, 4], name="w")
        # model
        q = tf.reduce_sum(tf.square(s), axis=1, keepdims=True)
        v = tf.sqrt(q + LITTLE) / (1 + q) * s
        # gradient
        ds = tf.gradients(tf.reduce_sum(w * v), s)[0]
    # run
    with tf1.Session(graph=g) as session:
        answers = [session.run([v, ds], {s: a, w: b}) for a, b in cases]
    # results
    return by_name(answers)


# The tape watches `s`, which is no variable. What it gives for a row of zeros shows in a debugger
# at once, and in a session only to who fetches it.
def eager(cases, device):
    def squash(s, w):
        # inputs
        s = tf.constant(s)
        # model
        with tf.GradientTape() as tape:
            tape.watch(s)
            q = tf.reduce_sum(tf.square(s), axis=1, keepdims=True)
            v = tf.sqrt(q + LITTLE) / (1 + q) * s
            total = tf.reduce_sum(w * v)
        # gradient
        return v, tape.gradient(total, s)

    # run
    with tf.device(device):
        answers = [squash(*case) for case in cases]
    # results
    return by_name(answers)


# One trace serves any number of capsules, as the signature says `None` for it.
# The body is that of eager.
def function(cases, device):
    # inputs
    many = tf.TensorSpec([None, 4])

    @tf.function(input_signature=[many, many])
    def squash(s, w):
        # model
        with tf.GradientTape() as tape:
            tape.watch(s)
            q = tf.reduce_sum(tf.square(s), axis=1, keepdims=True)
            v = tf.sqrt(q + LITTLE) / (1 + q) * s
            total = tf.reduce_sum(w * v)
        # gradient
        return v, tape.gradient(total, s)

    # run
    with tf.device(device):
        answers = [squash(*case) for case in cases]
    # results
    return by_name(answers)


def claim_no_vector_is_longer_than_1():
    """Squashed lengths are below 1 up to a length of 1,000. At 10,000 float32 rounds to 1 exactly,
    and at 1e20 the square is infinite and the answer NaN."""
    s = np.float32([[1], [1e3], [1e4], [1e20]]) * np.float32([0, 0.6, 0, -0.8])
    (v,) = eager([(s, s)], "CPU:0")["v"]
    lengths = np.linalg.norm(np.float64(v), axis=1)
    assert lengths[0] < lengths[1] < 1 and abs(lengths[2] - 1) < 1e-6 and np.isnan(lengths[3])


def claim_as_it_is_written_it_is_not_a_number():
    """`|s|² / (1 + |s|²) * s / |s|` is NaN at zero: one such capsule, and so is every loss that it
    has a part in."""
    s = tf.zeros([2, 4])
    length = tf.norm(s, axis=1, keepdims=True)
    with raises(tf.errors.InvalidArgumentError, match="Tensor had NaN"):
        written = length**2 / (1 + length**2) * s / length
        tf.debugging.check_numerics(written, "a length of zero")


def claim_without_a_little_it_depends_on_the_kernel():
    """`|s| / (1 + |s|²) * s` is 0 at zero, and so is its gradient, but only as the CPU's `SqrtGrad`
    takes 0 times infinity for 0, in eager and in a function. XLA compiles what is written: NaN."""

    def slope(s):
        with tf.GradientTape() as tape:
            tape.watch(s)
            length = tf.norm(s, axis=1, keepdims=True)
            v = length / (1 + length**2) * s
        return tape.gradient(v, s)

    with tf.device("CPU:0"):
        zeros, compiled = tf.zeros([2, 4]), tf.function(slope, jit_compile=True)
        assert not slope(zeros).numpy().any() and not tf.function(slope)(zeros).numpy().any()
        assert np.isnan(compiled(zeros)).all()


def claim_a_capsule_of_zeros_learns_nothing(results):
    """At zero the gradient is 3e-5 of what comes in, and that is only what is under the root."""
    _, w = cases()[2]
    for way in results.values():
        assert np.allclose(way["ds"][2], LITTLE**0.5 * w, rtol=1e-4)


def figures(results):
    lengths = np.linalg.norm(results["v"][1], axis=1)
    x = np.linspace(0, 4, 81)
    return {
        "lengths": Lines(
            "What becomes of a length",
            "The squashed length rises towards 1 and stays below it. Its slope is 0 at 0, highest, "
            "0.65, at 0.58, and small again beyond 3.",
            x,
            {"length": lengths, "slope": 2 * x / (1 + x**2) ** 2},
            "length of s",
            "length of v",
        )
    }


def quiz_how_long_is_a_squashed_vector():
    """A vector has the length 3. How long is it when it is squashed?

    `9 / (1 + 9)`: a length of 3 says yes nearly as surely as one of 10.
    """
    s = np.float32([[0, 1.8, 0, -2.4]])
    return float(np.linalg.norm(eager([(s, s)], "CPU:0")["v"][0]))


def quiz_what_is_the_squashed_vector_of_zeros():
    """`s` is zero, and `v = |s|² / (1 + |s|²) * s / |s|` is computed as it is written. What is `v`?

    - 0
    - NaN

    `s / |s|` is 0 / 0. One such capsule is enough to make a loss NaN, and after a step all weights.
    """
    s = tf.zeros([1, 4])
    length = tf.norm(s, axis=1, keepdims=True)
    v = length**2 / (1 + length**2) * s / length
    return "NaN" if np.isnan(v).any() else "0"
