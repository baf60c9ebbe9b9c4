"""The same training three ways, as a small and a medium network: what observed and recorded run."""

import itertools
from collections.abc import Callable, Iterable

import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1
SIZES = {"small": (4, (3, 2)), "medium": (64, (784, 128, 64, 10))}  # rows, widths of the layers


class Network:
    """Data and first weights of one size."""

    def __init__(self, size: str) -> None:
        self.rows, widths = SIZES[size]
        random = np.random.RandomState(0)
        self.weights = [
            (random.rand(a, b).astype(np.float32) - 0.5) / a for a, b in itertools.pairwise(widths)
        ]
        self.x = random.rand(self.rows, widths[0]).astype(np.float32)

    def loss(self, x: tf.Tensor, weights: list) -> tf.Tensor:
        """The mean square of what the network gives for x."""
        for weight in weights:
            x = tf.tanh(tf.matmul(x, weight))
        return tf.reduce_mean(tf.square(x))


def session(network: Network) -> tuple[tf1.Session, list, dict]:
    """A session with the trained network in it, what to fetch of it, and what to feed."""
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, network.x.shape)
        weights = [tf1.get_variable(f"w{n}", initializer=w) for n, w in enumerate(network.weights)]
        loss = network.loss(x, weights)
        train = tf1.train.GradientDescentOptimizer(0.1).minimize(loss)
        start = tf1.global_variables_initializer()
    running = tf1.Session(graph=graph)
    running.run(start)
    return running, [loss, train], {x: network.x}


def graph_way(network: Network) -> Callable[[Iterable], None]:
    """A training loop of Session.run, a step for each item it is given."""
    running, fetches, feeds = session(network)

    def loop(items: Iterable) -> None:
        for _ in items:
            running.run(fetches, feeds)

    return loop


def eager_way(network: Network) -> Callable[[Iterable], None]:
    """A training loop that dispatches op by op."""
    step = _step(network)

    def loop(items: Iterable) -> None:
        for _ in items:
            step(network.x).numpy()

    return loop


def function_way(network: Network) -> Callable[[Iterable], None]:
    """A training loop that calls a tf.function."""
    step = tf.function(_step(network))

    def loop(items: Iterable) -> None:
        for _ in items:
            step(network.x).numpy()

    return loop


def _step(network: Network) -> Callable:
    weights = [tf.Variable(weight) for weight in network.weights]

    def step(x: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = network.loss(tf.convert_to_tensor(x), weights)
        for weight, gradient in zip(weights, tape.gradient(loss, weights), strict=True):
            weight.assign_sub(0.1 * gradient)
        return loss

    return step


WAYS = {"session": graph_way, "eager": eager_way, "function": function_way}
