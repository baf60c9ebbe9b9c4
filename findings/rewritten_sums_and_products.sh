#!/usr/bin/env bash
# Short formulas with constants, in a tf.function.
#
# A good guess: Grappler may change the last bits of a float, and nothing that anybody would see.
# TensorFlow 2.21.0: constants of a chain are gathered, as if sums and products were exact. (x + 1e8) - 1e8 is x,
# where eager has 0; (0 * 1e30) * 1e30 is 0 * inf, nan where eager has 0; and 1e-10 * 1e-30 * 1e30
# survives, which eagerly is 0. log(x + 1) becomes log1p, exp(x) - 1 expm1, log(softmax(x)) log_softmax: they
# are right where eager gives 0 and -inf, so a function trains where the same lines written eagerly
# stop. And the argmax of what grows is that of its argument: relu makes ties, of which eager takes
# the first, and the function finds the largest of what was cut off. XLA gets what Grappler
# leaves, and takes some of it back.
# Seen:
#   (x + 1e8) - 1e8 of 3: eager [0.0], function [3.0], XLA [3.0]
#   (x * 1e30) * 1e30 of 0: eager [0.0], function [nan], XLA [nan]
#   (x * 1e-30) * 1e30 of 1e-10: eager [0.0], function [1.000000013351432e-10], XLA [1.000000013351432e-10]
#   log(x + 1) of 1e-10: eager [0.0], function [1.000000013351432e-10], XLA [0.0]
#   exp(x) - 1 of 1e-10: eager [0.0], function [1.000000013351432e-10], XLA [0.0]
#   log(softmax(x)) of 0, 200: eager [-inf, 0.0], function [-200.0, 0.0], XLA [-inf, 0.0]
#   argmax(relu(x)) of -3, -1, -2: eager 0, function 1, XLA 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/rewritten_sums_and_products.py" << 'PROGRAM'
import numpy as np
import tensorflow as tf


def told(what, f, x):
    """What a call gives eagerly, as a function and compiled by XLA."""
    ways = f, tf.function(f), tf.function(f, jit_compile=True)
    eager, function, compiled = [np.asarray(way(tf.constant(x))).tolist() for way in ways]
    print(f"{what}: eager {eager}, function {function}, XLA {compiled}")


told("(x + 1e8) - 1e8 of 3", lambda x: (x + 1e8) - 1e8, np.array([3.0], np.float32))
told("(x * 1e30) * 1e30 of 0", lambda x: (x * 1e30) * 1e30, np.array([0.0], np.float32))
told("(x * 1e-30) * 1e30 of 1e-10", lambda x: (x * 1e-30) * 1e30, np.array([1e-10], np.float32))
told("log(x + 1) of 1e-10", lambda x: tf.math.log(x + 1.0), np.array([1e-10], np.float32))
told("exp(x) - 1 of 1e-10", lambda x: tf.exp(x) - 1.0, np.array([1e-10], np.float32))
x = np.array([0.0, 200.0], np.float32)
told("log(softmax(x)) of 0, 200", lambda x: tf.math.log(tf.nn.softmax(x)), x)
x = np.array([-3.0, -1.0, -2.0], np.float32)
told("argmax(relu(x)) of -3, -1, -2", lambda x: tf.argmax(tf.nn.relu(x)), x)
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/rewritten_sums_and_products.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
