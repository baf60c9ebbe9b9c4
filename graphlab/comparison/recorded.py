"""A target's recorded calls, replayed: every value that they computed, as events of a side.

side = of_watched(watched, index)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from graphlab import _private
from graphlab.comparison.index import Index
from graphlab.comparison.reading import Reader
from graphlab.comparison.side import Outcome, Side, State
from graphlab.comparison.starts import begun, handed, is_call, lent, plain
from graphlab.comparison.values import array_of, informative, rate
from graphlab.engine import Engine
from graphlab.engine.start import Behind, own_variables
from graphlab.errors import GraphlabError
from graphlab.targets.target import Watched
from graphlab.watch.replay import Replay


def of_watched(
    watched: Watched,
    index: Index,
    state: State | None = None,
    most: int | None = None,
    until: int = 0,
) -> Side:
    """The events of a target's recorded calls, replayed. `state` gives what its variables begin
    each moment with, where that is to be another's; its later calls begin with what the one before
    left. Once the index holds more than `most` bytes no further call is executed, and the side ends
    after the last that was; nor is one behind the call `until`, where that is given.

    GraphlabError where nothing was recorded that gives a value.
    """
    side = Side(watched.target.text, index)
    replays = _chosen(watched)
    moments = _moments(replays)
    side.moments = max(moments, default=0)
    side.shared = _shared(replays)
    if state is not None:
        side.wanted = _wanted(watched, index)
    draws: dict[str, None] = {}
    sources = [replay.source() for replay in replays]  # kept, so that no other gets the id of one
    engines = _engines(sources)
    called = _called(engines, sources, replays)
    functions = any(replay.run.way == "function" for replay in replays)
    for replay, moment, source, names in zip(
        replays, moments, map(id, sources), called, strict=True
    ):
        full = most is not None and index.bytes > most
        if moment > 1 and (full or 0 < until < moment):
            side.cut = moment - 1
            break
        given = (state or {}).get(moment)
        if given:
            left = {n: side.last[n] for n in given if n in side.last}
            now = {n: index.values[o.value] for n, o in left.items() if o.moment == moment}
            replay = replace(replay, start=begun(replay.start, {**given, **now}, names))
        # Bodies of functions are told by the calls of those functions, which know the lines.
        outermost = functions and replay.run.way == "eager"
        given_by = handed(replay) if outermost else {}
        reader = Reader(side, replay, moment, outermost, engines[source], names, given_by)
        reader.read(draws)
    _add_results(side, watched, changed=state is not None)
    side.outcomes = side.outcomes or side.faint
    side.draws = tuple(draws)
    if not any(array_of(index.values[o.value]) is not None for o in side.outcomes):
        raise GraphlabError(
            f"{side.name} gives no value that could be compared; fetch, return or compute one"
        )
    return side


def _engines(sources: Sequence[Any]) -> dict[int, Engine | None]:
    """The engine of each graph or function, by its id, which most calls share; None where it
    cannot be run, which each call tells by itself."""
    found: dict[int, Engine | None] = {}
    for source in sources:
        if id(source) not in found:
            try:
                found[id(source)] = Engine(source)
            except GraphlabError:
                found[id(source)] = None
    return found


def _called(
    engines: Mapping[int, Engine | None], sources: Sequence[Any], replays: Sequence[Replay]
) -> list[dict[str, str]]:
    """What the variables of each call are called here, where that is not what it calls them.

    Functions share variables and have names of their own for them: one that only initialises a
    variable knows its handle and no name, nor does one whose optimizer made it; one to which it is
    handed knows its argument's; and others of the same name have a number in each.
    """
    handles: dict[int, str] = {}  # that have a name
    own: dict[int, dict[str, int]] = {}
    for source, engine in engines.items():
        keys = {}
        for name, variable in own_variables(engine.program).items() if engine else ():
            keys[name] = _private.tensor_id(variable.handle)
            if not isinstance(variable, Behind):
                handles.setdefault(keys[name], variable.name.removesuffix(":0"))
        own[source] = keys
    lent_ones = [
        {own: value.key for own, value in lent(replay.start).items()} | dict(replay.start.handles)
        for replay in replays
    ]
    for keys in (*own.values(), *lent_ones):
        for name, key in keys.items():
            handles.setdefault(key, name)
    taken: dict[str, int] = {}
    unique: dict[int, str] = {}
    for key in sorted(handles):  # as they were made
        count = taken.get(handles[key], 0)
        taken[handles[key]] = count + 1
        unique[key] = f"{handles[key]}_{count}" if count else handles[key]
    return [
        {name: unique.get(key, name) for name, key in (*own[id(source)].items(), *keys.items())}
        for source, keys in zip(sources, lent_ones, strict=True)
    ]


def _shared(replays: Sequence[Replay]) -> frozenset[str]:
    """Names that variables of more than one session's graph have."""
    graphs: dict[str, set[int]] = {}
    for replay in replays:
        for name in replay.start.state if replay.run.way == "graph" else ():
            graphs.setdefault(name, set()).add(id(replay.source()))
    return frozenset(name for name, ids in graphs.items() if len(ids) > 1)


