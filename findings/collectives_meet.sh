#!/usr/bin/env bash
# Two MirroredStrategy objects over the same devices, one after the other, each with an eager all_reduce.
#
# A good guess: they are two strategies, and know nothing of each other.
# TensorFlow 2.21.0: each strategy counts its collectives from the same number, and the number is what the
# runtime knows a collective by. The second strategy's first is taken for the first one's, and where the
# shapes differ the step is aborted; so are the strategy's later ones.
# Seen:
#   first [1.0, 1.0]
#   second InvalidArgumentError: Shape mismatch in the collective instance
#   the same shape again InvalidArgumentError
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/program.py" << 'PROGRAM'
import tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)


def mean_of_ones(size):
    def step():
        return tf.distribute.get_replica_context().all_reduce("mean", tf.ones([size]))

    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    return strategy.experimental_local_results(strategy.run(step))[0].numpy().tolist()


print("first", mean_of_ones(2))
try:
    mean_of_ones(3)
except tf.errors.InvalidArgumentError as error:
    said = "Shape mismatch in the collective instance"
    print("second InvalidArgumentError:", said if said in str(error) else str(error))
try:
    print("the same shape again", mean_of_ones(2))
except Exception as error:
    print("the same shape again", type(error).__name__)
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
