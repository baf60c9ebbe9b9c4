"""`python -m tests.models_round_trip [MODEL ...]`: real models compared with what is saved of them.

A row for each model of ../shared/models and each kind of file into which TensorFlow or Keras writes
it: whether both compute the same, and how far they are apart. Exit code 1 where two part.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import tensorflow as tf

from graphlab.comparison.run import compare
from graphlab.errors import GraphlabError
from graphlab.startup import start_tensorflow

tf1 = tf.compat.v1
SHARED = Path(__file__).parents[2] / "shared" / "models"
CALLS = 2
Trip = Callable[[Path, Path], str]  # a model and a folder: the file that is written there


def saved_again(path: Path, folder: Path) -> str:
    """A SavedModel, loaded and saved."""
    loaded = tf.saved_model.load(str(path))
    tf.saved_model.save(loaded, str(folder / "again"), signatures=dict(loaded.signatures))
    return str(folder / "again")


def frozen(path: Path, folder: Path) -> str:
    """A SavedModel as a graph with its weights as constants."""
    from tensorflow.python.framework.convert_to_constants import (
        convert_variables_to_constants_v2,
    )

    loaded = tf.saved_model.load(str(path))
    signatures = loaded.signatures
    name = "serving_default" if "serving_default" in signatures else next(iter(signatures))
    made = convert_variables_to_constants_v2(signatures[name])
    return _written(made.graph.as_graph_def(), folder)


def frozen_in_a_session(path: Path, folder: Path) -> str:
    """A SavedModel loaded as TensorFlow 1 does, with its weights as constants."""
    with tf.Graph().as_default() as graph, tf1.Session() as session:
        loaded = tf1.saved_model.load(session, ["serve"], str(path))
        signatures = loaded.signature_def
        name = "serving_default" if "serving_default" in signatures else next(iter(signatures))
        ends = [tensor.name.split(":")[0] for tensor in signatures[name].outputs.values()]
        made = tf1.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), ends)
    return _written(made, folder)


def frozen_checkpoint(path: Path, folder: Path) -> str:
    """A MetaGraph with the weights of its checkpoint as constants."""
    with tf.Graph().as_default() as graph, tf1.Session() as session:
        tf1.train.import_meta_graph(str(path)).restore(session, str(path.with_suffix("")))
        names = [tensor.op.name for tensor in _ends(graph)]
        made = tf1.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), names)
    return _written(made, folder)


def as_saved_model(path: Path, folder: Path) -> str:
    """A frozen graph as a SavedModel of TensorFlow 1."""
    with tf.Graph().as_default() as graph, tf1.Session() as session:
        tf1.import_graph_def(tf1.GraphDef.FromString(path.read_bytes()), name="")
        inputs = [op.outputs[0] for op in graph.get_operations() if op.type == "Placeholder"]
        tf1.saved_model.simple_save(
            session,
            str(folder / "saved"),
            {tensor.op.name: tensor for tensor in inputs},
            {tensor.op.name: tensor for tensor in _ends(graph)},
        )
    return str(folder / "saved")


def keras(path: Path, folder: Path) -> str:
    """A whole .h5 in Keras' format of today."""
    tf.keras.models.load_model(path, compile=False).save(folder / "model.keras")
    return str(folder / "model.keras")


def exported(path: Path, folder: Path) -> str:
    """A whole .h5 as the SavedModel that Keras exports."""
    tf.keras.models.load_model(path, compile=False).export(folder / "exported", verbose=False)
    return str(folder / "exported")


TRIPS: dict[str, tuple[Trip, ...]] = {  # by what is looked for in the folder of a model
    "saved_model.pb": (saved_again, frozen, frozen_in_a_session),
    "*.meta": (frozen_checkpoint,),
    "*.pb": (as_saved_model,),
    "*.h5": (keras, exported),
}


def _ends(graph: tf.Graph) -> list[tf.Tensor]:
    """What is computed of what is fed and that no op takes: one tensor of each op."""
    fed: set[str] = set()
    for op in graph.get_operations():
        if op.type == "Placeholder" or any(tensor.op.name in fed for tensor in op.inputs):
            fed.add(op.name)
    ops = [op for op in graph.get_operations() if op.name in fed and op.outputs]
    taken = {tensor.op.name for op in ops for tensor in op.inputs}
    return [op.outputs[0] for op in ops if op.name not in taken and "Apply" not in op.type]


def _written(graph: tf1.GraphDef, folder: Path) -> str:
    file = folder / "frozen.pb"
    file.write_bytes(graph.SerializeToString())
    return str(file)


def trips(names: list[str]) -> Iterator[tuple[str, Path, Trip]]:
    """Each model's name and file with each way in which it is saved again."""
    for kind, ways in TRIPS.items():
        for found in sorted(SHARED.rglob(kind)):
            if kind == "*.pb" and found.name in ("saved_model.pb", "fingerprint.pb"):
                continue
            name = found.relative_to(SHARED).parts[0]
            path = found.parent if kind == "saved_model.pb" else found
            if not names or name in names:
                yield from ((name, path, way) for way in ways)


def told(path: Path, trip: Trip) -> tuple[bool, str]:
    """Whether both parted, and a row's end."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            file = trip(path, Path(folder))
        except Exception as error:  # what TensorFlow or Keras refuses to write, whatever it raises
            first = (str(error).strip().splitlines() or [""])[0]
            return False, f"cannot be written: {type(error).__name__}: {first[:90]}"
        try:
            found = compare(str(path), file, calls=CALLS)
        except GraphlabError as error:
            return False, f"cannot be compared: {str(error)[:120]}"
    if found.same:
        alone = len(found.results_only_a) + len(found.results_only_b)
        return False, f"the same, {len(found.results)} results, {found.apart:.2g} apart" + (
            f"; {alone} that only one gives" if alone else ""
        )
    begins = next((part.a or part.b for part in found.frontier), None)
    where = f" from {begins.node} ({begins.op}) on" if begins else ""
    return True, f"part{where}; {'; '.join(found.notes)[:200]}"


def main() -> int:
    """Print the table."""
    start_tensorflow()
    parted = 0
    for name, path, trip in trips(sys.argv[1:]):
        part, said = told(path, trip)
        parted += part
        print(f"{name:42} {trip.__name__:18} {said}", flush=True)
    return int(parted > 0)


if __name__ == "__main__":
    sys.exit(main())
