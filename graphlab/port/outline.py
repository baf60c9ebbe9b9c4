"""Scopes become functions of the library, equal ones one function: then a call is written for each.

outline = outlined(ops, fetches, given, handles, library, rank)
outline.ops, outline.templates
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from tensorflow.core.framework import function_pb2, node_def_pb2

from graphlab.engine.kernels.nodes import Body, Library, Op
from graphlab.port import effects
from graphlab.port.blocks import LEAST_TIMES, blocks
from graphlab.port.chains import Chain, chained
from graphlab.port.composed import stands_for
from graphlab.port.groups import Group, groups_of
from graphlab.port.likeness import Likeness, has_weights, is_weight, tensors_of
from graphlab.port.sequential import is_sequential
from graphlab.port.updates import RULES
from graphlab.port.wiring import FREE, Wiring, wiring

LEAST_OFTEN = 5  # ops and variables of a scope that is there several times
LEAST_WRITTEN = 3  # of these, lines and variables
LEAST_ONCE = 12  # of one that is there once
MOST_OF_ALL = 0.7  # of a body's ops, in a scope that is there once


@dataclass(frozen=True)
class Use:
    """A call of a template: which of the caller's tensors are what in the template's first."""

    template: str
    tensors: Mapping[str, str]
    home: str = ""  # the scope that is called once more


@dataclass
class Template:
    """What equal scopes have in common, as the first of them has it."""

    type: str  # the op type of its calls
    scope: str  # of the first, in which its ops are
    ops: Sequence[Op]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    variables: tuple[str, ...]  # handles that each has of its own
    literals: Collection[str]  # constants that can be written
    called: str = ""  # the scope of the first, also of a block, which has none of its own
    uses: dict[str, Use] = field(default_factory=dict)  # of others inside it, by op
    homes: dict[str, str] = field(default_factory=dict)  # by handle: the call that has it
    chains: tuple[Chain, ...] = ()
    members: dict[str, str] = field(default_factory=dict)  # by op: the call that it is in


@dataclass
class Outline:
    """A body with calls in place of scopes, and all that they call."""

    library: Library
    likeness: Likeness
    templates: dict[str, Template] = field(default_factory=dict)  # by type of op
    known: dict[Any, str] = field(default_factory=dict)  # the type of op, by what is alike
    firsts: dict[str, list[str]] = field(default_factory=dict)  # tensors of the first, by type
    often: set[Any] = field(default_factory=set)  # what is alike in scopes there several times
    begun: set[Any] = field(default_factory=set)  # of what is alike that is being outlined


def outlined(
    ops: Sequence[Op],
    fetches: Iterable[str],
    given: Collection[str],
    handles: Mapping[str, str],
    outline: Outline,
    within: str = "",
    literals: Mapping[str, np.ndarray] | None = None,
) -> Template:
    """The body as a template without a name; its `literals` where they are known. GraphlabError
    where the ops are in no order."""
    fetches = tuple(fetches)
    wired = wiring(ops, fetches, given, handles, outline.library, literals)
    alike: dict[str, Any] = {}
    known: dict[str, Group] = {}  # those that were compared

    def key_of(group: Group) -> Any:
        if known.get(group.scope) != group:
            known[group.scope] = group
            alike[group.scope] = outline.likeness.of(group, wired)
        return alike[group.scope]

    def shared(groups: list[Group]) -> list[Group]:
        owners = {handle: group for group in groups for handle in group.variables}
        return [_again(group, owners, wired, key_of) for group in groups]

    def judge(groups: list[Group]) -> set[str]:
        keys = [key_of(group) for group in groups]
        itself = {
            group.scope for group, key in zip(groups, keys, strict=True) if key in outline.begun
        }
        return (
            itself | _useless(groups, wired, keys, outline.often) | _no_blocks(groups, wired, keys)
        )

    def repeating(groups: list[Group]) -> Iterable[list[tuple[str, ...]]]:
        times = Counter(alike[group.scope] for group in groups)
        outline.often |= {key for key, count in times.items() if count > 1}
        return blocks(wired, groups, alike, within, outline.likeness, outline.library)

    groups, after = groups_of(wired, within, shared, judge, repeating)
    body = Template("", within, ops, tuple(given), fetches, (), wired.literals)
    if not groups:
        return body
    for group in sorted(groups, key=lambda group: group.home != ""):
        key = key_of(group)
        if key not in outline.known:
            _add(key, group, wired, outline)
        type_ = outline.known[key]
        tensors = dict(zip(outline.firsts[type_], tensors_of(group, wired), strict=True))
        body.uses[group.scope] = Use(type_, tensors, group.home)
        if not group.home:
            body.homes |= dict.fromkeys(group.variables, group.scope)
    ops = _called(groups, after, wired, body, outline.library)
    templates = {scope: use.template for scope, use in body.uses.items() if not use.home}
    body.ops, body.chains = chained(ops, wired.fetched, templates, outline.library)
    names = {scope: chain.name for chain in body.chains for scope in chain.scopes}
    body.members = {
        name: names.get(group.scope, group.scope) for group in groups for name in group.members
    }
    return body


def _again(
    group: Group, owners: Mapping[str, Group], wired: Wiring, key_of: Callable[[Group], Any]
) -> Group:
    """A scope that does what another does, with the variables of that: as a call of the same."""
    taken = tuple(tensor for tensor in group.inputs if tensor in owners)
    owner = owners[taken[0]] if taken else group
    if group.variables or not taken or owner.variables != taken:
        return group
    if any(is_weight(t, wired) for name in group.members for t in wired.ops[name].inputs):
        return group  # which each has of its own
    inputs = tuple(tensor for tensor in group.inputs if tensor not in owners)
    once_more = replace(group, inputs=inputs, variables=taken, home=owner.scope)
    return once_more if key_of(once_more) == key_of(owner) else group


def _useless(
    groups: list[Group], wired: Wiring, alike: list[Any], often: Collection[Any]
) -> set[str]:
    """The scopes that read better where they stand. Those `often` there may be in blocks now."""
    times = Counter(alike)
    of_all = sum(map(wired.works, wired.ops))
    bad = set()
    for group, key in zip(groups, alike, strict=True):
        inside = [wired.ops[name] for name in group.members]
        written = [stands_for(op) for op in inside if op.type not in effects.NO_WORK]
        layers = {tensor for op in inside if is_sequential(op) for tensor in op.inputs[1:]}
        variables = len(set(group.variables) - layers)
        size = len(written) + variables
        whole = sum(map(len, written)) + variables  # with what functions of several do
        works = {
            op.type.removeprefix("Resource") for op in inside if op.type not in FREE | {"NoOp"}
        }
        if works and works <= RULES.keys():
            small = True  # updates by one rule are a loop, of whatever scopes
        elif times[key] > 1 or key in often:
            small = whole < LEAST_OFTEN or size < LEAST_WRITTEN
        else:
            small = size < LEAST_ONCE or len(group.members) > MOST_OF_ALL * of_all
        if small:
            bad.add(group.scope)
    return bad


def _no_blocks(groups: list[Group], wired: Wiring, alike: list[Any]) -> set[str]:
    """Of blocks, which no scope tells of, those that are no layers: that have nothing of their
    own, give more than one tensor, or are not alike as often as a block is to be there."""
    times = Counter(alike)
    return {
        group.scope
        for group, key in zip(groups, alike, strict=True)
        if group.scope != group.within
        and not (
            times[key] >= LEAST_TIMES and len(group.outputs) == 1 and has_weights(group, wired)
        )
    }


def _add(key: Any, group: Group, wired: Wiring, outline: Outline) -> None:
    """A template of a group that none before it was like, with what is outlined inside it."""
    # No function of TensorFlow has a space in its name.
    type_ = outline.known[key] = f"scope {len(outline.known)}"
    outline.firsts[type_] = tensors_of(group, wired)
    needed: dict[str, Op] = {}
    for name in group.members:
        op = wired.ops[name]
        needed |= {name: op, **_free(op, wired)}
    for op in list(needed.values()):  # the handles of what is read
        needed |= _free(op, wired)
    needed = {name: needed[name] for name in wired.ops if name in needed}
    handles = {t: wired.handles[t] for t in (*group.variables, *group.inputs) if t in wired.handles}
    outline.begun.add(key)
    inner = outlined(
        list(needed.values()),
        group.outputs,
        group.inputs,
        handles,
        outline,
        group.within,
        wired.literals,
    )
    outline.begun.remove(key)
    inner.type, inner.called, inner.variables = type_, group.scope, group.variables
    outline.templates[type_] = inner
    definition = function_pb2.FunctionDef()
    definition.signature.name = type_
    definition.signature.is_stateful = True  # so that nothing is folded
    outline.library.definitions[type_] = definition
    outline.library.bodies[type_] = Body(
        type_, {op.name: op for op in inner.ops}, group.inputs, group.outputs
    )


def _free(op: Op, wired: Wiring) -> dict[str, Op]:
    """What an op takes that may stand in any body."""
    return {n: wired.ops[n] for n in op.before if n in wired.ops and not wired.works(n)}


def _called(
    groups: list[Group],
    after: list[tuple[str, str]],
    wired: Wiring,
    body: Template,
    library: Library,
) -> list[Op]:
    """The ops of a body with a call in place of each group."""
    homes = {name: group.scope for group in groups for name in group.members}
    firsts = {group.members[0]: group for group in groups}
    waits: dict[str, list[str]] = {}
    for first, then in after:
        waits.setdefault(then, []).append(first)
    found: list[Op] = []
    for name, op in wired.ops.items():
        if name in firsts:
            group = firsts[name]
            found.append(_call(group, wired, body.uses[group.scope].template, library))
        if name not in homes:
            found.append(op)
    return [
        replace(
            op,
            before=tuple(dict.fromkeys(homes.get(name, name) for name in op.before)),
            controls=tuple(
                dict.fromkeys(
                    homes.get(name, name) for name in (*op.controls, *waits.get(op.name, ()))
                )
            ),
        )
        for op in found
    ]


def _call(group: Group, wired: Wiring, type_: str, library: Library) -> Op:
    members = [wired.ops[name] for name in group.members]
    dtypes = {t: dtype for op in members for t, dtype in zip(op.outputs, op.dtypes, strict=True)}
    return Op(
        min(op.index for op in members),
        group.scope,
        type_,
        group.inputs,
        (),
        group.outputs,
        tuple(dtypes[tensor] for tensor in group.outputs),
        "",
        library.definitions[type_].signature,
        node_def_pb2.NodeDef(name=group.scope, op=type_),
        "",
        group.waits,
        group.inputs,
    )
