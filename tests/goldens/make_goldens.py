"""Ask the real TensorFlow 1.15.5 what the graph way of every part gives, and write it down.

    python3.7 -m venv /tmp/tf1
    /tmp/tf1/bin/pip install tensorflow==1.15.5 "protobuf<3.21"
    /tmp/tf1/bin/python tests/goldens/make_goldens.py             of all parts
    /tmp/tf1/bin/python tests/goldens/make_goldens.py 3.1 3.2     of these

The parts run unchanged on CPU:0 with their first seed, the long trainings with as many steps as
tests/course/lesson_NN.py gives them. Each part gives one file beside this one,
lesson_N_P.json, the same bytes every time on the same machine; read its diff before you commit
it. tests/test_goldens.py runs the same ways on the installed TensorFlow and compares, with this
file's `record`, so all of it stays Python 3.7.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import re
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT), str(HERE.parent)]

from treatment import cut, treatment  # noqa: E402

WHOLE = 600  # values; a larger result is kept as its moments and a few samples
SAMPLES = 20

# Parts whose values are facts of the machine, not of TensorFlow. Their results are compared by
# name only.
MACHINE_FACTS = {"0.1": "what devices there are"}


def part_files():
    """The file of every part by its number, `{"2.3": Path}`, in the order of the course."""
    files = {}
    for path in ROOT.glob("lessons/lesson_*/part_*.py"):
        lesson, part = (re.search(r"_(\d+)_", name)[1] for name in (path.parent.name, path.name))
        files[int(lesson), int(part)] = path
    return {f"{lesson}.{part}": files[lesson, part] for lesson, part in sorted(files)}


def golden_path(number):
    """Where the golden of a part is: part "2.3" has lesson_2_3.json."""
    return HERE / f"lesson_{number.replace('.', '_')}.json"


def load(path):
    """The part as an imported module."""
    return importlib.import_module(f"lessons.{path.parent.name}.{path.stem}")


def record(number, module):
    """Run the graph way: the graphs it built and its results, as plain JSON values."""
    cases = module.CASES if hasattr(module, "CASES") else module.cases()
    steps = treatment(number).steps
    cases = cut(cases, steps)
    with _graphs_built() as graphs:
        results = module.graph(cases, "CPU:0")
    found = {"part": number, "tensorflow": tf.__version__}
    if steps is not None:
        found["steps"] = steps
    found["graphs"] = [_describe(graph) for graph in graphs]
    if number in MACHINE_FACTS:
        found["not compared"] = MACHINE_FACTS[number]
        found["results"] = dict.fromkeys(results)
    else:
        found["results"] = {name: _plain(value) for name, value in results.items()}
    return found


@contextlib.contextmanager
def _graphs_built():
    """Collects every tf.Graph that is made in the block, function bodies left out."""
    graphs, original = [], tf.Graph.__init__

    def init(self, *args, **kwargs):
        original(self, *args, **kwargs)
        if type(self) is tf.Graph:
            graphs.append(self)

    tf.Graph.__init__ = init
    try:
        yield graphs
    finally:
        tf.Graph.__init__ = original


def _describe(graph):
    with graph.as_default():
        variables = tf.compat.v1.global_variables()
    operations = graph.get_operations()
    placeholders = [op.outputs[0] for op in operations if op.type == "Placeholder"]
    return {
        "ops": len(operations),
        "variables": {v.op.name: v.shape.as_list() for v in variables},
        "placeholders": {p.op.name: p.shape.as_list() for p in placeholders},
    }


def _plain(value):
    """A result as shape, dtype and values; where it is large, its moments and some values."""
    if isinstance(value, (list, tuple)):
        items = [np.asarray(item) for item in value]
        if len({(item.shape, item.dtype.kind) for item in items}) > 1:
            return {"items": [_plain(item) for item in items]}
        value = items
    array = np.asarray(value)
    found = {"shape": list(array.shape), "kind": array.dtype.kind}
    if array.size <= WHOLE:
        found["values"] = [_number(each) for each in array.ravel()]
        return found
    exact = array.astype(np.float64)
    for moment in ("mean", "std", "min", "max"):
        found[moment] = _number(np.float32(getattr(exact, moment)()))
    at = np.linspace(0, array.size - 1, SAMPLES).astype(int)
    found["values"] = [_number(each) for each in array.ravel()[at]]
    return found


def _number(value):
    """The Python value that prints like the NumPy one: float32(0.1) is 0.1, not 0.1000000015."""
    if isinstance(value, np.floating):
        return float(str(value))
    value = value.item() if isinstance(value, np.generic) else value
    return value.decode() if isinstance(value, bytes) else value


def as_text(found):
    """The golden's JSON, a result a line, so that a diff can be read."""
    blocks = []
    for key, value in found.items():
        if key == "results":
            lines = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items())
            blocks.append(f'"results": {{\n{lines}\n }}')
        else:
            blocks.append(f"{json.dumps(key)}: {json.dumps(value)}")
    return "{\n " + ",\n ".join(blocks) + "\n}\n"


def main():
    if not tf.__version__.startswith("1.15."):
        sys.exit(f"this is TensorFlow {tf.__version__}; make goldens with 1.15.5, as said above")
    files = part_files()
    asked = sys.argv[1:] or list(files)
    unknown = [number for number in asked if number not in files]
    if unknown:
        sys.exit(f"there is no part {', '.join(unknown)}; the parts are {', '.join(files)}")
    for number in asked:
        text = as_text(record(number, load(files[number])))
        golden_path(number).write_text(text, encoding="utf-8")
        print(golden_path(number).relative_to(ROOT))


if __name__ == "__main__":
    main()
