#!/usr/bin/env bash
# TensorFlow 1.15.5 writes into a MetaGraph, at each node, the shapes that it has inferred
# (`_output_shapes`). A training graph with a fused batch normalization in tf.cond has a
# FusedBatchNormGradV3 with is_training=False, of which 1.15.5 has inferred that the fourth and the fifth
# output are as long as the mean. The same node is imported here, with these shapes and without.
#
# A good guess: the attr is a note for tools; import_graph_def infers the shapes itself and leaves a note
#   that is another's alone, as a version may infer more, or better, than the one before.
# TensorFlow 2.21.0 (CPU): the graph is refused. 2.21 infers that these two outputs are empty, and a shape
#   noted that does not agree with the inferred one is an error, so that an ordinary training graph of 1.15.5
#   cannot be imported until the notes are taken out.
# Seen:
#   as written by 1.15.5: ValueError, _output_shapes attribute inconsistent with the GraphDef for output #3
#   without the notes: [[2, 3, 3, 4], [4], [4], [0], [0]]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/program.py" << 'PROGRAM'
import tensorflow as tf

OLD = [[2, 3, 3, 4], [4], [4], [4], [4]]  # as inferred by 1.15.5

with tf.Graph().as_default() as graph:
    image, row = tf.zeros([2, 3, 3, 4]), tf.ones([4])
    tf.raw_ops.FusedBatchNormGradV3(
        y_backprop=image, x=image, scale=row, reserve_space_1=row, reserve_space_2=row,
        reserve_space_3=row, is_training=False, name="gradient",
    )
definition = graph.as_graph_def()
(node,) = [node for node in definition.node if node.name == "gradient"]


def imported():
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(definition, name="")
        return [t.shape.as_list() for t in graph.get_operation_by_name("gradient").outputs]


for shape in OLD:
    node.attr["_output_shapes"].list.shape.add().CopyFrom(tf.TensorShape(shape).as_proto())
try:
    first = f"imported: {imported()}"
except ValueError as error:
    words = "_output_shapes attribute inconsistent with the GraphDef for output #3"
    first = f"ValueError, {words}" if words in str(error) else str(error)
node.attr.pop("_output_shapes")
print("as written by 1.15.5:", first)
print("without the notes:", imported())
PROGRAM
seen=$(TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2> "$folder/log")
printf '%s\n' "$seen"
expected='as written by 1.15.5: ValueError, _output_shapes attribute inconsistent with the GraphDef for output #3
without the notes: [[2, 3, 3, 4], [4], [4], [0], [0]]'
[ "$seen" = "$expected" ]
