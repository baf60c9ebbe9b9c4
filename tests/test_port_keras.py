"""Whole patterns become layers of Keras, where it makes these ops; all else stays as it is."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from graphlab.port.expression import text
from graphlab.port.recorded import module_of
from graphlab.port.run import port
from graphlab.port.written import written
from graphlab.targets.run import watch
from graphlab.targets.target import parse
from tests.port_proof import differences, methods_of, recorded
from tests.test_port import ruff

tf1 = tf.compat.v1
RANDOM = np.random.default_rng(0)


def numbers(*shape):
    return RANDOM.normal(size=shape).astype(np.float32)


ROWS, IMAGES = numbers(4, 3), numbers(2, 8, 8, 3)
W, B, LAST, KERNEL, BIAS = numbers(3, 5), numbers(5), numbers(5, 2), numbers(3, 3, 3, 4), numbers(4)


def call_of(build, value=ROWS, names=("found",)):
    """A call of what `build` gives for x."""
    with tf.Graph().as_default():
        x = tf1.placeholder(value.dtype, [None, *value.shape[1:]], name="x")
        found = tf.nest.flatten(build(x))
        found = [tf.identity(each, name=name) for each, name in zip(found, names, strict=True)]
    return recorded(found, {x: value})


def layers_of(call):
    """The layers of each Sequential, by its name."""
    members = [member for each in module_of(call, keras=True).classes for member in each.members]
    return {m.name: [text(layer) for layer in m.layers] for m in members if m.layers}


def dense(x, w, b=None, name=None):
    with tf1.name_scope(name or ""):
        product = tf.matmul(x, w)
        return product if b is None else tf.nn.bias_add(product, b)


def stack(x):
    hidden = tf.nn.relu(dense(x, W, B, "hidden"), name="hidden/Relu")
    return tf.nn.softmax(dense(hidden, LAST, name="logits"), name="logits/Softmax")


def turned(x):
    """The bias stands first, and is added by `+`; the numbers are a variable's."""
    w = tf1.get_variable("w", initializer=W)
    b = tf1.get_variable("b", initializer=B, use_resource=True)
    return tf.tanh(b + tf.matmul(x, w))


def images(x):
    y = tf.nn.relu(tf.nn.conv2d(x, KERNEL, [1, 2, 2, 1], "SAME") + BIAS)
    y = tf.nn.max_pool2d(y, 2, 1, "VALID")
    y = tf.nn.depthwise_conv2d(y, numbers(2, 2, 4, 2), [1, 1, 1, 1], "VALID")
    y = tf.nn.elu(tf.nn.avg_pool2d(y, [2, 1], [2, 1], "SAME"))
    return tf.matmul(tf.reshape(y, [-1, 16]), numbers(16, 2))


def over_pixels(x):
    y = tf.nn.conv2d(x, KERNEL, [1, 1, 1, 1], "VALID")
    return tf.reduce_mean(y, [1, 2])


def rows_of_a_table(x):
    found = tf.nn.embedding_lookup(tf1.get_variable("table", initializer=W), x)
    return tf.matmul(tf.reshape(found, [-1, 10]), numbers(10, 2))


def of_float64(x):
    return tf.sigmoid(tf.matmul(x, W.astype(np.float64)))


SAID = [
    (
        stack,
        ROWS,
        {
            "network": [
                "keras.Input([3])",
                'keras.layers.Dense(5, activation="relu", name="hidden")',
                'keras.layers.Dense(2, use_bias=False, activation="softmax", name="logits")',
            ]
        },
    ),
    (
        turned,
        ROWS,
        {"network": ["keras.Input([3])", 'keras.layers.Dense(5, activation="tanh")']},
    ),
    (
        images,
        IMAGES,
        {
            "network": [
                "keras.Input([8, 8, 3])",
                'keras.layers.Conv2D(4, 3, strides=2, padding="same", activation="relu")',
                "keras.layers.MaxPooling2D(2, strides=1)",
                "keras.layers.DepthwiseConv2D(2, depth_multiplier=2, use_bias=False)",
                'keras.layers.AveragePooling2D([2, 1], padding="same")',
                'keras.layers.Activation("elu")',
                "keras.layers.Flatten()",
                "keras.layers.Dense(2, use_bias=False)",
            ]
        },
    ),
    (
        over_pixels,
        IMAGES,
        {
            "network": [
                "keras.Input([8, 8, 3])",
                "keras.layers.Conv2D(4, 3, use_bias=False)",
                "keras.layers.GlobalAveragePooling2D()",
            ]
        },
    ),
    (
        rows_of_a_table,
        np.array([[0, 2], [1, 1]], np.int32),
        {
            "network": [
                'keras.Input([2], dtype="int32")',
                "keras.layers.Embedding(3, 5)",
                "keras.layers.Flatten()",
                "keras.layers.Dense(2, use_bias=False)",
            ]
        },
    ),
    (
        of_float64,
        ROWS.astype(np.float64),
        {
            "network": [
                'keras.Input([3], dtype="float64")',
                'keras.layers.Dense(5, use_bias=False, activation="sigmoid", dtype="float64")',
            ]
        },
    ),
]


