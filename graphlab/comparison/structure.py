"""Two graphs compared as they stand, without running them: what was added, removed, changed.

found = compare(read_model(a).graph, read_model(b).graph)
found.added, found.removed, found.changed

Names are believed only where the surroundings agree: an op put in shifts every number behind it.
So nodes are matched by what they are and what is around them (Weisfeiler-Lehman rounds), then
from matched nodes to their neighbours. The work grows linearly with the graphs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphlab.comparison.matching import Matching, Side, in_order
from graphlab.comparison.names import plain_name
from graphlab.model import Graph, Node, Shape, TensorSpec
from graphlab.sources.modelfile import ModelFile, Variable

if TYPE_CHECKING:
    from graphlab.comparison.weights import Compared


@dataclass(frozen=True, slots=True)
class Change:
    """One node, or one variable, that is in both and not the same: what of it, and how it was."""

    a: str
    b: str
    # "op", "inputs", "controls", "dtype", "shape", "value" (digests), "numbers" (how many differ,
    # by how much) or an attribute
    what: tuple[str, ...]
    before: tuple[str, ...]  # of A, as many as `what`
    after: tuple[str, ...]  # of B


@dataclass(frozen=True)
class Body:
    """The outermost graph (`a` and `b` are "") or one function of both."""

    a: str
    b: str
    matched: tuple[tuple[str, str], ...] = ()  # every node that is in both, in A's order
    changed: tuple[Change, ...] = ()
    removed: tuple[str, ...] = ()  # nodes that only A has
    added: tuple[str, ...] = ()  # nodes that only B has


@dataclass(frozen=True)
class Structure:
    """What two graphs have in common, and what not."""

    bodies: tuple[Body, ...]  # the outermost graph first
    removed: tuple[str, ...] = ()  # functions that only A has
    added: tuple[str, ...] = ()  # functions that only B has
    variables: tuple[Change, ...] = ()  # that are in both, with another dtype, shape or value
    variables_removed: tuple[str, ...] = ()
    variables_added: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # what could not be compared

    @property
    def same(self) -> bool:
        """Whether there is no difference but in names."""
        pieces = (
            self.removed,
            self.added,
            self.variables,
            self.variables_removed,
            self.variables_added,
        )
        return not any(pieces) and not any(
            body.changed or body.removed or body.added for body in self.bodies
        )


def compare_models(a: ModelFile, b: ModelFile) -> Structure:
    """The graphs of two files, and their variables with what is known of the values."""
    from graphlab.comparison import weights

    found = compare(a.graph, b.graph)
    pairs, removed, added = _by_name(
        [v.name for v in a.variables], [v.name for v in b.variables], str
    )
    told = weights.changes(a, b, [(a.variables[n], b.variables[m]) for n, m in pairs])
    changed, unknown = [], 0
    for (one, other), value in zip(pairs, told, strict=True):
        change = _variable_change(a.variables[one], b.variables[other], value)
        if change is not None:
            changed.append(change)
        unknown += value is None
    notes = []
    if unknown:
        notes.append(
            f"of {unknown} variables the values are not known without running: only dtypes and"
            " shapes were compared"
        )
    return dataclasses.replace(
        found,
        variables=tuple(changed),
        variables_removed=tuple(a.variables[n].name for n in removed),
        variables_added=tuple(b.variables[n].name for n in added),
        notes=(*found.notes, *notes),
    )


def compare(a: Graph, b: Graph) -> Structure:
    """Two graphs with their functions, which are paired by name, without the numbers of traces."""
    mine, theirs = list(a.functions), list(b.functions)
    pairs, removed, added = _by_name(mine, theirs, plain_name)
    called = {mine[one]: theirs[other] for one, other in pairs}
    bodies = [_body("", "", a, b, called)]
    bodies += [
        _body(mine[one], theirs[other], a.functions[mine[one]], b.functions[theirs[other]], called)
        for one, other in pairs
    ]
    return Structure(
        tuple(bodies),
        tuple(mine[n] for n in removed),
        tuple(theirs[n] for n in added),
        notes=_notes(a, b),
    )


def _notes(a: Graph, b: Graph) -> tuple[str, ...]:
    """Where one file tells shapes that the other leaves out, as a frozen graph does."""
    without = [sum(spec.shape is None for n in each.nodes for spec in n.outputs) for each in (a, b)]
    if without[0] == without[1]:
        return ()
    said = f"of {without[0]} tensors of A and {without[1]} of B the shape is not in the file"
    return (f"{said}: shapes were compared where both have them",)


def _by_name(
    a: Sequence[str], b: Sequence[str], key: Callable[[str], str]
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Positions of equal names, then of names with equal keys in their order; what is left."""
    pairs: list[tuple[int, int]] = []
    left_a, left_b = list(range(len(a))), list(range(len(b)))
    for keys_a, keys_b in ((a, b), (list(map(key, a)), list(map(key, b)))):
        pairs += in_order(left_a, left_b, keys_a.__getitem__, keys_b.__getitem__)
        done_a, done_b = {one for one, _ in pairs}, {other for _, other in pairs}
        left_a = [n for n in left_a if n not in done_a]
        left_b = [n for n in left_b if n not in done_b]
    return sorted(pairs), left_a, left_b


