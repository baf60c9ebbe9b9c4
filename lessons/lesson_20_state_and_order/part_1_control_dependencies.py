"""Lesson 20.1: the lines of a graph have no order, those of a function have.

A running mean in TF1: each step adds to two variables, `total` and `count`, and the mean is
`total / count`. In a port the additions look like bookkeeping, so they are written last, after
the answer. Then every mean comes one step late: for the numbers 4, 8 and 3 the port says nan, 4
and 6, where the program said 4, 6 and 5. Both end with a total of 15 and a count of 3, so whoever
compares only the variables sees nothing.

A session does not run lines. It runs what a fetch needs, each operation once its inputs are there,
and an assignment is no input of a read. `tf.control_dependencies` is how TF1 says "after": what is
*made* in its block waits for what the block was given. Without it a read and a write of one
variable race. Eager and `tf.function` need no block: what touches a variable runs in the order of
the lines. So look what waits for what, write it in that order, and drop the block. All values are
scalars. The broken lines in the graph say what waits.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises

tf1 = tf.compat.v1
CASES = [np.float32(number) for number in (4, 8, 3)]
RTOL = ATOL = 0.0  # small whole numbers, exact in float32: bit-equal


# Only the mean is fetched. The block makes it need both additions, which would not even run
# otherwise. `read_value` reads inside the block; a reading made above it would not wait.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # variables
        total = tf1.get_variable("total", initializer=0.0)
        count = tf1.get_variable("count", initializer=0.0)
        # model
        x = tf1.placeholder(tf.float32, [])
        added = [total.assign_add(x), count.assign_add(1.0)]
        with tf.control_dependencies(added):
            mean = total.read_value() / count.read_value()
    # run
    with tf1.Session(graph=g) as session:
        session.run(tf1.global_variables_initializer())
        means = [session.run(mean, {x: case}) for case in cases]
        # results
        return {"mean": means, "ends": session.run([total, count])}


# The block is gone, and its order is that of the lines: first the additions, then the
# reading. A variable in an expression is read where it stands.
def eager(cases, device):
    with tf.device(device):
        # variables
        total, count = tf.Variable(0.0), tf.Variable(0.0)

        # model
        def mean(x):
            total.assign_add(x)
            count.assign_add(1.0)
            return total / count

        # run
        means = [mean(case).numpy() for case in cases]
    # results
    return {"mean": means, "ends": [total.numpy(), count.numpy()]}


# The same lines. The trace of a function is a graph again, but TensorFlow puts the control
# dependencies in by itself, and runs each assignment though nobody returns it.
def function(cases, device):
    with tf.device(device):
        # variables
        total, count = tf.Variable(0.0), tf.Variable(0.0)

        # model
        @tf.function(input_signature=[tf.TensorSpec([])])
        def mean(x):
            total.assign_add(x)
            count.assign_add(1.0)
            return total / count

        # run
        means = [mean(case).numpy() for case in cases]
    # results
    return {"mean": means, "ends": [total.numpy(), count.numpy()]}


def expected(cases):
    return {"mean": np.cumsum(cases) / np.arange(1, len(cases) + 1, dtype=np.float32)}


def claim_an_update_written_last_makes_every_mean_late(results):
    """Written after the answer, the additions come one step late: nan, 4, 6, eager and as a
    function. The variables end with 15 and 3, as they should."""

    def late(x):
        mean = total / count
        total.assign_add(x)
        count.assign_add(1.0)
        return mean

    right = results["graph"]
    for call in (late, tf.function(late)):
        total, count = tf.Variable(0.0), tf.Variable(0.0)
        means = [call(x) for x in CASES]
        assert np.array_equal(means, [np.nan, 4, 6], equal_nan=True)
        assert [total.numpy(), count.numpy()] == list(right["ends"]) == [15, 3]
        with raises(tf.errors.InvalidArgumentError, match="one step late"):
            tf.debugging.assert_equal(means, right["mean"], "one step late")


def claim_a_mean_made_above_the_block_waits_for_nothing():
    """A mean that was made above the block, and is only named in it, waits for nothing: no addition
    runs, and each run gives nan."""
    with tf.Graph().as_default() as g:
        total, count = (tf1.get_variable(name, initializer=0.0) for name in "tc")
        above = total / count
        with tf.control_dependencies([total.assign_add(4.0), count.assign_add(1.0)]):
            mean = above
    with tf1.Session(graph=g) as session:
        session.run([total.initializer, count.initializer])
        assert np.isnan([session.run(mean) for _ in CASES]).all()


def claim_a_fetch_beside_its_own_update_is_a_coin_toss():
    """Fetch `v`, which is 0, beside an addition of 1, on a single thread: the read that was made
    before the addition gives 1, and the one made after it 0, as nothing puts them in order. With
    a *reference* variable, which was TF1's default, each gives 1."""
    one_thread = tf1.ConfigProto(inter_op_parallelism_threads=-1)
    for resource, found in ((True, [1, 0]), (False, [1, 1])):
        with tf.Graph().as_default() as g, tf.device("CPU:0"):
            v = tf1.get_variable("v", initializer=0.0, use_resource=resource)
            add = v.assign_add(1.0)
            for fetch, value in zip([v, v.read_value()], found):
                with tf1.Session(graph=g, config=one_thread) as session:
                    session.run(v.initializer)
                    assert session.run([fetch, add]) == [value, 1]


def claim_a_function_puts_the_dependencies_in():
    """In a trace each read waits for the addition before it, though no line says so. Two additions
    to two variables do not wait for each other."""
    total, count = tf.Variable(0.0), tf.Variable(0.0)

    @tf.function
    def mean():
        return total.assign_add(4.0).read_value() / count.assign_add(1.0).read_value()

    ops, kinds = mean.get_concrete_function().graph.get_operations(), ("AssignAdd", "Read")
    adds, reads = ([op for op in ops if op.type == f"{kind}VariableOp"] for kind in kinds)
    assert [op.control_inputs for op in adds + reads] == [[], [], *([add] for add in adds)]


def quiz_what_is_the_second_mean_when_the_update_is_written_last():
    """The numbers are 4, 8 and 3. The port divides first, `mean = total / count`, and adds after
    it. What is its second mean?

    The lines run in their order, so each mean knows only the numbers before: nan, 4, 6. The
    variables end right, and prove nothing.
    """
    total, count, means = tf.Variable(0.0), tf.Variable(0.0), []
    for x in CASES:
        means.append(float(total / count))
        total.assign_add(x)
        count.assign_add(1.0)
    return means[1]


def quiz_does_a_tensor_wait_because_it_is_named_in_the_block():
    """`mean` was made above a block of `tf.control_dependencies([add])`, and stands in it only by
    its name. It is fetched three times. How often has `add` run?

    Only what is *made* in the block waits. `mean` needs nothing of `add`, so nobody runs it.
    """
    with tf.Graph().as_default() as g:
        count = tf1.get_variable("count", initializer=0.0)
        above = count + 0.0
        with tf.control_dependencies([count.assign_add(1.0)]):
            mean = above
    with tf1.Session(graph=g) as session:
        session.run(count.initializer)
        for _ in range(3):
            session.run(mean)
        return session.run(count)
