#!/usr/bin/env bash
# RunOptions.SOFTWARE_TRACE beside FULL_TRACE, of a Session.run on a CPU.
#
# A good guess: the lower level records less of a run (that is what levels are for), and two traced
# runs at once are a matter of luck at either level.
# TensorFlow 2.21.0, on a CPU: both record the same nodes, with times, output shapes and allocations,
# in the same fields of NodeExecStats. But while another profile is being taken a run with FULL_TRACE
# raises AlreadyExistsError, and one with SOFTWARE_TRACE is traced as ever.
# Seen:
#   alone: the same nodes True, the same fields True
#   while profiled: SOFTWARE_TRACE ok, FULL_TRACE AlreadyExistsError
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/program.py" << 'PROGRAM'
import sys

import tensorflow as tf

tf1 = tf.compat.v1
LEVELS = tf1.RunOptions


def traced(session, y, level):
    metadata = tf1.RunMetadata()
    session.run(y, options=LEVELS(trace_level=level), run_metadata=metadata)
    return {
        (device.device, stats.node_name, fields(stats))
        for device in metadata.step_stats.dev_stats
        for stats in device.node_stats
    }


def fields(stats):  # a time of 0 µs is none
    names = (field.name for field, _ in stats.ListFields())
    return tuple(name for name in names if not name.endswith("_micros"))


with tf.Graph().as_default():
    x = tf1.random.normal([64, 64])
    y = tf.reduce_sum(tf.nn.relu(x @ x))
    with tf1.Session() as session:
        for _ in range(3):
            software, full = (traced(session, y, n) for n in (LEVELS.SOFTWARE_TRACE, LEVELS.FULL_TRACE))
        nodes = [{each[:2] for each in found} for found in (software, full)]
        print("alone: the same nodes", nodes[0] == nodes[1], end=", ")
        print("the same fields", software == full)
        tf.profiler.experimental.start(sys.argv[1])
        said = []
        for name in ("SOFTWARE_TRACE", "FULL_TRACE"):
            try:
                traced(session, y, getattr(LEVELS, name))
                said.append(f"{name} ok")
            except tf.errors.OpError as error:
                said.append(f"{name} {type(error).__name__}")
        tf.profiler.experimental.stop(save=False)
        print("while profiled:", ", ".join(said))
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" "$folder" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
