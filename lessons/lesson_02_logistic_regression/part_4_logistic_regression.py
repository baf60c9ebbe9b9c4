"""Lesson 2.4: logistic regression on real pictures.

Now all of it in one program. Fashion-MNIST has grey pictures of ten kinds of clothing, 28 by
28 pixels: here 10,000 to train on and 2,000 to be tested with. A picture is a row of 784
numbers from 0 to 1, and `logits = images @ W + b` is ten perceptrons side by side: `W` is
[784, 10], `b` is [10]. Softmax and cross-entropy make a loss of the logits. A step sees a
**minibatch** of 250 pictures; forty steps are an **epoch**, and we train for twelve.

`W` and `b` start at zero, so each kind gets 1/10, and the first loss is `log(10) = 2.3026`. At
the end NumPy takes `W` and `b`, and names about 82 of 100 pictures that no step has seen.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Images, data_file, raises

tf1 = tf.compat.v1
RATE = 0.1
RTOL = 1e-5  # bit-equal with equal kernels; where a way fuses ops, last bits drift over 480 steps
ATOL = 1e-6
KINDS = "T-shirt trouser pullover dress coat sandal shirt sneaker bag boot".split()


def pictures(split):
    with np.load(data_file("fashion_mnist_12k.npz")) as data:
        images, labels = data[split + "_images"], data[split + "_labels"]
    return images.reshape(-1, 784) / np.float32(255), labels.astype(np.int64)


def cases(seed=0):
    images, labels = pictures("train")
    order = np.random.RandomState(seed).permutation(10000).reshape(40, 250)
    return [(images[rows], labels[rows]) for rows in order] * 12


def summary(losses, W, b):
    images, labels = pictures("test")
    accuracy = np.mean(np.argmax(images @ W + b, axis=1) == labels)
    return {"loss": losses, "accuracy": accuracy, "W": W, "b": b}


# `minimize` is `tf.gradients` and one `assign_sub` for each variable, under one name to fetch.
# Whoever forgets to fetch `train` sees log(10) for ever, and no error.
def graph(cases, device):
    losses = []
    with tf.Graph().as_default() as g, tf.device(device):
        # variables
        W = tf1.get_variable("W", initializer=tf.zeros([784, 10]))
        b = tf1.get_variable("b", initializer=tf.zeros([10]))
        # inputs
        images = tf1.placeholder(tf.float32, [None, 784], name="images")
        labels = tf1.placeholder(tf.int64, [None], name="labels")
        # model
        logits = tf.add(tf.matmul(images, W), b, name="logits")
        # loss
        loss_of = tf.nn.sparse_softmax_cross_entropy_with_logits
        rows = loss_of(labels=labels, logits=logits)
        loss = tf.reduce_mean(rows, name="loss")
        # train
        train = tf1.train.GradientDescentOptimizer(RATE).minimize(loss)
    # run
    with tf1.Session(graph=g) as session:
        session.run(tf1.variables_initializer([W, b]))
        for pixels, kinds in cases:
            fed = {images: pixels, labels: kinds}
            losses.append(session.run([loss, train], fed)[0])
        # results
        return summary(losses, *session.run([W, b]))


# No optimizer is needed: an `assign_sub` for each gradient is all that this one did. The feed
# loop is a plain loop now, and `train` a plain function: to call it is to train.
def eager(cases, device):
    with tf.device(device):
        # variables
        W = tf.Variable(tf.zeros([784, 10]), name="W")
        b = tf.Variable(tf.zeros([10]), name="b")

        # inputs
        def train(images, labels):
            # model
            with tf.GradientTape() as tape:
                logits = tf.matmul(images, W) + b
                # loss
                loss_of = tf.nn.sparse_softmax_cross_entropy_with_logits
                loss = tf.reduce_mean(loss_of(labels, logits))
            # train
            dW, db = tape.gradient(loss, [W, b])
            W.assign_sub(RATE * dW)
            b.assign_sub(RATE * db)
            return loss

        # run
        losses = [train(*case).numpy() for case in cases]
    # results
    return summary(losses, W.numpy(), b.numpy())


# The usual shape of TF2 code: a `tf.Module` owns the variables, its `tf.function` moves them.
# One trace serves all steps, as all minibatches have one shape.
def function(cases, device):
    class Classifier(tf.Module):
        # variables
        def __init__(self):
            self.W = tf.Variable(tf.zeros([784, 10]), name="W")
            self.b = tf.Variable(tf.zeros([10]), name="b")

        # inputs
        @tf.function
        def train(self, images, labels):
            # model
            with tf.GradientTape() as tape:
                logits = tf.matmul(images, self.W) + self.b
                # loss
                loss_of = tf.nn.sparse_softmax_cross_entropy_with_logits
                loss = tf.reduce_mean(loss_of(labels, logits))
            # train
            dW, db = tape.gradient(loss, [self.W, self.b])
            self.W.assign_sub(RATE * dW)
            self.b.assign_sub(RATE * db)
            return loss

    # run
    with tf.device(device):
        model = Classifier()
        losses = [model.train(*case).numpy() for case in cases]
    # results
    return summary(losses, model.W.numpy(), model.b.numpy())


def figures(results):
    images, labels = pictures("test")
    rows = [images[labels == kind][:2].reshape(-1, 28, 28) for kind in range(10)]
    seen = "Of each kind two pictures that no step has seen, as W reads them: a row of 784 numbers."
    look = (
        "What each kind's 784 weights ask for, laid out as a picture: above 0 ink speaks for it, "
        "below 0 against it. Trousers have a gap, and a sandal must not fill the middle."
    )
    weights = [results["W"].T.reshape(10, 28, 28)]
    return {
        "clothes": Images("Ten kinds of clothing", seen, list(zip(*rows)), (), KINDS),
        "weights": Images("What W has learned", look, weights, (), KINDS, signed=True),
    }


def claim_81_of_100_pictures_never_seen_are_named(results):
    """At least 81 of 100 pictures never seen are named, the same number in each way."""
    accuracies = {float(way["accuracy"]) for way in results.values()}
    assert min(accuracies) >= 0.81 and len(accuracies) == 1


def claim_pixels_from_0_to_255_do_not_train():
    """Forget the division by 255, and in a whole epoch no loss is lower than the first one."""
    losses = eager([(255 * images, labels) for images, labels in cases()[:40]], "CPU:0")["loss"]
    with raises(tf.errors.InvalidArgumentError, match="no better than guessing"):
        tf.debugging.assert_less(min(losses[1:]), losses[0], "no better than guessing")


def claim_a_tf_data_pipeline_can_feed_the_loop():
    """The list of minibatches may become a `tf.data.Dataset`: the same losses, bit for bit."""
    epoch = cases()[:40]
    images, labels = (np.concatenate([case[i] for case in epoch]) for i in range(2))
    pipeline = tf.data.Dataset.from_tensor_slices((images, labels)).batch(250)
    assert function(pipeline, "CPU:0")["loss"] == function(epoch, "CPU:0")["loss"]


def quiz_what_is_the_first_loss_whatever_the_pictures():
    """`W` and `b` are zero. What is the loss of the first minibatch, before anything is learned?

    All ten logits are 0, so each kind gets 1/10, and `-log(1/10) = 2.30`, whatever the pictures.
    """
    return eager(cases()[:1], "CPU:0")["loss"][0]


def quiz_what_if_train_is_not_fetched():
    """The loop fetches `loss` but forgets `train`. It goes over one minibatch 40 times. How many
    different losses does it see?

    One: nothing that was fetched needs `train`, so no variable moves, and no error says so.
    """
    images, labels = cases()[0]
    with tf.Graph().as_default() as g:
        W = tf1.get_variable("W", initializer=tf.zeros([784, 10]))
        loss_of = tf.nn.sparse_softmax_cross_entropy_with_logits
        loss = tf.reduce_mean(loss_of(labels=labels, logits=tf.matmul(images, W)))
        tf1.train.GradientDescentOptimizer(RATE).minimize(loss)
        start = tf1.variables_initializer([W])
    with tf1.Session(graph=g) as session:
        session.run(start)
        return len({float(session.run(loss)) for _ in range(40)})
