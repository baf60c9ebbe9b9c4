"""Lesson 4.7: AlexNet, a big graph that can be read.

In 2012 a network of eight layers won the ImageNet challenge, photographs of 1000 kinds of things,
by a wide margin (Krizhevsky, Sutskever and Hinton). It did not fit one GPU, so it was cut into two
*towers*, each with half of the maps. They meet where the paper's figure has crossing lines:
`conv3` sees both, and so do the layers `fc6` to `fc8`, which are matrices. Here is the whole of it.

Two ops are new. *Local response normalisation* divides a number by `(2 + 1e-4 * sum) ** 0.75`,
the sum being that of the squares at the same place, two maps to either side. *Overlapping
pooling* takes 3 by 3 windows at stride 2.

Count the parameters: for each map out a convolution has `height * width * maps in` weights and a
bias, `conv1` with its two towers `2 * (11 * 11 * 3 + 1) * 48 = 34,944`. The comments beside the
shapes go on, and all come to 60,965,224.

A graph of this size is read by its scopes. Every op is named for its layer and its tower, and so
`graphlab render 4.7 -o alexnet.svg` draws the figure of the paper. We go forward once and train
two steps, on noise.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Cases, Heat, Losses, raises

tf1 = tf.compat.v1
CONV = [  # filters of a tower [height, width, in, out], stride, padding, what follows
    ("conv1", [11, 11, 3, 48], 4, "VALID", "norm pool"),  # 2 * (11 * 11 * 3 + 1) * 48 = 34,944
    ("conv2", [5, 5, 48, 128], 1, "SAME", "norm pool"),  # 2 * (5 * 5 * 48 + 1) * 128 = 307,456
    ("conv3", [3, 3, 256, 192], 1, "SAME", ""),  # 2 * (3 * 3 * 256 + 1) * 192 = 885,120
    ("conv4", [3, 3, 192, 192], 1, "SAME", ""),  # 2 * (3 * 3 * 192 + 1) * 192 = 663,936
    ("conv5", [3, 3, 192, 128], 1, "SAME", "pool"),  # 2 * (3 * 3 * 192 + 1) * 128 = 442,624
]
SHAPES = dict({row[0]: row[1] for row in CONV}, fc6=[9216, 2048], fc7=[4096, 2048])
SCOPES = [name + tower for name in SHAPES for tower in ("/upper", "/lower")] + ["fc8"]
SHAPES["fc8"] = [4096, 1000]  # fc6 has 37,752,832 parameters, fc7 16,781,312, fc8 4,097,000
ONES = ("conv2", "conv4", "conv5", "fc6", "fc7")  # biases of 1: their ReLUs start alive
RTOL = ATOL = KERAS_RTOL = KERAS_ATOL = 1e-4  # measured: 4e-6, after a step of sums over 9,216


def cases(seed=0):
    random = np.random.RandomState(seed)
    images = np.float32(random.uniform(-1, 1, [2, 227, 227, 3]))
    masks = np.float32(2 * random.randint(2, size=[2, 2, 2, 4096]))  # dropout, as in 3.3
    return Cases([(images, np.array([7, 700]), *pair) for pair in masks], look=images, seed=seed)


def start(scope, seed):
    shape, ones = SHAPES[scope.split("/")[0]], float(scope.startswith(ONES))
    noise = tf.random.stateless_normal(shape, [seed, SCOPES.index(scope)])
    return 0.01 * noise, tf.fill(shape[-1:], ones)


def alexnet(weights, images, mask6=1.0, mask7=1.0):
    towers, neurons = {"/upper": images, "/lower": images}, []
    for name, _, stride, padding, then in CONV:
        if name == "conv3":
            towers = dict.fromkeys(towers, tf.concat([*towers.values()], 3, "both_towers"))
        for tower, x in towers.items():
            W, b = weights[name + tower]
            with tf.name_scope(name + tower):
                x = tf.nn.relu(tf.nn.conv2d(x, W, stride, padding) + b)
                neurons.append(x.shape[1:].num_elements())
                x = tf.nn.lrn(x, 2, 2.0, 1e-4, 0.75) if "norm" in then else x
                x = tf.nn.max_pool2d(x, 3, 2, "VALID") if "pool" in then else x
            towers[tower] = x
    x = tf.reshape(tf.concat([*towers.values()], 3), [-1, 9216])
    for name, mask in [("fc6", mask6), ("fc7", mask7)]:
        for tower in towers:
            W, b = weights[name + tower]
            with tf.name_scope(name + tower):
                towers[tower] = tf.nn.relu(tf.matmul(x, W) + b)
            neurons.append(b.shape.num_elements())
        x = tf.concat([*towers.values()], 1, name + "/both_towers")
        x = tf.multiply(x, mask, name + "/dropout")
    W, b = weights["fc8"]
    with tf.name_scope("fc8"):
        return tf.matmul(x, W) + b, [*neurons, b.shape.num_elements()]


def loss_of(kinds, logits):
    cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits
    rows = cross_entropy(labels=kinds, logits=logits, name="loss/rows")
    return tf.reduce_mean(rows, 0, name="loss/all")


class AlexNet(tf.Module):
    def __init__(self, seed):
        self.weights = {}
        for scope in SCOPES:
            first = start(scope, seed)
            with tf.name_scope("weights/" + scope):
                self.weights[scope] = [tf.Variable(v, name=n) for n, v in zip("Wb", first)]

    def train(self, images, kinds, mask6, mask7):
        with tf.GradientTape() as tape:
            logits, _ = alexnet(self.weights, images, mask6, mask7)
            loss = loss_of(kinds, logits)
        for v, d in zip(self.variables, tape.gradient(loss, self.variables)):
            v.assign_sub(0.01 * d)
        return loss


def summary(losses, look, weights, read):
    counts = [sum(v.shape.num_elements() for v in weights[scope]) for scope in SCOPES]
    norms = [np.linalg.norm(read(weights[scope][0])) for scope in SCOPES]  # of what was learned
    layers = np.array([[s.startswith(name) for s in SCOPES] for name in SHAPES], int)  # [8, 15]
    found = {"neurons": layers @ np.array(look[1]), "parameters": layers @ np.array(counts)}
    return dict(found, loss=losses, logits=np.array(look[0]), norms=norms)


# `alexnet`, in plain ops, serves all ways; called once, it makes the nodes. An initial value from
# NumPy would be copied into the graph, 244 MB of it, and a GraphDef ends at 2 GB: so ops make the
# numbers. In TF1 code look for `variable_scope`: its names are those of the checkpoints.
def graph(cases, device):
    losses, weights = Losses(), {}
    with tf.Graph().as_default() as g, tf.device(device):
        # variables
        for scope in SCOPES:
            with tf1.name_scope("start/"):
                first = zip("Wb", start(scope, cases.start["seed"]))
            with tf1.variable_scope("weights/" + scope):
                get = tf1.get_variable
                weights[scope] = [get(n, initializer=v) for n, v in first]
        # model
        images = tf1.placeholder(tf.float32, [None, 227, 227, 3], "images")
        kinds = tf1.placeholder(tf.int64, [None], "kinds")
        on, masks = np.ones([1, 4096], np.float32), ("mask6", "mask7")
        default = tf1.placeholder_with_default
        masks = [default(on, [None, 4096], name) for name in masks]
        logits, neurons = alexnet(weights, images, *masks)
        loss = loss_of(kinds, logits)
        with tf1.name_scope("gradients"):
            train = tf1.train.GradientDescentOptimizer(0.01).minimize(loss)
    # run
    with tf1.Session(graph=g) as session:
        session.run([v.initializer for v in tf1.global_variables()])
        look = session.run(logits, {images: cases.start["look"]})
        for case in cases:
            fed = dict(zip([images, kinds, *masks], case))
            losses.append(session.run([loss, train], fed)[0])
        # results
        return summary(losses, [look, neurons], weights, session.run)


# The module holds the variables, and `tf.name_scope` gives them the names they had in TF1. For ops
# it does nothing here: eager ops have no names.
def eager(cases, device):
    losses = Losses()
    with tf.device(device):
        # variables
        net = AlexNet(cases.start["seed"])
        # model
        model, train = alexnet, net.train
        # run
        look = model(net.weights, cases.start["look"])
        for case in cases:
            losses.append(train(*case).numpy())
        # results
        return summary(losses, look, net.weights, lambda v: v.numpy())


# Two calls of `tf.function`, and the ops have names again: while `alexnet` is traced, the same
# scopes give `graphlab render 4.7:function` its layers.
def function(cases, device):
    losses = Losses()
    with tf.device(device):
        # variables
        net = AlexNet(cases.start["seed"])
        # model
        model, train = tf.function(alexnet), tf.function(net.train)
        # run
        look = model(net.weights, cases.start["look"])
        for case in cases:
            losses.append(train(*case).numpy())
        # results
        return summary(losses, look, net.weights, lambda v: v.numpy())


# To Keras two towers are `groups=2`: filters side by side, each half fed with its own. LRN is not
# among its layers: a `Lambda` wraps the op. `Dropout` draws its own masks, so we only go forward.
def keras(cases, device):
    layers, seed = tf.keras.layers, cases.start["seed"]
    norm = {"depth_radius": 2, "bias": 2.0, "alpha": 1e-4, "beta": 0.75}
    with tf.device(device):
        # model
        net = tf.keras.Sequential([layers.Input([227, 227, 3])])
        for name, shape, stride, padding, then in CONV:
            how = [2 * shape[3], shape[0], stride, padding]
            groups = 1 if name in ("conv1", "conv3") else 2
            more = {"activation": "relu", "name": name}
            net.add(layers.Conv2D(*how, groups=groups, **more))
            if "norm" in then:
                net.add(layers.Lambda(tf.nn.lrn, arguments=norm))
            if "pool" in then:
                net.add(layers.MaxPooling2D(3, 2))
        net.add(layers.Flatten())
        for name in ("fc6", "fc7"):
            net.add(layers.Dense(4096, activation="relu", name=name))
            net.add(layers.Dropout(0.5))
        net.add(layers.Dense(1000, name="fc8"))
        for name in SHAPES:
            towers = [start(s, seed) for s in SCOPES if s.startswith(name)]
            both = [tf.concat(each, -1) for each in zip(*towers)]
            net.get_layer(name).set_weights(both)
        # run
        for images, *_ in cases:
            logits = net(images, training=False)
    # results
    counts = [net.get_layer(name).count_params() for name in SHAPES]
    return {"logits": logits.numpy(), "parameters": np.array(counts)}


def claim_224_pixels_do_not_fit():
    """The paper says 224 by 224 pixels. But then `conv1` has 54 by 54 places and not its 55, the
    last pooling leaves 5 by 5 and not 6 by 6, and `fc6` has no weights for that. 227 fit."""
    x = tf.zeros([1, 224, 224, 256])
    for size, stride in [(11, 4), (3, 2), (3, 2), (3, 2)]:  # pooling VALID has `conv1`'s sizes
        x = tf.nn.max_pool2d(x, size, stride, "VALID")
    with raises(tf.errors.InvalidArgumentError, match="6400 values.*multiple of 9216"):
        tf.reshape(x, [-1, 9216])


def claim_60_965_224_parameters(results):
    """Counted in the variables, the layers have the paper's parameters, 60,965,224 together."""
    paper = [34944, 307456, 885120, 663936, 442624, 37752832, 16781312, 4097000]
    for way in results.values():
        assert way["parameters"].tolist() == paper and sum(way["parameters"]) == 60965224


