"""Real models from elsewhere: what share of their ops can be followed through the stages."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from graphlab import stages
from graphlab.watch.observer import observe

tf1 = tf.compat.v1
MODELS = Path(__file__).parents[2] / "shared" / "models"
SAVED = {
    "serving-saved_model_half_plus_two_cpu": ["serve"],
    "serving-saved_model_counter": ["serve"],
    "serving-saved_model_half_plus_two_tf2_cpu": ["serve"],
    "cppflow-load_model": ["serve"],
    "rust-regression-model": ["train", "serve"],
    "tf2onnx-regression/saved_model": ["serve"],
    "mlperf-tiny-kws": ["serve"],
}
FROZEN = (
    "cppflow-mnist-frozen/model.pb",
    "tf2onnx-lstm/frozen.pb",
    "tf2onnx-gru/frozen.pb",
    "tf2onnx-regression/graphdef/frozen.pb",
)

pytestmark = pytest.mark.skipif(not MODELS.is_dir(), reason="../shared/models is not here")


def zeros(tensor):
    """Something to feed: two of whatever has no size of its own."""
    shape = tensor.shape.as_list() if tensor.shape.rank is not None else [2]
    shape = [2 if size is None else size for size in shape]
    if tensor.dtype == tf.string:
        return np.full(shape, b"", object)
    return np.zeros(shape, tensor.dtype.as_numpy_dtype)


def follow(session, fetches, feeds):
    """The stages of one session run; without the last two where zeros are no input for it."""
    with observe() as seen:
        try:
            session.run(fetches, feeds)
        except tf.errors.OpError:
            seen = None
    run = seen.runs[-1] if seen is not None and seen.runs else None
    if run is not None:
        assert stages.contradictions(run) == ()
    return run, stages.stages(session.graph, fetches, list(feeds), run)


def share(capsys, name, found):
    """Print what share was matched, and give it."""
    every = sum(len(stage.verdicts) for stage in found)
    lost = sum(len(stage.unmatched) for stage in found)
    with capsys.disabled():
        print(
            f"\n{name}: {len(found[0].graph)} ops built, {len(found[-1].graph)} {found[-1].name};"
            f" {every - lost} of {every} verdicts matched ({(every - lost) / every:.1%})"
        )
    return (every - lost) / every


@pytest.mark.parametrize("folder", SAVED)
def test_every_op_of_a_saved_model_is_followed(folder, capsys):
    with tf.Graph().as_default() as graph, tf1.Session() as session:
        loaded = tf1.saved_model.load(session, SAVED[folder], str(MODELS / folder))
        ran = 0
        for key, signature in sorted(loaded.signature_def.items()):
            fetches = [output.name for output in signature.outputs.values()]
            if key.startswith("__") or not fetches:
                continue
            names = [given.name for given in signature.inputs.values()]
            feeds = {name: zeros(graph.get_tensor_by_name(name)) for name in names}
            run, found = follow(session, fetches, feeds)
            assert share(capsys, f"{folder} {key}", found) == 1.0
            if run is not None:
                ran += 1
                assert "unmatched" not in {v.kind for v in stages.verdicts(run).values()}
        assert ran


@pytest.mark.parametrize("path", FROZEN)
def test_every_op_of_a_frozen_graph_is_followed(path, capsys):
    definition = tf1.GraphDef.FromString((MODELS / path).read_bytes())
    with tf.Graph().as_default() as graph, tf1.Session() as session:
        tf.import_graph_def(definition, name="")
        taken = {i.split(":")[0].lstrip("^") for node in definition.node for i in node.input}
        operations = graph.get_operations()
        fetches = [op.outputs[0].name for op in operations if op.outputs and op.name not in taken]
        inputs = [op.outputs[0] for op in operations if op.type == "Placeholder"]
        _, found = follow(session, fetches, {one.name: zeros(one) for one in inputs})
    assert share(capsys, path, found) == 1.0
