"""Lesson 26.2: replicas add up what towers averaged.

A TF1 program on two devices has a **tower** on each, which sees half of the batch, and takes the
mean of their gradients. The port is a `MirroredStrategy`: each **replica** takes the mean of its
own half as the loss, and hands the gradient to a Keras optimizer. The optimizer adds the gradients
of all replicas. After one step `w` is 3.0 where the towers come to 1.5: the rate is doubled.

So either the replicas average, as the towers did, with `all_reduce("MEAN", gradient)`; or each
divides the sum of its losses by the size of the *whole* batch, and adding is right. The two are the
same only where all shares are of one size.

`w`, one number, is to become 2, from `x` of [4] and 2x; half of `x`, [2], goes to each of CPU:0 and
CPU:1. The TF1 way runs on a `tf.train.Server`, as a program for many machines did, with a cluster
of one. Look at `w` after each step: it is what a single device would come to.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import cpus, raises

tf1 = tf.compat.v1
PLACES = cpus(2)
RATE = 0.05
CASES = [np.float32(x) for x in ([1, 2, 3, 4], [1, 0, 1, 0], [0, 1, 2, 1])]
RTOL = ATOL = 1e-6  # the means of two halves may be rounded otherwise than that of a whole


# One graph: a tower on each device, the mean of the gradients, one update. The session does not run
# it: the server does, which it finds by its `target`.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # inputs
        x = tf1.placeholder(tf.float32, [4], name="x")
        w = tf1.get_variable("w", initializer=0.0)
        # model
        gradients = []
        for place, part in zip(PLACES, tf.split(x, 2)):
            with tf.device(place):
                loss = tf.reduce_mean((w * part - 2 * part) ** 2)
                gradients += tf.gradients(loss, w)
        step = w.assign_sub(RATE * tf.add_n(gradients) / 2)
    # run
    config = tf1.ConfigProto(device_count={"CPU": 2})
    server = tf1.train.Server.create_local_server(config=config)
    with tf1.Session(server.target, g) as session:
        session.run(tf1.global_variables_initializer())
        return {"w": [session.run(step, {x: case}) for case in cases]}


def mirrored():
    """A strategy, and `w` on each of its devices."""
    strategy = tf.distribute.MirroredStrategy(PLACES, tf.distribute.ReductionToOneDevice())
    with strategy.scope():
        return strategy, tf.Variable(0.0, name="w")


def shares(strategy, x, first=2):
    parts = np.split(x, [first])
    return strategy.experimental_distribute_values_from_function(
        lambda replica: tf.constant(parts[replica.replica_id_in_sync_group])
    )


def averaged(w, x):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((w * x - 2 * x) ** 2)
    replica = tf.distribute.get_replica_context()
    w.assign_sub(RATE * replica.all_reduce("MEAN", tape.gradient(loss, w)))


def everywhere(strategy, w, x):
    strategy.run(averaged, (w, x))
    return w.read_value()


# In the strategy's scope a variable is made once on each device. `run` calls the function once for
# each, with its part of the batch; `all_reduce` is where they wait for each other.
def eager(cases, device):
    # inputs
    strategy, w = mirrored()
    # model
    step = everywhere
    # run
    parts = (shares(strategy, case) for case in cases)
    return {"w": [step(strategy, w, each).numpy() for each in parts]}


# The whole of `run` is traced: one graph with both replicas, as the towers were one graph. This is
# the form for training; eagerly the replicas are Python threads that take turns.
def function(cases, device):
    # inputs
    strategy, w = mirrored()
    # model
    step = tf.function(everywhere)
    # run
    parts = (shares(strategy, case) for case in cases)
    return {"w": [step(strategy, w, each).numpy() for each in parts]}


def _after(loss, first=2, together=True):
    strategy, w = mirrored()
    with strategy.scope():
        optimizer = tf.keras.optimizers.SGD(RATE)

    def step(x):
        with tf.GradientTape() as tape:
            value = loss((w * x - 2 * x) ** 2)
        gradient = tape.gradient(value, w)
        if together:
            optimizer.apply_gradients([(gradient, w)])
        else:
            w.assign_sub(RATE * gradient)

    strategy.run(step, (shares(strategy, CASES[0], first),))
    return [round(float(each), 2) for each in strategy.experimental_local_results(w)]


def claim_a_keras_optimizer_adds_the_gradients_of_the_replicas(results):
    """The mean of each half as the loss, and `apply_gradients`: `w` is 3.0, and in all right ways
    1.5. The sum of each half divided by 4, the whole batch, is 1.5 again."""
    assert _after(tf.reduce_mean) == [3.0, 3.0]
    assert _after(lambda losses: tf.reduce_sum(losses) / 4) == [1.5, 1.5]
    assert all(round(float(way["w"][0]), 2) == 1.5 for way in results.values())


def claim_the_mean_of_means_is_not_the_mean_of_unequal_shares():
    """Three numbers for one replica and one for the other: the average of their gradients takes
    `w` to 2.07. The sums divided by the whole batch take it to 1.5, as before."""
    assert _after(lambda losses: tf.reduce_mean(losses) / 2, 3) == [2.07, 2.07]
    assert _after(lambda losses: tf.reduce_sum(losses) / 4, 3) == [1.5, 1.5]


def claim_replicas_that_do_not_talk_part():
    """Update `w` by hand and without `all_reduce`: it is 0.5 on CPU:0 and 2.5 on CPU:1, and nothing
    is raised."""
    assert _after(tf.reduce_mean, together=False) == [0.5, 2.5]


def claim_a_machine_that_is_not_in_the_cluster_is_refused():
    """Place an operation on another worker, as programs for many machines do: the session names the
    device that its cluster has not."""
    server = tf1.train.Server.create_local_server()
    with tf.Graph().as_default(), tf.device("/job:worker/task:1"):
        y = tf.add(1.0, 2.0)
        failure = raises(tf.errors.InvalidArgumentError, match="/job:worker/task:1")
        with tf1.Session(server.target) as session, failure:
            session.run(y)


def quiz_how_many_values_has_a_variable_without_all_reduce():
    """`w` is mirrored on two devices. Each replica moves it by its own gradient, and nobody calls
    `all_reduce`. How many different values has it after a step?

    Each device has a copy, and each copy went its own way. Nothing is raised.
    """
    return len(set(_after(tf.reduce_mean, together=False)))


def quiz_what_do_sums_over_the_whole_batch_come_to():
    """Each replica divides the sum of its losses by 4, the size of the whole batch, and Keras'
    optimizer adds the gradients. One replica has three numbers, the other one. What is `w`?

    1.5, as on a single device, whatever the shares are. The mean of two means would be 2.07 here.
    """
    return _after(lambda losses: tf.reduce_sum(losses) / 4, 3)[0]
