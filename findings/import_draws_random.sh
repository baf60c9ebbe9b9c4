#!/usr/bin/env bash
# random.seed(1), then import tensorflow, then random.random().
#
# A good guess: an import leaves Python's random numbers alone, so that a program may seed them at its
# top; `import numpy` does.
# TensorFlow 2.21.0: the first import draws some, so the numbers of a program depend on whether it
# seeds before or after the import, and on whether something has imported TensorFlow already.
# Seen:
#   numpy leaves random as it was: True
#   tensorflow leaves random as it was: False
#   a second import leaves random as it was: True
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "tensorflow==2.21.0"
cat > "$folder/program.py" << 'PROGRAM'
import importlib
import random
import sys

random.seed(1)
for name, said in (("numpy", "numpy"), ("tensorflow", "tensorflow"), ("tensorflow", "a second import")):
    before = random.getstate()
    importlib.import_module(name)
    print(said, "leaves random as it was:", random.getstate() == before)
PROGRAM
seen=$(CUDA_VISIBLE_DEVICES=-1 TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" "$folder/program.py" 2> /dev/null)
printf '%s\n' "$seen"
diff <(sed -n 's/^#   //p' "$0") <(printf '%s\n' "$seen")
