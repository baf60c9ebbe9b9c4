"""Which scopes of a body can be called: each is to run at once, without anything being computed
earlier or later than it was.

A scope that waits for what waits for it is taken apart, into the scopes inside it; so is one
between whose ops a variable changes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import count

import networkx as nx

from graphlab.model import node_of
from graphlab.port.sequential import is_sequential
from graphlab.port.wiring import Wiring

MOST_INPUTS, MOST_OUTPUTS = 6, 3
ROUNDS = 50  # of taking scopes apart; what is left then stays as it is


@dataclass(frozen=True)
class Group:
    """The ops of a scope that become one call."""

    scope: str  # with the slash behind it
    within: str  # the scope that its ops are in; of a block, which has none, the one around it
    waits: tuple[str, ...]  # the ops of others that it waits for
    members: tuple[str, ...]  # ops that work, in the order in which they run
    inputs: tuple[str, ...]  # tensors of others, in the order in which they are first taken
    outputs: tuple[str, ...]  # tensors that others take
    variables: tuple[str, ...]  # handles that it alone takes, or whose names are in the scope
    home: str = ""  # the scope whose variables these are, where that is called once more


Judge = Callable[[list[Group]], set[str]]  # the scopes that are better written where they stand
Shared = Callable[[list[Group]], list[Group]]  # those that are others once more told as that
After = list[tuple[str, str]]  # who comes before whom for the sake of variables
# Of each kind of ops that repeat the blocks, among ops and these scopes.
Repeating = Callable[[list[Group]], Iterable[list[tuple[str, ...]]]]


def groups_of(
    wired: Wiring, within: str, shared: Shared, judge: Judge, repeating: Repeating
) -> tuple[list[Group], After]:
    """The scopes below `within` that can be called, and blocks that repeat; and which ops or scopes
    wait for which others for the sake of variables."""
    apart: set[str] = set()
    for _ in range(ROUNDS):
        groups, after, bad = _judged(wired, within, apart, {}, shared, judge)
        if not bad:
            break
        apart |= bad
    else:
        return [], []
    scopes = _scopes(wired.ops)
    homes: dict[str, str] = {}
    for blocks in repeating(groups):
        tried = dict(homes)
        for members in blocks:
            scope = _free(f"{within}block", scopes, tried.values())
            tried |= dict.fromkeys(members, scope)
        more, waits, bad = _judged(wired, within, apart, tried, shared, judge)
        if not bad:
            homes, groups, after = tried, more, waits
    return groups, after


def _judged(
    wired: Wiring,
    within: str,
    apart: set[str],
    homes: Mapping[str, str],
    shared: Shared,
    judge: Judge,
) -> tuple[list[Group], After, set[str]]:
    """The scopes, who waits for whom, and the scopes that cannot be called or had better not."""
    units = _units(wired, within, apart, homes)
    inside = _inside(wired, units)
    if not inside:
        return [], [], set()
    after, bad = _order(wired, units, inside)
    bad |= _cyclic(wired, units, inside, after)
    groups = shared(_groups(wired, units, inside, dict.fromkeys(homes.values(), within)))
    bad |= {g.scope for g in groups if not _small(g, wired)}
    bad |= judge([g for g in groups if g.scope not in bad])
    return groups, after, bad


def _units(wired: Wiring, within: str, apart: set[str], homes: Mapping[str, str]) -> dict[str, str]:
    """What each op is part of: a scope, with the slash behind it, or itself; of those that have
    `homes` these.

    The op that has a scope's own name is the last one inside it.
    """
    units: dict[str, str] = {}
    scopes = _scopes(filter(wired.works, wired.ops))
    for name, op in wired.ops.items():
        unit = name
        if name in homes:
            unit = homes[name]
        elif wired.works(name) and name.startswith(within):
            path = f"{name}/" if name in scopes else name
            end = path.find("/", len(within))
            while end >= 0 and path[: end + 1] in apart:
                end = path.find("/", end + 1)
            unit = path[: end + 1] if end >= 0 else name
        elif not wired.works(name):
            # What is handed on, or read after something, inside of a scope is of the scope.
            near = [units[each] for each in (*op.before, *op.controls) if each in units]
            unit = next((each for each in near if each.endswith("/")), name)
        units[name] = unit
    needs: set[tuple[str, str]] = set()  # an op, and a scope of which something waits for it
    for name, op in reversed(wired.ops.items()):
        if not wired.works(name) and (name, units[name]) not in needs:
            units[name] = name
        needs.update((each, units[name]) for each in (*op.before, *op.controls))
    return units


def _scopes(names: Iterable[str]) -> set[str]:
    """All scopes in which ops of these names are."""
    found: set[str] = set()
    for name in names:
        scope = name.rpartition("/")[0]
        while scope and scope not in found:
            found.add(scope)
            scope = scope.rpartition("/")[0]
    return found


def _free(word: str, scopes: Collection[str], taken: Collection[str]) -> str:
    """A scope of this word and a number that is none yet, with the slash behind it."""
    named = (f"{word}_{number}" for number in count(1))
    return next(f"{each}/" for each in named if each not in scopes and f"{each}/" not in taken)


def _inside(wired: Wiring, units: dict[str, str]) -> dict[str, list[str]]:
    """The ops that work, by scope."""
    inside: dict[str, list[str]] = {}
    for name, unit in units.items():
        if unit.endswith("/") and wired.works(name):
            inside.setdefault(unit, []).append(name)
    return inside


def _events(wired: Wiring, units: dict[str, str]) -> dict[str, dict[str, list]]:
    """By variable and by unit: the first and the last place where it is touched, and whether it
    is changed there. What reads it for a scope is of the scope: where it is called, it reads. For
    an op by itself it is read, and held, before what changes it."""
    events: dict[str, dict[str, list]] = {}
    for place, (name, op) in enumerate(wired.ops.items()):
        for variable, changes in wired.touched[name]:
            _note(events, variable, units[name], place, changes)
        is_in_scope = wired.works(name) and units[name].endswith("/")
        for tensor in op.inputs if is_in_scope else ():
            if tensor in wired.reads:
                is_copy = wired.ops[node_of(tensor)].type == "ReadVariableOp"
                at = wired.places[node_of(tensor)] if is_copy else place
                _note(events, wired.reads[tensor], units[name], at, False)
    return events


def _note(events: dict, variable: str, unit: str, place: int, changes: bool) -> None:
    spans = events.setdefault(variable, {})
    span = spans.setdefault(unit, [place, place, False])
    span[0], span[1], span[2] = min(span[0], place), max(span[1], place), span[2] or changes


def _order(
    wired: Wiring, units: dict[str, str], inside: dict[str, list[str]]
) -> tuple[list[tuple[str, str]], set[str]]:
    """Who comes before whom for the sake of variables, and the scopes between whose ops one
    changes."""
    after: list[tuple[str, str]] = []
    bad: set[str] = set()
    for spans in _events(wired, units).values():
        if not any(changes for *_, changes in spans.values()):
            continue
        reads: list[str] = []  # since the last change
        change = ""
        last, last_change = (-1, ""), (-1, "")
        for unit, (first, end, changes) in sorted(spans.items(), key=lambda item: item[1][0]):
            crossed = last if changes else last_change
            if first <= crossed[0]:
                bad |= {each for each in (unit, crossed[1]) if each in inside}
            if changes:
                after += [(each, unit) for each in reads or [change] if each]
                change, reads = unit, []
                last_change = max(last_change, (end, unit))
            else:
                after += [(change, unit)] if change else []
                reads.append(unit)
            last = max(last, (end, unit))
    return after, bad


def _cyclic(
    wired: Wiring,
    units: dict[str, str],
    inside: dict[str, list[str]],
    after: Iterable[tuple[str, str]],
) -> set[str]:
    """The scopes that wait for what waits for them."""
    graph = nx.DiGraph(after)
    for name, op in wired.ops.items():
        for before in (*op.before, *op.controls):
            if before in units and units[before] != units[name]:
                graph.add_edge(units[before], units[name])
    bad: set[str] = set()
    for together in nx.strongly_connected_components(graph):
        if len(together) > 1:
            bad |= {unit for unit in together if unit in inside}
    return bad


def _groups(
    wired: Wiring,
    units: dict[str, str],
    inside: dict[str, list[str]],
    around: Mapping[str, str],
) -> list[Group]:
    """`around` is of blocks the scope around them."""
    takers: dict[str, dict[str, None]] = {}  # units, by tensor; of a variable, by its handle
    for name, op in wired.ops.items():
        if wired.works(name):
            for tensor in op.inputs:
                takers.setdefault(wired.handle(tensor) or tensor, {})[units[name]] = None
    waits: dict[str, dict[str, None]] = {}
    for name, op in wired.ops.items():
        others = [each for each in (*op.before, *op.controls) if units.get(each) != units[name]]
        waits.setdefault(units[name], {}).update(dict.fromkeys(others))
    return [
        _group(wired, unit, around.get(unit, unit), names, tuple(waits[unit]), takers)
        for unit, names in inside.items()
    ]


def _small(group: Group, wired: Wiring) -> bool:
    """Whether a call of it can be read, and nothing in it belongs to the model."""
    few = len(group.inputs) <= MOST_INPUTS and len(group.outputs) <= MOST_OUTPUTS
    ends = (*group.inputs, *group.outputs)
    refs = any(tensor in wired.refs or wired.is_other_resource(tensor) for tensor in ends)
    layers = [wired.ops[name] for name in group.members if is_sequential(wired.ops[name])]
    # Layers have their weights by themselves.
    refs |= any(tensor in group.inputs for op in layers for tensor in op.inputs[1:])
    return few and not refs and wired.fixed.isdisjoint(group.members)


def _group(
    wired: Wiring,
    unit: str,
    within: str,
    names: list[str],
    waits: tuple[str, ...],
    takers: dict[str, dict[str, None]],
) -> Group:
    own = set(names)
    inputs: dict[str, None] = {}
    variables: dict[str, None] = {}
    outputs: list[str] = []
    for name in names:
        op = wired.ops[name]
        for tensor in op.inputs:
            handle = wired.handle(tensor)
            maker = wired.ops.get(node_of(tensor))
            source = maker.inputs[0] if tensor in wired.reads and maker is not None else tensor
            if source in wired.refs and node_of(source) not in own:
                inputs[source] = None
            elif handle is not None:
                inside = wired.handles[handle].startswith(unit)
                # What is no scope, as a tape, finds it where it is; a block has no other name.
                others = (each for each in takers[handle] if unit == within or each[-1] == "/")
                alone = not {*others} - {unit}
                owned = handle not in wired.given and (alone or inside)
                (variables if owned else inputs)[handle] = None
            elif tensor in wired.given:
                inputs[tensor] = None
            elif maker is not None and maker.type == "Const":
                if tensor not in wired.literals and len(takers[tensor]) > 1:
                    inputs[tensor] = None
            elif node_of(tensor) not in own:
                inputs[tensor] = None
        for tensor in op.outputs:
            used = any(each != unit for each in takers.get(tensor, ()))
            if used or tensor in wired.fetched:
                outputs.append(tensor)
    kept = (tuple(names), tuple(inputs), tuple(outputs), tuple(variables))
    return Group(unit, within, waits, *kept)
