#!/usr/bin/env bash
# A variable that is 1 is read, then 10 is added to it: the read comes first, by a control dependency.
# What is what was read, when it is taken or fetched afterwards? By Identity, Reshape, stop_gradient and
# `x * 1`; of a reference variable, which is what TensorFlow 1 made, and of a resource.
#
# A good guess: 1, as the read comes first. Who knows reference variables may expect 11 of Identity.
# TensorFlow 2.21.0 (1.15.5 gives the same): of a reference 11 of all that hands on memory, a Reshape
# among them, even where it is fetched: the session copies when all has run. Of a resource 1.
# Seen:
#   reference: Identity 11 and 11, Reshape 11 and 11, StopGradient 11 and 11, Mul 1 and 1
#   resource: Identity 1 and 1, Reshape 1 and 1, StopGradient 1 and 1, Mul 1 and 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/program.py" << 'PROGRAM'
import tensorflow as tf

tf1 = tf.compat.v1
tf1.disable_eager_execution()
READS = {
    "Identity": tf.identity,
    "Reshape": lambda x: tf.reshape(x, []),
    "StopGradient": tf.stop_gradient,
    "Mul": lambda x: x * 1.0,
}
for kind in ("reference", "resource"):
    told = []
    for name, read in READS.items():
        with tf.Graph().as_default(), tf1.Session() as session:
            v = tf1.get_variable("v", initializer=1.0, use_resource=kind == "resource")
            before = read(v)
            with tf.control_dependencies([before]):
                add = v.assign_add(10.0).op
            with tf.control_dependencies([add]):
                taken = before + 0.5
            session.run(v.initializer)
            fetched, behind, _ = session.run([before, taken, add])
            told.append(f"{name} {fetched:.0f} and {behind - 0.5:.0f}")
    print(f"{kind}: {', '.join(told)}")
PROGRAM
"$folder/venv/bin/python" "$folder/program.py" 2> /dev/null > "$folder/seen"
cat "$folder/seen"
diff "$folder/seen" - << 'EXPECTED'
reference: Identity 11 and 11, Reshape 11 and 11, StopGradient 11 and 11, Mul 1 and 1
resource: Identity 1 and 1, Reshape 1 and 1, StopGradient 1 and 1, Mul 1 and 1
EXPECTED
