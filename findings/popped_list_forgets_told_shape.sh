#!/usr/bin/env bash
# A tensor is popped from a list with raw_ops.TensorListPopBack, which is told the shape of what comes out
# (element_shape). The list is once one that the function has made, and once one that was itself popped
# from a list of lists.
#
# A good guess: the static shape is the one that the op was told, wherever its list comes from.
# TensorFlow 2.21.0 (CPU): with a list that the function made it is. With a list that came out of a list
#   the result has no known rank: what was told is not used. The value has the shape all the same; but a loop
#   whose variable begins with that shape refuses such a turn ("has shape <unknown> after one iteration"),
#   so that the gradient of a loop in a loop, written out, wants tf.ensure_shape behind each pop.
# Seen:
#   a list made here: (4,)
#   a list out of a list: <unknown> and then (4,)
#   a loop: refused; with ensure_shape (4,)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/program.py" << 'PROGRAM'
import tensorflow as tf

raw = tf.raw_ops
FLOATS = {"element_shape": [4], "element_dtype": tf.float32}
LISTS = {"element_shape": tf.zeros([0], tf.int32), "element_dtype": tf.variant}


def popped(floats):
    return raw.TensorListPopBack(input_handle=floats, **FLOATS).tensor


def inner():
    empty = raw.EmptyTensorList(max_num_elements=-1, **FLOATS)
    return raw.TensorListPushBack(input_handle=empty, tensor=tf.zeros([4]))


def inner_of_outer():
    empty = raw.EmptyTensorList(max_num_elements=-1, **LISTS)
    outer = raw.TensorListPushBack(input_handle=empty, tensor=inner())
    return raw.TensorListPopBack(input_handle=outer, **LISTS).tensor


seen = []


@tf.function
def made_here():
    seen.append(popped(inner()).shape)


@tf.function
def out_of_a_list():
    x = popped(inner_of_outer())
    seen.append(x.shape)
    return x


@tf.function
def loop(told):
    floats = inner_of_outer()

    def turn(i, x):
        x = popped(floats)
        return i + 1, tf.ensure_shape(x, [4]) if told else x

    return tf.while_loop(lambda i, x: i < 1, turn, (0, tf.ones([4])))[1]


made_here()
value = out_of_a_list()
print("a list made here:", seen[0])
print("a list out of a list:", seen[1], "and then", value.shape)
try:
    plain = loop(False).shape
except ValueError:
    plain = "refused"
print(f"a loop: {plain}; with ensure_shape {loop(True).shape}")
PROGRAM
seen=$(TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   \(a [^:]*: .*\)/\1/p' "$0") <(printf '%s\n' "$seen")
