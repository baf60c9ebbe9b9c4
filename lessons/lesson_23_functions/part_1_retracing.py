"""Lesson 23.1: 1, 1.0 and True are one trace.

Who ports a placeholder makes an argument of it, and hands over what was fed: Python's numbers. We
ask for the area of `n` squares with a side of 50,000 m. Asked for 1 and then for 1.0, the port
says -1,794,967,296 twice. Asked for 1.0 and then for 1, it says 2,500,000,000 twice.

A number of Python's becomes part of the trace, so each new one costs a trace (lesson 1.5). What
is new is found out by `==`, and to Python 1, 1.0 and True are equal. The first of them is traced:
1 makes an int32, which overflows. The others are answered by that trace, whatever they are.

The placeholder had a dtype and a shape, and the port has lost them. Write them down again, as a
`TensorSpec` in `input_signature`: every number becomes a float32 before it is looked at, there is
one trace, and no order of calls can be told from the answers.

`area` is one number a step, for `n` of 1, 1.0, True, 2 and 0.5.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises

tf1 = tf.compat.v1
SIDE = 50_000
CASES = [1, 1.0, True, 2, 0.5]
RTOL = ATOL = 0.0  # 2.5e9 and its half and double are exact in float32: bit-equal


# What is fed becomes what the placeholder promises: 1, 1.0 and True are the same
# float32. One graph answers all of them.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # inputs
        n = tf1.placeholder(tf.float32, [], name="n")
        # model
        area = n * SIDE * SIDE
    # run
    with tf1.Session(graph=g) as session:
        return {"area": [session.run(area, {n: case}) for case in cases]}


# Without a graph nothing is kept from one call for the next. But the dtype has to
# be said here, too: of the int 1 TensorFlow makes an int32.
def eager(cases, device):
    def compute(n):
        # inputs
        n = tf.cast(n, tf.float32)
        # model
        return n * SIDE * SIDE

    # run
    with tf.device(device):
        return {"area": [compute(case).numpy() for case in cases]}


# The signature is the placeholder. What is handed over is made a tensor of its
# dtype first, so Python's equality is asked nothing.
def function(cases, device):
    # inputs
    @tf.function(input_signature=[tf.TensorSpec([], tf.float32, name="n")])
    def compute(n):
        # model
        return n * SIDE * SIDE

    # run
    with tf.device(device):
        return {"area": [compute(case).numpy() for case in cases]}


def expected(cases):
    return {"area": np.float32([n * 2.5e9 for n in cases])}


def _area(n):
    """The wrong port: the dtype is that of whatever comes."""
    return tf.convert_to_tensor(n) * SIDE * SIDE


def claim_who_is_asked_first_decides_for_all():
    """The wrong port, without a signature: after 1 also 1.0 is -1,794,967,296, after 1.0 also 1 is
    2,500,000,000. And after True, a bool, the area of one square is True."""
    for numbers, area in (
        ((1, 1.0, True), -1_794_967_296),
        ((1.0, 1, True), 2_500_000_000),
        ((True, 1, 1.0), True),
    ):
        call = tf.function(_area)
        assert [call(n).numpy() for n in numbers] == [area] * 3
        assert call.experimental_get_tracing_count() == 1


def claim_the_ways_do_not_depend_on_the_order():
    """The right ports give each number its area, in this order and in the other."""
    for way in (graph, eager, function):
        assert np.array_equal(way(CASES[::-1], "CPU:0")["area"], expected(CASES[::-1])["area"])


def claim_minus_zero_is_zero_to_a_trace():
    """`1 / n` is inf at 0.0 and -inf at -0.0. A trace made for 0.0 answers -0.0 as well, with inf;
    a number of NumPy's is a tensor to a function, and is not mistaken."""
    invert = tf.function(lambda n: tf.constant(1.0) / n)
    assert [invert(n).numpy() for n in (0.0, -0.0)] == [np.inf, np.inf]
    assert [invert(n).numpy() for n in np.float32([0.0, -0.0])] == [np.inf, -np.inf]


def claim_numbers_and_shapes_multiply():
    """Three lengths and five numbers are fifteen traces; the number as a tensor, three; a signature
    that leaves the length open, one."""
    x, scalar = tf.TensorSpec([None]), tf.TensorSpec([])
    tries = ((float, None, 15), (tf.constant, None, 3), (float, [x, scalar], 1))
    level = tf.get_logger().level
    tf.get_logger().setLevel("ERROR")  # At the fifth trace TensorFlow warns, and is right.
    for number, signature, traces in tries:
        scale = tf.function(lambda x, n: x * n, input_signature=signature)
        for length in (1, 2, 3):
            for n in range(5):
                scale(tf.ones([length]), number(float(n)))
        assert scale.experimental_get_tracing_count() == traces
    tf.get_logger().setLevel(level)


def claim_a_function_made_in_a_loop_is_traced_in_each_round():
    """`tf.function` inside of a loop, or of a method that is called again, makes another function
    each time, which knows nothing of the last one's traces: three rounds, three traces."""
    ran = []

    def double(x):
        ran.append("traced")
        return x + x

    once = tf.function(double)
    for call in (lambda x: tf.function(double)(x), once):
        ran.append("begin")
        for _ in range(3):
            call(tf.constant(1.0))
    assert ran == ["begin"] + ["traced"] * 3 + ["begin", "traced"]


def claim_a_signature_converts_numbers_and_refuses_tensors():
    """A number of Python's becomes a float32. A tensor has a dtype already: an int32 is refused."""
    call = tf.function(_area, input_signature=[tf.TensorSpec([])])
    assert call(1).dtype == tf.float32
    with raises(TypeError, match="Can not cast"):
        call(tf.constant(1))


def quiz_how_many_traces_for_1_and_1_0_and_true():
    """A function without a signature is called with 1, with 1.0 and with True. How often is it
    traced?

    Python's `==` decides what is new, and to it the three are equal. The first one's trace answers
    all.
    """
    call = tf.function(_area)
    for n in (1, 1.0, True):
        call(n)
    return call.experimental_get_tracing_count()


def quiz_what_is_one_divided_by_minus_zero():
    """A function of `1 / n` has been called with 0.0. Now it is called with -0.0, a number of
    Python's. What comes out?

    - inf
    - -inf

    -0.0 == 0.0, so the trace made for 0.0 answers. As a tensor it would not be mistaken.
    """
    invert = tf.function(lambda n: tf.constant(1.0) / n)
    return str([invert(n).numpy() for n in (0.0, -0.0)][1])
