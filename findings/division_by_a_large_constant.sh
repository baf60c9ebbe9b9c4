#!/usr/bin/env bash
# A division by a large constant, in a tf.function and in a session.
#
# A good guess: rewriting may change the last bit of x / c, and x / x is 1 wherever x is finite and not 0.
# TensorFlow 2.21.0: Grappler's constant folding makes x / c a product with 1 / c. The reciprocal of what
# is over 1 / (the least normal number) is denormal: in float32, float64 and bfloat16 it counts as zero,
# and c / c is 0. In float16 that begins at 16,384, and few digits are kept: what is divided by 60,000
# is off by a thousandth. XLA compiles what Grappler made of it, and gives the same. Without constant
# folding it is 1; and so it is in a session that asks for three ops only, as a graph of fewer than
# four nodes is not rewritten.
# Seen:
#   float32 3e+38: eager 1.0, function 0.0, XLA 0.0, session 0.0, a session of three ops 1.0, without folding 1.0
#   float64 1.7e+308: eager 1.0, function 0.0, XLA 0.0, session 0.0, a session of three ops 1.0, without folding 1.0
#   bfloat16 3e+38: eager 1.0, function 0.0, XLA 0.0, session 0.0, a session of three ops 1.0, without folding 1.0
#   float16 60000.0: eager 1.0, function 1.0009765625, XLA 1.0009765625, session 1.0009765625, a session of three ops 1.0, without folding 1.0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/divide.py" << 'PROGRAM'
import tensorflow as tf

tf1 = tf.compat.v1
for dtype, divisor in (
    (tf.float32, 3e38),
    (tf.float64, 1.7e308),
    (tf.bfloat16, 3e38),
    (tf.float16, 60000.0),
):
    x = tf.fill([4], tf.constant(divisor, dtype))

    def divided(x):
        return x / tf.constant(divisor, dtype)

    def longer(x):
        return divided(tf.abs(tf.negative(x)))

    def in_session(model):
        with tf.Graph().as_default(), tf1.Session() as session:
            fed = tf1.placeholder(dtype, [4])
            return session.run(model(fed), {fed: x.numpy()})

    found = {"eager": longer(x), "function": tf.function(longer)(x)}
    found["XLA"] = tf.function(longer, jit_compile=True)(x)
    found["session"] = in_session(longer)
    found["a session of three ops"] = in_session(divided)
    tf.config.optimizer.set_experimental_options({"constant_folding": False})
    found["without folding"] = tf.function(longer)(x)
    tf.config.optimizer.set_experimental_options({"constant_folding": True})
    told = ", ".join(f"{how} {float(y[0])}" for how, y in found.items())
    print(f"{dtype.name} {divisor:}: {told}")
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/divide.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
