"""Two stages of one graph are laid over each other: a Verdict for every op of the first.

First by name; then by structure: a consumer that is in both stages tells, slot by slot, whose
output it takes now. What neither a name nor a consumer tells is unmatched, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from graphlab.model import Graph, Node, node_of
from graphlab.stages import verdict as v
from graphlab.stages.alike import (
    COMMUTATIVE,
    CONSTANTS,
    PASSING,
    SHAPES,
    fuses,
    needed,
    ordered,
    strip,
    twins,
)
from graphlab.stages.verdict import Verdict


def match(
    before: Graph,
    after: Graph,
    fetches: Sequence[str] = (),
    feeds: Mapping[str, str] | None = None,
    results: Mapping[str, str] | None = None,
) -> dict[str, Verdict]:
    """A verdict for every node of `before`, in its order.

    `fetches` are tensors or ops of `before` that were asked for. `feeds` says which tensor of
    `after` holds a fed tensor of `before`, `results` which one is handed out for a fetch.
    """
    return _Match(before, after, fetches, dict(feeds or {}), dict(results or {})).verdicts()


class _Match:
    """The two graphs with what has been found out about them so far."""

    def __init__(
        self,
        before: Graph,
        after: Graph,
        fetches: Sequence[str],
        feeds: dict[str, str],
        results: dict[str, str],
    ) -> None:
        self.before, self.after, self.feeds = before, after, feeds
        self.fetches, self.needed = tuple(fetches), set[str]()
        self.twins = twins(before)
        # A tensor: what is taken in its place, and who takes it.
        self.takes = {tensor: (now, "the fetch") for tensor, now in results.items()}
        self.found: dict[str, Verdict] = {}

    @cached_property
    def stripped(self) -> dict[str, str]:
        """Nodes of `after` by their name without a function's counter."""
        return {strip(node.name): node.name for node in self.after.nodes}

    @cached_property
    def scopes(self) -> set[str]:
        """Every name that `after` uses as a scope."""
        names = (node.name.split("/")[:-1] for node in self.after.nodes)
        return {"/".join(name[: i + 1]) for name in names for i in range(len(name))}

    @cached_property
    def consumers(self) -> dict[str, list[Node]]:
        result: dict[str, list[Node]] = {node.name: [] for node in self.before.nodes}
        for node in self.before.nodes:
            for name in dict.fromkeys([*map(node_of, node.inputs), *node.controls]):
                result[name].append(node)
        return result

    def verdicts(self) -> dict[str, Verdict]:
        for node in self.before.nodes:
            verdict = self._fed(node) or self._by_name(node)
            if verdict is not None:
                self.found[node.name] = verdict
        # What is still there was needed, whether somebody fetched it or it had an effect.
        there = [name for name, verdict in self.found.items() if verdict.how != v.BY_FEED]
        self.needed = needed(self.before, [*self.fetches, *there], self.feeds)
        for node in self.before.nodes:
            if node.name not in self.found and node.name not in self.needed:
                self.found[node.name] = Verdict(v.NOT_NEEDED, "", v.BY_FETCHES)
        self._watch_consumers()
        for name in reversed(ordered(self.before)):
            if name not in self.found:
                self.found[name] = self._by_structure(self.before[name])
        return {node.name: self.found[node.name] for node in self.before.nodes}

    def _fed(self, node: Node) -> Verdict | None:
        """A fed op does not run: what was fed takes its place."""
        fed = [self.feeds[spec.name] for spec in node.outputs if spec.name in self.feeds]
        if not fed or node_of(fed[0]) not in self.after.by_name:
            return None
        here = self.after.by_name.get(node.name)
        if here is not None and here.op == node.op:  # somebody still waits for it
            return Verdict(v.STAYS, node.name, v.BY_NAME)
        now = self.after[node_of(fed[0])]
        return Verdict(v.REWRITTEN, now.name, v.BY_FEED, now.op)

    def _by_name(self, node: Node) -> Verdict | None:
        name, how = node.name, v.BY_NAME
        if name not in self.after.by_name:
            name, how = self.stripped.get(strip(node.name), ""), v.BY_STRIPPED_NAME
        if not name or (how != v.BY_NAME and self.after[name].op != node.op):
            return None
        now = self.after[name]
        if now.op == node.op:
            return Verdict(v.STAYS, name, how)
        if now.op in CONSTANTS and not self._moved_out(node, name):
            return Verdict(v.FOLDED, name, how, now.op)
        return Verdict(v.REWRITTEN, name, how, now.op)

    def _moved_out(self, node: Node, name: str) -> bool:
        """Whether a consumer now takes an operand of this op beside it: (x*2)*3 became x*6."""
        return any(
            consumer.name in self.after.by_name
            and f"{name}:0" in self.after[consumer.name].inputs
            and (set(node.inputs) - set(consumer.inputs)) & set(self.after[consumer.name].inputs)
            for consumer in self.consumers[node.name]
        )

    def _watch_consumers(self) -> None:
        """Note for each tensor what its consumers, where they still stand, take in its place."""
        for node in self.before.nodes:
            verdict = self.found.get(node.name)
            if verdict is None or verdict.kind not in (v.STAYS, v.REWRITTEN):
                continue
            if verdict.how == v.BY_FEED or verdict.op in CONSTANTS:
                continue
            for tensor, now in self._slots(node, self.after[verdict.other]):
                self.takes.setdefault(tensor, (now, node.name))

    def _slots(self, node: Node, now: Node) -> Iterable[tuple[str, str]]:
        """The inputs of one op in both stages, paired."""
        if node.op != now.op and len(node.inputs) != len(now.inputs):
            return []
        old, new = list(node.inputs), list(now.inputs)
        if len(old) != len(new):
            return []
        left = [i for i, tensor in enumerate(old) if self._same(tensor) != new[i]]
        if node.op == now.op and node.op not in COMMUTATIVE:
            return [(old[i], new[i]) for i in left]
        olds, news = [old[i] for i in left], [new[i] for i in left]
        for tensor in list(olds):
            if self._same(tensor) in news:
                olds.remove(tensor)
                news.remove(self._same(tensor))
        # Of several that changed places nobody can say which became which.
        return list(zip(olds, news, strict=True)) if len(olds) == 1 else []

    def _same(self, tensor: str) -> str:
        """The tensor of `after` that a name or a feed makes equal to this one."""
        if tensor in self.feeds:
            return self.feeds[tensor]
        verdict = self.found.get(node_of(tensor))
        if verdict is None or not verdict.lives or self._other_value(verdict):
            return ""
        return verdict.other + tensor[len(node_of(tensor)) :]

    def _other_value(self, verdict: Verdict) -> bool:
        """Whether the name stayed but the value did not: see `_moved_out`."""
        return verdict.kind == v.REWRITTEN and verdict.op in CONSTANTS

    def _by_structure(self, node: Node) -> Verdict:
        """The verdict of an op whose name is gone."""
        if node.calls and node.name in self.scopes:
            return Verdict(v.INLINED, "", f"{v.BY_STRUCTURE}: its body stands under {node.name}/")
        for twin in self.twins.get(node.name, ()):
            known = self.found.get(twin)
            if known is None or not known.lives:
                continue
            if known.kind == v.STAYS or known.other == twin:
                how = f"{v.BY_STRUCTURE}: same op, attributes and inputs"
                return Verdict(v.MERGED, known.other, how)
            how = f"{v.BY_STRUCTURE}: as its twin {twin}"
            return Verdict(known.kind, known.other, how, known.op)
        for spec in node.outputs or ():
            if spec.name in self.takes:
                now, by = self.takes[spec.name]
                return self._replaced(node, node_of(now), by)
        return self._with_consumers(node)

    def _replaced(self, node: Node, other: str, by: str) -> Verdict:
        """Somebody who took this op's output takes that of `other` now."""
        how = f"{v.BY_STRUCTURE}: {by} takes {other} instead"
        if other not in self.after.by_name:
            return Verdict(v.UNMATCHED, "", how)
        now, before = self.after[other], self.before.by_name.get(other)
        if now.op in CONSTANTS and before is not None and node.op in CONSTANTS:
            known = self.found.get(other)
            if known is not None and not self._other_value(known):
                return Verdict(v.MERGED, other, how)  # its name, and so its value, is the old one
        if now.op in CONSTANTS:
            return Verdict(v.FOLDED, other, how, now.op)
        if before is not None and fuses(before.op, now.op) and node.op not in PASSING:
            near = {*map(node_of, node.inputs)} | {n.name for n in self.consumers[node.name]}
            if other in near:
                return Verdict(v.FUSED, other, how, now.op)
        return Verdict(v.REWRITTEN, other, how, now.op if before is None else "")

    def _with_consumers(self, node: Node) -> Verdict:
        """The op went together with those who took its output."""
        asking = [c for c in self.consumers[node.name] if c.name in self.needed]
        data = [c for c in asking if node.name in map(node_of, c.inputs)]
        for consumer in data or asking:
            if consumer.name in self.found:
                verdict = self._with(node, consumer, self.found[consumer.name])
                if verdict is not None:
                    return verdict
        return Verdict(v.UNMATCHED, "", "neither a name nor a consumer tells")

    def _with(self, node: Node, consumer: Node, verdict: Verdict) -> Verdict | None:
        """What the verdict on a consumer says of the op itself; None where it says nothing."""
        gone = f"{v.BY_STRUCTURE}: with {consumer.name}"
        if verdict.kind == v.UNMATCHED:
            return None
        if node.name not in map(node_of, consumer.inputs):
            return Verdict(v.NOT_NEEDED, "", f"{v.BY_STRUCTURE}: {consumer.name} waits no more")
        if verdict.other in self.after.by_name and self.after[verdict.other].op in CONSTANTS:
            if self._constant(node):
                return Verdict(v.FOLDED, verdict.other, gone)
            return Verdict(v.NOT_NEEDED, "", f"{gone}, which is a constant")
        if verdict.kind == v.FUSED or (
            verdict.other == consumer.name and fuses(consumer.op, verdict.op)
        ):
            return Verdict(v.FUSED, verdict.other, gone, self.after[verdict.other].op)
        if verdict.kind == v.STAYS:
            return self._into_constant(node, consumer)
        if verdict.other == consumer.name:
            return None
        if verdict.kind in (v.NOT_NEEDED, v.INLINED):
            return Verdict(verdict.kind, "", gone)
        if verdict.other in self.before.by_name:  # an op that was there before took its place
            return Verdict(v.NOT_NEEDED, "", f"{gone}, for which {verdict.other} is taken")
        return Verdict(v.REWRITTEN, verdict.other, gone, verdict.op)

    def _into_constant(self, node: Node, consumer: Node) -> Verdict | None:
        """A constant operand that went into another operand's new value: (x*2)*3 became x*6."""
        for name in map(node_of, consumer.inputs):
            verdict = self.found.get(name)
            if verdict is not None and self._other_value(verdict) and self._constant(node):
                how = f"{v.BY_STRUCTURE}: {consumer.name} takes {verdict.other} for both"
                return Verdict(v.FOLDED, verdict.other, how, verdict.op)
        return None

    def _constant(self, node: Node) -> bool:
        """Whether the op's value could be known before the run."""
        waiting, seen = [node], {node.name}
        while waiting:
            here = waiting.pop()
            if here.op in CONSTANTS or here.op in SHAPES:
                continue
            if not here.inputs:
                return False
            new = [n for n in dict.fromkeys(map(node_of, here.inputs)) if n not in seen]
            seen.update(new)
            waiting += [self.before[name] for name in new]
        return True
