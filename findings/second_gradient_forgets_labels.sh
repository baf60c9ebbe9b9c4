#!/usr/bin/env bash
# How the gradient of a cross entropy moves with the labels.
#
# A good guess: the gradient for the logits is softmax(logits) - labels, so that it moves by -1 with its own
# label; who learns labels through a step of training, as in distillation of a data set, gets that.
# TensorFlow 2.21.0, Keras 3.15.1: 0.0 for each label (not None, which would say that there is no way), in
# eager mode and in a function, and through Keras's loss from logits. From the definition it is right; so it
# is for the sigmoid's cross entropy, which is made of ordinary ops.
# Seen:
#   definition: by labels [-0.91, 0.09, 0.09], by logits [0.0819, -0.022, -0.0599]
#   softmax_cross_entropy_with_logits: by labels [0.0, 0.0, 0.0], by logits [0.0819, -0.022, -0.0599]
#   the same in a tf.function: by labels [0.0, 0.0, 0.0], by logits [0.0819, -0.022, -0.0599]
#   keras.losses.categorical_crossentropy: by labels [0.0, 0.0, 0.0], by logits [0.0819, -0.022, -0.0599]
#   sigmoid_cross_entropy_with_logits: by labels [-1.0, -0.0, -0.0], by logits [0.1966, 0.0, 0.0]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0" "keras==3.15.1"
cat > "$folder/second_gradient_forgets_labels.py" << 'PROGRAM'
import numpy as np
import tensorflow as tf

labels = tf.constant([[0.7, 0.2, 0.1]], tf.float64)
logits = tf.constant([[1.0, 2.0, 3.0]], tf.float64)


def formula(labels, logits):
    """The same loss, from its definition."""
    return -tf.reduce_sum(labels * tf.nn.log_softmax(logits), axis=-1)


def by_keras(labels, logits):
    return tf.keras.losses.categorical_crossentropy(labels, logits, from_logits=True)


def told(what, loss, inputs):
    """How the first entry of the gradient for the logits moves with the labels, and the logits."""
    x, y = [tf.constant(value) for value in inputs]
    with tf.GradientTape() as outer:
        outer.watch([x, y])
        with tf.GradientTape() as inner:
            inner.watch(y)
            value = loss(x, y)
        slope = inner.gradient(value, y)[0, 0]
    by_labels, by_logits = outer.gradient(slope, [x, y])
    texts = ["None" if g is None else str(np.round(g.numpy()[0], 4).tolist()) for g in (by_labels, by_logits)]
    print(f"{what}: by labels {texts[0]}, by logits {texts[1]}")


told("definition", formula, (labels, logits))
told("softmax_cross_entropy_with_logits", tf.nn.softmax_cross_entropy_with_logits, (labels, logits))
told("the same in a tf.function", tf.function(tf.nn.softmax_cross_entropy_with_logits), (labels, logits))
told("keras.losses.categorical_crossentropy", by_keras, (labels, logits))
told("sigmoid_cross_entropy_with_logits", tf.nn.sigmoid_cross_entropy_with_logits, (labels, logits))
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/second_gradient_forgets_labels.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