@pytest.mark.parametrize(("build", "value", "said"), SAID, ids=[s[0].__name__ for s in SAID])
def test_layers_one_behind_the_other_are_a_sequential(build, value, said, tmp_path):
    call = call_of(build, value)
    assert layers_of(call) == said
    assert methods_of(call, keras=True)["__call__"] == ['return {"found": self.network(x)}']
    assert differences(call, tmp_path, keras=True) == []


def test_the_file_is_formatted_and_loads_the_weights_of_each_layer(tmp_path):
    file = tmp_path / "ported.py"
    module = module_of(call_of(stack), keras=True)
    file.write_text(written(module, ["A port."], "ported.npz", {}).text)
    assert "import keras\nimport numpy as np\n" in file.read_text()
    assert ruff("check", "--no-cache", str(file)) == ""
    assert ruff("format", "--no-cache", "--diff", str(file)) == ""
    assert sorted(module.constants) == [
        "network.layers.0.bias.value",
        "network.layers.0.kernel.value",
        "network.layers.1.kernel.value",
    ]


@pytest.mark.parametrize("fused", [True, False])
def test_a_normalization_by_moving_moments_is_a_layer_that_may_round_otherwise(fused, tmp_path):
    def of(x):
        gamma, beta, mean = (tf1.get_variable(n, initializer=numbers(4)) for n in "gbm")
        variance = tf1.get_variable("v", initializer=np.abs(numbers(4)))
        y = tf.nn.conv2d(x, KERNEL, [1, 1, 1, 1], "SAME")
        if not fused:
            return tf.nn.batch_normalization(y, mean, variance, beta, gamma, 0.5)
        return tf1.nn.fused_batch_norm(y, gamma, beta, mean, variance, 0.5, is_training=False)[0]

    call = call_of(of, IMAGES)
    (said,) = layers_of(call).values()
    assert said[2] == "keras.layers.BatchNormalization(epsilon=0.5)"
    assert differences(call, tmp_path, keras=True, near=1e-5) == []
    if not fused:
        assert differences(call, tmp_path, keras=True) == []


def test_a_training_graph_has_its_tape_around_the_layers(tmp_path):
    def of(x):
        w = tf1.get_variable("w", initializer=W)
        b = tf1.get_variable("b", initializer=B)
        loss = tf.reduce_mean(tf.square(tf.nn.relu(tf.matmul(x, w) + b) - 1.0))
        step = tf1.train.GradientDescentOptimizer(0.5).minimize(loss)
        with tf.control_dependencies([step]):
            return tf.identity(loss)

    call = call_of(of)
    said = methods_of(call, keras=True)["__call__"]
    assert "outputs = self.network(x)" in said
    assert "self.network.layers[0].kernel.value.assign_sub(0.5 * kernel_grad)" in said
    assert differences(call, tmp_path, keras=True, near=1e-6) == []


def test_a_weight_that_changes_before_it_is_taken_makes_no_layer(tmp_path):
    def of(x):
        w = tf1.get_variable("w", initializer=W, use_resource=True)
        with tf.control_dependencies([w.assign_add(W)]):
            return tf.matmul(x, w.read_value())

    call = call_of(of)
    assert layers_of(call) == {}
    assert differences(call, tmp_path, keras=True) == []


def test_a_weight_that_changes_after_it_was_taken_is_taken_before(tmp_path):
    def of(x):
        w = tf1.get_variable("w", initializer=W, use_resource=True)
        product = tf.matmul(x, w)
        with tf.control_dependencies([product]):
            added = w.assign_add(W)
        with tf.control_dependencies([added]):
            return product + tf.reduce_sum(w.read_value())

    call = call_of(of)
    said = methods_of(call, keras=True)["__call__"]
    assert said[0] == "outputs = self.network(x)"
    assert differences(call, tmp_path, keras=True) == []


