#!/usr/bin/env bash
# A power of 0.5 or of -0.5, in a tf.function.
#
# A good guess: x ** 0.5 is the same number in a function and outside of it, maybe but for its last bit.
# TensorFlow 2.21.0: Grappler makes tf.sqrt of a power of 0.5 and tf.math.rsqrt of one of -0.5, which are
# other functions at two places: the power of -inf is inf and 0 (as in C), the root nan; and of -0.0
# the power is 0.0 and inf, the root -0.0 and -inf. So a function gives nan or the other infinity
# where eager does not. XLA, compiling what Grappler leaves to it, has the power.
# Seen:
#   [-inf, -0.0, 4.0] to the power of 0.5: eager [inf, 0.0, 2.0], function [nan, -0.0, 2.0], XLA [inf, 0.0, 2.0]
#   [-inf, -0.0, 4.0] to the power of -0.5: eager [0.0, inf, 0.5], function [nan, -inf, 0.5], XLA [0.0, inf, 0.5]
#   [-inf, -0.0, 4.0] to the power of 2.0: eager [inf, 0.0, 16.0], function [inf, 0.0, 16.0], XLA [inf, 0.0, 16.0]
#   [-inf, -0.0, 4.0] to the power of 3.0: eager [-inf, -0.0, 64.0], function [-inf, -0.0, 64.0], XLA [-inf, -0.0, 64.0]
#   [-inf, -0.0, 4.0] to the power of -1.0: eager [-0.0, -inf, 0.25], function [-0.0, -inf, 0.25], XLA [-0.0, -inf, 0.25]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/power_of_one_half.py" << 'PROGRAM'
import numpy as np
import tensorflow as tf


def told(what, f, x):
    """What a call gives eagerly, as a function and compiled by XLA."""
    ways = f, tf.function(f), tf.function(f, jit_compile=True)
    eager, function, compiled = [np.asarray(way(tf.constant(x))).tolist() for way in ways]
    print(f"{what}: eager {eager}, function {function}, XLA {compiled}")


inf = float("inf")
x = np.array([-inf, -0.0, 4.0], np.float32)
for exponent in (0.5, -0.5, 2.0, 3.0, -1.0):
    told(f"{x.tolist()} to the power of {exponent}", lambda x: x ** tf.constant(exponent), x)
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/power_of_one_half.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
