#!/usr/bin/env bash
# Three variables of a Python loop begin with x and are multiplied by 1e8, 1 and -1e8. What is the
# gradient of their sum, and what is it when the variables are called otherwise?
#
# A good guess: what a Python variable is called changes no number.
# TensorFlow 2.21.0: AutoGraph hands the variables to tf.while_loop sorted by their names, so the
# gradients that come back for x are added in the order of the alphabet. In float32 1e8 + 1 is 1e8.
# Seen:
#   a, b, c: 0.0
#   a, c, b: 1.0
#   without AutoGraph, a, b, c: 0.0
#   without AutoGraph, a, c, b: 0.0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
for names in "a b c" "a c b"; do
    # shellcheck disable=SC2086
    set -- $names
    cat > "$folder/with_$1$2$3.py" << MODULE
import tensorflow as tf


def gradient(x, w):
    with tf.GradientTape() as tape:
        tape.watch(x)
        $1 = $2 = $3 = x
        for _ in tf.range(1):
            $1 = $1 * w[0]
            $2 = $2 * w[1]
            $3 = $3 * w[2]
        y = $1 + $2 + $3
    return tape.gradient(y, x)


def told(x, w):
    def turn($1, $2, $3):
        return $1 * w[0], $2 * w[1], $3 * w[2]

    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.add_n(tf.while_loop(lambda *_: True, turn, [x, x, x], maximum_iterations=1))
    return tape.gradient(y, x)
MODULE
done
cat > "$folder/program.py" << 'PROGRAM'
import tensorflow as tf
import with_abc
import with_acb

x, w = tf.constant(1.0), tf.constant([1e8, 1.0, -1e8])
tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
for word, name in ("", "gradient"), ("without AutoGraph, ", "told"):
    for file, names in (with_abc, "a, b, c"), (with_acb, "a, c, b"):
        function = tf.function(getattr(file, name), autograph=name == "gradient")
        print(f"{word}{names}:", function(x, w).numpy())
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
