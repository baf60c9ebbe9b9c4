"""Lesson 21.1: any tensor may be fed and any fetched, in a session.

An encoder makes a code, `code = x @ A`; noise is added, `z = code + noise`; a decoder makes
`rebuilt = z @ B`. `x` and `rebuilt` are [rows, 3], `code` and `z` [rows, 2]. A TF1 program fetches
`z` and `rebuilt` together. Port each fetch as a function of its own, and each draws for itself:
`rebuilt` is up to 4.2 away from `z @ B`. Neither is wrong when looked at alone.

The noise is one node of the graph, and a node runs once in a run, whatever is fetched. A graph has
no ends of its own: a run is cut out of it by what is fed and what is fetched. Feed `z`, and
neither `x` nor the noise is needed; fetch `code`, and nothing behind it runs. But a function has
the ends that it was written with. So look at each `session.run`, and write a function from its
feeds to its fetches: one with two results where it fetches two together.

A step is (x, seed); from the seed the noise is drawn, so that the ways can be compared. The result
`gap` is how far `rebuilt` is from `z @ B`, at most.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises

tf1 = tf.compat.v1
A = np.float32([[1, 0], [0, 1], [1, 1]])
B = np.float32([[1, 0, 1], [0, 1, -1]])
CASES = [(np.float32([[1, 2, 3]]), [20, 18]), (np.float32([[0, 1, 0], [4, 0, 1]]), [20, 19])]
RTOL = ATOL = 0.0  # whole numbers, and sums of two, which each kernel rounds alike: bit-equal


def encode(x):
    return tf.matmul(x, A)


def decode(z):
    return tf.matmul(z, B)


def rebuild(x, seed):
    code = encode(x)
    z = code + tf.random.stateless_uniform(tf.shape(code), seed)
    return z, decode(z)


def named(found):
    codes, decoded, drawn, rebuilt = ([np.array(each) for each in kind] for kind in zip(*found))
    gaps = [np.abs(after - z @ B).max() for z, after in zip(drawn, rebuilt)]
    return {"code": codes, "decoded": decoded, "z": drawn, "gap": gaps}


# One graph and three runs of it. The second is fed a tensor in the middle, and does not ask for
# `x`; the third fetches two tensors of one draw.
def graph(cases, device):
    found = []
    with tf.Graph().as_default() as g, tf.device(device):
        # model
        x = tf1.placeholder(tf.float32, [None, 3], name="x")
        seed = tf1.placeholder(tf.int32, [2], name="seed")
        code = tf.matmul(x, A, name="code")
        noise = tf.random.stateless_uniform(tf.shape(code), seed)
        z = tf.add(code, noise, name="z")
        rebuilt = tf.matmul(z, B, name="rebuilt")
    # run
    with tf1.Session(graph=g) as session:
        for rows, draw in cases:
            codes = session.run(code, {x: rows})
            decoded = session.run(rebuilt, {z: codes})
            both = session.run([z, rebuilt], {x: rows, seed: draw})
            found.append((codes, decoded, *both))
    # results
    return named(found)


# A function for each run, `encode`, `decode` and `rebuild` from above. What the third run fetches
# together is computed once, and returned together.
def eager(cases, device):
    found = []
    # model
    first, second, third = encode, decode, rebuild
    # run
    with tf.device(device):
        for rows, draw in cases:
            codes = first(rows)
            decoded = second(codes)
            both = third(rows, draw)
            found.append((codes, decoded, *both))
    # results
    return named(found)


# The same three, traced. A function that calls another has it in its own trace, and nothing is
# written twice.
def function(cases, device):
    found = []
    # model
    first, second, third = map(tf.function, (encode, decode, rebuild))
    # run
    with tf.device(device):
        for rows, draw in cases:
            codes = first(rows)
            decoded = second(codes)
            both = third(rows, draw)
            found.append((codes, decoded, *both))
    # results
    return named(found)


def claim_two_functions_draw_twice(results):
    """With a function for `z` and one for `rebuilt`, `rebuilt` is up to 4.2 away from `z @ B`. With
    both fetched together, or returned by one function, it is equal to the bit."""
    x, draws = CASES[1][0], tf.random.Generator.from_seed(18)
    sample = tf.function(lambda x: x @ A + draws.normal([2, 2]))
    rebuild = tf.function(lambda x: sample(x) @ B)
    gap = np.abs(rebuild(x) - sample(x) @ B).max()
    assert abs(gap - 4.2) < 0.01
    assert not any(np.any(way["gap"]) for way in results.values())


def claim_the_ends_decide_what_runs():
    """A count of decoded codes stays 0 when a session fetches the code, and is 1 when it decodes a
    code that it is fed. A function that returns both counts, though only the code is wanted."""
    with tf.Graph().as_default(), tf1.Session() as session:
        x, n = tf1.placeholder(tf.float32, [None, 3]), tf1.get_variable("n", initializer=0)
        code = x @ A
        with tf.control_dependencies([n.assign_add(1)]):
            y = code @ B
        session.run(n.initializer)
        counts = []
        for fetch, feed in ((code, {x: CASES[0][0]}), (y, {code: [[4, 5]]})):
            session.run(fetch, feed)
            counts.append(session.run(n))
    n = tf.Variable(0)
    code, _ = tf.function(lambda x: (x @ A, n.assign_add(1)))(CASES[0][0])
    assert (counts, n.numpy()) == ([0, 1], 1)


def claim_a_session_makes_numbers_of_what_it_is_fed():
    """Fed to a session, the text "3.5" is 3.5, None is nan, and 300 and 1.7 as uint8 are 44 and 1,
    in silence. A function with a signature refuses them; but an array of NumPy it converts too."""
    values = [(tf.float32, "3.5"), (tf.float32, None), (tf.uint8, [300, 1.7])]
    found = []
    for dtype, value in values:
        with tf.Graph().as_default(), tf1.Session() as session:
            fed = tf1.placeholder(dtype)
            found += np.ravel(session.run(fed + 0, {fed: value})).tolist()
        call = tf.function(tf.identity, input_signature=[tf.TensorSpec(None, dtype)])
        with raises(TypeError, match="Binding inputs to tf.function failed"):
            call(value)
    assert np.array_equal(found, [3.5, np.nan, 44, 1], equal_nan=True)
    assert call(np.array([300, 1.7])).numpy().tolist() == [44, 1]


def quiz_what_does_a_session_make_of_300_as_a_byte():
    """The placeholder is a uint8, and the list [300, 1.7] is fed. What is the first number that the
    session computes with?

    NumPy converts the list, in silence: 300 - 256. A function with a signature refuses it.
    """
    with tf.Graph().as_default(), tf1.Session() as session:
        fed = tf1.placeholder(tf.uint8)
        return session.run(fed + 0, {fed: [300, 1.7]})[0]


def quiz_how_often_does_a_node_draw_that_two_fetches_need():
    """`z` is a code with noise, and `rebuilt` is `z @ B`. Both are fetched in one run. How far is
    `rebuilt` from `z @ B` at the most?

    A node runs once in a run, whoever needs it. Of two functions each would draw for itself.
    """
    return max(graph(CASES, "CPU:0")["gap"])
