#!/usr/bin/env bash
# The gradient of selu at 0.
#
# A good guess: at its corner a function has the slope of one side, and the same one on every device and
# however it is compiled, as relu, elu and leaky_relu do.
# TensorFlow 2.21.0, CPU: 1.05, the slope of the right; compiled by XLA 1.76, that of the left. Features that
# are zero, as after dropout or in padding, get two thirds more of a gradient.
# Seen:
#   selu at -1, 0, 1: eager [0.6467685699462891, 1.0507010221481323, 1.0507010221481323], function [0.6467685699462891, 1.0507010221481323, 1.0507010221481323], XLA [0.6467685699462891, 1.7580993175506592, 1.0507010221481323]
#   elu at -1, 0, 1: eager [0.3678794503211975, 1.0, 1.0], function [0.3678794503211975, 1.0, 1.0], XLA [0.3678794503211975, 1.0, 1.0]
#   relu at -1, 0, 1: eager [0.0, 0.0, 1.0], function [0.0, 0.0, 1.0], XLA [0.0, 0.0, 1.0]
#   leaky_relu at -1, 0, 1: eager [0.20000000298023224, 0.20000000298023224, 1.0], function [0.20000000298023224, 0.20000000298023224, 1.0], XLA [0.20000000298023224, 0.20000000298023224, 1.0]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/selu_at_zero_compiled.py" << 'PROGRAM'
import numpy as np
import tensorflow as tf


def told(what, f, x):
    """What a call gives eagerly, as a function and compiled by XLA."""
    ways = f, tf.function(f), tf.function(f, jit_compile=True)
    eager, function, compiled = [np.asarray(way(tf.constant(x))).tolist() for way in ways]
    print(f"{what}: eager {eager}, function {function}, XLA {compiled}")


for activation in (tf.nn.selu, tf.nn.elu, tf.nn.relu, tf.nn.leaky_relu):

    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = activation(x)
        return tape.gradient(y, x)

    told(f"{activation.__name__} at -1, 0, 1", slope, np.array([-1.0, 0.0, 1.0], np.float32))
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/selu_at_zero_compiled.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