def test_what_is_asked_for_between_layers_ends_a_sequential(tmp_path):
    def of(x):
        hidden = tf.matmul(x, W)
        return hidden, tf.matmul(tf.nn.relu(hidden), LAST)

    call = call_of(of, names=("hidden", "found"))
    assert layers_of(call) == {
        "network": ["keras.Input([3])", "keras.layers.Dense(5, use_bias=False)"],
        "network_2": [
            "keras.Input([5])",
            'keras.layers.Activation("relu")',
            "keras.layers.Dense(2, use_bias=False)",
        ],
    }
    assert differences(call, tmp_path, keras=True) == []


def tower(x, w, last):
    return tf.matmul(tf.nn.relu(tf.matmul(x, w)), last)


def test_layers_that_are_called_twice_are_one_sequential(tmp_path):
    def of(x):
        w = tf1.get_variable("w", initializer=W)
        last = tf1.get_variable("last", initializer=LAST)
        return tower(x, w, last) + tower(x * 2.0, w, last)

    call = call_of(of)
    assert len(layers_of(call)) == 1
    said = methods_of(call, keras=True)["__call__"]
    assert said == ['return {"found": self.network(x) + self.network(x * 2.0)}']
    assert differences(call, tmp_path, keras=True) == []


def test_a_weight_of_two_layers_that_differ_makes_neither(tmp_path):
    def of(x):
        w = tf1.get_variable("w", initializer=W)
        return tf.nn.relu(tf.matmul(x, w)) + tf.tanh(tf.matmul(x, w))

    call = call_of(of)
    assert layers_of(call) == {}
    assert differences(call, tmp_path, keras=True) == []


def test_equal_scopes_are_a_class_that_has_its_layers(tmp_path):
    def of(x):
        for number in range(3):
            with tf1.variable_scope(f"block_{number}"):
                y = tf.nn.relu(tf.matmul(x, tf1.get_variable("w", initializer=numbers(3, 3))))
                y = tf.matmul(y, tf1.get_variable("v", initializer=numbers(3, 3)))
                x = tf.sqrt(tf.abs(x + y)) * 2.0
        return x

    call = call_of(of)
    module = module_of(call, keras=True)
    assert [each.name for each in module.classes] == ["Block", "Model"]
    assert module.variables["block_1/w"] == "blocks.1.network.layers.0.kernel.value"
    assert differences(call, tmp_path, keras=True) == []


def transposed(x):
    return tf.matmul(x, W.T, transpose_b=True)


def drawn(x):
    return tf.matmul(x, tf.random.normal([3, 2], seed=1))


def padded(x):
    return tf.nn.conv2d(x, KERNEL, 1, [[0, 0], [2, 1], [1, 1], [0, 0]])


def dilated(x):
    """Keras would move the pixels apart, and together again."""
    return tf.nn.conv2d(x, KERNEL, 1, "SAME", dilations=[1, 2, 2, 1])


def shared(x):
    """The kernel is taken by another op, too."""
    w = tf.constant(numbers(3, 9))
    return tf.matmul(x, w) + tf.reduce_sum(w)


@pytest.mark.parametrize(
    ("build", "value"),
    [(transposed, ROWS), (drawn, ROWS), (padded, IMAGES), (dilated, IMAGES), (shared, ROWS)],
)
def test_what_is_no_whole_layer_is_written_as_always(build, value):
    call = call_of(build, value)
    texts = [written(module_of(call, k), ["A port."], "ported.npz", {}).text for k in (False, True)]
    assert texts[0] == texts[1]


def test_a_scope_with_a_hostile_name_gives_a_layer_a_plain_one(tmp_path):
    def of(x):
        for name in ("class", "a" * 300, "9.-_x"):
            x = dense(x, numbers(3, 3), numbers(3), f"scope/{name}" if name[0] == "9" else name)
        return x

    call = call_of(of)
    module = module_of(call, keras=True)
    file = tmp_path / "hostile.py"
    file.write_text(written(module, ["A port."], "ported.npz", {}).text)
    assert ruff("check", "--no-cache", str(file)) == ""
    assert differences(call, tmp_path, keras=True) == []


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("3.1:graph", "10 ops became 5 lines, 2 of them layers of Keras"),
        (
            "4.3:graph",
            "8 ops became 24 lines, 2 ops by tf.raw_ops, none of them a layer of Keras: no pattern"
            " is whole",
        ),
    ],
)
def test_it_is_said_how_many_layers_there_are(target, said):
    watched = watch(parse(target), "CPU:0", None, None, True, first=2)
    assert port(watched, "ported.npz", keras=True).summary == said
