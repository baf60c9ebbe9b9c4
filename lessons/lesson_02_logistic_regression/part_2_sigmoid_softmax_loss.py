"""Lesson 2.2: from scores to probabilities to a loss.

The step of the perceptron says yes or no. To learn by degrees we want to know how sure it
is, and then how wrong.

`sigmoid(z) = 1 / (1 + e^-z)` squeezes one score into (0, 1). `softmax(z)` turns a row of
scores, called **logits**, into probabilities: `e^z_i / sum_j e^z_j`. A **loss** compares them with
`target`, which is 1 for the true class and 0 elsewhere. The mean squared error,
`mean((target - softmax)²)`, asks how far off the numbers are; the **cross-entropy** of a row,
`-sum_j target_j log(softmax_j)`, is `-log` of the probability given to the truth, and asks how
surprised we are.

`z` and `target` are [rows, 3]. Look at the third case: `e^823731` is beyond any float, yet
every result is finite. `tf.nn.softmax` subtracts the largest score first, which changes
nothing on paper, and the `_with_logits` loss takes `z` itself, so that no `log(0)` can arise
on the way.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises

tf1 = tf.compat.v1
ONE_HOT = np.eye(3, dtype=np.float32)
CASES = [  # (z, target)
    (np.array([[2, 1, 0], [0, 0, 0]], np.float32), ONE_HOT[[0, 1]]),
    (np.array([[-3, 0.5, 4], [1, -1, 1], [0, 8, 0]], np.float32), ONE_HOT),
    (np.array([[823731.01, 14.78, 0]], np.float32), ONE_HOT[[1]]),
]
# The ways run the same kernels; NumPy's own exp and log differ in the last bits of float32.
RTOL = 1e-6
ATOL = 1e-7


# A session fetches a dict as gladly as a list. TF1's `softmax_cross_entropy_with_logits` took
# the target for a constant; its `_v2` lets gradients through both, and TF2 calls that one by
# the plain name.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # inputs
        z = tf1.placeholder(tf.float32, [None, 3], name="z")
        target = tf1.placeholder(tf.float32, [None, 3], name="target")
        # model
        found = {"sigmoid": tf.sigmoid(z), "softmax": tf.nn.softmax(z)}
        # loss
        error = target - found["softmax"]
        found["squared_error"] = tf.reduce_mean(tf.square(error))
        cross_entropy = tf1.nn.softmax_cross_entropy_with_logits_v2
        rows = cross_entropy(labels=target, logits=z)
        found["cross_entropy"] = tf.reduce_mean(rows)
    # run
    with tf1.Session(graph=g) as session:
        steps = [session.run(found, {z: a, target: t}) for a, t in cases]
    # results
    return {k: [step[k] for step in steps] for k in found}


# Read it as NumPy with other names. The loss gives one number a row, as it did in TF1, and
# leaves the mean over the rows to us.
def eager(cases, device):
    # inputs
    def compare(z, target):
        # model
        found = {"sigmoid": tf.sigmoid(z), "softmax": tf.nn.softmax(z)}
        # loss
        error = target - found["softmax"]
        found["squared_error"] = tf.reduce_mean(tf.square(error))
        cross_entropy = tf.nn.softmax_cross_entropy_with_logits
        rows = cross_entropy(labels=target, logits=z)
        found["cross_entropy"] = tf.reduce_mean(rows)
        return found

    # run
    with tf.device(device):
        steps = [compare(z, target) for z, target in cases]
    # results
    return {k: [step[k].numpy() for step in steps] for k in steps[0]}


# The signature says what the placeholders said, `[None, 3]`, so that cases of two, three and
# one rows share one trace. A dict leaves a function as it leaves a session.
def function(cases, device):
    # inputs
    scores = tf.TensorSpec([None, 3], tf.float32)

    @tf.function(input_signature=[scores, scores])
    def compare(z, target):
        # model
        found = {"sigmoid": tf.sigmoid(z), "softmax": tf.nn.softmax(z)}
        # loss
        error = target - found["softmax"]
        found["squared_error"] = tf.reduce_mean(tf.square(error))
        cross_entropy = tf.nn.softmax_cross_entropy_with_logits
        rows = cross_entropy(labels=target, logits=z)
        found["cross_entropy"] = tf.reduce_mean(rows)
        return found

    # run
    with tf.device(device):
        steps = [compare(z, target) for z, target in cases]
    # results
    return {k: [step[k].numpy() for step in steps] for k in steps[0]}


def expected(cases):
    softmax, squared, cross_entropy = [], [], []
    for z, target in cases:
        z = z.astype(np.float64) - z.max(axis=1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        softmax.append(np.float32(np.exp(log_p)))
        squared.append(np.float32(np.mean((target - np.exp(log_p)) ** 2)))
        cross_entropy.append(np.float32(-np.mean(np.sum(target * log_p, axis=1))))
    return {"softmax": softmax, "squared_error": squared, "cross_entropy": cross_entropy}


def claim_rows_of_softmax_sum_to_1(results):
    """Every row of softmax sums to 1, and every loss is finite, the largest logits' too."""
    for way in results.values():
        for rows in way["softmax"]:
            assert np.allclose(rows.sum(axis=1), 1, rtol=1e-6)
        assert np.isfinite([way["squared_error"], way["cross_entropy"]]).all()


def claim_the_formula_as_written_overflows():
    """Written out in TensorFlow, the softmax of 1000 and 0 is inf / inf: NaN."""
    e = tf.exp([1000.0, 0.0])
    with raises(tf.errors.InvalidArgumentError, match="NaN"):
        tf.debugging.check_numerics(e / tf.reduce_sum(e), "softmax as written")


def claim_the_sum_must_run_over_j():
    """The workshop's slide sums e^y_i over j, which is n e^y_i: each class gets 1/n, whatever y."""
    for y in (np.array([2.0, 1.0, 0.0]), np.array([-5.0, 0.0, 3.0])):
        slide = [np.exp(y[i]) / sum(np.exp(y[i]) for j in range(3)) for i in range(3)]
        assert np.allclose(slide, 1 / 3)
        assert not np.allclose(tf.nn.softmax(y), 1 / 3)


def claim_squared_error_shrugs_at_a_confident_mistake(results):
    """Sure of the wrong class, case 3 costs 2/3 in squared error, the most there is; in
    cross-entropy it costs the whole distance of the logits, 823716."""
    for way in results.values():
        assert np.isclose(way["squared_error"][2], 2 / 3)
        assert np.isclose(way["cross_entropy"][2], 823731.01 - 14.78, rtol=1e-6)


def quiz_what_does_adding_to_all_scores_do():
    """`softmax` of the scores 2, 1, 0 gives the first class 0.67. Add 100 to all three scores. What
    does the first class get, to two digits?

    `e^(z + 100) = e^z e^100`, and the factor is in every term of the fraction. That is why the
    largest score may be subtracted first.
    """
    return np.round(tf.nn.softmax([102.0, 101.0, 100.0]).numpy()[0], 2)


def quiz_what_does_a_guess_cost():
    """Three scores are equal, so each class gets 1/3. What is the cross-entropy, `-log` of the
    probability of the true class?

    `-log(1/3) = log(3)`, 1.10. A loss near `log(n)` says that a network of n classes guesses.
    """
    return eager([(np.zeros([1, 3], np.float32), ONE_HOT[[1]])], "CPU:0")["cross_entropy"][0]
