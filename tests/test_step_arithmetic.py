"""The sum behind an element, against what TensorFlow gives for the whole."""

from __future__ import annotations

import re

import numpy as np
import pytest
import tensorflow as tf

from graphlab.walk.arithmetic import terms

RANDOM = np.random.RandomState(3)


def drawn(*shape: int) -> np.ndarray:
    return np.float32(RANDOM.normal(size=shape))


def grad(op: str, y: np.ndarray, dy: np.ndarray) -> np.ndarray:
    """What TensorFlow gives."""
    return getattr(tf.raw_ops, op)(
        **{"y" if op != "ReluGrad" else "features": y}
        | ({"dy": dy} if op != "ReluGrad" else {"gradients": dy})
    ).numpy()


A, B, X, Y = drawn(3, 4), drawn(4, 2), drawn(2, 3), drawn(2, 3)
PICTURE, FILTERS = drawn(2, 7, 6, 3), drawn(3, 2, 3, 4)
CELLS = {
    "product": ("MatMul", {}, [A, B], tf.matmul(A, B), (2, 1)),
    "turned": ("MatMul", {"transpose_a": True}, [A, A], tf.matmul(A, A, transpose_a=True), (3, 0)),
    "long": ("MatMul", {}, [drawn(2, 30), np.ones((30, 2), np.float32)], None, (1, 1)),
    "spread": ("AddV2", {}, [A, drawn(4)], None, (2, 3)),
    "softmax": ("Softmax", {}, [A], tf.nn.softmax(A), (1, 2)),
    "log": ("LogSoftmax", {}, [A], tf.nn.log_softmax(A), (1, 2)),
    "sum": ("Sum", {}, [A, np.int32([0])], tf.reduce_sum(A, 0), (2,)),
    "mean": ("Mean", {}, [A, np.int32([0, 1])], tf.reduce_mean(A), ()),
    "kept": ("Max", {"keep_dims": True}, [A, np.int32([1])], tf.reduce_max(A, 1, True), (2, 0)),
    "tanh": ("Tanh", {}, [A], tf.tanh(A), (0, 0)),
    "tanh'": ("TanhGrad", {}, [X, Y], grad("TanhGrad", X, Y), (1, 2)),
    "sigmoid'": ("SigmoidGrad", {}, [X, Y], grad("SigmoidGrad", X, Y), (1, 2)),
    "relu'": ("ReluGrad", {}, [Y, X], grad("ReluGrad", X, Y), (0, 1)),
    "batch": ("BatchMatMulV2", {"adj_y": True}, [PICTURE, PICTURE], None, (1, 2, 3, 4)),
}
CELLS["long"] = (*CELLS["long"][:3], tf.matmul(*CELLS["long"][2]), (1, 1))
CELLS["spread"] = (*CELLS["spread"][:3], CELLS["spread"][2][0] + CELLS["spread"][2][1], (2, 3))
CELLS["batch"] = (*CELLS["batch"][:3], tf.matmul(PICTURE, PICTURE, transpose_b=True), (1, 2, 3, 4))
for PADDING in ("SAME", "VALID"):
    for STRIDE in (1, 2):
        CELLS[f"{PADDING} {STRIDE}"] = (
            "Conv2D",
            {"strides": [1, STRIDE, STRIDE, 1], "padding": PADDING},
            [PICTURE, FILTERS],
            tf.nn.conv2d(PICTURE, FILTERS, STRIDE, PADDING),
            (1, 0, 2, 3),
        )


@pytest.mark.parametrize("case", CELLS)
def test_the_sum_ends_in_what_tensorflow_gives(case):
    op, attrs, inputs, whole, place = CELLS[case]
    said = terms(op, attrs, inputs, place)
    assert said is not None
    found = float(re.findall(r"(?:= |: )(-?[\d.e+-]+)$", said[-1])[-1])
    assert found == pytest.approx(float(np.asarray(whole)[place]), rel=2e-5, abs=1e-6)


@pytest.mark.parametrize("output", [0, 1])
@pytest.mark.parametrize("sparse", [True, False])
def test_a_cross_entropy_is_computed_by_its_exponentials(output, sparse):
    labels = np.int64([3, 0, 1]) if sparse else np.float32(np.eye(4)[[3, 0, 1]] * 0.8 + 0.05)
    op = f"{'Sparse' if sparse else ''}SoftmaxCrossEntropyWithLogits"
    whole = getattr(tf.raw_ops, op)(features=A, labels=labels)[output].numpy()
    place = (2, 1)[: whole.ndim]
    said = terms(op, {}, [A, labels], place, output=output)
    assert float(said[-1].rpartition("= ")[2]) == pytest.approx(float(whole[place]), rel=2e-5)


def test_a_gradient_of_a_bias_is_a_sum():
    whole = tf.raw_ops.BiasAddGrad(out_backprop=PICTURE).numpy()
    said = terms("BiasAddGrad", {}, [PICTURE], (2,))
    assert said[0] == "db = the sum of dz"
    assert float(said[-1].rpartition(": ")[2]) == pytest.approx(float(whole[2]), rel=2e-5)


def test_a_gradient_tells_its_formula():
    said = terms("MatMul", {"transpose_a": True}, [A, A], (0, 0), backward=True)
    assert said is not None and said[0] == "dW = hT dz"
    assert terms("TanhGrad", {}, [X, Y], (0, 0))[0] == "dx = dy * (1 - y * y)"


def test_what_is_not_known_is_none_and_a_place_that_is_not_there_an_error():
    assert terms("Cumsum", {}, [A, np.int32(0)], (0, 0)) is None
    assert terms("Identity", {}, [np.array([b"a"])], (0,)) is None
    dilated = {"strides": [1, 1, 1, 1], "dilations": [1, 2, 2, 1], "padding": "SAME"}
    assert terms("Conv2D", dilated, [PICTURE, FILTERS], (0, 0, 0, 0)) is None
    with pytest.raises(IndexError, match=r"it gives \[3, 2\]; there is no \[3, 0\] in it"):
        terms("MatMul", {}, [A, B], (3, 0))
