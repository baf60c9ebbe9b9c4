"""A TF2 SavedModel: a signature, or a function of one of its objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

from graphlab.errors import GraphlabError
from graphlab.model import TensorSpec
from graphlab.sources import live, reach
from graphlab.sources.choice import signature_of
from graphlab.sources.modelfile import Signature
from graphlab.targets import graph_run
from graphlab.targets.job import REFUSALS, Job, called, one_line
from graphlab.watch import user_error
from graphlab.watch.seen import Seen


def run_function(job: Job) -> tuple[Seen, str]:
    """What was seen of the call, and in words what was called. GraphlabError as it is refused."""
    signature = signature_of(job.model, job.ask.signature)
    if job.ask.fetches:
        raise GraphlabError(
            f"--fetch {job.ask.fetches[0]} names a tensor of a graph; a TF2 signature gives all of"
            f" its outputs: {', '.join(port.key for port in signature.outputs)}"
        )
    job.trusted([*job.model.loading, *reach.of_signature(job.model, signature)])
    keys = _keys(signature)
    values = job.values_of(signature.inputs, keys, keys)
    try:
        loaded = tf.saved_model.load(str(job.model.path), tags=list(job.model.tags))
    except REFUSALS as error:
        if signature.path:
            raise GraphlabError(
                f"TensorFlow does not load the objects of {job.model.path}:"
                f" {user_error.said(error)[:300]}; a signature can be run without them"
            ) from error
        # Objects of an older Keras (its optimizers' slots) are refused; their graph is not.
        seen, told = graph_run.run_graph(job)
        said = user_error.said(error)[:120]
        return seen, f"{told}, in a session: tf.saved_model.load says {said!r}"
    tensors = {key: tf.constant(values[spec.name]) for key, spec in keys.items()}
    with one_line(job.target):
        call = _call(loaded, signature, tensors)
    what = "function" if signature.path else "signature"
    return called(job, call), f"{what} {signature.name}"


def _keys(signature: Signature) -> dict[str, TensorSpec]:
    """The tensors that are handed over, each by the name of its argument."""
    found: dict[str, TensorSpec] = {}
    for port in signature.inputs:
        if port.kind:
            found |= {part.key: part.tensor for part in port.parts}
        else:
            found[port.key] = port.tensor
    return found


def _call(loaded: Any, signature: Signature, tensors: dict[str, Any]) -> Callable[[], Any]:
    """The call of the concrete function that a signature stands for."""
    if not signature.path:
        return lambda: loaded.signatures[signature.name](**tensors)
    function = live.concrete_function(loaded, signature.path, signature.number)
    structure = function.structured_input_signature
    leaves = iter(tensors.values())
    values = [_value(each, leaves) for each in tf.nest.flatten(structure)]
    args, kwargs = tf.nest.pack_sequence_as(structure, values)
    return lambda: function(*args, **kwargs)


def _value(spec: Any, leaves: Iterator[Any]) -> Any:
    """A value of that type, of as many of the tensors as it is made of; what is no type is itself.

    The parts come in the order in which TensorFlow hands them over.
    """
    if isinstance(spec, tf.RaggedTensorSpec) and spec.ragged_rank:
        flat, *splits = (next(leaves) for _ in range(1 + spec.ragged_rank))
        return tf.RaggedTensor.from_nested_row_splits(flat, splits)
    if isinstance(spec, tf.SparseTensorSpec):
        return tf.SparseTensor(next(leaves), next(leaves), next(leaves))
    return next(leaves) if isinstance(spec, tf.TypeSpec) else spec
