"""Lesson 5.2: a frozen encoder, and what can be built on it.

The code is two numbers here. Encoder and decoder learn, without labels, to rebuild pictures. Then
the encoder is frozen, and a classifier learns to name the garment from the two numbers.

It takes two things. The encoder is shared: both tasks read pictures with the same variables. And
each task has its own list of variables to train; the second list is without the encoder.

A step is (task, images, kinds): 600 times "rebuild", with the squared error of a whole picture as
loss, then 300 times "name", with cross-entropy: hence the cliff in the curve. The encoder has 784,
128 and 2 units, the decoder the reverse, the classifier, or **head**, 2, 64 and 10. `frozen` has
the encoder's 100,738 weights as they were after each task. Look at the plane.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Cases, Losses, Points, fashion_mnist, raises

tf1 = tf.compat.v1
AdamOptimizer = tf1.train.AdamOptimizer
cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits
DATA = "fashion-mnist"
NETS = {"encoder": (784, 128, 2), "decoder": (2, 128, 784), "classifier": (2, 64, 10)}
KINDS = "T-shirt trousers pullover dress coat sandal shirt sneaker bag boot".split()
CALM = {"learning_rate": 0.007, "epsilon": 0.1}  # Adam then makes little of tiny gradients
RTOL = 1e-4  # eager's MatMul and Add round otherwise than one fused kernel; after 900 steps losses
ATOL = 1e-3  # are 3e-6 apart, weights 1e-6, and codes, which go to 9, 3e-5


def cases(seed=0):
    random, start = np.random.RandomState(seed), {}
    for net, (inputs, middle, outputs) in NETS.items():
        w1 = random.normal(scale=inputs**-0.5, size=[inputs, middle])
        w2 = random.normal(scale=middle**-0.5, size=[middle, outputs])
        b1, b2 = random.uniform(-0.5, 0.5, middle), np.zeros(outputs)
        start[net] = [np.float32(each) for each in (w1, b1, w2, b2)]
    (images, kinds), steps = fashion_mnist("train"), []
    for task in ["rebuild"] * 600 + ["name"] * 300:
        rows = random.randint(len(images), size=100)
        steps.append((task, images[rows].reshape(-1, 784), kinds[rows]))
    return Cases(steps, **start)


def two_layers(x, w1, b1, w2, b2):
    return tf.matmul(tf.tanh(tf.matmul(x, w1) + b1), w2) + b2


def flat(weights):
    return np.concatenate([np.ravel(each) for each in weights])


def unseen():
    return fashion_mnist("test")[0].reshape(-1, 784)


def summary(losses, frozen, codes, logits):
    accuracy = np.mean(np.argmax(logits, axis=1) == fashion_mnist("test")[1])
    frozen = list(frozen.values())
    return {"loss": losses, "accuracy": accuracy, "codes": np.array(codes), "frozen": frozen}


class Nets(tf.Module):  # for eager and function
    def __init__(self, start):
        self.encoder, self.decoder, self.head = ([tf.Variable(w) for w in start[n]] for n in NETS)
        self.calm, self.adam = AdamOptimizer(**CALM), AdamOptimizer(0.003)

    def rebuild(self, images, kinds):
        with tf.GradientTape() as tape:
            code = two_layers(images, *self.encoder)
            rebuilt = tf.sigmoid(two_layers(code, *self.decoder))
            loss = 784 * tf.reduce_mean(tf.square(rebuilt - images))
        trained = [*self.encoder, *self.decoder]
        self.calm.apply_gradients(zip(tape.gradient(loss, trained), trained))
        return loss

    def classify(self, images, kinds):
        with tf.GradientTape() as tape:
            logits = two_layers(two_layers(images, *self.encoder), *self.head)
            loss = tf.reduce_mean(cross_entropy(labels=kinds, logits=logits))
        self.adam.apply_gradients(zip(tape.gradient(loss, self.head), self.head))
        return loss


# A TF1 net is a function that makes its variables by name. To call it again is an error, unless
# you say `reuse`: then `get_variable` finds those of the first call. And `minimize` trains all
# that the loss depends on, unless `var_list` says what. A scope's name gives such a list.
def graph(cases, device):
    losses, start, frozen = Losses(), cases.start, {}
    with tf.Graph().as_default() as g, tf.device(device):
        # model
        images = tf1.placeholder(tf.float32, [None, 784])
        labelled = tf1.placeholder(tf.float32, [None, 784])
        kinds = tf1.placeholder(tf.int64, [None])

        def net(name, x, reuse=None):
            with tf1.variable_scope(name, reuse=reuse):
                names = zip(["w1", "b1", "w2", "b2"], start[name])
                w = [tf1.get_variable(k, initializer=v) for k, v in names]
            return two_layers(x, *w)

        code = net("encoder", images)
        rebuilt = tf.sigmoid(net("decoder", code))
        logits = net("classifier", net("encoder", labelled, reuse=True))
        error = 784 * tf.reduce_mean(tf.square(rebuilt - images))
        wrong = tf.reduce_mean(cross_entropy(labels=kinds, logits=logits))
        # train
        encoder = tf1.trainable_variables("encoder")
        head = tf1.trainable_variables("classifier")
        adam = AdamOptimizer(0.003)
        train = {
            "rebuild": [error, AdamOptimizer(**CALM).minimize(error)],
            "name": [wrong, adam.minimize(wrong, var_list=head)],
        }
    # run
    with tf1.Session(graph=g) as session:
        session.run(tf1.global_variables_initializer())
        for task, pixels, answers in cases:
            fed = {images: pixels, labelled: pixels, kinds: answers}
            losses.append(session.run(train[task], fed)[0])
            frozen[task] = flat(session.run(encoder))
        # results
        fed = {images: unseen(), labelled: unseen()}
        return summary(losses, frozen, *session.run([code, logits], fed))


# `reuse` is ported as one object used twice: both methods of `Nets`, above, use its `encoder`.
# `var_list` becomes the list that the gradient is taken for: what is not in it does not move.
def eager(cases, device):
    losses, frozen = Losses(), {}
    with tf.device(device):
        # model
        own = Nets(cases.start)
        # train
        train = {"rebuild": own.rebuild, "name": own.classify}
        # run
        for task, images, kinds in cases:
            losses.append(train[task](images, kinds).numpy())
            frozen[task] = flat(own.encoder)
        # results
        codes = two_layers(unseen(), *own.encoder)
        return summary(losses, frozen, codes, two_layers(codes, *own.head))


# The same methods, each a function of its own. One function for both would be traced once more at
# the second task, and then it is too late to make the variables of the second optimizer.
def function(cases, device):
    losses, frozen = Losses(), {}
    with tf.device(device):
        # model
        own = Nets(cases.start)
        # train
        rebuild, name = tf.function(own.rebuild), tf.function(own.classify)
        train = {"rebuild": rebuild, "name": name}
        # run
        for task, images, kinds in cases:
            losses.append(train[task](images, kinds).numpy())
            frozen[task] = flat(own.encoder)
        # results
        codes = two_layers(unseen(), *own.encoder)
        return summary(losses, frozen, codes, two_layers(codes, *own.head))


def claim_reuse_is_asked_for_in_a_graph_and_fails_in_eager():
    """In a graph a second call without `reuse` raises. In eager there is nothing to find: even with
    `AUTO_REUSE` each call makes a new variable. TF1 code that shares runs on, and is wrong."""

    def w(reuse):
        with tf1.variable_scope("encoder", reuse=reuse):
            return tf1.get_variable("w", initializer=1.0)

    with tf.Graph().as_default():
        assert w(tf1.AUTO_REUSE) is w(tf1.AUTO_REUSE)
        with raises(ValueError, match="already exists"):
            w(None)
    assert w(tf1.AUTO_REUSE) is not w(tf1.AUTO_REUSE)


def claim_the_encoder_is_frozen(results):
    """After 300 steps of naming, the encoder's 100,738 weights are what they were, to the bit."""
    frozen = [way["frozen"] for way in results.values()]
    assert all(np.shape(each) == (2, 100738) and np.array_equal(*each) for each in frozen)


