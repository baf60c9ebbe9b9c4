#!/usr/bin/env bash
# A gradient penalty through a bilinear resize.
#
# A good guess: a resize is linear, a matrix times the picture, so that it can be differentiated as often as
# that; where TensorFlow cannot, it says so.
# TensorFlow 2.21.0, Keras 3.15.1: the gradient of ResizeBilinearGrad is told to be none. The penalty's own
# gradient is None, and where there is another way beside the resize, what went through the resize is missing
# from the sum without a word. nearest and bicubic raise a LookupError, as expected. The same holds for
# UpSampling2D in Keras, and forward mode (tf.autodiff.ForwardAccumulator) gives None for the first derivative
# of such a resize.
# Seen:
#   three rows to five by a matrix: 14.5846, its gradient [0.9391, 1.901, 2.4609]
#   tf.image.resize to five: 14.5846, its gradient None
#     and the picture beside it: 23.7131, its gradient [0.4791, 0.9851, 1.6733]
#     the same by the matrix: 23.7131, its gradient [1.367, 2.802, 4.1855]
#   three rows to six by a matrix: 17.5891, its gradient [1.2508, 2.0645, 3.0523]
#   Keras' UpSampling2D, bilinear: 17.5891, its gradient None
#   tf.image.resize, nearest: 16.9706, its gradient LookupError: gradient registry has no entry for: ResizeNearestNeighborGrad
#   tf.image.resize, bicubic: 15.2119, its gradient LookupError: gradient registry has no entry for: ResizeBicubicGrad
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0" "keras==3.15.1"
cat > "$folder/second_gradient_of_a_resize.py" << 'PROGRAM'
import numpy as np
import tensorflow as tf

x = np.reshape([1.0, 2.0, 4.0], [1, 3, 1, 1])
ROWS = np.eye(3).reshape(3, 3, 1, 1)
MATRIX = tf.image.resize(ROWS, [5, 1]).numpy()[:, :, 0, 0].T.astype(np.float64)  # [5, 3]
GROW = tf.keras.layers.UpSampling2D((2, 1), interpolation="bilinear", dtype="float64")
GROWN = GROW(ROWS).numpy()[:, :, 0, 0].T.astype(np.float64)  # [6, 3]


def told(what, f):
    """The norm of the gradient of sum(f(x)²), and the gradient of that norm: a gradient penalty."""
    x_ = tf.constant(x)
    with tf.GradientTape() as outer:
        outer.watch(x_)
        with tf.GradientTape() as inner:
            inner.watch(x_)
            y = tf.reduce_sum(tf.cast(f(x_), tf.float64) ** 2)
        penalty = tf.norm(inner.gradient(y, x_))
    try:
        slope = outer.gradient(penalty, x_)
    except LookupError as error:
        slope = f"LookupError: {error}"
    else:
        slope = None if slope is None else np.round(np.ravel(slope), 4).tolist()
    print(f"{what}: {penalty:.4f}, its gradient {slope}")


told("three rows to five by a matrix", lambda x: tf.einsum("oi,bixc->boxc", MATRIX, x))
told("tf.image.resize to five", lambda x: tf.image.resize(x, [5, 1]))
told("  and the picture beside it", lambda x: tf.concat([tf.cast(tf.image.resize(x, [5, 1]), tf.float64), x], 1))
told("  the same by the matrix", lambda x: tf.concat([tf.einsum("oi,bixc->boxc", MATRIX, x), x], 1))
told("three rows to six by a matrix", lambda x: tf.einsum("oi,bixc->boxc", GROWN, x))
told("Keras' UpSampling2D, bilinear", GROW)
told("tf.image.resize, nearest", lambda x: tf.image.resize(x, [5, 1], "nearest"))
told("tf.image.resize, bicubic", lambda x: tf.image.resize(x, [5, 1], "bicubic"))
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/second_gradient_of_a_resize.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
