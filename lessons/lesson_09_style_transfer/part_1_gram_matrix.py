"""Lesson 9.1: style is what occurs together, wherever it is.

The network of 4.6 has learned to name clothes. We keep its filters as they are, and only look at
its maps, what each filter gives at each place: `maps1` is [rows, 28, 28, 16], `maps2` [rows, 14,
14, 32]. By them two pictures are compared in two ways.

*What is it?* Subtract the maps of the one from those of the other, `aim`, place by place. This is
the **content loss**, `sum((maps2 - aim)²) / sum(aim²)`. 0 is the same, 1 is what a picture without
any feature gets.

*What is it made of?* Write maps as a matrix `F` with a row for each place, [784, 16] or [196, 32].
The **Gram matrix** is `G = F.T @ F / places`, [16, 16] or [32, 32]: `G[a, b]` is large where maps a
and b are strong at the same places. Which places these are, the sum has forgotten. The **style
loss** is `sum((G - aim)²) / sum(aim²)`, where `aim` is the Gram matrix of the other, in the mean of
both layers.

Five pictures are compared with stripes and with a shirt: the stripes, the stripes moved, the shirt,
the shirt in grey, a boot. Look at the column of the moved stripes.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import Heat, Images, data_file, fashion_mnist, raises

tf1 = tf.compat.v1
RTOL = 1e-4  # convolutions add up in another order; so do sums of thousands of squares
ATOL = 1e-6
NAMES = ["stripes", "moved", "shirt", "grey shirt", "boot"]
STRIPES = np.float32(np.arange(28) // 2 % 2)[:, None] * np.ones(28, np.float32)


def pictures():  # [5, 28, 28, 1]
    images, kinds = fashion_mnist("test")
    shirt, boot = (images[np.argmax(kinds == kind)] for kind in (0, 9))
    return np.stack([STRIPES, np.roll(STRIPES, 2, axis=0), shirt, shirt / 2, boot])[..., None]


def cases(seed=0):  # a step compares all pictures with one; nothing is drawn at random
    return [(pictures(), pictures()[which : which + 1]) for which in (0, 2)]


def filters():
    with np.load(data_file("clothes_features.npz")) as kept:
        return {name: kept[name] for name in kept.files if "filters" in name}


def features(at, x):
    maps1 = tf.nn.relu(tf.nn.conv2d(x, at["filters1"], 1, "SAME") + at["b_filters1"])
    half = tf.nn.max_pool2d(maps1, 2, 2, "SAME")
    maps2 = tf.nn.relu(tf.nn.conv2d(half, at["filters2"], 1, "SAME") + at["b_filters2"])
    return maps1, maps2


def gram(maps):
    _, height, width, channels = maps.shape.as_list()
    F = tf.reshape(maps, [-1, height * width, channels])
    return tf.matmul(F, F, transpose_a=True) / (height * width)


def off(found, aim):  # of each row
    axes = list(range(1, len(aim.shape)))
    return tf.reduce_sum(tf.square(found - aim), axes) / tf.reduce_sum(tf.square(aim), axes)


def compare(at, x, other):
    found, aim = features(at, x), features(at, other)
    grams = [(gram(a), gram(b)) for a, b in zip(found, aim)]
    style = (off(*grams[0]) + off(*grams[1])) / 2
    return {"content": off(found[1], aim[1]), "style": style, "gram": grams[0][0]}


def by_name(told):
    return {name: [np.array(each[name]) for each in told] for name in told[0]}


# Two pictures go through the same filters: `features` is called twice, and the graph has the
# network twice, with edges from the same variables.
def graph(cases, device):
    with tf.Graph().as_default() as g, tf.device(device):
        # variables
        start = filters().items()
        at = {k: tf1.get_variable(k, initializer=v) for k, v in start}
        # model
        x = tf1.placeholder(tf.float32, [None, 28, 28, 1], "x")
        other = tf1.placeholder(tf.float32, [1, 28, 28, 1], "other")
        told = compare(at, x, other)
    # run
    with tf1.Session(graph=g) as session:
        session.run(tf1.global_variables_initializer())
        found = []
        for case in cases:
            found.append(session.run(told, dict(zip([x, other], case))))
        return by_name(found)


# Nothing changes the filters, so they could be plain arrays. They are variables here as in TF1,
# since 9.2 shows what comes of that.
def eager(cases, device):
    with tf.device(device):
        # variables
        start = filters().items()
        at = {k: tf.Variable(v, name=k) for k, v in start}
        # model
        told = compare
        # run
        return by_name([told(at, *case) for case in cases])


# A dict of variables is an argument like any other. It belongs to the trace, which reads them anew
# in each call.
def function(cases, device):
    with tf.device(device):
        # variables
        start = filters().items()
        at = {k: tf.Variable(v, name=k) for k, v in start}
        # model
        told = tf.function(compare)
        # run
        return by_name([told(at, *case) for case in cases])


def expected(cases):
    """By NumPy: a convolution is a sum of moved pictures, and a Gram matrix is `F.T @ F`."""
    at, told = filters(), []

    def convolved(x, name):
        side, half, size = len(at[name]), len(at[name]) // 2, x.shape[1]
        wide = np.pad(x, [(0, 0), (half, half), (half, half), (0, 0)], "constant")
        places = np.ndindex(side, side)
        moved = [wide[:, i : i + size, j : j + size] @ at[name][i, j] for i, j in places]
        return np.maximum(sum(moved) + at["b_" + name], 0)

    def seen(x):
        maps = convolved(x, "filters1")
        pooled = maps.reshape(len(x), 14, 2, 14, 2, 16).max(axis=(2, 4))
        maps = [maps.reshape(-1, 784, 16), convolved(pooled, "filters2").reshape(-1, 196, 32)]
        return [*maps, *(np.swapaxes(F, 1, 2) @ F / F.shape[1] for F in maps)]

    for x, other in cases:
        pairs = zip(seen(x), seen(other))
        axes, grams = (1, 2), seen(x)[2]
        _, content, *style = [((a - b) ** 2).sum(axes) / (b**2).sum(axes) for a, b in pairs]
        told.append({"content": content, "style": np.mean(style, axis=0), "gram": grams})
    return by_name(told)


def claim_moved_stripes_are_other_content_and_the_same_style(results):
    """Moved by two pixels, light is where dark was. By content that is farther from the stripes
    than an empty picture: 1.54. By style it is nearer than all others: 0.12; the shirt has 0.52."""
    for way in results.values():
        assert np.allclose(way["content"][0][1], 1.54, atol=6e-3)
        assert np.allclose(way["style"][0][1:3], [0.12, 0.52], atol=5e-3)


def claim_places_may_be_shuffled():
    """Put the 784 places of the maps into any order: the Gram matrix stays as it is."""
    maps = features(filters(), pictures())[0]
    order = np.random.RandomState(0).permutation(784)
    shuffled = tf.reshape(tf.gather(tf.reshape(maps, [5, 784, 16]), order, axis=1), maps.shape)
    assert np.abs(shuffled - maps).max() > 1
    assert np.allclose(gram(shuffled), gram(maps), rtol=1e-4, atol=1e-6)


def claim_only_style_can_be_taken_from_a_picture_of_another_size():
    """A scrap of 20 by 20 pixels has a Gram matrix of the same shape, [16, 16]. Its maps have other
    places, and cannot be subtracted."""
    at, scrap = filters(), pictures()[:1, :20, :20]
    maps, small = features(at, pictures()[:1])[0], features(at, scrap)[0]
    assert gram(maps).shape == gram(small).shape == (1, 16, 16)
    with raises(tf.errors.InvalidArgumentError, match="broadcastable|ncompatible"):
        maps - small


def figures(results):
    losses = np.round(np.concatenate([results["content"], results["style"]]), 3)
    rows = ["stripes, content", "shirt, content", "stripes, style", "shirt, style"]
    return {
        "pictures": Images(
            "The five pictures",
            "Stripes, the same moved by two pixels, a shirt, the same in half its grey, a boot.",
            [pictures()[..., 0]],
            column_names=NAMES,
        ),
        "losses": Heat(
            "How far each is from the stripes, and from the shirt",
            "0 is the same. Moved stripes are far from stripes by content, and near by style.",
            *(losses, rows, NAMES),
            numbers=True,
        ),
        "gram": Heat(
            "The Gram matrix of the stripes",
            "The 16 maps of the first layer: bright where two are strong at the same places.",
            results["gram"][0][0],
        ),
    }


def quiz_what_does_the_gram_matrix_know_of_places():
    """The 784 places of the maps are put into another order, the same for all 16 maps. By how much
    does the largest number of the Gram matrix change, to three digits after the point?

    `F.T @ F` adds up over the places, and a sum does not know their order. The content loss would
    be another altogether.
    """
    maps = features(filters(), pictures())[0]
    order = np.random.RandomState(0).permutation(784)
    shuffled = tf.reshape(tf.gather(tf.reshape(maps, [5, 784, 16]), order, axis=1), maps.shape)
    return round(float(np.abs(np.max(gram(shuffled)) - np.max(gram(maps)))), 3)


def quiz_how_many_numbers_has_the_style_of_a_scrap():
    """The first layer makes 16 maps. How many numbers has the Gram matrix of a scrap of 20 by 20
    pixels?

    [16, 16], whatever the size of the picture is: so a style may be taken from a scrap.
    """
    return int(tf.size(gram(features(filters(), pictures()[:1, :20, :20])[0])))
