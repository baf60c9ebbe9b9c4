#!/usr/bin/env bash
# Can eager code call every op of tf.raw_ops whose inputs are plain tensors, with the defaults of its
# attrs? ImageSummary, of a picture of [1, 2, 2, 3].
#
# A good guess: yes; a tf.function around the op changes nothing.
# TensorFlow 2.21.0: an attr that is a tensor, as ImageSummary's `bad_color`, does not go through eager
# dispatch, not even where it has its default. In a graph it does. Of all ops two have such an attr:
# Const, which eager code has no need of, and this one.
# Seen:
#   eager: UnimplementedError: Attr bad_color has unhandled type 6
#   in a tf.function: a summary of 1 value, 2 x 2, 3 channels
#   ops with an attr that is a tensor: Const ImageSummary
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/program.py" << 'PROGRAM'
import tensorflow as tf
from tensorflow.python.framework import op_def_registry

picture = tf.zeros([1, 2, 2, 3])
try:
    tf.raw_ops.ImageSummary(tag="picture", tensor=picture)
    print("eager: done")
except tf.errors.UnimplementedError as error:
    print(f"eager: {type(error).__name__}: {error.message.partition(' [Op:')[0]}")


@tf.function
def summed(tensor):
    return tf.raw_ops.ImageSummary(tag="picture", tensor=tensor)


summary = tf.compat.v1.Summary.FromString(summed(picture).numpy())
image = summary.value[0].image
print(
    f"in a tf.function: a summary of {len(summary.value)} value, {image.height} x {image.width},"
    f" {image.colorspace} channels"
)
definitions = filter(None, map(op_def_registry.get, dir(tf.raw_ops)))
found = [each.name for each in definitions if any("tensor" in a.type for a in each.attr)]
print("ops with an attr that is a tensor:", *found)
PROGRAM
"$folder/venv/bin/python" "$folder/program.py" 2> /dev/null > "$folder/seen"
cat "$folder/seen"
diff "$folder/seen" - << 'EXPECTED'
eager: UnimplementedError: Attr bad_color has unhandled type 6
in a tf.function: a summary of 1 value, 2 x 2, 3 channels
ops with an attr that is a tensor: Const ImageSummary
EXPECTED