def _chosen(watched: Watched) -> list[Replay]:
    """The recorded calls but those that only call what is recorded by itself."""
    kept = [r for r in watched.replays if not _only_calls(r)]
    return kept or list(watched.replays)


def _only_calls(replay: Replay) -> bool:
    built = replay.run.built
    return (
        replay.run.way == "eager"
        and built is not None
        and all(node.marks.outside or is_call(node.op) for node in built.nodes)
    )


def _moments(replays: list[Replay]) -> list[int]:
    """To which call of the program each recorded call belongs.

    A lesson says so itself: its steps. Else it is told by the kind of call that was made most
    often (of as many, of the most ops): from one such call to the next is one moment.
    """
    if any(replay.run.step for replay in replays):
        return [replay.run.step for replay in replays]
    kinds: dict[Any, list[int]] = {}
    for n, replay in enumerate(replays):
        if replay.run.way != "eager":
            run = replay.run
            kinds.setdefault((run.way, run.name, run.source, run.fetches), []).append(n)
    if not kinds:
        return [1 for _ in replays]
    sizes = {key: len(replays[calls[0]].run.built or ()) for key, calls in kinds.items()}
    main = max(kinds, key=lambda key: (len(kinds[key]), sizes[key]))
    result, done = [], 0
    for n, replay in enumerate(replays):
        result.append(0 if replay.run.way == "eager" else min(done + 1, len(kinds[main])))
        done += n in kinds[main]
    return result


def _add_results(side: Side, watched: Watched, changed: bool) -> None:
    """Where the target says what its results are, those count and no fetch does."""
    if not watched.results or changed:
        return
    side.fetched = [outcome for outcome in side.outcomes if outcome.returned]
    side.outcomes = [outcome for outcome in side.outcomes if not outcome.returned]
    for name, array, case in _arrays(watched.results):
        side.outcomes.append(Outcome(0, name, side.index.number(array), case=case))


def _wanted(watched: Watched, index: Index) -> frozenset[int]:
    """The values that the target says are its results, also of each step, as far as they say
    something."""
    arrays = [array for _, array, _ in _arrays(watched.results or {})]
    arrays += [np.asarray(row) for array in arrays if array.ndim for row in array]
    return frozenset(
        index.near(index.number(array)) for array in arrays if informative(array) or rate(array)
    )


def _arrays(results: Mapping[str, Any]) -> Iterator[tuple[str, np.ndarray, int]]:
    """Results by name; of one for each case, each by itself, with the number of its case."""
    for name, value in results.items():
        if isinstance(value, list | tuple):
            for n, item in enumerate(value, 1):
                array = array_of(plain(item))
                if array is not None:
                    yield f"{name}, case {n}", array, n
        else:
            array = array_of(plain(value))
            if array is not None:
                yield name, array, 0
