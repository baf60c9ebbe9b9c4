"""Lesson 5.1: an autoencoder rebuilds a picture from 32 numbers.

The encoder turns a picture of 784 pixels into a code of 32 numbers, the decoder turns the code
into a picture, and the loss is the mean squared error per pixel. The input is its own target. What
teaches is the **bottleneck**: through 784 numbers one could copy; through 32 one must find out what
clothes are like, and keep only what tells one from another.

The encoder is two convolutions of stride 2, from [28, 28, 1] to [14, 14, 16] to [7, 7, 32], and a
matrix, [1568, 32]. The decoder is its mirror image: a matrix, [32, 1568], and two transposed
convolutions. A sigmoid keeps the pixels between 0 and 1.

The optimizer is new: **Adam** keeps two running means for each weight, of its gradient `g` and of
the square of that: `m = 0.9 m + 0.1 g` and `v = 0.999 v + 0.001 g²`, both enlarged in the first
steps, as they start at 0. A step is `w -= RATE * m / (sqrt(v) + 1e-8)`. So tiny gradients make
steps as long as large ones, about `RATE`.

`loss` is of a minibatch, `mse` of test pictures that no step has seen. Whoever always answers with
the mean picture gets 0.086. Look at the rows of pictures.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Cases, Drift, Images, Losses, fashion_mnist, raises

tf1 = tf.compat.v1
DATA = "fashion-mnist"
CODE, BATCH, EPOCHS, RATE = 32, 100, 8, 0.004
relu, conv2d, up = tf.nn.relu, tf.nn.conv2d, tf.nn.conv2d_transpose
KINDS = "T-shirt trousers pullover dress coat sandal shirt sneaker bag boot".split()
RTOL = 1e-4  # bit-equal with equal kernels; where one rounds otherwise, Adam spreads that, as its
ATOL = 1e-5  # first moves go by the sign of a gradient, however small that is
KERAS_RTOL = 0.1  # so with Keras' Adam: losses 1e-4 off after ten steps, and 2 in 100 later on
KERAS_ATOL = 0.0
# On a GPU each way has its own choice of cuDNN's algorithms: pixels ended 0.09 apart on an H100.
ON_GPU = Drift(5, mse=0.002)


def cases(seed=0):
    random, start = np.random.RandomState(seed), {}
    layers = [  # weights, how many of them meet in one number (at stride 2 a quarter), biases
        ([3, 3, 1, 16], 9, 16),
        ([3, 3, 16, 32], 144, 32),
        ([1568, CODE], 1568, CODE),
        ([CODE, 1568], CODE, 1568),
        ([3, 3, 16, 32], 72, 16),
        ([3, 3, 1, 16], 36, 1),
    ]
    for i, (shape, inputs, biases) in enumerate(layers, 1):
        start[f"w{i}"] = np.float32(random.normal(scale=np.sqrt(2 / inputs), size=shape))
        start[f"b{i}"] = np.zeros(biases, np.float32)
    images = fashion_mnist("train")[0][..., np.newaxis]
    rows = [random.permutation(len(images)) for _ in range(EPOCHS)]
    rows = np.concatenate([each[: len(each) // BATCH * BATCH] for each in rows])
    return Cases([images[each] for each in rows.reshape(-1, BATCH)], **start)


def unseen():
    return fashion_mnist("test")[0][..., np.newaxis]


def one_of_each():
    return [np.argmax(fashion_mnist("test")[1] == kind) for kind in range(10)]


def summary(losses, rebuilt):
    mse = np.mean((rebuilt - unseen()) ** 2)
    return {"loss": losses, "mse": mse, "rebuilt": rebuilt[one_of_each()]}


# A transposed convolution of stride 2 can make 13 or 14 of 7, so its `output_shape` must be told.
# Its first number, `rows`, is known only when the pictures are fed: so it is a tensor.
def graph(cases, device):
    losses, start = Losses(), cases.start
    with tf.Graph().as_default() as g, tf.device(device):
        # variables
        v = [tf1.get_variable(k, initializer=w) for k, w in start.items()]
        w1, b1, w2, b2, w3, b3, w4, b4, w5, b5, w6, b6 = v
        # inputs
        images = tf1.placeholder(tf.float32, [None, 28, 28, 1])
        rows = tf.shape(images)[0]
        # encoder
        h = relu(conv2d(images, w1, 2, "SAME") + b1)
        h = relu(conv2d(h, w2, 2, "SAME") + b2)
        code = tf.matmul(tf.reshape(h, [-1, 1568]), w3) + b3
        # decoder
        h = relu(tf.matmul(code, w4) + b4)
        h = tf.reshape(h, [-1, 7, 7, 32])
        h = relu(up(h, w5, [rows, 14, 14, 16], 2) + b5)
        rebuilt = tf.sigmoid(up(h, w6, [rows, 28, 28, 1], 2) + b6)
        # loss
        loss = tf.reduce_mean(tf.square(rebuilt - images))
        # train
        train = tf1.train.AdamOptimizer(RATE).minimize(loss)
    # run
    with tf1.Session(graph=g) as session:
        session.run(tf1.global_variables_initializer())
        for case in cases:
            losses.append(session.run([loss, train], {images: case})[0])
        # results
        return summary(losses, session.run(rebuilt, {images: unseen()}))


# Here `rows` is a plain number. TF1's Adam works without a graph, too: when you port, exchange it
# last. Until then the losses must be those of TF1, and you see which change spoils them.
def eager(cases, device):
    losses, start = Losses(), cases.start
    with tf.device(device):
        # variables
        v = [tf.Variable(w, name=k) for k, w in start.items()]
        w1, b1, w2, b2, w3, b3, w4, b4, w5, b5, w6, b6 = v
        adam = tf1.train.AdamOptimizer(RATE)

        # inputs
        def rebuild(images):
            rows = len(images)
            # encoder
            h = relu(conv2d(images, w1, 2, "SAME") + b1)
            h = relu(conv2d(h, w2, 2, "SAME") + b2)
            code = tf.matmul(tf.reshape(h, [-1, 1568]), w3) + b3
            # decoder
            h = relu(tf.matmul(code, w4) + b4)
            h = tf.reshape(h, [-1, 7, 7, 32])
            h = relu(up(h, w5, [rows, 14, 14, 16], 2) + b5)
            return tf.sigmoid(up(h, w6, [rows, 28, 28, 1], 2) + b6)

        def step(images):
            # loss
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(rebuild(images) - images))
            # train
            adam.apply_gradients(zip(tape.gradient(loss, v), v))
            return loss

        # run
        for case in cases:
            losses.append(step(case).numpy())
        # results
        return summary(losses, rebuild(unseen()).numpy())


# Adam's means are variables, which it makes when it first runs, inside the trace. TensorFlow
# allows that once: it traces again, and now they are there. Who makes new ones is refused.
def function(cases, device):
    losses, start = Losses(), cases.start
    with tf.device(device):
        # variables
        v = [tf.Variable(w, name=k) for k, w in start.items()]
        w1, b1, w2, b2, w3, b3, w4, b4, w5, b5, w6, b6 = v
        adam = tf1.train.AdamOptimizer(RATE)

        # inputs
        def rebuild(images):
            rows = tf.shape(images)[0]
            # encoder
            h = relu(conv2d(images, w1, 2, "SAME") + b1)
            h = relu(conv2d(h, w2, 2, "SAME") + b2)
            code = tf.matmul(tf.reshape(h, [-1, 1568]), w3) + b3
            # decoder
            h = relu(tf.matmul(code, w4) + b4)
            h = tf.reshape(h, [-1, 7, 7, 32])
            h = relu(up(h, w5, [rows, 14, 14, 16], 2) + b5)
            return tf.sigmoid(up(h, w6, [rows, 28, 28, 1], 2) + b6)

        @tf.function
        def step(images):
            # loss
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(rebuild(images) - images))
            # train
            adam.apply_gradients(zip(tape.gradient(loss, v), v))
            return loss

        # run
        for case in cases:
            losses.append(step(case).numpy())
        # results
        return summary(losses, rebuild(unseen()).numpy())


# Keras' `Conv2DTranspose` works out its `output_shape` by itself. Its `Adam` has TF1's formula, but
# adds an `epsilon` of 1e-7, not 1e-8, to the divisor; set alike, the two still round differently.
def keras(cases, device):
    losses, start, layers = Losses(), cases.start, tf.keras.layers
    half = {"kernel_size": 3, "strides": 2, "padding": "same"}
    with tf.device(device):
        # inputs
        model = tf.keras.Sequential([layers.Input([28, 28, 1])])
        # encoder
        model.add(layers.Conv2D(16, activation="relu", **half))
        model.add(layers.Conv2D(32, activation="relu", **half))
        model.add(layers.Flatten())
        model.add(layers.Dense(CODE))
        # decoder
        double = layers.Conv2DTranspose
        model.add(layers.Dense(1568, "relu"))
        model.add(layers.Reshape([7, 7, 32]))
        model.add(double(16, activation="relu", **half))
        model.add(double(1, activation="sigmoid", **half))
        model.set_weights(list(start.values()))
        # train
        adam = tf.keras.optimizers.Adam(RATE, epsilon=1e-8)
        model.compile(adam, "mse")
        # run
        for case in cases:
            model.reset_metrics()  # Else a loss is the mean of all so far.
            losses.append(model.train_on_batch(case, case))
        # results
        found = summary(losses, model.predict_on_batch(unseen()))
        return {name: found[name] for name in ("loss", "mse")}


def linear(pictures):
    """What the best linear code of 32 numbers makes of [n, 784] pixels (principal components)."""
    known = fashion_mnist("train")[0].reshape(-1, 784)
    mean = known.mean(axis=0)
    axes = np.linalg.eigh(np.cov(known - mean, rowvar=False))[1][:, -CODE:]
    return np.clip((pictures - mean) @ axes @ axes.T + mean, 0, 1)


def claim_a_number_of_rows_must_not_be_built_in():
    """Write 100 for the rows of `output_shape`: minibatches of 100 pass, and training goes well.
    The first other number of pictures is an error, late and in the words of the kernel."""
    with tf.Graph().as_default(), tf1.Session() as session:
        h = tf1.placeholder(tf.float32, [None, 7, 7, 32])
        doubled = up(h, np.ones([3, 3, 16, 32], np.float32), [100, 14, 14, 16], 2)
        assert session.run(doubled, {h: np.ones([100, 7, 7, 32])}).shape == (100, 14, 14, 16)
        with raises(tf.errors.OpError, match="conv2d_transpose"):
            session.run(doubled, {h: np.ones([7, 7, 7, 32])})


def claim_32_numbers_bring_a_picture_back(results):
    """The error per pixel of unseen pictures is at most 0.015, and lower than by the best matrices,
    [784, 32] and [32, 784], which are found as principal components and leave 0.0143."""
    test = fashion_mnist("test")[0].reshape(-1, 784)
    best = np.mean((linear(test) - test) ** 2)
    assert all(way["mse"] < min(best, 0.015) for way in results.values())


def figures(results):
    shown = fashion_mnist("test")[0][one_of_each()]
    by_matrix = linear(shown.reshape(-1, 784)).reshape(-1, 28, 28)
    return {
        "rebuilt": Images(
            "Ten pictures through 32 numbers",
            "Above, test pictures. Below each, what the decoder makes of its code: the garment, "
            "without its print. Last, the same by the best matrices, with shadows of others.",
            [shown, results["rebuilt"][..., 0], by_matrix],
            row_names=["original", "rebuilt", "linear"],
            column_names=KINDS,
        )
    }


def quiz_how_far_does_adam_go_for_a_large_gradient():
    """Adam's rate is 0.004, and this is its first step. A weight has the gradient 1000. How far
    does it move?

    The mean of the gradient over the root of the mean of its square is 1, whatever the gradient is.
    Gradient descent would have moved it by 4.
    """
    w = tf.Variable(0.0)
    tf1.train.AdamOptimizer(RATE).apply_gradients([(tf.constant(1000.0), w)])
    return abs(float(w))


def quiz_does_a_transposed_convolution_take_other_rows():
    """`output_shape` says 100 rows, and 7 pictures come. What happens?

    - 7 pictures come out
    - 100 pictures come out, 93 of them black
    - an error

    The number was built in. Take it from the tensor that is there: `tf.shape(images)[0]`.
    """
    filters = np.ones([3, 3, 16, 32], np.float32)
    try:
        made = up(np.ones([7, 7, 7, 32], np.float32), filters, [100, 14, 14, 16], 2)
    except tf.errors.OpError:
        return "an error"
    return "7 pictures come out" if len(made) == 7 else "100 pictures come out, 93 of them black"
