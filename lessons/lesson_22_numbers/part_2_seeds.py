"""Lesson 22.2: one seed is not one sequence.

Who ports `tf1.set_random_seed(7)` writes `tf.random.set_seed(7)` and waits for the same numbers.
The first that is drawn was 0.40 in TensorFlow 1.15. It is 0.75 in a session and in a function of
2.21, and 0.83 in eager mode.

An op draws by *two* seeds: that of the graph, 7, and one of its own. Where none was written,
1.15 took how many ops the graph had; graphs of 2.21 count the ops that draw; eager mode asks a
generator of Python's that 7 has started. One op more, and all who come later draw others.

Write both seeds, and the bits are the same in every way, and in 1.15. `drawn` is three numbers
by the seeds 7 and 5. Each call goes on where the last one stopped, and no checkpoint holds where.

`stateless` draws by a pair that it is given, here 7 and the step, and by nothing else: no order
to keep, nothing to restore. Once the port is proved, go there.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises

tf1 = tf.compat.v1
CASES = [np.int32([7, step]) for step in range(4)]
RTOL = ATOL = 0.0  # the same generator, started at the same place: bit-equal


# A session begins the sequence of `drawn`, and each run goes on with it. To have
# the old numbers without a seed of the op, read `seed2` in TF1's node.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # model
        tf1.set_random_seed(7)
        pair = tf1.placeholder(tf.int32, [2], name="pair")
        drawn = tf1.random_uniform([3], seed=5, name="drawn")
        stateless = tf.random.stateless_uniform([3], pair)
    # run
    with tf1.Session(graph=g) as session:
        both = [drawn, stateless]
        return by_name([session.run(both, {pair: case}) for case in cases])


# `set_seed` begins anew: without it a second run of these lines would go on
# where the first stopped. And it is for the whole program, not for a graph.
def eager(cases, device):
    # model
    tf.random.set_seed(7)

    def draw(pair):
        drawn = tf.random.uniform([3], seed=5, name="drawn")
        return drawn, tf.random.stateless_uniform([3], pair)

    # run
    with tf.device(device):
        return by_name([draw(case) for case in cases])


# A function takes the seed when it is *traced*, and each trace has a sequence
# of its own: a second trace would begin again, in the middle of a training.
def function(cases, device):
    # model
    tf.random.set_seed(7)

    @tf.function(input_signature=[tf.TensorSpec([2], tf.int32)])
    def draw(pair):
        drawn = tf.random.uniform([3], seed=5, name="drawn")
        return drawn, tf.random.stateless_uniform([3], pair)

    # run
    with tf.device(device):
        return by_name([draw(case) for case in cases])


def by_name(answers):
    return dict(zip(("drawn", "stateless"), np.swapaxes(answers, 0, 1)))


def claim_a_seed_of_the_graph_alone_is_two_sequences():
    """Seed 7, and no other: 0.83 in eager mode, 0.75 from a function and a session, 0.46 from a
    session where another random op came before. And `tf.set_random_seed` is no more."""
    tf.random.set_seed(7)
    found = [draw([3])[0] for draw in (tf.random.uniform, tf.function(tf.random.uniform))]
    with tf.Graph().as_default() as g:
        tf1.set_random_seed(7)
        first, second = (tf1.random_uniform([3])[0] for _ in range(2))
    with tf1.Session(graph=g) as session:
        found += session.run([first, second])
    assert np.allclose(found, [0.834, 0.754, 0.754, 0.460], atol=0.001)
    with raises(AttributeError, match="set_random_seed"):
        tf.set_random_seed(7)


def claim_what_1_15_wrote_in_the_node_draws_its_numbers():
    """1.15.5 made three constants, then its first `random_uniform`, and wrote 3 beside the 7. With
    `seed=3` eager mode draws what it drew: 0.4010879, 0.3768389, 0.3092928."""
    tf.random.set_seed(7)
    assert np.allclose(tf.random.uniform([3], seed=3), [0.4010879, 0.3768389, 0.3092928], 1e-6)


def claim_two_ops_of_one_seed_take_turns_in_eager_mode():
    """Two ops with one seed draw the same in a graph. In eager mode they are one kernel, and the
    second draws what comes next: a mask that both should share is two masks."""

    def two():
        return tf.random.uniform([3], seed=5), tf.random.uniform([3], seed=5)

    tf.random.set_seed(7)
    assert [np.array_equal(*draw()) for draw in (two, tf.function(two))] == [False, True]


def claim_a_sequence_begins_again_in_a_new_session_or_function():
    """Two sessions draw the same, and two functions do: noise in two models is one noise. Eager
    mode goes on, until `set_seed` begins anew."""
    tf.random.set_seed(7)
    draw = [tf.function(lambda: tf.random.uniform([3], seed=5)) for _ in range(2)]
    assert np.array_equal(draw[0](), draw[1]())
    assert np.array_equal(*(graph(CASES, "CPU:0")["drawn"] for _ in range(2)))
    both = np.array([tf.random.uniform([3], seed=5) for _ in range(2)])
    tf.random.set_seed(7)
    assert (tf.random.uniform([3], seed=5) == both).numpy().all(axis=1).tolist() == [True, False]


def claim_numbers_of_numpy_are_drawn_while_tracing():
    """NumPy's noise, 1.76 and then 0.40, becomes a constant of the trace: call 2 adds 1.76 again,
    and is off by 1.36."""

    def noisy(x):
        return x + np.float32(random.normal())

    found = []
    for call in (noisy, tf.function(noisy)):
        random = np.random.RandomState(0)
        found.append([call(tf.constant(0.0)).numpy() for _ in range(2)])
    assert np.allclose(found, [[1.764, 0.400], [1.764, 1.764]], atol=0.001)


def claim_compiled_a_seed_is_ignored_or_means_other_numbers():
    """With `jit_compile` an op that keeps a state draws without its seeds, each time others. A
    stateless one draws others than plain, but with `alg="philox"` and a constant seed the same."""

    def drawn(jit, draw, *args, **more):
        tf.random.set_seed(7)
        return tf.function(draw, jit_compile=jit)([3], *args, **more).numpy()

    assert not np.array_equal(*(drawn(True, tf.random.uniform, seed=5) for _ in range(2)))
    for alg, same in (("auto_select", False), ("philox", True)):
        draw = tf.random.stateless_uniform
        found = [drawn(jit, draw, seed=(7, 5), alg=alg) for jit in (False, True)]
        assert np.array_equal(*found) == same


def quiz_do_two_ops_of_one_seed_draw_the_same():
    """Two ops with the seeds 7 and 5 draw three numbers each, in eager mode, one after the other.
    Are they the same?

    - yes
    - no

    In eager mode both are one kernel, and the second draws what comes next. In a graph they are two
    nodes, and draw the same.
    """
    tf.random.set_seed(7)
    first, second = (tf.random.uniform([3], seed=5) for _ in range(2))
    return bool(np.array_equal(first, second))


def quiz_does_a_second_session_go_on_with_the_sequence():
    """A session has drawn four times. A second session on the same graph draws four times, too. How
    many of its four draws are those of the first?

    A session begins the sequence anew. So does a second function; eager mode goes on.
    """
    first, second = (graph(CASES, "CPU:0")["drawn"] for _ in range(2))
    return int(np.all(np.equal(first, second), axis=1).sum())
