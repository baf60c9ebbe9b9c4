#!/usr/bin/env bash
# Sorting numbers with a nan among them.
#
# A good guess: nan comes last, as in NumPy, and the others are in order.
# TensorFlow 2.21.0, CPU: sort is top_k of the negative, and top_k compares by `>`, for which nan is equal to
# everything. So nan stays about where it was and parts the others: 3, nan, 1, 2 sorted is 1, 3, nan, 2,
# and the two largest of 2, 1, nan are 2 and 1. XLA has a total order: nan is larger than all others,
# sort is as in NumPy, and top_k finds it first. Neither warns.
# Seen:
#   numpy sorts [3.0, nan, 1.0, 2.0]: [1.0, 2.0, 3.0, nan]
#     sort: eager [1.0, 3.0, nan, 2.0], function [1.0, 3.0, nan, 2.0], XLA [1.0, 2.0, 3.0, nan]
#     argsort: eager [2, 0, 1, 3], function [2, 0, 1, 3], XLA [2, 3, 0, 1]
#     the two largest: eager [3.0, nan], function [3.0, nan], XLA [nan, 3.0]
#   numpy sorts [nan, 2.0, 1.0]: [1.0, 2.0, nan]
#     sort: eager [nan, 1.0, 2.0], function [nan, 1.0, 2.0], XLA [1.0, 2.0, nan]
#     argsort: eager [0, 2, 1], function [0, 2, 1], XLA [2, 1, 0]
#     the two largest: eager [nan, 2.0], function [nan, 2.0], XLA [nan, 2.0]
#   numpy sorts [2.0, 1.0, nan]: [1.0, 2.0, nan]
#     sort: eager [1.0, 2.0, nan], function [1.0, 2.0, nan], XLA [1.0, 2.0, nan]
#     argsort: eager [1, 0, 2], function [1, 0, 2], XLA [1, 0, 2]
#     the two largest: eager [2.0, 1.0], function [2.0, 1.0], XLA [nan, 2.0]
#   numpy sorts [5.0, 4.0, nan, 3.0, 2.0, 1.0]: [1.0, 2.0, 3.0, 4.0, 5.0, nan]
#     sort: eager [1.0, 2.0, 3.0, 4.0, 5.0, nan], function [1.0, 2.0, 3.0, 4.0, 5.0, nan], XLA [1.0, 2.0, 3.0, 4.0, 5.0, nan]
#     argsort: eager [5, 4, 3, 1, 0, 2], function [5, 4, 3, 1, 0, 2], XLA [5, 4, 3, 1, 0, 2]
#     the two largest: eager [5.0, 4.0], function [5.0, 4.0], XLA [nan, 5.0]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/sorted_with_nan.py" << 'PROGRAM'
import numpy as np
import tensorflow as tf


def told(what, f, x):
    """What a call gives eagerly, as a function and compiled by XLA."""
    ways = f, tf.function(f), tf.function(f, jit_compile=True)
    eager, function, compiled = [np.asarray(way(tf.constant(x))).tolist() for way in ways]
    print(f"{what}: eager {eager}, function {function}, XLA {compiled}")


nan = float("nan")
for numbers in ([3.0, nan, 1.0, 2.0], [nan, 2.0, 1.0], [2.0, 1.0, nan], [5.0, 4.0, nan, 3.0, 2.0, 1.0]):
    x = np.array(numbers, np.float32)
    print(f"numpy sorts {numbers}: {np.sort(x).tolist()}")
    told("  sort", tf.sort, x)
    told("  argsort", tf.argsort, x)
    told("  the two largest", lambda x: tf.math.top_k(x, 2).values, x)
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/sorted_with_nan.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
