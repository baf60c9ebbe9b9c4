"""Lesson 1.9: compiled by XLA.

A plan has had three lives so far: in a session, in eager mode, in a function. With
`jit_compile=True` a function lives a fourth. XLA, a compiler, takes the whole plan and makes one
program of it, which TensorFlow runs as *one kernel*. In it `BiasAdd` and `Relu` are one loop, a
**fusion**: `graphlab render 1.9:function --stage executed` draws it. `X` is [64, 784], `W` is
[784, 100]; a step takes the first `rows` of `X`: two numbers of rows, one trace, two programs.

Look for what is lost. A kernel of the runtime may refuse; a program only computes. Assertions are
left out, an integer is divided by zero, a row that is not there is the last one. What is 0 in one
life is NaN in the other, and one seed draws two sequences.

When you port, compile what is proven, not what is new: run the function plain, with all its checks,
and then compare. `--way xla` compiles the function of any part, or says what XLA refuses.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises, verdicts

tf1 = tf.compat.v1
X = np.sin(np.arange(64 * 784)).reshape(64, 784).astype(np.float32)
W = np.cos(np.arange(784 * 100)).reshape(784, 100).astype(np.float32)
B = np.linspace(-1, 1, 100).astype(np.float32)
CASES = [64, 16] * 4  # how many rows each step takes

# Each kernel adds the 784 products in its own order, XLA's too; they end 9e-6
# apart. `y` is below 4, spaced by 2.4e-7: 1e-4 allows 400 such roundings.
RTOL = 0.0
ATOL = 1e-4


# The session optimises its plan, and runs what is left of it kernel by kernel.
# For any number of rows it is the same plan.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # inputs
        x = tf1.placeholder(tf.float32, [None, 784], name="x")
        # model
        product = tf.matmul(x, W, name="product")
        shifted = tf.nn.bias_add(product, B, name="shifted")
        y = tf.nn.relu(shifted, name="y")
    # run
    with tf1.Session(graph=g) as session:
        return {"y": [session.run(y, {x: X[:rows]}) for rows in cases]}


# Three operations are three kernels, one after the other: when one runs, nobody
# knows of the next, so there is nothing to compile.
def eager(cases, device):
    answers = []
    with tf.device(device):
        for rows in cases:
            # inputs
            x = tf.constant(X[:rows])
            # model
            y = tf.nn.relu(tf.nn.bias_add(tf.matmul(x, W), B))
            # run
            answers.append(y.numpy())
    return {"y": answers}


# One word more, and the first call with each shape is slow: it compiles. The
# trace knows no number of rows; each of the two programs knows its own.
def function(cases, device):
    # inputs
    x_spec = tf.TensorSpec([None, 784])

    @tf.function(input_signature=[x_spec], jit_compile=True)
    def layer(x):
        # model
        product = tf.matmul(x, W, name="product")
        shifted = tf.nn.bias_add(product, B, name="shifted")
        return tf.nn.relu(shifted, name="y")

    # run
    with tf.device(device):
        return {"y": [layer(X[:rows]).numpy() for rows in cases]}


def expected(cases):
    return {"y": [np.maximum(X[:rows] @ W + B, 0.0) for rows in cases]}


def _call(jit, compute, *values):
    with tf.device("CPU:0"):
        function = tf.function(compute, autograph=False, jit_compile=jit)
        return function(*map(tf.constant, values)).numpy()


def claim_a_compiled_call_is_one_kernel(runs):
    """The runtime saw one kernel, the call itself. The program says where your operations went:
    `shifted` and `y` into one and the same."""
    for run in runs["function"]:
        if run.way == "function":
            became = verdicts(run)
            assert [step.node for step in run.steps] == ["layer"]
            assert became["y"] == became["shifted"] != "compiled into it"


def claim_a_program_is_made_for_one_shape():
    """One trace serves every number of rows. A program serves one, which stands in its text; of an
    unknown number there is none."""
    double = tf.function(lambda x: x + x, jit_compile=True)
    program = double.experimental_get_compiler_ir(tf.TensorSpec([3]))
    assert "f32[3]" in program(stage="optimized_hlo")
    with raises(ValueError, match="static"):
        double.experimental_get_compiler_ir(tf.TensorSpec([None]))


def claim_what_refuses_in_a_kernel_goes_on_when_compiled():
    """An assertion, a division of integers by zero, a row that is not there: each is an error in a
    plain function. Compiled, all three come back with a number, and nobody is told."""
    tries = [(lambda x: (tf.debugging.assert_greater(x, 5), x)[1], 1, 1), (lambda x: 7 // x, 0, -1)]
    tries += [(lambda x: tf.gather([10, 20], x), 99, 20)]
    for compute, value, answer in tries:
        with raises(tf.errors.InvalidArgumentError, match="x > y|by zero|is not in"):
            _call(False, compute, value)
        assert _call(True, compute, value) == answer


def claim_a_zero_may_be_no_number_when_compiled():
    """`SqrtGrad` is what part 2.3 will find in the gradient of a root. At 0, with a 0 from behind,
    its kernel gives 0, so that a branch not taken adds nothing. XLA computes 0 / 0."""
    slope = tf.raw_ops.SqrtGrad
    assert _call(False, lambda y: slope(y=y, dy=0.0 * y), 0.0) == 0.0
    assert np.isnan(_call(True, lambda y: slope(y=y, dy=0.0 * y), 0.0))


def claim_a_seed_draws_other_numbers():
    """One seed, other numbers. With `alg="philox"` they are the same bits where the seed is a
    constant of the plan, and others where it is an argument. Draw outside, and hand that in."""
    draw, seed = tf.random.stateless_uniform, [1, 2]
    tries = [(lambda: draw([4], seed), (), False)]
    tries += [(lambda: draw([4], seed, alg="philox"), (), True)]
    tries += [(lambda given: draw([4], given, alg="philox"), (seed,), False)]
    for compute, values, same in tries:
        plain, compiled = (_call(jit, compute, *values) for jit in (False, True))
        assert np.array_equal(plain, compiled) == same


def claim_a_text_is_refused_only_when_you_call():
    """The trace of a function with a text in it is made without complaint. The call finds that XLA
    has no such kernel, and names the operation."""
    digits = tf.function(lambda x: tf.strings.length(tf.strings.as_string(x)), jit_compile=True)
    assert digits.get_concrete_function(tf.constant(42)).graph
    with raises(tf.errors.InvalidArgumentError, match="AsString"):
        digits(tf.constant(42))


def quiz_what_is_an_integer_divided_by_zero_when_compiled():
    """`7 // 0` of integers is an error in a plain function. What is it when XLA has compiled it?

    A program only computes: the check was in the kernel, and the kernel is gone. This is what XLA
    gives on a CPU.
    """
    return _call(True, lambda x: 7 // x, 0)


def quiz_does_an_assertion_survive_compilation():
    """A function asserts that `x` is greater than 5, and returns `x`. It is compiled and called
    with 1. What comes out?

    - an error
    - 1

    XLA leaves assertions out. Run the function plain, with its checks, before you compile it.
    """
    try:
        found = _call(True, lambda x: (tf.debugging.assert_greater(x, 5), x)[1], 1)
    except tf.errors.InvalidArgumentError:
        return "an error"
    return str(found)
