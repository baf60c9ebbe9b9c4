#!/usr/bin/env bash
# The gradients of a product in which one number is 0.
#
# A good guess: the slope by the 0 is the product of all others, 10 here, and moves by 5 with the first;
# products, sums and their running kin have the same gradients however they are written.
# TensorFlow 2.21.0, Keras 3.15.1: tf.math.cumprod divides by its input and gives 0 where that is 0.
# tf.reduce_prod is right, but its gradient is made of cumprod, so that its second gradient is lost in the
# same way. keras.ops has both. Compiled by XLA it is the same.
# Seen:
#   x[0] * x[1] * x[2]: 0, slopes [0.0, 10.0, 0.0], of the first slope [0.0, 5.0, 0.0]
#   tf.reduce_prod(x): 0, slopes [0.0, 10.0, 0.0], of the first slope [0.0, 0.0, 0.0]
#   tf.math.cumprod(x)[2]: 0, slopes [0.0, 0.0, 0.0], of the first slope [0.0, 0.0, 0.0]
#   keras.ops.prod(x): 0, slopes [0.0, 10.0, 0.0], of the first slope [0.0, 0.0, 0.0]
#   keras.ops.cumprod(x)[2]: 0, slopes [0.0, 0.0, 0.0], of the first slope [0.0, 0.0, 0.0]
#   the same by XLA, of cumprod: 0, slopes [0.0, 0.0, 0.0], of the first slope [0.0, 0.0, 0.0]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0" "keras==3.15.1"
cat > "$folder/product_with_a_zero.py" << 'PROGRAM'
import numpy as np
import tensorflow as tf

x = np.array([2.0, 0.0, 5.0])


def told(what, f):
    """The slopes of f's last result, and how the first slope moves with each x."""
    x_ = tf.constant(x)
    with tf.GradientTape() as outer:
        outer.watch(x_)
        with tf.GradientTape() as inner:
            inner.watch(x_)
            y = f(x_)
        slopes = inner.gradient(y, x_)
        first = slopes[0]
    second = outer.gradient(first, x_)
    texts = [str((g.numpy() + 0.0).tolist()) for g in (slopes, second)]
    print(f"{what}: {y.numpy():g}, slopes {texts[0]}, of the first slope {texts[1]}")


told("x[0] * x[1] * x[2]", lambda x: x[0] * x[1] * x[2])
told("tf.reduce_prod(x)", tf.reduce_prod)
told("tf.math.cumprod(x)[2]", lambda x: tf.math.cumprod(x)[2])
told("keras.ops.prod(x)", tf.keras.ops.prod)
told("keras.ops.cumprod(x)[2]", lambda x: tf.keras.ops.cumprod(x)[2])
told("the same by XLA, of cumprod", tf.function(lambda x: tf.math.cumprod(x)[2], jit_compile=True))
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/product_with_a_zero.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
