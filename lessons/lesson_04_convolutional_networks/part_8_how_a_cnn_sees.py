"""Lesson 4.8: how a CNN sees.

What does a unit deep in a network look for? The **deconvnet** of Zeiler and Fergus asks of one
picture: which pixels excited it? It keeps the unit's number, makes the rest of its layer zero, and
goes back to the pixels. A ReLU is a ReLU again, a convolution becomes the transposed one of 4.3,
and a pooling is undone with **switches**, the places where its maxima stood. *Activation
maximisation* starts from faint noise and moves the pixels, not the weights, up the unit's gradient.

Both reach into the middle of the network. A session fetches and feeds any tensor there is: the
chain back is built once, and fed at the layer to start from. A function has only its arguments and
what it returns.

We train filters [5, 5, 1, 8], [3, 3, 8, 16] and [3, 3, 16, 32], a ReLU and a pooling behind each,
and look through the four units of each layer that a boot excites most. They see 5, 10, 20 pixels.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Cases, Drift, Images, Losses, fashion_mnist, raises

tf1 = tf.compat.v1
DATA = "fashion-mnist"
SIDES, CHANNELS = (28, 14, 7), (1, 8, 16, 32)  # of the three layers' maps
SHAPES = [[5, 5, 1, 8], [3, 3, 8, 16], [3, 3, 16, 32], [512, 10]]
RTOL = ATOL = 1e-3  # bit-equal here; where a way fuses other ops, last bits drift over 600 steps
ON_GPU = Drift(10, accuracy=0.05)  # there each way has its own choice of cuDNN's algorithms


def cases(seed=0):
    random = np.random.RandomState(seed)
    images, kinds = fashion_mnist("train")
    rows = np.reshape([random.permutation(len(images))[:10000] for epoch in range(3)], [-1, 50])
    weights = {f"b{i}": np.zeros(shape[-1], np.float32) for i, shape in enumerate(SHAPES)}
    weights.update((f"W{i}", np.float32(random.normal(0, 0.1, SHAPES[i]))) for i in range(4))
    steps = [(images[r, ..., None], kinds[r]) for r in rows]
    return Cases(steps, weights=weights, noise=np.float32(random.normal(0.1, 0.1, [1, 28, 28, 1])))


def see(weights, x, relu=tf.nn.relu):
    maps, switches, two = [], [], [1, 2, 2, 1]
    for i in range(3):
        maps.append(relu(tf.nn.conv2d(x, weights[f"W{i}"], 1, "SAME") + weights[f"b{i}"]))
        switches.append(tf.nn.max_pool_with_argmax(maps[i], two, two, "SAME")[1])
        x = tf.nn.max_pool2d(maps[i], 2, 2, "SAME")
    logits = tf.matmul(tf.reshape(x, [-1, 512]), weights["W3"]) + weights["b3"]
    return maps, switches, logits


def below(weights, switches, layer, signal):
    size, filters = [1, SIDES[layer], SIDES[layer], CHANNELS[layer]], weights[f"W{layer}"]
    signal = tf.nn.conv2d_transpose(tf.nn.relu(signal), filters, size, 1, "SAME")
    if layer == 0:
        return signal
    size = [1, SIDES[layer - 1], SIDES[layer - 1], CHANNELS[layer]]
    places, numbers = tf.reshape(switches[layer - 1], [-1, 1]), tf.reshape(signal, [-1])
    return tf.reshape(tf.scatter_nd(places, numbers, np.prod(size, keepdims=True)), size)


def reach(weights, x, layer, signal):
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        maps, switches, _ = see(weights, x)
    slope = tape.gradient(maps[layer], x, signal)
    for k in range(layer, -1, -1):
        signal = below(weights, switches, k, signal)
    return signal, slope


def train(weights, images, kinds):
    with tf.GradientTape() as tape:
        cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits
        loss = tf.reduce_mean(cross_entropy(kinds, see(weights, images)[2]))
    for name, d in tape.gradient(loss, weights).items():
        weights[name].assign_sub(0.1 * d)
    return loss


def explore(cases, losses, weights, fetch, reach):
    images, kinds = fashion_mnist("test")
    boot, found = images[kinds == 9][:1, ..., None], {"deconvnet": [], "maximised": []}
    for layer, maps in enumerate(np.array(each) for each in fetch(weights, boot)[0]):
        for unit in np.argsort(-maps.max(axis=(0, 1, 2)))[:4]:
            signal = np.where(maps == maps[..., unit].max(), maps, 0)  # of the unit its largest
            found["deconvnet"].append(np.array(reach(weights, boot, layer, signal)[0]))
            x = cases.start["noise"]
            for _ in range(30):
                uphill = np.array(reach(weights, x, layer, signal)[1])
                x = np.clip(x + 0.1 * uphill / (np.abs(uphill).max() + 1e-8), 0, 1)
            found["maximised"].append(x)
    guesses = np.argmax(fetch(weights, images[:1000, ..., None])[2], axis=1)
    found = {name: np.reshape(each, [3, 4, 28, 28]) for name, each in found.items()}
    return dict(found, loss=losses, accuracy=np.mean(guesses == kinds[:1000]))


# Nothing inside is out of reach: who feeds `signals[1]` begins the chain at layer 2. It starts with
# an `identity` of `maps[2]`: all who read a fed tensor read the feed, here the gradients, too.
def graph(cases, device):
    losses, start = Losses(), cases.start["weights"]
    with tf.Graph().as_default() as g, tf.device(device):
        # variables
        get = tf1.get_variable
        weights = {k: get(k, initializer=v) for k, v in start.items()}
        # model
        images = tf1.placeholder(tf.float32, [None, 28, 28, 1], "images")
        kinds = tf1.placeholder(tf.int64, [None], "kinds")
        outputs = maps, switches, logits = see(weights, images)
        signals, slopes, pixels = {}, {}, tf.identity(maps[2])
        for k in (2, 1, 0):
            signals[k] = pixels
            slopes[k] = tf.gradients(maps[k], images, pixels)[0]
            pixels = below(weights, switches, k, pixels)
        cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits
        loss = tf.reduce_mean(cross_entropy(labels=kinds, logits=logits))
        train = tf1.train.GradientDescentOptimizer(0.1).minimize(loss)
    # run
    with tf1.Session(graph=g) as session:
        session.run(tf1.global_variables_initializer())
        for case in cases:
            fed = dict(zip([images, kinds], case))
            losses.append(session.run([loss, train], fed)[0])

        # results
        def fetch(_, x):
            return session.run(outputs, {images: x})

        def reach(_, x, k, signal):
            fed = {images: x, signals[k]: signal}
            return session.run([pixels, slopes[k]], fed)

        return explore(cases, losses, weights, fetch, reach)


# Nothing is fed: the layer and the signal are arguments. Nothing is fetched: `see` gives maps and
# switches beside the logits. To port TF1 code that looks inside, begin with such extra outputs.
def eager(cases, device):
    losses, start = Losses(), cases.start["weights"]
    with tf.device(device):
        # variables
        weights = {k: tf.Variable(v, name=k) for k, v in start.items()}
        # model
        step, *tools = train, see, reach
        # run
        for pixels, labels in cases:
            losses.append(step(weights, pixels, labels).numpy())
        # results
        return explore(cases, losses, weights, *tools)


# Each is a graph of its own, pruned for itself: `reach` has no loss in it. `layer` is a Python
# number, so there is a trace for each of the three where TF1 had one chain with three doors.
def function(cases, device):
    losses, start = Losses(), cases.start["weights"]
    with tf.device(device):
        # variables
        weights = {k: tf.Variable(v, name=k) for k, v in start.items()}
        # model
        step, *tools = map(tf.function, (train, see, reach))
        # run
        for pixels, labels in cases:
            losses.append(step(weights, pixels, labels).numpy())
        # results
        return explore(cases, losses, weights, *tools)


def claim_a_tensor_does_not_leave_its_trace():
    """An inner tensor kept aside to be fetched later, as in TF1, is out of scope: return it."""
    kept, some = [], cases()
    tf.function(lambda x: kept.extend(see(some.start["weights"], x)[0]))(some[0][0])
    with raises(TypeError, match="out of scope"):
        kept[0] + 1


def claim_the_deconvnet_is_a_gradient_with_another_relu():
    """Going back, a ReLU lets through where its input was positive. Let it pass on what of the
    signal is positive instead, and the picture's gradient is the deconvnet's, from each layer."""
    relu = tf.custom_gradient(lambda x: (tf.nn.relu(x), tf.nn.relu))
    weights, x = cases().start["weights"], tf.constant(cases()[0][0][:1])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        maps = see(weights, x, relu)[0]
    for layer, signal in enumerate(maps):
        pixels, _ = reach(weights, x, layer, signal)
        assert np.allclose(pixels, tape.gradient(signal, x, signal), rtol=1e-4, atol=1e-6)


def figures(results):
    images, kinds = fashion_mnist("test")
    both = zip(results["deconvnet"], results["maximised"])
    units = Images(
        "What excited a unit, and what would",
        "A boot; what of it excited the four strongest units of each layer, where even grey is 0; "
        "noise moved to excite each. The patch grows. Where noise is left, a ReLU had no slope.",
        [[images[kinds == 9][0], *excited, *liked] for excited, liked in both],
        ["layer 1", "layer 2", "layer 3"],
        ["input", *["deconvnet"] * 4, *["maximised"] * 4],
        each=True,
    )
    return {"units": units}


def quiz_how_many_pixels_can_excite_a_unit_of_the_first_layer():
    """One unit of layer 1, in the middle of its map, is sent back to the pixels by the deconvnet.
    How many pixels can be other than 0?

    The transposed convolution paints its filter once: 5 by 5. In layer 3 the patch has 20 by 20.
    """
    signal = np.zeros([1, 28, 28, 8], np.float32)
    signal[0, 14, 14, 0] = 1
    pixels, _ = reach(cases().start["weights"], cases()[0][0][:1], 0, signal)
    return np.count_nonzero(pixels)


def quiz_does_the_deconvnet_go_on_from_a_number_below_zero():
    """A signal of -1 is sent back from one unit of layer 1. How many pixels are other than 0?

    None: going back, a ReLU is a ReLU again, and it makes 0 of -1. A gradient would go on, as -1
    times the slope.
    """
    signal = np.zeros([1, 28, 28, 8], np.float32)
    signal[0, 14, 14, 0] = -1
    pixels, _ = reach(cases().start["weights"], cases()[0][0][:1], 0, signal)
    return np.count_nonzero(pixels)
