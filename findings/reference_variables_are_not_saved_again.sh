#!/usr/bin/env bash
# A SavedModel of TensorFlow 1 is loaded by tf.saved_model.load and written again by
# tf.saved_model.save, once with a resource variable and once with a reference variable, which was
# TensorFlow 1's default.
#
# A good guess: what is loaded and answers right is saved with its weights, or save refuses.
# TensorFlow 2.21.0: the loaded model answers right either way. Saved again, the one with the reference
# variable has no weights: save says nothing, load says nothing, and the first call fails, as the
# variable is not initialised.
# Seen:
#   resource: loaded [2.0, 6.0]; saved again [2.0, 6.0], 1 values kept
#   reference: loaded [2.0, 6.0]; saved again FailedPreconditionError, 0 values kept
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/program.py" << 'PROGRAM'
import os, tempfile
import tensorflow as tf

tf1 = tf.compat.v1
folder = tempfile.mkdtemp()


def written(resource):
    """A TF1 SavedModel that doubles x with a variable of 2."""
    path = os.path.join(folder, f"tf1_{resource}")
    with tf.Graph().as_default(), tf1.Session() as session:
        w = tf1.get_variable("w", initializer=2.0, use_resource=resource)
        x = tf1.placeholder(tf.float32, [None], "x")
        session.run(w.initializer)
        tf1.saved_model.simple_save(session, path, {"x": x}, {"y": x * w})
    return path


def answer(path):
    call = tf.saved_model.load(path).signatures["serving_default"]
    try:
        return call(x=tf.constant([1.0, 3.0]))["y"].numpy().tolist()
    except tf.errors.OpError as error:
        return type(error).__name__


for kind, resource in (("resource", True), ("reference", False)):
    path = written(resource)
    loaded = tf.saved_model.load(path)
    again = os.path.join(folder, f"again_{resource}")
    tf.saved_model.save(loaded, again, signatures=dict(loaded.signatures))
    saved = tf.train.list_variables(os.path.join(again, "variables", "variables"))
    count = sum("VARIABLE_VALUE" in name for name, _ in saved)
    print(f"{kind}: loaded {answer(path)}; saved again {answer(again)}, {count} values kept")
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
