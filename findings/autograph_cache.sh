#!/usr/bin/env bash
# Two files with the same function, each traced: whose lines do the ops have?
#
# A good guess: each trace tells the file that its own function stands in.
# TensorFlow 2.21.0: AutoGraph keeps what it made of a function under the function's code object, and
# code objects are equal where their bytecode, names and first line are, whatever file they come from.
# The second function is given the first's conversion, so its ops, and errors in it, name the first file.
# Seen:
#   equal code: True
#   first from first.py
#   second from first.py
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
for name in first second; do
    cat > "$folder/$name.py" << 'MODULE'
import tensorflow as tf


def f(x):
    if tf.reduce_sum(x) > 0:
        x = tf.sin(x)
    return x
MODULE
done
cat > "$folder/program.py" << 'PROGRAM'
import first
import second
import tensorflow as tf


def files(function):
    graph = tf.function(function).get_concrete_function(tf.ones([2])).graph
    frames = [frame.filename for op in graph.get_operations() for frame in op.traceback]
    return sorted({name.rsplit("/", 1)[-1] for name in frames} & {"first.py", "second.py"})


print("equal code:", second.f.__code__ == first.f.__code__)
print("first from", *files(first.f))
print("second from", *files(second.f))
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
