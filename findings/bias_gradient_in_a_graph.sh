#!/usr/bin/env bash
# The gradients of a convolution in a session that is to rewrite nothing.
#
# A good guess: with disable_meta_optimizer a session runs the ops that were written, and gives the bits that
# they give one by one, as is needed to hold a port against its original.
# TensorFlow 2.21.0, x86 with oneDNN (TF_ENABLE_ONEDNN_OPTS=1, the default on many processors): a pass of
# oneDNN's, which is none of the optimizers, joins Conv2DBackpropFilter and BiasAddGrad to one op of its own.
# The bias's gradient is added up in another order: apart by 1e-6 of its size here. With
# TF_ENABLE_ONEDNN_OPTS=0 both ops run and all is equal; no option of the session or of a tf.function turns
# the pass off.
# Seen:
#   with every optimizer off the session ran ['_MklNativeConv2DBackpropFilterWithBias']
#   the filter's gradient, op by op and in the session: equal
#   the bias's gradient, op by op and in the session: apart
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/bias_gradient_in_a_graph.py" << 'PROGRAM'
import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1
random = np.random.default_rng(0)
IMAGES = random.normal(size=(8, 12, 12, 16)).astype(np.float32)
GRADIENT = random.normal(size=(8, 12, 12, 8)).astype(np.float32)


def backward(images, gradient):
    """The gradients of a convolution's filter and of the bias behind it."""
    by_filter = tf.raw_ops.Conv2DBackpropFilter(
        input=images, filter_sizes=[3, 3, 16, 8], out_backprop=gradient, strides=[1] * 4, padding="SAME"
    )
    return by_filter, tf.raw_ops.BiasAddGrad(out_backprop=gradient)


alone = backward(tf.constant(IMAGES), tf.constant(GRADIENT))
with tf.Graph().as_default():
    fed = {tf1.placeholder(tf.float32, x.shape): x for x in (IMAGES, GRADIENT)}
    asked = backward(*fed)
    config = tf1.ConfigProto()
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    options, seen = tf1.RunOptions(output_partition_graphs=True), tf1.RunMetadata()
    with tf1.Session(config=config) as session:
        found = session.run(asked, fed, options, seen)
nodes = [node.op for graph in seen.partition_graphs for node in graph.node]
print("with every optimizer off the session ran", sorted(op for op in nodes if "Grad" in op or "Backprop" in op))
for name, one, other in zip(("filter", "bias"), alone, found):
    print(f"the {name}'s gradient, op by op and in the session:", "equal" if np.array_equal(one, other) else "apart")
PROGRAM
seen=$(TF_ENABLE_ONEDNN_OPTS=1 CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/bias_gradient_in_a_graph.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
