#!/usr/bin/env bash
# The same three numbers, in the same order, go into tf.add_n: line by line, in a tf.function, in a session,
# and in a session that is asked for one of the three as well.
#
# A good guess: AddN adds from the first to the last, so that all give the same bits, as a + b + c does; and
#   what else is fetched changes no number.
# TensorFlow 2.21.0 (CPU): AddN takes over the memory of an input that nobody else needs, and begins with
#   that one, wherever it stands in the list. Line by line every input is held by Python, so it begins with
#   the first; in a graph it may be the third, which a fetch of that tensor prevents. Of 1e8 - 1e8 + 1 comes
#   1 or 0. Gradients that meet in one tensor are added by AddN: the same backward graph, op by op the same,
#   has other last bits in a function, in a session and line by line, with Grappler off and oneDNN off.
# Seen:
#   add_n: eager 1, function 0, session 0, session with the third fetched 1
#   a + b + c: eager 1, function 1, session 1, session with the third fetched 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/program.py" << 'PROGRAM'
import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1
tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
NUMBERS = [np.float32([1e8]), np.float32([-1e8]), np.float32([-1.0])]
WAYS = {
    "add_n": lambda a, b, c: tf.add_n([a, b, tf.negative(c)]),
    "a + b + c": lambda a, b, c: a + b + tf.negative(c),
}
SEEN = {"add_n": [1, 0, 0, 1], "a + b + c": [1, 1, 1, 1]}


def fetched(way, beside):
    """What a session gives for it; beside says whether the third is fetched, too."""
    with tf.Graph().as_default() as graph:
        fed = [tf1.placeholder(tf.float32, [1]) for _ in NUMBERS]
        found = way(*fed)
        third = next(op for op in graph.get_operations() if op.type == "Neg").outputs[0]
        config = tf1.ConfigProto()
        config.graph_options.rewrite_options.disable_meta_optimizer = True
        with tf1.Session(config=config) as session:
            feeds = dict(zip(fed, NUMBERS, strict=True))
            return session.run([found, third] if beside else [found], feeds)[0]


found = {}
for name, way in WAYS.items():
    tensors = [tf.constant(number) for number in NUMBERS]
    values = [
        way(*tensors).numpy(),
        tf.function(way)(*tensors).numpy(),
        fetched(way, beside=False),
        fetched(way, beside=True),
    ]
    found[name] = [int(value[0]) for value in values]
    eager, function, session, beside = found[name]
    print(
        f"{name}: eager {eager}, function {function}, session {session},"
        f" session with the third fetched {beside}"
    )
assert found == SEEN, found
PROGRAM
TF_CPP_MIN_LOG_LEVEL=3 TF_ENABLE_ONEDNN_OPTS=0 "$folder/venv/bin/python" "$folder/program.py"
