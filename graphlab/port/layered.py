"""Layers of Keras one behind the other become one `keras.Sequential`, where they are whole.

What is between them nobody else may take, and no weight may change before they are through. Of each
layer Keras is asked what it makes (`graphlab.port.made_by_keras`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import dropwhile
from typing import Any

import tensorflow as tf

from graphlab.engine.kernels.nodes import Library, Op
from graphlab.errors import GraphlabError
from graphlab.model import node_of
from graphlab.port import effects
from graphlab.port.functions import Functions
from graphlab.port.layers import layers_at
from graphlab.port.made_by_keras import made
from graphlab.port.order import in_order
from graphlab.port.rewired import rewired
from graphlab.port.scene import TYPE as TAPE
from graphlab.port.scenery import Layer, Scenery
from graphlab.port.seen import Seen
from graphlab.port.sequential import Chain, sequential, weights_of


def with_layers(
    ops: Sequence[Op],
    asked: Iterable[str],
    variables: Mapping[str, tuple[tf.DType, tuple[int, ...]]],
    functions: Functions,
) -> list[Op]:
    """The ops with one in place of those that layers of Keras make one behind the other.

    `asked` are the tensors that must keep their names, `variables` the types and shapes by handle.
    GraphlabError where the ops are in no order.
    """
    ordered = in_order(ops)
    seen = Seen.of(ordered)
    kept = {*asked, *(tensor for op in ops if op.type == TAPE for tensor in op.inputs)}
    scenery = Scenery(seen, variables, functions.known_shape)
    changers = _changers(ordered, variables, functions.library)
    search = _Search(scenery, frozenset(kept), _Changes(seen.ops, changers))
    chains = search.chains(ordered)
    while chains:
        try:
            return in_order(_with_ones(chains, ordered, search))
        except GraphlabError:  # something waits for a part of one, and another part for that
            chains.pop()
    return ordered


def _changers(
    ops: Sequence[Op], variables: Iterable[str], library: Library
) -> Mapping[str, list[str]]:
    """The ops that change a variable, by its handle. A call may change any."""
    found: dict[str, list[str]] = {handle: [] for handle in variables}
    for op in ops:
        if not effects.assigns(op, library):
            continue
        taken = found if effects.is_call(op, library) else op.inputs
        for handle in taken:
            if handle in found:
                found[handle].append(op.name)
    return found


@dataclass
class _Changes:
    """What comes before a variable changes."""

    ops: Mapping[str, Op]
    changers: Mapping[str, Sequence[str]]  # by handle
    known: dict[str, set[str]] = field(default_factory=dict)

    def are_behind(self, layers: Sequence[Layer]) -> bool:
        """Whether no weight of the layers changes before the last of them is through."""
        last = node_of(layers[-1].gives)
        return all(
            last in self._before(changer)
            for layer in layers
            for _, weight in layer.weights
            for changer in self.changers.get(weight, ())
        )

    def _before(self, name: str) -> set[str]:
        """The ops that an op takes from or waits for."""
        if name not in self.known:
            found = self.known[name] = set()
            todo = [name]
            while todo:
                op = self.ops.get(todo.pop())
                new = {*op.before, *op.controls} - found if op is not None else set()
                found |= new
                todo += new
        return self.known[name]


@dataclass
class _Search:
    scenery: Scenery
    kept: frozenset[str]
    changes: _Changes
    takers: dict[str, set[str]] = field(default_factory=dict)  # of Consts: the layers' own ops
    asked: dict[str, tuple[int | None, ...] | None] = field(
        default_factory=dict
    )  # what Keras has said

    def chains(self, ops: Sequence[Op]) -> list[Chain]:
        """The layers that are whole, those one behind the other together."""
        found: dict[str, Layer] = {}  # by what it takes; of several the first
        gone: set[str] = set()
        layers = []
        for op in ops:
            for layer in layers_at(self.scenery, op):
                if gone.isdisjoint(layer.members) and self._is_whole(layer):
                    layers.append(layer)
                    gone |= {*layer.members}
                    found.setdefault(layer.takes, layer)
                    break
        behind = {
            layer.gives: found[layer.gives]
            for layer in layers
            if layer.gives in found and self._is_between(layer.gives, found[layer.gives])
        }
        firsts = [each for each in layers if each.takes not in behind]
        chains = [part for each in firsts for part in self._run(each, behind)]
        return self._alone(chains)

    def _run(self, first: Layer, behind: Mapping[str, Layer]) -> list[Chain]:
        """The chain that begins with a layer, cut where a weight changes before its end."""
        done: list[Chain] = []
        chain: Chain = (first,)
        while chain[-1].gives in behind:
            longer = (*chain, behind[chain[-1].gives])
            if self.changes.are_behind(longer):
                chain = longer
            else:
                done.append(chain)
                chain = longer[-1:]
        known = [_from_known(each) for each in (*done, chain)]
        return [each for each in known if any(layer.weights for layer in each)]

    def _alone(self, chains: list[Chain]) -> list[Chain]:
        """The chains of which each has its weights for itself, or is the same as another. Where
        layers are shared by chains that differ, each is one by itself."""
        for parts in (lambda chain: [(each,) for each in chain if each.weights], lambda chain: []):
            owners: dict[str, set[Any]] = {}
            for chain in chains:
                for weight in weights_of(chain):
                    owners.setdefault(weight, set()).add(_identity(chain))
            apart = [any(len(owners[w]) > 1 for w in weights_of(chain)) for chain in chains]
            pairs = zip(chains, apart, strict=True)
            chains = [each for chain, cut in pairs for each in (parts(chain) if cut else [chain])]
        return chains

    def _is_whole(self, layer: Layer) -> bool:
        """Whether nobody takes what is inside, its weights are its own, and Keras makes it so."""
        inside = {self.scenery.seen.ops[name].outputs[0] for name in layer.members} - {layer.gives}
        handed_on = self.scenery.seen.handed_on
        if not inside.isdisjoint(self.kept) or not inside.isdisjoint(handed_on):
            return False
        if not self.changes.are_behind([layer]):
            return False
        for _, weight in layer.weights:
            if weight in self.scenery.variables:
                continue
            others = {op.name for op in self.scenery.seen.takers[weight]} - {*layer.members}
            known = self.takers.setdefault(weight, set())
            known |= {*layer.members}
            if others - known or weight in self.kept:
                return False
        return self._is_made(layer)

    def _is_between(self, tensor: str, layer: Layer) -> bool:
        """Whether the layer alone takes a tensor, which has no other use."""
        takers = {op.name for op in self.scenery.seen.takers[tensor]}
        aliases = {t for t, source in self.scenery.seen.behind.items() if source == tensor}
        return takers <= {*layer.members} and self.kept.isdisjoint({tensor, *aliases})

    def _is_made(self, layer: Layer) -> bool:
        """Whether Keras makes these ops; notes the shape of what they give."""
        ops = [self.scenery.seen.ops[name] for name in layer.members]
        key = str((replace(layer, weights=(), takes="", gives="", members=()), *map(_attrs, ops)))
        if key not in self.asked:
            self.asked[key] = made(layer, ops)
        shape = self.asked[key]
        if shape is not None and layer.shape is not None:
            self.scenery.told.setdefault(layer.gives, shape)
        return shape is not None


def _attrs(op: Op) -> str:
    return f"{op.type} {op.node.attr}"


def _from_known(chain: Chain) -> Chain:
    """The chain from the first layer on of whose input the shape is known."""
    return tuple(dropwhile(lambda layer: layer.shape is None, chain))


def _identity(chain: Chain) -> Any:
    """Equal for chains that may be one object."""
    return chain[0].shape, [
        replace(each, takes="", gives="", members=()) for each in chain
    ].__repr__()


def _with_ones(chains: Sequence[Chain], ops: Sequence[Op], search: _Search) -> list[Op]:
    """The ops with one in place of the members of each chain, and of what hands on between them."""
    seen = search.scenery.seen
    inside = {layer.gives for chain in chains for layer in chain[:-1]}
    homes = {
        member: node_of(chain[-1].gives)
        for chain in chains
        for layer in chain
        for member in layer.members
    }
    changers = search.changes.changers
    ones = {}
    for chain in chains:
        kept = not any(changers.get(weight) for weight in weights_of(chain))
        ones[node_of(chain[-1].gives)] = sequential(chain, search.scenery, kept)
    result = []
    for op in ops:
        hands_on = op.type == "Identity" and op.outputs[0] in seen.behind
        if hands_on and seen.behind[op.outputs[0]] in inside:
            homes[op.name] = homes[node_of(seen.behind[op.outputs[0]])]
        elif op.name not in homes or op.name in ones:
            result.append(ones.get(op.name, op))
    return [
        rewired(
            op, {}, [each for each in (homes.get(c, c) for c in op.controls) if each != op.name]
        )
        for op in result
    ]