def _body(name_a: str, name_b: str, a: Graph, b: Graph, called: Mapping[str, str]) -> Body:
    one, other = Side(a, called), Side(b, {name: name for name in called.values()})
    partner = Matching(one, other).partner
    changed = []
    for n, m in enumerate(partner):
        if m is not None:
            change = _change(one, other, n, m, partner)
            if change is not None:
                changed.append(change)
    taken = {m for m in partner if m is not None}
    return Body(
        name_a,
        name_b,
        tuple((a.nodes[n].name, b.nodes[m].name) for n, m in enumerate(partner) if m is not None),
        tuple(changed),
        tuple(node.name for node, m in zip(a.nodes, partner, strict=True) if m is None),
        tuple(node.name for m, node in enumerate(b.nodes) if m not in taken),
    )


def _change(a: Side, b: Side, n: int, m: int, partner: Sequence[int | None]) -> Change | None:
    """What of a matched node is not the same; None where all is."""
    one, other = a.graph.nodes[n], b.graph.nodes[m]
    found: list[tuple[str, Any, Any]] = []
    if one.op != other.op:
        found.append(("op", one.op, other.op))
    if a.kind[n] != b.kind[m]:
        found += _differing_attrs(a, b, one, other)
        found += _differing_outputs(one.outputs, other.outputs)
    if [(partner[p], output) for p, output in a.inputs[n]] != b.inputs[m]:
        found.append(("inputs", _list(one.inputs), _list(other.inputs)))
    if {partner[p] for p in a.controls[n]} != set(b.controls[m]):
        found.append(("controls", _list(one.controls), _list(other.controls)))
    if not found:
        return None
    what, before, after = zip(*found, strict=True)
    return Change(one.name, other.name, what, tuple(map(_text, before)), tuple(map(_text, after)))


def _differing_attrs(a: Side, b: Side, one: Node, other: Node) -> list[tuple[str, Any, Any]]:
    found = []
    for key in dict.fromkeys([*one.attrs, *other.attrs]):
        mine, theirs = one.attrs.get(key), other.attrs.get(key)
        if mine == theirs:
            continue
        named = Node("", "", attrs={key: mine}, calls=one.calls)
        if a.attrs(named) != b.attrs(Node("", "", attrs={key: theirs}, calls=other.calls)):
            found.append((key, mine, theirs))
    return found


def _differing_outputs(
    a: Sequence[TensorSpec], b: Sequence[TensorSpec]
) -> list[tuple[str, Any, Any]]:
    dtypes = [[spec.dtype for spec in side] for side in (a, b)]
    shapes = [[spec.shape for spec in side] for side in (a, b)]
    found: list[tuple[str, Any, Any]] = []
    if dtypes[0] != dtypes[1]:
        found.append(("dtype", _list(dtypes[0]), _list(dtypes[1])))
    if any(None not in pair and pair[0] != pair[1] for pair in zip(*shapes, strict=False)):
        found.append(("shape", _list(map(_shape, shapes[0])), _list(map(_shape, shapes[1]))))
    return found


def _variable_change(a: Variable, b: Variable, value: Compared | None) -> Change | None:
    told = [("dtype", a.dtype, b.dtype), *(() if value is None else value.told)]
    if a.shape is not None and b.shape is not None:
        told.insert(1, ("shape", _shape(a.shape), _shape(b.shape)))
    found = [(what, mine, theirs) for what, mine, theirs in told if mine != theirs]
    if not found:
        return None
    what, before, after = zip(*found, strict=True)
    return Change(a.name, b.name, what, before, after)


def _shape(shape: Shape) -> str:
    return "unknown" if shape is None else str(["?" if n is None else n for n in shape])


def _list(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)
