#!/usr/bin/env bash
# Reading a variable that was made inside of a tf.function, before it is initialised.
#
# A good guess: FailedPreconditionError, as TensorFlow says of each variable without a value, and as a
# handle with a name of its own gives.
# TensorFlow 2.21.0: an eager variable is anonymous, and of an anonymous one that is not initialised
# read_value() gives an empty tensor, of the shape [0], without an error. Only is_initialized() tells.
# Seen:
#   initialised False
#   read_value of shape (0,)
#   called [[4.0, 4.0]]
#   with a name FailedPreconditionError
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/program.py" << 'PROGRAM'
import tensorflow as tf


class Model(tf.Module):
    v = None

    @tf.function
    def __call__(self, x):
        if self.v is None:
            self.v = tf.Variable(tf.ones([4, 2]))
            with tf.init_scope():
                print("initialised", bool(self.v.is_initialized()))
                print("read_value of shape", self.v.read_value().numpy().shape)
        return x @ self.v


print("called", Model()(tf.ones([1, 4])).numpy().tolist())
named = tf.raw_ops.VarHandleOp(dtype=tf.float32, shape=[4, 2], shared_name="named")
try:
    tf.raw_ops.ReadVariableOp(resource=named, dtype=tf.float32)
except tf.errors.FailedPreconditionError as error:
    print("with a name", type(error).__name__)
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