def claim_two_numbers_name_half_of_the_pictures(results):
    """Two numbers are enough to name 50 of 100 unseen pictures or more; guessing names 10."""
    assert all(way["accuracy"] >= 0.5 for way in results.values())


def figures(results):
    return {
        "plane": Points(
            "Unseen pictures, each as the two numbers of its code",
            "No label was used, yet trousers and boots lie apart; shirts, pullovers and coats mix.",
            results["codes"],
            fashion_mnist("test")[1],
            KINDS,
        )
    }


def quiz_does_a_second_call_share_the_variable_in_eager():
    """Eager code of TF1 calls `get_variable("w", initializer=1.0)` twice, under `AUTO_REUSE`. The
    first is set to 5. What is the second?

    In eager there is no graph in which a name could be found: each call makes a variable of its
    own, and nothing warns. Port sharing as one object used twice.
    """

    def w():
        with tf1.variable_scope("encoder", reuse=tf1.AUTO_REUSE):
            return tf1.get_variable("w", initializer=1.0)

    first, second = w(), w()
    first.assign(5.0)
    return float(second)


def quiz_how_much_of_the_encoder_moves_while_naming():
    """The classifier reads what the encoder makes. After five steps of naming, how many of the
    encoder's 100,738 weights are not what they were?

    The loss depends on them all, and they have a gradient. But nobody takes it: the list of what
    is trained has the classifier's weights only.
    """
    some = cases()
    before, start = flat(some.start["encoder"]), some.start
    naming = Cases([step for step in some if step[0] == "name"][:5], **start)
    return np.count_nonzero(eager(naming, "CPU:0")["frozen"][0] != before)