def claim_the_neurons_are_the_papers_but_for_a_misprint(results):
    """Each layer has the paper's neurons, the numbers it makes of a picture, but the first: 290,400
    where the paper says 253,440. That is 55 * 48 * 96; a 55 of `55 * 55 * 96` became a 48."""
    for way in ("graph", "eager", "function"):
        paper = [55 * 55 * 96, 186624, 64896, 64896, 43264, 4096, 4096, 1000]
        assert results[way]["neurons"].tolist() == paper
    assert (55 * 55 * 96, 55 * 48 * 96) == (290400, 253440)


def figures(results):
    maps = np.array([2 * SHAPES[layer][-1] for layer in SHAPES]) // [*[1] * 7, 2]
    work = (results["parameters"] - maps) * results["neurons"] / maps  # at each place of a map
    columns = [results["neurons"], results["parameters"], work]
    share = np.transpose([100 * column / column.sum() for column in columns])
    caption = """In percent; work is multiplications. Convolutions have 4 of 100 parameters and do
        92 of 100 of the work: a filter is used at each place. fc6 and fc7 keep 89 of 100."""
    names = ["neurons", "parameters", "work"]
    title = "Where AlexNet keeps its weights, and where it works"
    return {"layers": Heat(title, " ".join(caption.split()), share, [*SHAPES], names, numbers=True)}


def quiz_where_are_the_parameters():
    """`conv1` to `conv5` do 92 of 100 of the work. How many percent of the parameters are in the
    other three layers, `fc6` to `fc8`?

    A filter is used at each place of a map, a number of a matrix once. `fc6` alone has 62 percent.
    """
    counts = []
    for scope in SCOPES:
        W, b = SHAPES[scope.split("/")[0]], SHAPES[scope.split("/")[0]][-1]
        counts.append(np.prod(W) + b)
    matrices = sum(n for scope, n in zip(SCOPES, counts) if scope.startswith("fc"))
    return round(100 * matrices / sum(counts))


def quiz_how_many_places_has_conv1_along_224_pixels():
    """Windows of 11 at stride 4, `VALID`. 227 pixels have 55 places. How many have 224?

    `ceil((224 - 10) / 4)`: the 224 of the paper does not fit the 55 of its figure.
    """
    return tf.nn.max_pool2d(tf.zeros([1, 224, 224, 1]), 11, 4, "VALID").shape[1]
