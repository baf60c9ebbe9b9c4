"""Lesson 1.8: the device changes more than the time.

You ask for a device with `tf.device`, here with `--device`. A GPU has a memory of its own, so each
tensor lives somewhere: what is fed is copied in, what is fetched is copied out. The host
**launches** kernels on it and goes on; a small program waits for launches, not for the GPU. Some
operations stay on the host whatever you ask: those that give shapes, and those on texts.

`X` and `W` are [64, 64], and so is `product`. A step takes some of its `rows`, and asks for their
`size`. All numbers are whole and small, so every device has the same bits. As a rule they differ:
a GPU adds in another order, it may round what it multiplies to 10 bits, which is called TF32, and
it does not check what a CPU checks.

Look for who refuses: a session, a CPU, a GPU. When you port, check labels and indices yourself
before they reach a GPU, and compare with a tolerance that is the device's.

What is said of a GPU is executed where there is one. Where there is none, it is what was recorded
on an NVIDIA H100 with TensorFlow 2.21 on 27 November 2026, and nothing that ran on your machine.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Heat, gpus, raises, recorded_gpu

tf1 = tf.compat.v1
X = (np.arange(64 * 64) % 7).reshape(64, 64).astype(np.float32)
W = (np.arange(64 * 64) % 5).reshape(64, 64).astype(np.float32)
CASES = [np.int32(rows) for rows in ([0], [1, 2], [63, 0, 5], [7])]

# Sums of 64 products of whole numbers below 7: exact in float32, in any order,
# and in TF32, which has bits enough for a 6. So the same bits on any device.
RTOL = ATOL = 0.0


def named(found):
    rows, size = zip(*found)
    return {"rows": list(rows), "size": list(size)}


# The device stands on each node of the plan, and the session places them before
# anything runs. The feed crosses to the device with each run, `W` does not.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # inputs
        x = tf1.placeholder(tf.float32, [None, 64], name="x")
        ids = tf1.placeholder(tf.int32, [None], name="ids")
        # model
        product = tf.matmul(x, W, name="product")
        rows = tf.gather(product, ids, name="rows")
        size = tf.shape(rows, name="size")
    # run
    with tf1.Session(graph=g) as session:
        both = [rows, size]
        found = [session.run(both, {x: X, ids: case}) for case in cases]
    return named(found)


# Here `tf.device` is a wish. `X` and `W` cross once, when they become tensors;
# `.numpy()` brings an answer back, and waits for it.
def eager(cases, device):
    found = []
    with tf.device(device):
        # inputs
        x, weights = tf.constant(X), tf.constant(W)
        for case in cases:
            # model
            product = tf.matmul(x, weights)
            rows = tf.gather(product, case)
            size = tf.shape(rows)
            # run
            found.append((rows.numpy(), size.numpy()))
    return named(found)


# The device stands around the call, and the trace takes it over. Kernels are
# launched one after the other; the GPU may be at work when the call is over.
def function(cases, device):
    # inputs
    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32)])
    def some(ids):
        # model
        product = tf.matmul(X, W, name="product")
        rows = tf.gather(product, ids, name="rows")
        return rows, tf.shape(rows, name="size")

    # run
    with tf.device(device):
        found = [[each.numpy() for each in some(case)] for case in cases]
    return named(found)


def expected(cases):
    return {"rows": [(X @ W)[case] for case in cases], "size": [(len(c), 64) for c in cases]}


def _on(device, call):
    with tf.device(device):
        return call().numpy()


def claim_where_a_session_is_made_decides_whether_it_may_move_the_work():
    """Ask for GPU:9. A session that is made inside of the graph's `with` refuses, as in TF1. Made
    outside of it, where TF2 runs eagerly, it moves the work to a device that is there."""
    with tf.Graph().as_default() as g, tf.device("GPU:9"):
        y = tf.add(2.0, 4.0)
        with tf1.Session() as session, raises(tf.errors.InvalidArgumentError, match="GPU:9"):
            session.run(y)
    with tf1.Session(graph=g) as session:
        assert session.run(y) == 6.0


def claim_an_index_out_of_range_is_an_error_on_a_cpu_only():
    """Take row 99 of ten. A CPU refuses and names the index. A GPU (tried where there is one) gives
    zeros without a word."""
    with raises(tf.errors.InvalidArgumentError, match="99 is not in"):
        _on("CPU:0", lambda: tf.gather(tf.ones([10, 2]), [1, 99]))
    for gpu in gpus():
        found = _on(gpu, lambda: tf.gather(tf.ones([10, 2]), [1, 99]))
        assert found.tolist() == [[1, 1], [0, 0]]


def claim_a_label_out_of_range_is_an_error_on_a_cpu_only():
    """The loss of part 2.4 takes the number of the right answer. Say number 7 of three. A CPU
    refuses. A GPU (tried where there is one) gives NaN, no number, without a word."""

    def loss():
        kind = tf.raw_ops.SparseSoftmaxCrossEntropyWithLogits
        return kind(features=tf.zeros([1, 3]), labels=[7]).loss

    with raises(tf.errors.InvalidArgumentError, match="outside the valid range"):
        _on("CPU:0", loss)
    for gpu in gpus():
        assert np.isnan(_on(gpu, loss)).all()


def claim_the_same_seed_gives_the_same_bits_or_nearly():
    """Uniform and normal numbers of one seed are the same bits each time. On a GPU (tried where
    there is one) the uniform ones are those of a CPU, and the normal ones up to 5e-7 apart."""

    def draw(place):
        shape, seed = [1000], [1, 2]
        with tf.device(place):
            both = tf.random.stateless_uniform, tf.random.stateless_normal
            return [kind(shape, seed).numpy() for kind in both]

    here = draw("CPU:0")
    for place in ["CPU:0", *gpus()]:
        uniform, normal = draw(place)
        assert np.array_equal(here[0], uniform)
        assert np.allclose(here[1], normal, 0.0, 1e-6 if "GPU" in place else 0.0)


def claim_tf32_rounds_what_a_gpu_multiplies():
    """A product of 512 by 512 random numbers is less than 1e-6 from the exact one, relative to its
    largest number, and TF32 is nothing to a CPU. On a GPU (tried where there is one) it adds to the
    error: 6e-5 was recorded."""
    x = np.random.RandomState(0).rand(512, 512).astype(np.float32)
    exact, switch = np.float64(x) @ np.float64(x), tf.config.experimental
    was, off = switch.tensor_float_32_execution_enabled(), {}
    for place in ["CPU:0", *gpus()]:
        try:
            for on in (True, False):
                switch.enable_tensor_float_32_execution(on)
                off[on] = np.abs(_on(place, lambda: tf.matmul(x, x)) - exact).max() / exact.max()
        finally:
            switch.enable_tensor_float_32_execution(was)
        assert off[False] < 1e-6
        assert off[True] == off[False] if "CPU" in place else off[True] >= off[False]


def claim_shapes_stay_on_the_host_and_feeds_are_copied(runs):
    """On a CPU there is nothing to copy, and no other place to be. On a GPU (tried where you ask
    for one) `size` runs on the host all the same, and the feed is copied with each run."""
    for run in runs["graph"]:
        gpu = any("GPU" in step.device for step in run.steps)
        (size,) = (step for step in run.steps if step.node == "size")
        copied = [kernel.bytes for step in run.steps for kernel in step.kernels if kernel.bytes]
        assert (size.on_host, X.nbytes in copied) == (gpu, gpu)


def figures(results):
    told = recorded_gpu()
    times = {name: each for name, each in told["times"].items() if "launch_us" in each}
    values = np.array([[each["launch_us"], each["gpu_us"]] for each in times.values()])
    text = "Not run here: recorded on {machine}, TensorFlow {tensorflow}, {date}. How long the host"
    text = text.format(**told) + " took to launch it, and the GPU to run it."
    copies = {name: each["gpu_us"] for name, each in told["times"].items() if name not in times}
    text += "".join(f" A {name} took {took:.0f} µs to cross." for name, took in copies.items())
    title, columns = "Recorded on an H100: launches and kernels, in µs", ["launch", "on the GPU"]
    look = {"numbers": True, "number_format": "{:.1f}"}
    return {"recorded": Heat(title, text, values, list(times), columns, **look)}


def quiz_what_does_a_cpu_do_with_row_99_of_ten():
    """`tf.gather(table, [99])` on a table of ten rows, on a CPU. What comes back?

    - a row of zeros
    - the last row
    - an error

    A CPU checks the index. A GPU gives zeros without a word, so check before you port to one.
    """
    try:
        row = _on("CPU:0", lambda: tf.gather(tf.ones([10, 2]), [99]))
    except tf.errors.InvalidArgumentError:
        return "an error"
    return "the last row" if row.any() else "a row of zeros"


def quiz_how_many_numbers_does_size_have():
    """A step takes the rows 63, 0 and 5 of `product`, [64, 64]. What is the first number of `size`?

    `rows` is [3, 64], and `size` says so: [3, 64]. Those two whole numbers are computed on the
    host even where `rows` is on a GPU.
    """
    return eager([CASES[2]], "CPU:0")["size"][0][0]
