#!/usr/bin/env bash
# The largest and the least of numbers with a nan among them.
#
# A good guess: what is not a number goes through, as in NumPy: the largest of 3, nan, 1 is nan, and
# a compiled function gives what the function gave.
# TensorFlow 2.21.0, CPU: reduce_max and reduce_min let nan through; compiled by XLA they leave it out, and
# where there is nothing else they give -inf and inf, so a check on the largest value finds nothing.
# max_pool leaves nan out in all ways, and of nan alone makes the least float, compiled -inf. argmax
# passes over nan; that of XLA begins anew behind it: of 3, nan, 1 it names the place of the 1.
# tf.maximum lets nan through in all ways.
# Seen:
#   reduce_max of [3.0, nan, 1.0]: eager nan, function nan, XLA 3.0
#   reduce_min of [3.0, nan, 1.0]: eager nan, function nan, XLA 1.0
#   argmax of [3.0, nan, 1.0]: eager 0, function 0, XLA 2
#   pooled of [3.0, nan, 1.0]: eager [3.0, 1.0], function [3.0, 1.0], XLA [3.0, 1.0]
#   maximum of [3.0, nan, 1.0] and 2: eager [3.0, nan, 2.0], function [3.0, nan, 2.0], XLA [3.0, nan, 2.0]
#   reduce_max of [1.0, 3.0, nan]: eager nan, function nan, XLA 3.0
#   reduce_min of [1.0, 3.0, nan]: eager nan, function nan, XLA 1.0
#   argmax of [1.0, 3.0, nan]: eager 1, function 1, XLA 2
#   pooled of [1.0, 3.0, nan]: eager [3.0, 3.0], function [3.0, 3.0], XLA [3.0, 3.0]
#   maximum of [1.0, 3.0, nan] and 2: eager [2.0, 3.0, nan], function [2.0, 3.0, nan], XLA [2.0, 3.0, nan]
#   reduce_max of [nan, nan]: eager nan, function nan, XLA -inf
#   reduce_min of [nan, nan]: eager nan, function nan, XLA inf
#   argmax of [nan, nan]: eager 0, function 0, XLA 1
#   pooled of [nan, nan]: eager [-3.4028234663852886e+38], function [-3.4028234663852886e+38], XLA [-inf]
#   maximum of [nan, nan] and 2: eager [nan, nan], function [nan, nan], XLA [nan, nan]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/largest_with_nan.py" << 'PROGRAM'
import numpy as np
import tensorflow as tf


def told(what, f, x):
    """What a call gives eagerly, as a function and compiled by XLA."""
    ways = f, tf.function(f), tf.function(f, jit_compile=True)
    eager, function, compiled = [np.asarray(way(tf.constant(x))).tolist() for way in ways]
    print(f"{what}: eager {eager}, function {function}, XLA {compiled}")


nan = float("nan")


def pooled(x):
    return tf.reshape(tf.nn.max_pool1d(tf.reshape(x, [1, -1, 1]), 2, 1, "VALID"), [-1])


for numbers in ([3.0, nan, 1.0], [1.0, 3.0, nan], [nan, nan]):
    x = np.array(numbers, np.float32)
    for f in (tf.reduce_max, tf.reduce_min, tf.argmax, pooled):
        told(f"{f.__name__.removesuffix('_v2')} of {numbers}", f, x)
    told(f"maximum of {numbers} and 2", lambda x: tf.maximum(x, 2.0), x)
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/largest_with_nan.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
