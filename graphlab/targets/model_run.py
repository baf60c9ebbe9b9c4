"""Run a model file in TensorFlow under observation: what `graphlab trace MODEL` does.

TF1 graphs run in a session, with the checkpoint beside them restored; a TF2 SavedModel by the
concrete function of its signature; a Keras model as a tf.function of its call. Each is called
twice, since the first call also warms up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from google.protobuf import text_format

from graphlab.errors import GraphlabError, shown
from graphlab.model import TensorSpec, node_of
from graphlab.sources import files, modelfile
from graphlab.sources.choice import ends, needed_by, signature_of
from graphlab.sources.keras import archive
from graphlab.sources.modelfile import ModelFile
from graphlab.sources.savedmodel import metagraph
from graphlab.targets import examples, feeds, keras_run
from graphlab.targets.target import Ask, Target, Watched
from graphlab.watch import user_error
from graphlab.watch.observer import observe
from graphlab.watch.seen import Seen

tf1 = tf.compat.v1
CALLS = 2
_NODE = re.compile(r"Detected at node '?([^'\s]+)")
_REFUSALS = (ValueError, TypeError, KeyError, AttributeError, OSError, ImportError)


@dataclass(frozen=True)
class _Job:
    """What is to be run."""

    target: Target
    model: ModelFile
    device: str | None
    generator: np.random.Generator
    values_kept: bool  # for a replay
    until_bad: bool

    @property
    def ask(self) -> Ask:
        """How it is to be run."""
        return self.target.ask

    @contextmanager
    def observed(self) -> Iterator[Seen]:
        """Where the calls are made: on the device, and watched."""
        with tf.device(self.device), observe(self.values_kept, self.until_bad) as seen:
            yield seen

    def values(self, needed: Mapping[str, TensorSpec], known: Mapping[str, TensorSpec]) -> dict:
        """The value of each feed by its name; all that is needed must be among them."""
        asked = feeds.parse(self.ask.feeds)
        feeds.unknown(asked, known, "feed")
        feeds.missing(needed, asked)
        return {name: self._value(each, known[name]) for name, each in asked.items()}

    def _value(self, asked: feeds.Asked, spec: TensorSpec) -> Any:
        if asked.text == feeds.RANDOM and spec.dtype == "string":
            parser = examples.parser_of(self.model.graph)
            if parser is not None:  # a random word would be no Example
                shape = tuple(self.ask.batch if n is None else n for n in spec.shape or (None,))
                return examples.random_examples(parser, shape, self.generator)
        return feeds.value(asked, spec, self.generator, self.ask.batch)


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
    model = files.read_model(target.model)
    _refuse(target, model)
    job = _Job(target, model, device, np.random.default_rng(seed), values, until_bad)
    run = _run_keras if model.kind == modelfile.KERAS else _run_graph
    if model.kind == "SavedModel" and any(s.function for s in model.signatures):
        run = _run_function
    seen, note = run(job)
    notes = [note, *(_initialised(model) if run is _run_graph else ())]
    said = "; ".join([*notes, f"called {CALLS} times: the first call and a steady one"])
    # That Python called the function is no news; what the function did is.
    runs = tuple(run for run in seen.runs if run.way != "eager")
    return Watched(
        target,
        runs,
        seen.calls,
        model.graph,
        said,
        replays=seen.replays,
        live=seen.live,
        metadata=seen.metadata,
    )


def _refuse(target: Target, model: ModelFile) -> None:
    """GraphlabError for what cannot be run, or not without trust."""
    if not len(model.graph):
        raise GraphlabError(f"{target.text} is a {model.kind} without a graph; nothing can run")
    for op, reason in modelfile.unknown_ops(model).items():
        raise GraphlabError(f"{target.text} cannot be run: op {shown(op)} is {reason}")
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


@contextmanager
def _one_line(target: Target) -> Iterator[None]:
    """What TensorFlow or Keras refuses, as one line."""
    try:
        yield
    except GraphlabError:
        raise
    except tf.errors.OpError as error:
        node = _NODE.search(error.message or "")
        where = f" at {shown(node[1])}" if node else ""
        raise GraphlabError(
            f"{target.text} stopped{where}: {user_error.said(error)[:300]}"
        ) from error
    except _REFUSALS as error:
        raise GraphlabError(
            f"TensorFlow refuses {target.text}: {user_error.said(error)[:300]}"
        ) from error


# TF1: a graph in a session


def _run_graph(job: _Job) -> tuple[Seen, str]:
    model = job.model
    graph = tf.Graph()
    config = tf1.ConfigProto(allow_soft_placement=True)
    with graph.as_default(), graph.device(job.device), tf1.Session(config=config) as session:
        with _one_line(job.target):
            _load(model, session)
        known, fetches, told = _asked_of(job)
        graph_of = model.graph
        fed = {known[name].name for name in feeds.parse(job.ask.feeds) if name in known}
        needed = needed_by(graph_of, fetches, fed)
        names = {spec.name: name for name, spec in reversed(known.items())}
        values = job.values(
            {names.get(spec.name, node_of(spec.name)): spec for spec in needed.values()}, known
        )
        feed_dict = {known[name].name: value for name, value in values.items()}
        with _one_line(job.target), job.observed() as seen:
            for _ in range(CALLS):
                session.run(list(fetches), feed_dict)
    return seen, told


def _load(model: ModelFile, session: Any) -> None:
    """The model's graph into the session's, and its variables' values."""
    if model.kind == "SavedModel":
        tf1.saved_model.load(session, list(model.tags), str(model.path))
        return
    if model.kind == "MetaGraph":
        saver = tf1.train.import_meta_graph(str(model.path))
        if model.checkpoint is not None and saver is not None:
            saver.restore(session, model.checkpoint.prefix)
            return
        session.run([tf1.global_variables_initializer(), tf1.local_variables_initializer()])
        session.run(tf1.tables_initializer())
        return
    data = model.path.read_bytes()
    message = tf1.GraphDef()
    if files.is_text(data):
        text_format.Parse(data, message)
    else:
        message.ParseFromString(data)
    tf.import_graph_def(message, name="")


