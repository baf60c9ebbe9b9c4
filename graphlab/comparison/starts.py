"""Where a recorded call begins when it is executed again: its variables, and what is not computed.

begun(replay.start, {"W": array}, {})      # with a variable of another's value
handed(replay)                             # what functions gave that need not be called again
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import tensorflow as tf

from graphlab.engine.program import Lent
from graphlab.model import node_of
from graphlab.watch.replay import Replay, Start

_CALLS = re.compile("Call$|^(Stateless)?(While|If|Case)$|^__(inference|forward|backward)_")
_NO_READS = ("AssignVariableOp", "VarHandleOp", "VarIsInitializedOp")  # of what variables hold


def is_call(op: str) -> bool:
    """Whether an op only calls a function."""
    return _CALLS.search(op) is not None


def plain(value: Any) -> Any:
    """A tensor as NumPy has it; what has no numbers, such as a handle, is None."""
    if getattr(value, "dtype", None) in (tf.resource, tf.variant):
        return None
    return value.numpy() if hasattr(value, "numpy") else value


def lent(start: Start) -> dict[str, Lent]:
    """The variables that a call is handed as arguments, as the call calls them."""
    return {node_of(n): value for n, value in start.feeds.items() if isinstance(value, Lent)}


def begun(start: Start, given: Mapping[str, np.ndarray], called: Mapping[str, str]) -> Start:
    """Where a call begins, with its variables as they are given by the names that the side has."""
    names = {own: called.get(own, own) for own in (*start.state, *lent(start))}
    begins = {**start.state, **{own: held.value for own, held in lent(start).items()}}
    known = {
        own: given[name].reshape(tuple(begins[own].shape))
        for own, name in names.items()
        if name in given
    }
    feeds = {
        name: replace(value, value=tf.constant(known[node_of(name)], value.dtype))
        if isinstance(value, Lent) and node_of(name) in known
        else value
        for name, value in start.feeds.items()
    }
    state = {own: known.get(own, value) for own, value in start.state.items()}
    return replace(start, feeds=feeds, state=state)


def handed(replay: Replay) -> dict[str, Any]:
    """What functions gave to eager code, by tensor, so that they need not be called once more.

    {} where what they do to variables matters to the ops around them, or is not all there is.
    """
    nodes = replay.run.built.nodes if replay.run.built is not None else ()
    calls = [node for node in nodes if is_call(node.op)]
    handles = {spec.name for node in nodes for spec in node.outputs if spec.dtype == "resource"}
    reads = any(
        handles.intersection(node.inputs) and node.op not in _NO_READS
        for node in nodes
        if not is_call(node.op)
    )
    tensors = [spec.name for node in calls for spec in node.outputs]
    results = replay.start.results
    if reads or not all(plain(results.get(name)) is not None for name in tensors):
        return {}
    return {name: results[name] for name in tensors}
