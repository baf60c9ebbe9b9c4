"""Lesson 24.3: a summary needs a writer and a step.

A port writes three losses of a training, as the TF1 program did. It writes none: the `tf.function`
was traced for the first time before there was a writer, and what is traced without a writer writes
nothing, ever. Or it writes three, and all of them at step 0: a step that is a Python number is
traced, too, and is then the step of every call. Both run to the end without a word.

In TF1 a summary is a node that gives bytes. `merge_all` joins all nodes of the graph, a run fetches
the bytes, and `add_summary` writes them *with the step that you give it there*. In TF2 a summary is
an operation that writes, if there is a **default writer**, and asks for its **step** itself.

A case is `x`, one number; its loss is x², and the double of it is written, too. A way gives what
can be read from its **event file** afterwards: `steps`, `tags` and `values`, [6]. Look at how the
step comes into the function: as an argument, and a tensor.
"""

import tempfile

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises

tf1 = tf.compat.v1
CASES = [np.float32(x) for x in (3, 2, 1)]
RTOL = ATOL = 0.0  # small whole numbers: bit-equal


def read(folder):
    """What the event files of a folder say, in the order in which it was written."""
    steps, tags, values = [], [], []
    for path in sorted(tf1.gfile.Glob(folder + "/*")):
        for event in tf1.train.summary_iterator(path):
            for value in event.summary.value:
                steps.append(event.step)
                tags.append(value.tag)
                in_tensor = value.HasField("tensor")  # TF2's form
                one = tf.make_ndarray(value.tensor) if in_tensor else value.simple_value
                values.append(float(one))
    return {"steps": steps, "tags": np.array(tags), "values": values}


# Two nodes, and one that joins them. The writer knows nothing of the graph's numbers: it is handed
# bytes, and a step that Python counts.
def graph(cases, device):
    with tempfile.TemporaryDirectory() as folder:
        with tf.Graph().as_default() as g, tf.device(device):
            # model
            x = tf1.placeholder(tf.float32, [], name="x")
            loss = x * x
            # summaries
            tf1.summary.scalar("loss", loss)
            tf1.summary.scalar("double", 2 * loss)
            merged = tf1.summary.merge_all()
        # run
        with g.as_default(), tf1.Session() as session:
            writer = tf1.summary.FileWriter(folder)
            for step, case in enumerate(cases):
                writer.add_summary(session.run(merged, {x: case}), step)
        writer.close()
        return read(folder)


# Nothing to join, nothing to fetch: inside of the `with` every summary goes to the writer. Its step
# may be Python's here, as nothing is traced.
def eager(cases, device):
    with tempfile.TemporaryDirectory() as folder, tf.device(device):

        def record(x, step):
            # model
            loss = x * x
            # summaries
            tf.summary.scalar("loss", loss, step)
            tf.summary.scalar("double", 2 * loss, step)

        # run
        writer = tf.summary.create_file_writer(folder)
        with writer.as_default():
            for step, x in enumerate(cases):
                record(x, step)
        writer.close()
        return read(folder)


# The writer is there before the first call, and the step is a tensor of int64. A variable that the
# function counts up is as good, given to the writer once: `writer.as_default(step=variable)`.
def function(cases, device):
    with tempfile.TemporaryDirectory() as folder, tf.device(device):

        @tf.function
        def record(x, step):
            # model
            loss = x * x
            # summaries
            tf.summary.scalar("loss", loss, step)
            tf.summary.scalar("double", 2 * loss, step)

        # run
        writer = tf.summary.create_file_writer(folder)
        with writer.as_default():
            for step, x in enumerate(cases):
                record(x, tf.constant(step, tf.int64))
        writer.close()
        return read(folder)


def _steps(record, steps=(0, 1, 2)):
    """The steps that three calls of a function wrote; each has a default step of its own."""
    with tempfile.TemporaryDirectory() as folder:
        writer = tf.summary.create_file_writer(folder)
        for step in steps:
            with writer.as_default(step):
                record()
        writer.close()
        return read(folder)["steps"]


def claim_a_function_that_was_traced_before_the_writer_never_writes():
    """Called once without a writer, and three times with one: nothing is in the file. A function
    that is called with a writer only has written three."""
    early, late = (tf.function(lambda: tf.summary.scalar("loss", 9.0)) for _ in range(2))
    early()
    assert [len(_steps(each)) for each in (early, late)] == [0, 3]


def claim_a_step_that_python_counts_is_the_step_of_the_trace():
    """A writer whose step is Python's 0, 1 and 2: eager writes 0, 1 and 2, and a function 0, 0 and
    0. A variable that the function counts up gives 0, 1 and 2 in both."""

    record, counted = lambda: tf.summary.scalar("loss", 9.0), tf.Variable(0, dtype=tf.int64)

    def count():
        record()
        counted.assign_add(1)

    assert [_steps(each) for each in (record, tf.function(record))] == [[0, 1, 2], [0, 0, 0]]
    assert _steps(tf.function(count), [counted] * 3) == [0, 1, 2]


def claim_without_a_step_it_raises_and_without_a_writer_it_does_not():
    """With a writer and no step a summary raises. With no writer it is False, and that is all. To
    join summaries is refused: there is nothing to be joined."""
    assert not tf.summary.scalar("loss", 9.0)
    with raises(ValueError, match="No step set"):
        _steps(lambda: tf.summary.scalar("loss", 9.0), [None])
    with raises(RuntimeError, match="not compatible with eager execution"):
        tf1.summary.merge_all()


def quiz_how_many_losses_does_a_function_write_that_was_traced_too_early():
    """A function with a summary is called once, before there is a writer. Then it is called three
    times with a writer. How many summaries are in the file?

    A trace made without a writer has no op that writes, and that trace answers ever after.
    """
    record = tf.function(lambda: tf.summary.scalar("loss", 9.0))
    record()
    return len(_steps(record))


def quiz_at_which_step_is_the_third_summary():
    """The writer's step is Python's number, 0, then 1, then 2; the summary is in a `tf.function`.
    At which step does the third call write?

    A number of Python's is read while the function is traced. Hand the step over as a tensor.
    """
    return _steps(tf.function(lambda: tf.summary.scalar("loss", 9.0)))[2]
