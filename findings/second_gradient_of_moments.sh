#!/usr/bin/env bash
# The second gradient of a variance, and of what is normalised by it.
#
# A good guess: a gradient of a gradient is the second derivative, as for every function that can be written
# down; a layer that TensorFlow lets be differentiated twice is differentiated right.
# TensorFlow 2.21.0, Keras 3.15.1: tf.nn.moments stops the gradient at the mean inside of its variance. The
# first derivative stays right, as that of the variance by the mean is 0; the second is wrong without a word.
# So it is through BatchNormalization and LayerNormalization, and a gradient penalty or a MAML step through
# them is another number. tf.math.reduce_variance and keras.ops.var are right.
# Seen:
#   variance by its definition: slopes [-0.8889, -0.2222, 1.1111], of the first slope [0.4444, -0.2222, -0.2222]
#   tf.nn.moments(...)[1]: slopes [-0.8889, -0.2222, 1.1111], of the first slope [0.6667, 0.0, 0.0]
#   tf.math.reduce_variance: slopes [-0.8889, -0.2222, 1.1111], of the first slope [0.4444, -0.2222, -0.2222]
#   keras.ops.moments(...)[1]: slopes [-0.8889, -0.2222, 1.1111], of the first slope [0.6667, 0.0, 0.0]
#   keras.ops.var: slopes [-0.8889, -0.2222, 1.1111], of the first slope [0.4444, -0.2222, -0.2222]
#   normalised by the definition: slopes [0.2291, -0.3436, 0.1145], of the first slope [0.1964, -0.18, -0.0164]
#   BatchNormalization in training: slopes [0.2291, -0.3436, 0.1145], of the first slope [0.2727, -0.1036, 0.06]
#   LayerNormalization: slopes [0.2291, -0.3436, 0.1145], of the first slope [0.2727, -0.1036, 0.06]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0" "keras==3.15.1"
cat > "$folder/second_gradient_of_moments.py" << 'PROGRAM'
import numpy as np
import tensorflow as tf

x = np.array([[0.0], [1.0], [3.0]])
LAYER = tf.keras.layers.LayerNormalization(epsilon=0.0, dtype="float64")
LAYER.build([1, 3])
BATCH = tf.keras.layers.BatchNormalization(epsilon=0.0, dtype="float64")
BATCH.build([3, 1])


def formula(x):
    return tf.reduce_mean((x - tf.reduce_mean(x, 0)) ** 2, 0)


def normalised(x):
    """By the formula."""
    return (x - tf.reduce_mean(x, 0)) / tf.sqrt(formula(x))


def told(what, f):
    """The second derivatives of f's first result for the first x, by each x."""
    x_ = tf.constant(x)
    with tf.GradientTape() as outer:
        outer.watch(x_)
        with tf.GradientTape() as inner:
            inner.watch(x_)
            y = f(x_)[0]
        slope = inner.gradient(y, x_)
        first = slope[0, 0]
    second = outer.gradient(first, x_)
    texts = [np.round(np.ravel(g.numpy()), 4).tolist() for g in (slope, second)]
    print(f"{what}: slopes {texts[0]}, of the first slope {texts[1]}")


told("variance by its definition", formula)
told("tf.nn.moments(...)[1]", lambda x: tf.nn.moments(x, [0])[1])
told("tf.math.reduce_variance", lambda x: tf.math.reduce_variance(x, 0))
told("keras.ops.moments(...)[1]", lambda x: tf.keras.ops.moments(x, 0)[1])
told("keras.ops.var", lambda x: tf.keras.ops.var(x, 0))
told("normalised by the definition", normalised)
told("BatchNormalization in training", lambda x: BATCH(x, training=True))
told("LayerNormalization", lambda x: tf.transpose(LAYER(tf.transpose(x))))
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/second_gradient_of_moments.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
