#!/usr/bin/env bash
# A tf.Module that holds a layer of Keras 3, as thousands of programs of TF 2.0 to 2.15 held Keras 2's.
#
# A good guess: module.trainable_variables has the layer's weights, as it had with Keras 2, whose layers
# were tf.Modules; or what does not see them does not see them anywhere.
# TensorFlow 2.21.0 with Keras 3.15.1: variables, trainable_variables and submodules leave the layer out,
#   while tf.train.Checkpoint and tf.saved_model.save of the same module keep its weights. A training loop
#   over module.trainable_variables goes on without a word, and trains what is left: the loss falls, as
#   the module's own variable learns, and the layer stays as it was drawn.
# tf_keras 2.21.0 in its place: all three have them, and the layer is trained.
# Seen:
#   keras 3.15.1 variables 1 submodules 0 checkpoint 3 saved 3 loss falls True layer moved False
#   tf_keras 2.21.0 variables 3 submodules 1 checkpoint 3 saved 3 loss falls True layer moved True
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0" "keras==3.15.1" "tf_keras==2.21.0"
cat > "$folder/program.py" << 'PROGRAM'
import importlib
import sys

import numpy as np
import tensorflow as tf

folder, name = sys.argv[1:]
keras = importlib.import_module(name)


class Model(tf.Module):
    def __init__(self):
        super().__init__()
        self.scale = tf.Variable(1.0)
        self.layer = keras.layers.Dense(1)
        self.layer.build((None, 2))

    @tf.function(input_signature=[tf.TensorSpec([None, 2])])
    def __call__(self, x):
        return self.layer(x) * self.scale


def kept(prefix):
    return sum(not key.startswith("_CHECK") for key, _ in tf.train.list_variables(prefix))


model = Model()
path = tf.train.Checkpoint(model=model).write(f"{folder}/checkpoint")
tf.saved_model.save(model, f"{folder}/saved")
x = np.float32([[1, 2], [3, 4], [5, 7]])
y = x @ np.float32([[2], [-1]])
before, losses = [np.array(w) for w in model.layer.weights], []
for _ in range(20):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(x) - y))
    losses.append(float(loss))
    own = model.trainable_variables
    for variable, slope in zip(own, tape.gradient(loss, own)):
        variable.assign_sub(1e-3 * slope)
moved = any(not np.array_equal(a, np.array(b)) for a, b in zip(before, model.layer.weights))
counts = f"variables {len(model.variables)} submodules {len(model.submodules)}"
files = f"checkpoint {kept(path)} saved {kept(f'{folder}/saved/variables/variables')}"
told = f"loss falls {losses[-1] < losses[0]} layer moved {moved}"
print(name, keras.__version__, counts, files, told)
PROGRAM
seen=$(
    for name in keras tf_keras; do
        mkdir "$folder/$name"
        TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" "$folder/$name" $name 2> /dev/null
    done
)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   \(keras 3\|tf_keras 2\)/\1/p' "$0") <(printf '%s\n' "$seen")
