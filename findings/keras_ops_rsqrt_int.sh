#!/usr/bin/env bash
# keras.ops.rsqrt and erfinv of whole numbers, as a layer of a functional model and on values.
#
# A good guess: as keras.ops.sqrt and exp do, they give floats, both while a model is built and when
# it is called; at the least, what can be built can be called.
# Keras 3.15.1 (TensorFlow 2.21.0): while a model is built the result is said to be int32, without a
# word; every call of it raises InvalidArgumentError, as TensorFlow has no Rsqrt of int32.
# Seen:
#   sqrt built float32 called float32
#   exp built float32 called float32
#   rsqrt built int32 called InvalidArgumentError
#   erfinv built int32 called InvalidArgumentError
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0" "keras==3.15.1"
cat > "$folder/program.py" << 'PROGRAM'
import keras
import numpy as np

for name in ("sqrt", "exp", "rsqrt", "erfinv"):
    x = keras.Input((3,), dtype="int32")
    y = getattr(keras.ops, name)(x)
    model = keras.Model(x, y)
    try:
        called = np.asarray(model(np.ones((2, 3), np.int32))).dtype.name
    except Exception as error:
        called = type(error).__name__
    print(name, "built", y.dtype, "called", called)
PROGRAM
seen=$(TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
