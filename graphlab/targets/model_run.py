"""Run a model file in TensorFlow under observation: what `graphlab trace MODEL` does.

TF1 graphs run in a session, with the checkpoint beside them restored; a TF2 SavedModel by the
concrete function of its signature; a Keras model as a tf.function of its call. Each is called
twice, since the first call also warms up.
"""

from __future__ import annotations

import numpy as np

from graphlab.errors import GraphlabError, shown
from graphlab.sources import files, modelfile
from graphlab.sources.keras import archive
from graphlab.sources.modelfile import ModelFile
from graphlab.sources.savedmodel import metagraph
from graphlab.targets import keras_run
from graphlab.targets.function_run import run_function
from graphlab.targets.graph_run import left_out, run_graph
from graphlab.targets.job import CALLS, Job, called
from graphlab.targets.target import Target, Watched
from graphlab.watch.seen import Seen


def watch_model(
    target: Target,
    device: str | None,
    seed: int | None,
    values: bool = False,
    until_bad: bool = False,
) -> Watched:
    """Run a target's model and keep what was seen. TensorFlow has been started.

    `values` and `until_bad` are as for `observe`.

    GraphlabError, one line, where a feed is missing or does not fit, where TensorFlow does not
    know an op, where the file would run code of its own or reach outside of its folder and
    `trust` is not asked for, and for whatever TensorFlow itself refuses.
    """
    assert target.model is not None
    model = files.read_model(target.model, target.ask.tags)
    _refuse(target, model)
    job = Job(target, model, device, np.random.default_rng(seed), values, until_bad)
    run = _run_keras if model.kind == modelfile.KERAS else run_graph
    if model.kind == "SavedModel" and (
        model.functions or any(s.function for s in model.signatures)
    ):
        run = run_function
    seen, note = run(job)
    left = left_out(job) if run is run_graph else ""
    times = f"called {CALLS} times: the first call and a steady one"
    said = "; ".join(filter(None, [note, left, times]))
    # That Python called the function is no news; what the function did is.
    runs = tuple(run for run in seen.runs if run.way != "eager")
    return Watched(
        target,
        runs,
        seen.calls,
        model.graph,
        said,
        left_out=left,
        replays=seen.replays,
        live=seen.live,
        metadata=seen.metadata,
        config=seen.config,
    )


def _refuse(target: Target, model: ModelFile) -> None:
    """GraphlabError for what cannot be run, or not without trust."""
    if not len(model.graph):
        raise GraphlabError(f"{target.text} is a {model.kind} without a graph; nothing can run")
    if problem := modelfile.too_new(model):
        raise GraphlabError(f"{target.text} cannot be run: {problem}")
    for op, reason in modelfile.unknown_ops(model).items():
        raise GraphlabError(f"{target.text} cannot be run: op {shown(op)} is {reason}")
    for each in modelfile.refused_nodes(model):
        if not each.function:  # of a function TensorFlow says so when it comes to it
            raise GraphlabError(
                f"{target.text} cannot be run: node {shown(each.node)} ({each.op}) is refused:"
                f" {each.reason}"
            )
    if target.ask.trust:
        return
    if any(metagraph.outside(asset) for asset in model.assets):
        asset = next(asset for asset in model.assets if metagraph.outside(asset))
        raise GraphlabError(
            f"{target.text} reads {shown(asset)}, which is outside of its folder; --trust lets it"
        )
    code = archive.code_in(archive.config_of(model.path)) if model.kind == modelfile.KERAS else []
    if code:
        raise GraphlabError(
            f"{target.text} brings code of its own ({code[0]}); --trust runs it, so be sure that"
            " you know where the file is from"
        )


def _run_keras(job: Job) -> tuple[Seen, str]:
    signature = job.model.signatures[0]
    if job.ask.fetches:
        raise GraphlabError("--fetch names a tensor of a graph; a Keras model gives its outputs")
    needed = {port.key: port.tensor for port in signature.inputs}
    if needed:
        values = job.values(needed, needed)
    model = keras_run.loaded(job.model.path, job.ask.trust)
    if not needed:
        needed = keras_run.inputs(model, job.target.text)
        values = job.values(needed, needed)
    call = keras_run.function(model, {name: values[name] for name in needed}, job.target.text)
    seen = called(job, call)
    return seen, f"the call of Keras model {signature.name}"
