"""A target becomes a file: what it did is recorded, ported, written down and proved.

done = port(watched)
done.text, done.arrays, done.summary
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from graphlab.engine import Engine
from graphlab.errors import GraphlabError
from graphlab.port import layout
from graphlab.port.classes import Module
from graphlab.port.explained import sources_of
from graphlab.port.expression import literal
from graphlab.port.recorded import WHERE, Call, call_of, module_of
from graphlab.port.written import arrays, packed, written
from graphlab.targets.target import Watched
from graphlab.watch.replay import Replay

CALLS = 2  # of the ported kind that are recorded: the second begins with other variables


@dataclass(frozen=True)
class Ported:
    """A file that is not written yet."""

    text: str
    arrays: Mapping[str, np.ndarray]  # of the file beside it
    module: Module
    calls: tuple[Call, ...]  # what it is to be held against
    name: str  # of the call: "Session.run", the function's own
    keras: bool = False  # layers of Keras were asked for

    @property
    def packed(self) -> bytes:
        """The file beside it. The same arrays are the same bytes: NumPy writes no time."""
        packed = io.BytesIO()
        stored: dict[str, Any] = dict(self.arrays)
        np.savez(packed, **stored)
        return packed.getvalue()

    @property
    def summary(self) -> str:
        """`214 ops became 31 lines, 3 of them by raw_ops`."""
        module = self.module
        layers = f", {_layers(module.layers)}" if self.keras else ""
        raw = f", {len(module.raw)} ops by tf.raw_ops" if module.raw else ""
        return f"{_became(module)}{raw}{layers}"


def _became(module: Module) -> str:
    ops, lines = ("" if number == 1 else "s" for number in (module.ops, module.lines))
    return f"{module.ops} op{ops} became {module.lines} line{lines}"


def _layers(count: int) -> str:
    if not count:
        return "none of them a layer of Keras: no pattern is whole"
    return f"{count} of them layers of Keras" if count > 1 else "1 of them a layer of Keras"


def port(
    watched: Watched,
    beside: str,
    explain: bool = False,
    keras: bool = False,
    named: Mapping[str, str] | None = None,
) -> Ported:
    """The file of a target's main call; `beside` is the name of the file of its arrays, `named` are
    the names that a signature has for inputs and results, by tensor. With `explain` its statements
    have the ops that they stand for above them, with `keras` whole patterns are layers of Keras.

    GraphlabError where nothing was recorded that can be executed again.
    """
    replays = _main(watched)
    engine = Engine(replays[0].source())
    calls = tuple(call_of(replay, engine) for replay in replays)
    module = module_of(calls[0], keras, calls[1:], named)
    of = literal(watched.target.text[:60])[1:-1].replace("\\", "/")
    run = replays[0].run
    about = [
        f"{of}: what {_plain(run.name)} computes, as a tf.Module.",
        f"{_became(module)}. The weights are those before call {run.call}.",
        *(line for note in module.notes for line in textwrap.wrap(note, layout.WIDTH)),
    ]
    first = calls[0]
    results = first.replay.steps(device=WHERE, engine=engine).results()
    answers = {name: np.asarray(results[tensor]) for tensor, name in module.results.items()}
    inputs = {each.name: np.asarray(first.inputs[each.tensor]) for each in module.arguments}
    stored, types = packed(arrays(module, first.weights, inputs, answers))
    sources = sources_of(run.built) if explain else None
    text = written(module, about, beside, types, sources).text
    return Ported(text, stored, module, calls, _plain(run.name), keras)


def _plain(name: str) -> str:
    return literal(name[:40])[1:-1].replace("\\", "/")


def _main(watched: Watched) -> list[Replay]:
    """The recorded calls of the kind of the main one, as they were made. What Python dispatches
    around graphs and functions is ported where there are none."""
    graphs = tuple(run for run in watched.runs if run.way != "eager" or run.step)
    main = replace(watched, runs=graphs or watched.runs).main
    kinds = ("way", "name", "source", "fetches")
    found = [
        replay
        for replay in watched.replays
        if main is not None and all(getattr(replay.run, k) == getattr(main, k) for k in kinds)
    ]
    if not found:
        raise GraphlabError(
            f"{watched.target.text} made no call that can be ported; run a session or call a"
            " tf.function"
        )
    first, *others = found
    source = first.source()  # of eager code it is made when it is asked for
    return [first, *(replay for replay in others if replay.source() is source)]
