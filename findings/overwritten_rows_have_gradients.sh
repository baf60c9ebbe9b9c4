#!/usr/bin/env bash
# The gradient of a row that another row was written over.
#
# A good guess expects zero: it is nowhere in what came out.
# TensorFlow 2.21.0: dynamic_stitch says that the later of two rows with one index wins, and so it does;
# its gradient gives both what only the later may have. tensor_scatter_nd_update the same, for two updates
# of one row; its tensor, of which nothing is left there, has zero. One step along such a gradient moves
# what changes nothing, and a sum of both is twice what it should be.
# Seen, of sum(what came out):
#   dynamic_stitch [5. 7.]: gradients [1.] and [1. 1.]
#   by differences [0.] and [1. 1.]
#   tensor_scatter_nd_update [7. 2.]: gradients [0. 1.] and [1. 1.]
#   by differences [0. 1.] and [0. 1.]
#   the same variable for both rows: gradient 2, by differences 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/overwritten_rows_have_gradients.py" << 'PROGRAM'
import numpy as np
import tensorflow as tf


def stitch(early, late):
    return tf.dynamic_stitch([[1], [0, 1]], [early, late])


def update(tensor, updates):
    return tf.tensor_scatter_nd_update(tensor, [[0], [0]], updates)


def differences(op, given):
    def total(changed):
        return float(tf.reduce_sum(op(*map(tf.constant, changed))))

    found = []
    for number, array in enumerate(given):
        rows = np.zeros_like(array)
        for row in range(len(array)):
            changed = [each.copy() for each in given]
            changed[number][row] += 1.0
            rows[row] = total(changed) - total(given)
        found.append(rows)
    return found


for name, op, given in (
    ("dynamic_stitch", stitch, [np.array([3.0]), np.array([5.0, 7.0])]),
    ("tensor_scatter_nd_update", update, [np.array([1.0, 2.0]), np.array([3.0, 7.0])]),
):
    inputs = [tf.constant(each) for each in given]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        out = op(*inputs)
        total = tf.reduce_sum(out)
    first, second = (g.numpy() for g in tape.gradient(total, inputs))
    print(f"{name} {out.numpy()}: gradients {first} and {second}")
    first, second = differences(op, given)
    print(f"by differences {first} and {second}")

variable = tf.Variable([4.0])
with tf.GradientTape() as tape:
    total = tf.reduce_sum(tf.dynamic_stitch([[0], [0]], [variable, variable]))
told = float(tf.convert_to_tensor(tape.gradient(total, variable))[0])
variable.assign_add([1.0])
seen = float(tf.reduce_sum(tf.dynamic_stitch([[0], [0]], [variable, variable])) - total)
print(f"the same variable for both rows: gradient {told:g}, by differences {seen:g}")
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/overwritten_rows_have_gradients.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
