#!/usr/bin/env bash
# The mean of more than 65,519 numbers in float16.
#
# A good guess: a mean is no larger than what it is of, so nothing overflows: the mean of 0.5s is 0.5.
# TensorFlow 2.21.0, CPU: the sum and the number of elements are float16, and a number that large is inf.
# So the mean of 65,520 times 0.5 is 0.0, in silence, and that of ones nan; reduce_std of ones is nan.
# XLA and NumPy give the right numbers, and so does tf.nn.moments, which goes over to float32 by itself.
# Seen:
#   65504 times 0.5: eager 0.5, function 0.5, XLA 0.5
#   65504 times 1.0: eager 1.0, function 1.0, XLA 1.0
#   65519 times 0.5: eager 0.50048828125, function 0.50048828125, XLA 0.5
#   65519 times 1.0: eager inf, function inf, XLA 1.0
#   65520 times 0.5: eager 0.0, function 0.0, XLA 0.5
#   65520 times 1.0: eager nan, function nan, XLA 1.0
#   70000 times 0.5: eager 0.0, function 0.0, XLA 0.5
#   70000 times 1.0: eager nan, function nan, XLA 1.0
#   reduce_std of 70000 ones: eager nan, function nan, XLA 0.0
#   moments of 70000 ones: eager 1.0, function 1.0, XLA 1.0
#   numpy 0.5
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/mean_of_many_halves.py" << 'PROGRAM'
import numpy as np
import tensorflow as tf


def told(what, f, x):
    """What a call gives eagerly, as a function and compiled by XLA."""
    ways = f, tf.function(f), tf.function(f, jit_compile=True)
    eager, function, compiled = [np.asarray(way(tf.constant(x))).tolist() for way in ways]
    print(f"{what}: eager {eager}, function {function}, XLA {compiled}")


for count in (65504, 65519, 65520, 70000):
    told(f"{count} times 0.5", tf.reduce_mean, np.full(count, 0.5, np.float16))
    told(f"{count} times 1.0", tf.reduce_mean, np.ones(count, np.float16))
told("reduce_std of 70000 ones", tf.math.reduce_std, np.ones(70000, np.float16))
told("moments of 70000 ones", lambda x: tf.nn.moments(x, [0])[0], np.ones(70000, np.float16))
print("numpy", float(np.full(70000, 0.5, np.float16).mean()))
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/mean_of_many_halves.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
