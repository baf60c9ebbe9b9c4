"""What the proofs of ports share: a call of a TF1 graph, and its port run in this process."""

import importlib.util
import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf

from graphlab import observe
from graphlab.port.child import member
from graphlab.port.proof import distance
from graphlab.port.recorded import call_of, module_of
from graphlab.port.written import arrays, packed, written

tf1 = tf.compat.v1


def in_graph_of_tf1(build):
    """What `build` gives, with conditions and loops as TensorFlow 1 built them."""
    with tf.Graph().as_default():
        tf1.disable_control_flow_v2()
        try:
            return build()
        finally:
            tf1.enable_control_flow_v2()


def recorded(fetches, feeds):
    """A call of a session of the fetches' graph, whose variables are as they begin."""
    graph = tf.nest.flatten(fetches)[0].graph
    with tf1.Session(graph=graph) as session:
        with graph.as_default():
            session.run(tf1.global_variables_initializer())
        with observe(values=True) as seen:
            session.run(fetches, feeds)
    return call_of(seen.replays[-1])


def differences(call, folder, keras=False, near=0.0):
    """What the ported file computes in another way than the engine: results and variables that are
    apart by more than `near`, which is bit-equal, and ops that have no code."""
    module = module_of(call, keras)
    if module.unported:
        return [f"{lost.op}: {lost.reason}" for lost in module.unported]
    execution = call.replay.steps(engine=call.engine)
    answers = {  # without summaries, which are no results of the file
        module.results[tensor]: np.asarray(value)
        for tensor, value in execution.results().items()
        if tensor in module.results
    }
    inputs = {each.name: call.inputs[each.tensor] for each in module.arguments}
    stored, types = packed(arrays(module, call.weights, inputs, answers))
    # Python takes what it has compiled for a file that is as long and of the same second.
    folder = Path(tempfile.mkdtemp(dir=folder))
    file = folder / "ported.py"
    file.write_text(written(module, ["A port."], "ported.npz", types).text)
    np.savez(folder / "ported.npz", **stored)
    model = _model(file, folder / "ported.npz")
    found = {name: value.numpy() for name, value in _as_written(model, inputs.values()).items()}
    state = execution.state()
    for own, name in module.variables.items():
        answers[f"{own} after"] = np.asarray(state[own])
        found[f"{own} after"] = member(model, name).numpy()
    apart = {name: distance(answers[name], np.asarray(found[name])) for name in answers}
    return [name for name, far in apart.items() if far and far[0] > near]


def _model(file, stored):
    spec = importlib.util.spec_from_file_location("ported", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with np.load(stored) as found:
        return module.Model(found)


def _as_written(model, inputs):
    """Called without rewriting, which may add numbers in another order."""
    before = tf.config.optimizer.get_experimental_options()
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    try:
        return model(*inputs)
    finally:
        off = before.get("disable_meta_optimizer", False)
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": off})


def methods_of(call, keras=False):
    """The lines of each method by its name, heads and comments left out."""
    found = {}
    for method in module_of(call, keras).methods:
        lines = [line for each in method.lines for line in each.lines]
        found[method.name] = [line.partition("  # ")[0].strip() for line in lines] + [
            line.strip() for line in method.returned
        ]
    return found
