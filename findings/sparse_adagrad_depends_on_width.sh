#!/usr/bin/env bash
# An embedding is trained by Adagrad, and some of its columns hold the same numbers and get the same
# gradients.
#
# A good guess: the same numbers give the same numbers. What a column becomes depends on neither how many
#   columns stand beside it nor on which of them it is, as it is with the dense kernel.
# TensorFlow 2.21.0 (CPU): ResourceSparseApplyAdagrad goes row by row, whole vectors of 8 or 16 numbers
#   first and the rest one by one, and the two compute 1 / sqrt another way. With 17 columns the last goes
#   apart from the 16 that were equal to it; a table of one column ends otherwise than each of 16. It is
#   the last bit of some numbers in a hundred, at each step. A formula over the table, as a port would
#   write it, has the kernel's bits for widths of whole vectors alone.
# Seen:
#   columns 1 the last is the first: True as in one column: True
#   columns 16 the last is the first: True as in one column: False
#   columns 17 the last is the first: False as in one column: False
#   dense columns 1 the last is the first: True as in one column: True
#   dense columns 16 the last is the first: True as in one column: True
#   dense columns 17 the last is the first: True as in one column: True
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/program.py" << 'PROGRAM'
import numpy as np
import tensorflow as tf

ROWS = 4096
random = np.random.RandomState(0)
value, grad = np.float32(random.normal(size=[2, ROWS, 1]))
accum = np.float32(random.uniform(0.1, 1, [ROWS, 1]))


def trained(columns, dense):
    start, squares, slopes = (np.repeat(each, columns, 1) for each in (value, accum, grad))
    table, slot = tf.Variable(start), tf.Variable(squares)
    told = {"var": table.handle, "accum": slot.handle, "lr": 0.1, "grad": slopes}
    if dense:
        tf.raw_ops.ResourceApplyAdagrad(**told)
    else:
        tf.raw_ops.ResourceSparseApplyAdagrad(**told, indices=np.arange(ROWS))
    return table.numpy()


for dense in (False, True):
    alone = trained(1, dense)[:, 0]
    for columns in (1, 16, 17):
        table = trained(columns, dense)
        first, last = table[:, 0], table[:, -1]
        told = np.array_equal(first, last), np.array_equal(first, alone)
        kind = "dense " * dense
        print(f"{kind}columns {columns} the last is the first: {told[0]} as in one column: {told[1]}")
PROGRAM
seen=$(TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   \(\(dense \)\?columns [0-9]* the\)/\1/p' "$0") <(printf '%s\n' "$seen")
