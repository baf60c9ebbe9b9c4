#!/usr/bin/env bash
# tf.random.stateless_uniform with one seed and alg="philox", in a plain function and with
# jit_compile=True: the seed as a constant of the function, and as its argument.
#
# A good guess: a stateless op gives the same numbers for the same seed, as its documentation says;
# at the least with the generator named, so that XLA does not choose its own.
# TensorFlow 2.21.0: the numbers are the same where the seed is a constant. Where it is an argument
# the compiled function draws other ones, those that it draws without alg="philox".
# Seen:
#   auto_select constant: the same numbers False
#   auto_select argument: the same numbers False
#   philox constant: the same numbers True
#   philox argument: the same numbers False
#   argument, compiled: philox and auto_select the same numbers True
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/program.py" << 'PROGRAM'
import numpy as np
import tensorflow as tf

SEED = [1, 2]


def drawn(alg, how, jit):
    def constant():
        return tf.random.stateless_uniform([4], SEED, alg=alg)

    def argument(seed):
        return tf.random.stateless_uniform([4], seed, alg=alg)

    if how == "constant":
        return tf.function(constant, jit_compile=jit)().numpy()
    return tf.function(argument, jit_compile=jit)(tf.constant(SEED)).numpy()


for alg in ("auto_select", "philox"):
    for how in ("constant", "argument"):
        same = np.array_equal(drawn(alg, how, False), drawn(alg, how, True))
        print(f"{alg} {how}: the same numbers {same}")
both = [drawn(alg, "argument", True) for alg in ("philox", "auto_select")]
print("argument, compiled: philox and auto_select the same numbers", np.array_equal(*both))
PROGRAM
seen=$(TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
