"""Lesson 25.1: a queue goes on over the end of an epoch.

TF1 reads five records twice, in batches of four. The port that comes to mind is
`batch(4).repeat(2)`: make batches, and read them twice. It takes four steps where the queues take
three, of 4, 1, 4 and 1 records where the queues give 4, 4 and 2. What is learned from them is 11.2
instead of 7.9, and nothing is said.

There are two **queues**, and threads that fill them. `input_producer` puts the records into the
first, as many times as there are epochs. `batch` takes from the first, puts into the second,
and gives what comes next, of whatever epoch it is. So a batch may hold the end of one epoch and
the beginning of the next, and only the last of all is short. In `tf.data` the order of the calls
is the order of the queues: `repeat(2)`, then `batch(4)`.

`RECORDS` is [5], a batch is [rows], and `w`, a single number, goes half of the way to the mean of
each batch. Look at the second batch, which begins with the last record of the first epoch, and at
what the graph way needs besides its model: an initialiser for the counter of epochs, which is a
*local* variable, threads, and a coordinator that ends them.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises

tf1 = tf.compat.v1
RECORDS = np.array([1, 2, 4, 8, 16], np.float32)
CASES = [1, 2, 3]  # the number of the step; nothing is fed
RTOL = ATOL = 0.0  # sums of small whole numbers, divided by 2 and 4: exact, so bit-equal


# The queues are part of the graph. Their threads are not: Python starts them, and each is a
# session's `run` over and over. The end of the data is an error, `OutOfRangeError`, that a loop
# without a number of steps has to catch.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # inputs
        data = tf1.train.input_producer(RECORDS, None, 2, shuffle=False)
        one = data.dequeue()
        rows = tf1.train.batch([one], 4, allow_smaller_final_batch=True)
        # model
        w = tf1.get_variable("w", initializer=0.0)
        step = w.assign_add((tf.reduce_mean(rows) - w) / 2)
        start = tf1.global_variables_initializer()
        count = tf1.local_variables_initializer()
    # run
    ends = tf1.train.Coordinator()
    with tf1.Session(graph=g) as session:
        session.run([start, count])
        threads = tf1.train.start_queue_runners(session, ends)
        found = [session.run([rows, step]) for _ in cases]
        ends.request_stop()
        ends.join(threads)
    # results
    batches, ws = zip(*found)
    return {"batches": list(batches), "w": list(ws)}


# A dataset is a recipe; a `for` over it runs it, from the first record to the last, and ends as
# any `for` does. No thread is started by you, no counter is a variable, and there is no error to
# catch.
def eager(cases, device):
    found = []
    with tf.device(device):
        # inputs
        data = tf.data.Dataset.from_tensor_slices(RECORDS)
        data = data.repeat(2).batch(4)
        # model
        w = tf.Variable(0.0, name="w")
        # run
        for _, rows in zip(cases, data):
            w.assign_add((tf.reduce_mean(rows) - w) / 2)
            found.append((rows.numpy(), w.numpy()))
    # results
    batches, ws = zip(*found)
    return {"batches": list(batches), "w": list(ws)}


# The loop stays outside, and the step is traced. The last batch is shorter, so the signature
# leaves the number of rows open, or there would be a second trace for it.
def function(cases, device):
    with tf.device(device):
        # inputs
        data = tf.data.Dataset.from_tensor_slices(RECORDS)
        data = data.repeat(2).batch(4)
        # model
        w = tf.Variable(0.0, name="w")

        @tf.function(input_signature=[tf.TensorSpec([None])])
        def step(rows):
            return w.assign_add((tf.reduce_mean(rows) - w) / 2)

        # run
        found = []
        for _, rows in zip(cases, data):
            found.append((rows.numpy(), step(rows).numpy()))
    # results
    batches, ws = zip(*found)
    return {"batches": list(batches), "w": list(ws)}


def _learned(data):
    """How many rows each batch has, and what `w` is after all of them."""
    w, sizes = 0.0, []
    for rows in data:
        sizes.append(len(rows))
        w += (rows.numpy().mean() - w) / 2
    return sizes, round(float(w), 2)


def claim_batches_first_is_another_program():
    """`batch(4).repeat(2)` gives 4, 1, 4 and 1 records and ends at 11.17. `repeat(2).batch(4)`
    gives 4, 4 and 2 and ends at 7.91, as the queues do."""
    data = tf.data.Dataset.from_tensor_slices(RECORDS)
    assert _learned(data.batch(4).repeat(2)) == ([4, 1, 4, 1], 11.17)
    assert _learned(data.repeat(2).batch(4)) == ([4, 4, 2], 7.91)


def claim_two_batches_meet_in_the_middle_of_an_epoch(results):
    """The second batch is the last record of the first epoch and three of the second, and only the
    last batch is short, in every way."""
    for way in results.values():
        assert [rows.tolist() for rows in way["batches"][1:]] == [[16, 1, 2, 4], [8, 16]]


def claim_a_last_batch_is_dropped_unless_you_ask_for_it():
    """`tf1.train.batch` leaves out a last batch that is short, and `Dataset.batch` keeps it. To
    port it as it comes is `drop_remainder=True`: two steps here, and 3.81."""
    data = tf.data.Dataset.from_tensor_slices(RECORDS).repeat(2)
    assert _learned(data.batch(4, drop_remainder=True)) == ([4, 4], 3.81)


def claim_an_iterator_made_in_the_loop_reads_the_first_batch_forever():
    """A `dequeue` became `next(iter(data))`: three steps see the first four records three times,
    and end at 3.28."""
    data = tf.data.Dataset.from_tensor_slices(RECORDS).repeat(2).batch(4)
    assert _learned(next(iter(data)) for _ in CASES) == ([4, 4, 4], 3.28)


def claim_a_queue_ends_with_an_error_and_waits_where_nobody_fills_it():
    """Closed and empty, a queue raises `OutOfRangeError`. Open and empty, as where the threads were
    never started, it waits, until the time that you gave it is over."""
    for close, error in ((True, "OutOfRangeError"), (False, "DeadlineExceededError")):
        with tf.Graph().as_default() as g:
            queue = tf1.FIFOQueue(8, [tf.float32], [[]])
            closed, one = queue.close(), queue.dequeue()
        patience = tf1.RunOptions(timeout_in_ms=100)
        with tf1.Session(graph=g) as session, raises(getattr(tf.errors, error)):
            session.run(closed if close else [])
            session.run(one, options=patience)


def quiz_how_many_batches_when_batch_comes_first():
    """Five records, read twice, in batches of four. How many batches does `batch(4).repeat(2)`
    give?

    4 and 1, twice. `repeat(2).batch(4)` makes batches of ten records, 4, 4 and 2, as the queues do.
    """
    data = tf.data.Dataset.from_tensor_slices(RECORDS)
    return len(_learned(data.batch(4).repeat(2))[0])


def quiz_what_does_an_iterator_made_in_the_loop_read():
    """Each of three steps does `next(iter(data))`, where TF1 had a `dequeue`. The records are 1, 2,
    4, 8 and 16, in batches of four. What is the last number of the third batch?

    `iter` begins at the front each time: the step sees 1, 2, 4 and 8 for ever.
    """
    data = tf.data.Dataset.from_tensor_slices(RECORDS).repeat(2).batch(4)
    return [next(iter(data)) for _ in CASES][2].numpy()[-1]
