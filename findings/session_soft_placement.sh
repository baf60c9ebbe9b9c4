#!/usr/bin/env bash
# tf.config.set_soft_device_placement(True), and a tf.compat.v1.Session that is given no config.
#
# A good guess: tf.config speaks of eager execution and of functions; a session has the defaults of
# its own ConfigProto, in which allow_soft_placement is off.
# TensorFlow 2.21.0: a Session without a config takes that of the process, so an op that asks for a
# GPU that is not there runs on the CPU; with an empty ConfigProto, which looks the same, it is refused.
# Seen:
#   no config, before: InvalidArgumentError
#   no config, after: 2.0
#   ConfigProto(), after: InvalidArgumentError
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/program.py" << 'PROGRAM'
import tensorflow as tf

tf1 = tf.compat.v1


def run(config=None):
    with tf.Graph().as_default():
        with tf.device("/GPU:0"):
            y = tf.constant(1.0) + 1.0
        try:
            with tf1.Session(config=config) as session:
                return session.run(y)
        except tf.errors.InvalidArgumentError as error:
            return type(error).__name__


tf.config.set_soft_device_placement(False)
print("no config, before:", run())
tf.config.set_soft_device_placement(True)
print("no config, after:", run())
print("ConfigProto(), after:", run(tf1.ConfigProto()))
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
