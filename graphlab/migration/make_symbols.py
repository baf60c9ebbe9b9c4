"""`python -m graphlab.migration.make_symbols PYTHON37` writes symbols.json.

PYTHON37 is a Python that has TensorFlow 1.15.5:

    python3.7 -m venv /tmp/tf1
    /tmp/tf1/bin/pip install tensorflow==1.15.5 "protobuf<3.21"

All else is asked of the TensorFlow that is installed, with Keras 3. Without PYTHON37 the names of
TensorFlow 1 that the table has are kept.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from graphlab import startup
from graphlab.errors import GraphlabError
from graphlab.migration import symbols
from graphlab.migration.snippets import SNIPPETS

# Runs under Python 3.7: what the public names of TensorFlow 1 are, and what is behind each.
NAMES = """
import json, re, types
import tensorflow as tf

OWN = re.compile("_api|keras|estimator")  # what is public; the rest is the machinery

def walk(module, prefix, above, found):
    for name in sorted(dir(module)):
        full = prefix + name
        if name.startswith("_") or full in ("contrib", "raw_ops", "compat"):
            continue
        value = getattr(module, name)
        if not isinstance(value, types.ModuleType):
            found[full] = "class" if isinstance(value, type) else (
                "function" if callable(value) else "value")
        elif OWN.search(value.__name__) and id(value) not in above:
            walk(value, full + ".", above | {id(value)}, found)
    return found

tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
print(json.dumps({"version": tf.__version__, "names": walk(tf, "", {id(tf)}, {})}))
"""
# Each call by itself, as a program of TensorFlow 1 would make it.
TRIED = """
import json, sys
import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
told = {}
for name, code in json.load(sys.stdin).items():
    try:
        with tf.Graph().as_default():
            exec(code, {"tf": tf, "np": np})
        told[name] = ["", ""]
    except Exception as error:
        told[name] = [type(error).__name__, str(error)]
print(json.dumps(told))
"""


def names(python: str) -> dict[str, Any]:
    """The version and the public names of a TensorFlow 1: "class", "function" or "value" by name.

    GraphlabError where that Python cannot be run or has no TensorFlow.
    """
    try:
        done = subprocess.run([python, "-c", NAMES], capture_output=True, text=True)
    except OSError as error:
        raise GraphlabError(f"cannot run {python}: {error.strerror}") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise GraphlabError(f"{python} cannot tell the names of TensorFlow 1: {last}")
    return json.loads(done.stdout.splitlines()[-1])


def installed(tf1: Mapping[str, str]) -> dict[str, Any]:
    """What the installed TensorFlow makes of the names of TensorFlow 1.

    `gone` from compat.v1; `moved` to another name of TensorFlow 2, where the same object is;
    `contrib`, where TensorFlow's own table of renames says that a name has moved and compat.v1
    has it; `calls`, with the code that was tried, and the error's class and message, if any.
    """
    startup.start_tensorflow()
    import tensorflow as tf

    from graphlab import _private

    v1 = tf.compat.v1
    there = {name: symbols.found(v1, name) for name in tf1}
    gone = [name for name, value in there.items() if value is symbols.NOTHING]
    renames = _private.renames_of_tf1()
    moved, contrib = {}, {}
    for name, value in there.items():
        other = renames.get(f"tf.{name}", "").removeprefix("tf.")
        there_too = other and not other.startswith("compat.")
        if there_too and value is not symbols.NOTHING and symbols.found(tf, other) is value:
            moved[name] = other
    for name, other in renames.items():
        other = other.removeprefix("tf.").removeprefix("compat.v1.")
        same = name.rpartition(".")[2] == other.rpartition(".")[2]
        if name.startswith("tf.contrib.") and same and _may_be_there(v1, other):
            contrib[name.removeprefix("tf.")] = other
    return {
        "tensorflow": ".".join(tf.__version__.split(".")[:2]),
        "gone": sorted(gone),
        "moved": dict(sorted(moved.items())),
        "contrib": dict(sorted(contrib.items())),
        "calls": calls(),
    }


def _may_be_there(v1: Any, name: str) -> bool:
    """Whether compat.v1 has it, or has it with legacy Keras."""
    return symbols.found(v1, name) is not symbols.NOTHING or symbols.is_of_keras(name)


def calls() -> dict[str, list[str]]:
    """What became of each snippet, in a process of its own: its code, the error and its message.

    Both are "" where it worked.
    """
    environment = {k: v for k, v in os.environ.items() if k != symbols.LEGACY}
    environment["TF_CPP_MIN_LOG_LEVEL"] = "3"
    done = subprocess.run(
        [sys.executable, "-c", TRIED],
        input=json.dumps(SNIPPETS),
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    return {
        name: [code, told[name][0], " ".join(told[name][1].split())]
        for name, code in SNIPPETS.items()
    }


def text(tf1: Mapping[str, Any]) -> str:
    """What symbols.json must be, given what `names` tells."""
    return json.dumps({"tf1": tf1, **installed(tf1["names"])}, indent=0) + "\n"


def main(arguments: list[str]) -> None:
    """Write the table."""
    tf1 = names(arguments[0]) if arguments else symbols.table()["tf1"]
    symbols.TABLE.write_text(text(tf1), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
