#!/usr/bin/env bash
# The gradient of a root that tf.where keeps out, where it is not finite.
#
# A good guess: it is nan, as everybody warns: tf.where hands back 0, and 0 times the infinite slope at 0 is
# nan. And if one spelling of a formula is safe, it is safe in a compiled function.
# TensorFlow 2.21.0, CPU: it depends on the spelling. The gradient kernels of sqrt, rsqrt and reciprocal
# give 0 where what comes back is 0, so tf.sqrt, tf.norm and reduce_std train on; x ** 0.5, 1 / x and log are
# made of products, and give nan. XLA has no such kernels: compiled, all of them are nan but
# divide_no_nan, so that a training which is safe stops being so with jit_compile=True.
# Seen:
#   where(x > 0, tf.sqrt(x), 0) at 0: eager 0.0, function 0.0, XLA nan
#   where(x > 0, tf.norm([x, x]), 0) at 0: eager 0.0, function 0.0, XLA nan
#   where(x > 0, reduce_std([x, x]), 0) at 0: eager 0.0, function 0.0, XLA nan
#   where(x > 0, tf.math.rsqrt(x), 0) at 0: eager 0.0, function 0.0, XLA nan
#   where(x > 0, tf.math.reciprocal(x), 0) at 0: eager 0.0, function 0.0, XLA nan
#   where(x > 0, tf.math.divide_no_nan(1.0, x), 0) at 0: eager 0.0, function 0.0, XLA 0.0
#   where(x > 0, x ** 0.5, 0) at 0: eager nan, function nan, XLA nan
#   where(x > 0, 1.0 / x, 0) at 0: eager nan, function nan, XLA nan
#   where(x > 0, tf.math.log(x), 0) at 0: eager nan, function nan, XLA nan
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/guarded_root_compiled.py" << 'PROGRAM'
import numpy as np
import tensorflow as tf


def told(what, f, x):
    """What a call gives eagerly, as a function and compiled by XLA."""
    ways = f, tf.function(f), tf.function(f, jit_compile=True)
    eager, function, compiled = [np.asarray(way(tf.constant(x))).tolist() for way in ways]
    print(f"{what}: eager {eager}, function {function}, XLA {compiled}")


formulas = {
    "tf.sqrt(x)": tf.sqrt,
    "tf.norm([x, x])": lambda x: tf.norm(tf.stack([x, x])),
    "reduce_std([x, x])": lambda x: tf.math.reduce_std(tf.stack([x, x])),
    "tf.math.rsqrt(x)": tf.math.rsqrt,
    "tf.math.reciprocal(x)": tf.math.reciprocal,
    "tf.math.divide_no_nan(1.0, x)": lambda x: tf.math.divide_no_nan(1.0, x),
    "x ** 0.5": lambda x: x**0.5,
    "1.0 / x": lambda x: 1.0 / x,
    "tf.math.log(x)": tf.math.log,
}
for text, formula in formulas.items():

    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.where(x > 0.0, formula(x), 0.0)
        return tape.gradient(y, x)

    told(f"where(x > 0, {text}, 0) at 0", slope, np.float32(0.0))
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/guarded_root_compiled.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
