#!/usr/bin/env bash
# The gradient for beta of tf.nn.silu(x, beta).
#
# A good guess: a beta for each channel works as it does in every op that broadcasts: values by channel, and a
# gradient of beta's own shape.
# TensorFlow 2.21.0: the values are by channel, but the gradient is summed over all channels to one number of
# shape [], which no variable of beta's shape takes. x * tf.sigmoid(beta * x) is right.
# Seen:
#   x * sigmoid(beta * x): values [0.1723, -0.2323, 1.0216], gradient [0.2782, 0.1471, 0.7044]
#   a step of x * sigmoid(beta * x): [0.7218, 0.8529, 0.2956]
#   tf.nn.silu(x, beta): values [0.1723, -0.2323, 1.0216], gradient 1.1296
#   a step of tf.nn.silu(x, beta): InvalidArgumentError
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/slope_of_silu.py" << 'PROGRAM'
import numpy as np
import tensorflow as tf

x = tf.constant([[0.3, -0.7, 1.3], [1.2, 0.4, -2.0]], tf.float64)


def formula(x, beta):
    return x * tf.sigmoid(beta * x)


def told(what, function):
    """The gradient for a slope of each channel, and what SGD does with it."""
    beta = tf.Variable(tf.ones([3], tf.float64))
    with tf.GradientTape() as tape:
        y = function(x, beta)
    gradient = tape.gradient(y, beta)
    print(f"{what}: values {np.round(y.numpy()[0], 4).tolist()}, gradient {np.round(gradient.numpy(), 4).tolist()}")
    try:
        beta.assign_sub(gradient)
        print(f"a step of {what}: {np.round(beta.numpy(), 4).tolist()}")
    except (ValueError, tf.errors.InvalidArgumentError) as error:
        print(f"a step of {what}: {type(error).__name__}")


told("x * sigmoid(beta * x)", formula)
told("tf.nn.silu(x, beta)", tf.nn.silu)
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/slope_of_silu.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
