#!/usr/bin/env bash
# A loop of TensorFlow 1 (control flow v1) whose placeholder has a shape, written as a GraphDef and
# imported again; and the same with the placeholder given as a constant, and with add_shapes=True.
#
# A good guess: importing infers each shape again from the placeholder's, as for any other op; at the
# least where the loop is handed a constant of a known shape.
# TensorFlow 2.21.0: what comes out of the loop has no shape at all, its Merge has none either, also
# where x is a constant. An op without a loop keeps its shape. Only a graph that was written with
# add_shapes=True brings the shapes along.
# Seen:
#   as built: Merge (2, 3), y (2, 3), without a loop (2, 3)
#   imported: Merge <unknown>, y <unknown>, without a loop (2, 3)
#   imported, x a constant: Merge <unknown>, y <unknown>, without a loop (2, 3)
#   written with add_shapes: Merge (2, 3), y (2, 3), without a loop (2, 3)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/program.py" << 'PROGRAM'
import tensorflow as tf

tf1 = tf.compat.v1
tf1.disable_control_flow_v2()


def told(what, graph):
    merge, y, plain = (graph.get_tensor_by_name(f"{n}:0").shape for n in ("while/Merge_1", "y", "z"))
    print(f"{what}: Merge {merge}, y {y}, without a loop {plain}")


with tf.Graph().as_default() as graph:
    x = tf1.placeholder(tf.float32, [2, 3], name="x")
    _, out = tf1.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * 2.0), [0, x])
    tf.identity(out, name="y")
    tf.exp(x, name="z")
told("as built", graph)
for what, definition, given in (
    ("imported", graph.as_graph_def(), {}),
    ("imported, x a constant", graph.as_graph_def(), {"x:0": lambda: tf.zeros([2, 3])}),
    ("written with add_shapes", graph.as_graph_def(add_shapes=True), {}),
):
    with tf.Graph().as_default() as again:
        tf1.import_graph_def(definition, {k: make() for k, make in given.items()}, name="")
    told(what, again)
PROGRAM
seen=$(TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