def _initialised(model: ModelFile) -> list[str]:
    if model.kind == "MetaGraph" and model.checkpoint is None and model.variables:
        return ["there is no checkpoint beside it: the variables have their initial values"]
    return []


def _asked_of(job: _Job) -> tuple[dict[str, TensorSpec], tuple[str, ...], str]:
    """What may be fed, by every name it has; what is fetched; and in words what that is."""
    graph, model = job.model.graph, job.model
    tensors = {spec.name: spec for node in graph.nodes for spec in node.outputs}
    known = {node_of(name): spec for name, spec in tensors.items() if name.endswith(":0")}
    known |= tensors
    if job.ask.fetches:
        there = {**tensors, **{node.name: node for node in graph.nodes}}
        feeds.unknown(job.ask.fetches, there, "fetch")
        return known, tuple(job.ask.fetches), "the tensors that --fetch names"
    if model.signatures:
        signature = signature_of(model, job.ask.signature)
        for port in signature.inputs:
            known = {port.key: tensors.get(port.tensor.name, port.tensor), **known}
        fetches = tuple(dict.fromkeys(port.tensor.name for port in signature.outputs))
        return known, fetches, f"signature {signature.name}"
    found = ends(graph)
    if not found:
        raise GraphlabError(f"{job.target.text} gives nothing at its ends; name a --fetch")
    told = f"all that nothing takes, as it has no signature: {len(found)}; --fetch names others"
    return known, found, told


# TF2: a function


def _run_function(job: _Job) -> tuple[Seen, str]:
    signature = signature_of(job.model, job.ask.signature)
    if job.ask.fetches:
        raise GraphlabError(
            f"--fetch {job.ask.fetches[0]} names a tensor of a graph; a TF2 signature gives all of"
            f" its outputs: {', '.join(port.key for port in signature.outputs)}"
        )
    needed = {port.key: port.tensor for port in signature.inputs}
    values = job.values(needed, needed)
    try:
        loaded = tf.saved_model.load(str(job.model.path), tags=list(job.model.tags))
    except _REFUSALS as error:
        # Objects of an older Keras (its optimizers' slots) are refused; their graph is not.
        seen, told = _run_graph(job)
        return (
            seen,
            f"{told}, in a session: tf.saved_model.load says {user_error.said(error)[:120]!r}",
        )
    function = loaded.signatures[signature.name]
    tensors = {name: tf.constant(value) for name, value in values.items()}
    return _called(job, lambda: function(**tensors)), f"signature {signature.name}"


def _run_keras(job: _Job) -> tuple[Seen, str]:
    signature = job.model.signatures[0]
    if job.ask.fetches:
        raise GraphlabError("--fetch names a tensor of a graph; a Keras model gives its outputs")
    needed = {port.key: port.tensor for port in signature.inputs}
    if needed:
        values = job.values(needed, needed)
    with _one_line(job.target):
        model = keras_run.loaded(job.model.path, job.ask.trust)
    if not needed:
        needed = keras_run.inputs(model)
        values = job.values(needed, needed)
    with _one_line(job.target):
        call = keras_run.function(model, {name: values[name] for name in needed})
    seen = _called(job, call)
    return seen, f"the call of Keras model {signature.name}"


def _called(job: _Job, call: Callable[[], Any]) -> Seen:
    with _one_line(job.target), job.observed() as seen:
        for _ in range(CALLS):
            call()
    return seen
