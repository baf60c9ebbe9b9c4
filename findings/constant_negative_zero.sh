#!/usr/bin/env bash
# A constant of minus zero, in eager mode.
#
# A good guess: tf.constant(-0.0) is minus zero, as in Python, in NumPy and in a graph.
# TensorFlow 2.21.0: it is, unless a plus zero was made before. Eager scalars are kept and looked up by
# what they are equal to, and 0.0 == -0.0, so the first of the two answers for both: 1 / x is inf and
# not -inf, and x * -0.0 loses its sign after x * 0.0. The same line traced by a tf.function keeps it.
# Seen:
#   first of the process, sign True
#   after 0.0, sign False
#   1 / x is inf
#   x * -0.0 after x * 0.0, sign False
#   traced, sign True
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/first.py" << 'PROGRAM'
import numpy as np
import tensorflow as tf

print("first of the process, sign", bool(np.signbit(tf.constant(-0.0).numpy())))
PROGRAM
cat > "$folder/after.py" << 'PROGRAM'
import numpy as np
import tensorflow as tf

tf.constant(0.0)
x = tf.constant(-0.0)
print("after 0.0, sign", bool(np.signbit(x.numpy())))
print("1 / x is", float(1.0 / x))
ones = tf.ones([2])
ones * 0.0
print("x * -0.0 after x * 0.0, sign", bool(np.signbit((ones * -0.0).numpy()).any()))


@tf.function
def traced():
    return tf.constant(-0.0)


print("traced, sign", bool(np.signbit(traced().numpy())))
PROGRAM
run() { CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$1" 2> /dev/null; }
seen=$(run "$folder/first.py" && run "$folder/after.py")
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
