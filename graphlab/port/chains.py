"""Calls of one template, each of what the one before it gave: they become a loop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from graphlab.engine.kernels.nodes import Library, Op
from graphlab.errors import GraphlabError
from graphlab.port import effects
from graphlab.port.order import in_order

LEAST = 3


@dataclass(frozen=True)
class Chain:
    """Calls that follow one another."""

    name: str  # of the op that stands for them
    scopes: tuple[str, ...]
    place: int  # among the inputs: what the call before it gave


def chained(
    ops: Sequence[Op], results: Iterable[str], templates: Mapping[str, str], library: Library
) -> tuple[Sequence[Op], tuple[Chain, ...]]:
    """The ops with one in place of each chain. `templates` are those of the calls, by the call."""
    takers: dict[str, list[Op]] = {}
    for op in ops:
        for tensor in op.inputs:
            takers.setdefault(tensor, []).append(op)
    asked = set(results)
    calls = {op.name: op for op in ops if op.name in templates}
    uses = Counter(templates.values())
    follows: dict[str, tuple[Op, int]] = {}
    for op in calls.values():
        if uses[op.type] < LEAST or len(op.outputs) != 1 or op.outputs[0] in asked:
            continue
        then = takers.get(op.outputs[0], [])
        if len(then) == 1 and then[0].type == op.type and not effects.changes(op, library):
            follows[op.name] = then[0], then[0].inputs.index(op.outputs[0])
    after = {then.name for then, _ in follows.values()}
    chains: list[Chain] = []
    for op in calls.values():
        if op.name not in after and op.name in follows:
            chains += _chain(op, follows)
    if not chains:
        return ops, ()
    merged = _merged(ops, chains, calls)
    try:
        in_order(merged)
    except GraphlabError:  # something between them waits for one of them, and one for it
        return ops, ()
    return merged, tuple(chains)


def _chain(first: Op, follows: Mapping[str, tuple[Op, int]]) -> Iterable[Chain]:
    """The chains that begin with a call: as long as they take the same besides."""
    run, place = [first], -1
    while run:
        last = run[-1]
        then, at = follows.get(last.name, (None, -1))
        goes_on = then is not None and place in (-1, at)
        if goes_on and then is not None and _rest(then, at) == _rest(run[0], at):
            run.append(then)
            place = at
            continue
        if len(run) >= LEAST:
            name = f"{run[0].name}{run[-1].name}"
            yield Chain(name, tuple(op.name for op in run), place)
        run, place = ([then] if then is not None else []), -1


def _rest(op: Op, place: int) -> tuple[str, ...]:
    return (*op.inputs[:place], *op.inputs[place + 1 :])


def _merged(ops: Sequence[Op], chains: Sequence[Chain], calls: Mapping[str, Op]) -> list[Op]:
    homes = {scope: chain for chain in chains for scope in chain.scopes}
    names = {scope: chain.name for scope, chain in homes.items()}
    found = []
    for op in ops:
        chain = homes.get(op.name)
        if chain is None:
            found.append(op)
        elif op.name == chain.scopes[0]:
            parts = [calls[scope] for scope in chain.scopes]
            waits = dict.fromkeys(w for part in parts for w in (*part.before, *part.controls))
            outputs = parts[-1].outputs
            found.append(replace(op, name=chain.name, outputs=outputs, before=tuple(waits)))
    result = []
    for op in found:
        before = dict.fromkeys(names.get(name, name) for name in op.before)
        controls = dict.fromkeys(names.get(name, name) for name in op.controls)
        for waits in (before, controls):
            waits.pop(op.name, None)
        result.append(replace(op, before=tuple(before), controls=tuple(controls)))
    return result
