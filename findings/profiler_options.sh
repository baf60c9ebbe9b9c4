#!/usr/bin/env bash
# The options of tf.profiler.experimental.start: how much of the host is traced.
#
# A good guess: host_tracer_level=0 records nothing of the host, 1 a little, 3 everything, as the
# documentation of ProfilerOptions says; an option of the wrong type is refused.
# TensorFlow 2.21.0: each option is dropped, whatever its value, with a warning on the C++ log
# ("host_tracer_level expects an i value"); at level 0 the host is recorded as ever.
# Seen:
#   level 3 records the call of the function and its ops: True
#   level 0 records the call of the function and its ops: True
#   warnings: 4
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/program.py" << 'PROGRAM'
import sys
from pathlib import Path

import tensorflow as tf
from tensorflow.tsl.profiler.protobuf import xplane_pb2

f = tf.function(lambda x: tf.nn.relu(x) + 1.0)
f(tf.ones(3))
print("start", file=sys.stderr, flush=True)


def events(level):
    folder = Path(sys.argv[1]) / f"profile{level}"
    options = tf.profiler.experimental.ProfilerOptions(host_tracer_level=level)
    tf.profiler.experimental.start(str(folder), options)
    f(tf.ones(3))
    tf.profiler.experimental.stop()
    (path,) = folder.rglob("*.xplane.pb")
    space = xplane_pb2.XSpace.FromString(path.read_bytes())
    planes = [plane for plane in space.planes if plane.name == "/host:CPU"]
    return sorted(
        plane.event_metadata[event.metadata_id].name
        for plane in planes
        for line in plane.lines
        for event in line.events
    )


for level in (3, 0):
    found = {"EagerExecute", "FunctionRun", "KernelAndDeviceFunc::Run"} <= set(events(level))
    print(f"level {level} records the call of the function and its ops:", found)
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 "$folder/venv/bin/python" "$folder/program.py" "$folder" 2> "$folder/log")
seen=$seen$'\n'"warnings: $(sed '1,/^start/d' "$folder/log" | grep -c 'tracer_level expects an i value\|delay_ms expects' | awk '{print $1 / 2}')"
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
