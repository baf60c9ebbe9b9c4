#!/usr/bin/env bash
# A model that is called inside of another model and beside it, in one outer model, saved by Keras 3.
#
# A good guess: what model.save() writes without a word, load_model() reads again as the same model.
# Keras 3.15.1 (TensorFlow 2.21.0): the .keras file is written, and reading it raises ValueError:
#   "Layer 'dense' expected 2 variables, but received 0 variables during loading"
#   (the shared layers are stored once, under the first path, and looked for under the second).
# The .h5 file is read, with the same outputs, but the layers are two: 80 parameters of a model of 40,
#   so that a training afterwards moves the two apart.
# Seen:
#   before 40
#   keras ValueError True
#   h5 80 shared False equal True
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0" "keras==3.15.1"
cat > "$folder/program.py" << 'PROGRAM'
import sys

import keras
import numpy as np

inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8)], name="inner")
middle = keras.Input((4,))
outer = keras.Model(middle, inner(middle), name="outer")
x = keras.Input((4,))
model = keras.Model(x, [outer(x), inner(x)])
ones = np.ones((1, 4), np.float32)
expected = [np.asarray(each) for each in model(ones)]
print("before", model.count_params())

model.save(sys.argv[1] + "/m.keras")
try:
    keras.models.load_model(sys.argv[1] + "/m.keras")
    print("keras read")
except ValueError as error:
    print("keras ValueError", "expected 2 variables, but received 0" in str(error))

model.save(sys.argv[1] + "/m.h5")
read = keras.models.load_model(sys.argv[1] + "/m.h5")
shared = read.get_layer("outer").get_layer("inner") is read.get_layer("inner")
equal = all(np.allclose(a, b) for a, b in zip(expected, read(ones)))
print("h5", read.count_params(), "shared", shared, "equal", equal)
PROGRAM
seen=$(TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" "$folder" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   \(before\|keras V\|h5\)/\1/p' "$0") <(printf '%s\n' "$seen")
