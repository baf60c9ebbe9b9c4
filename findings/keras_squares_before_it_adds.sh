#!/usr/bin/env bash
# A batch looks up the same row of a table twice, and an optimizer of Keras 3 takes the gradient as the
# tape gives it: as IndexedSlices, with the row in it twice.
#
# A good guess: the two gradients of the row are added, and what the optimizer does is what it does with
#   the same gradient as one dense tensor. So it was in TensorFlow 1, which added first.
# Keras 3.15.1 with TensorFlow 2.21.0 (CPU): whatever is computed of such a gradient is computed of each of
#   its slices, and the slices are added where they meet a variable. What is linear comes out the same; a
#   square does not: the second moment gets 1 + 9 where the gradient is 1 + 3, whose square is 16. Adam's
#   first step, which is the rate whatever the gradient is, is 1.26 rates; Adagrad, RMSprop, Adadelta and
#   Nadam go as far astray. Nothing warns, and a batch without a word that occurs twice shows nothing.
# Seen:
#   SGD: once sparse 0.1000 dense 0.1000; twice sparse 0.4000 dense 0.4000
#   Adam: once sparse 0.1000 dense 0.1000; twice sparse 0.1265 dense 0.1000
#   Adagrad: once sparse 0.0953 dense 0.0953; twice sparse 0.1259 dense 0.0997
#   RMSprop: once sparse 0.3162 dense 0.3162; twice sparse 0.4000 dense 0.3162
#   Nadam: once sparse 0.1063 dense 0.1063; twice sparse 0.1344 dense 0.1063
#   Adam of TensorFlow 1: once sparse 0.1000 dense 0.1000; twice sparse 0.1000 dense 0.1000
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0" "keras==3.15.1"
cat > "$folder/program.py" << 'PROGRAM'
import keras
import tensorflow as tf

SLOPES = [1.0, 3.0]


def gone(make, words, dense):
    """How far the first row has gone after one step."""
    table = tf.Variable([[0.0], [0.0]])
    with tf.GradientTape() as tape:
        rows = tf.gather(table, words)
        loss = tf.reduce_sum(rows * tf.constant(SLOPES[: len(words)])[:, None])
    slope = tape.gradient(loss, table)
    assert isinstance(slope, tf.IndexedSlices)
    if dense:
        slope = tf.convert_to_tensor(slope)
    optimizer = make()
    if isinstance(optimizer, keras.optimizers.Optimizer):
        variable = keras.Variable(table)
        optimizer.apply([slope], [variable])
        return -float(variable.value[0, 0])
    optimizer.apply_gradients([(slope, table)])
    return -float(table[0, 0])


kinds = {
    name: lambda kind=getattr(keras.optimizers, name): kind(0.1)
    for name in ("SGD", "Adam", "Adagrad", "RMSprop", "Nadam")
}
kinds["Adam of TensorFlow 1"] = lambda: tf.compat.v1.train.AdamOptimizer(0.1)
for name, make in kinds.items():
    told = [
        f"{often} sparse {gone(make, words, False):.4f} dense {gone(make, words, True):.4f}"
        for often, words in (("once", [0]), ("twice", [0, 0]))
    ]
    print(f"{name}: {'; '.join(told)}")
PROGRAM
seen=$(TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   \([A-Z].*: once .*\)/\1/p' "$0") <(printf '%s\n' "$seen")
