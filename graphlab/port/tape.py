"""A backward graph becomes a call of a GradientTape, where TensorFlow makes that graph of it.

The names that TensorFlow gives to backward ops say which loss it may have been; whether it is so
says TensorFlow, which is asked for the gradients anew (`graphlab.port.forward`). Where a tape makes
other ops, as it adds three gradients of a tensor in an order of its own, tf.gradients is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from graphlab.engine.kernels.nodes import Library, Op
from graphlab.model import Shape, node_of
from graphlab.port import effects
from graphlab.port.forward import gradients
from graphlab.port.losses import FLOATS, MOST, floats, likely
from graphlab.port.lowered import WHILES, Part, lowered
from graphlab.port.numbering import Numbering
from graphlab.port.numbers import Numbers
from graphlab.port.order import before, in_order
from graphlab.port.recording import on_tape, watched, without_way
from graphlab.port.replaced import with_tape
from graphlab.port.scene import GRADIENTS, TAPE, TYPE, Gradient, Scene, Tape
from graphlab.sources.backward import backward_scopes

FLOW = frozenset("Enter Exit Switch Merge NextIteration LoopCond RefEnter RefSwitch".split())
KEPT_FOR_IT = ("Stack", "EmptyTensorList")  # what a loop hands to its way back, and makes for it


def taped(
    scene: Scene,
    ops: Sequence[Op],
    others: Iterable[Op],
    results: Iterable[str],
    library: Library,
) -> tuple[list[Op], dict[str, Tape]]:
    """The ops with each backward graph that is a tape's as one op of type `GradientTape`, and the
    tapes by these ops' names; the others stay as they are. `others` are the rest of the graph: a
    loss that nobody fetches is there, and joins the ops. GraphlabError where the ops are in no
    order."""
    others = list(others)
    if not backward_scopes(op.name for op in [*ops, *others]):
        return list(ops), {}
    run = frozenset(op.name for op in ops)
    every = in_order([*ops, *_pure(others, run, scene, library)])
    search = _Search(scene, every, run, list(results), library)
    search.run()
    return search.found(), search.tapes


def _pure(others: Iterable[Op], run: frozenset[str], scene: Scene, library: Library) -> list[Op]:
    """Of ops that do not run those that could: they compute from what is there, and no more."""
    there = {*run, *map(node_of, scene.given)}
    found = []
    for op in others:
        pure = not effects.changes(op, library) and op.type not in FLOW
        if op.name not in there and pure and there.issuperset(op.before):
            there.add(op.name)
            found.append(op)
    return found


@dataclass
class _Search:
    scene: Scene
    ops: list[Op]
    runs: frozenset[str]  # the ops that run; the others are only there to be asked about
    results: list[str]
    library: Library
    tapes: dict[str, Tape] = field(default_factory=dict)
    idle: Sequence[str] = ()  # what loops give, of which the tape is told though nobody takes it

    def run(self) -> None:
        self.scopes = backward_scopes(op.name for op in self.ops)
        ops, parts = lowered(self.ops, self.library)
        self.at = Numbering(Numbers(), "recorded", _shapes(self.scene, parts))
        for tensor in self.scene.given:
            self.at.number(tensor)
        for handle, (_, shape) in self.scene.variables.items():
            self.at.numbers.variables[self.at.number(handle)] = shape
        self.at.add(ops)
        left: Sequence[str] = list(self.scopes)
        while left:  # a loop keeps its values for all ways back: one waits for another's tape
            before = len(left)
            for scope in left:
                self._take(scope)
            left = [scope for scope in left if self._left(scope)]
            left = left if len(left) < before else []

    def _take(self, scope: str) -> None:
        """By a tape; by tf.gradients where that leaves less of the scope. Either is told of the
        constants, and has loops give what nobody takes, only where something is left without: each
        that it follows costs time, and what nobody takes is not in the file."""
        start = self.ops, dict(self.tapes)
        scene, constants = self.scene, self._constants()
        told = replace(scene, given={**scene.given, **constants})
        tried = []
        idle = self._idle()
        ways = product((TAPE, GRADIENTS), ((), idle) if idle else ((),), (scene, told))
        for by, self.idle, self.scene in ways:
            self.ops, self.tapes = start[0], dict(start[1])
            left = self._left(scope)
            for _ in range(MOST):  # the tapes of a function have one scope for all
                if not left or not any(self._try(losses, by) for losses in self._likely(scope)):
                    break
                left = self._left(scope)
            tried.append((left, self.ops, self.tapes))
            if not left:
                break
        _, self.ops, self.tapes = min(tried, key=lambda each: each[0])
        asked = {t: "" for tape in self.tapes.values() for t in tape.followed if t in constants}
        self.scene = replace(scene, given={**scene.given, **asked})

    def _likely(self, scope: str) -> Iterator[tuple[str, ...]]:
        return likely(self.ops, scope, self.scopes[scope], self.at.number, self.library)

    def _left(self, scope: str) -> int:
        """How many ops of the scope compute something that is needed; stacks are a loop's own."""
        live, _ = self._live({})
        idle = effects.NO_WORK | effects.ALIASES
        return sum(
            op.name.startswith(scope)
            and op.type not in idle
            and not op.type.startswith(KEPT_FOR_IT)
            for op in self.ops
            if op.name in live and op.name not in self.tapes
        )

    def _constants(self) -> dict[str, str]:
        """What may be asked for the gradient of, as arguments may."""
        return {
            op.outputs[0]: ""
            for op in self.ops
            if op.type == "Const" and op.dtypes[0] in FLOATS and not self._is_backward(op.name)
        }

    def found(self) -> list[Op]:
        """The ops that run, and what the tapes need."""
        by_name = {op.name: op for op in self.ops}
        asked = [node_of(loss) for tape in self.tapes.values() for loss in tape.losses]
        wanted = self.runs | self.tapes.keys() | before(asked, by_name, ())
        return [op for op in self.ops if op.name in wanted]

    def _is_backward(self, name: str) -> bool:
        return any(name.startswith(scope) for scope in self.scopes)

    def _try(self, losses: tuple[str, ...], by: str) -> bool:
        """Whether something is a gradient of these losses; it is one then."""
        inside = before(map(node_of, losses), {op.name: op for op in self.ops}, ())
        needed = [op for op in self.ops if op.name in inside]
        made = [op for op in needed if op.type not in WHILES]  # which hands its variables on
        made = [op for op in made if not op.type.startswith(effects.OF_A_RUN)]
        kinds = [(tensor, self.scene.dtypes.get(tensor)) for op in made for tensor in op.outputs]
        if any(kind == "resource" and tensor not in self.scene.variables for tensor, kind in kinds):
            return False  # a variable that nothing else in the file needs
        beneath = {name: self.tapes[name] for name in inside & self.tapes.keys()}
        forward = inside | self.tapes.keys()
        numbers = {
            tensor: self.at.number(tensor)
            for op in self.ops
            if op.name not in forward and op.type not in effects.ALIASES
            for tensor in op.outputs
            if not self.at.is_constant(tensor)
        }
        asked = {*numbers.values()}
        taken = [*self._taken(), *self.idle]
        found = gradients(self.scene, needed, losses, beneath, self.at, asked, by, taken)
        matched = {tensor: found[n] for tensor, n in numbers.items() if n in found}
        if by == TAPE:
            sources = tuple(dict.fromkeys(each.source for each in matched.values()))
            lost = without_way(self.scene, needed, sources)
            matched = {tensor: each for tensor, each in matched.items() if each.source not in lost}
        if not matched:
            return False
        were, _ = self._live({})
        live, stops = self._live(matched)
        if not stops or len(live) + 1 >= len(were):
            return False
        # What is taken by nothing, and was only waited for, goes along.
        idle = {op.name for op in self.ops if op.outputs and self._is_backward(op.name)}
        dead = (were | idle - self.tapes.keys()) - live - inside
        for op in self.ops:
            if op.type == "NoOp" and self._is_backward(op.name) and dead.issuperset(op.controls):
                dead.add(op.name)
        stacks = {tensor for op in needed if op.type == "StackV2" for tensor in op.outputs}
        others = [op for op in self.ops if op.name not in inside and op.name not in dead]
        if any(not stacks.isdisjoint(op.inputs) for op in others):
            return False  # a part of the way back is left, for which the loop keeps its values
        return self._replace(losses, needed, {t: matched[t] for t in stops}, dead, were, by)

    def _taken(self) -> Iterator[str]:
        """What of a loop is taken by others than its way back, and so stays in it."""
        yield from self.results
        for op in self.ops:
            if op.name in self.runs and not self._is_backward(op.name):
                yield from op.inputs

    def _idle(self) -> list[str]:
        """What loops give of which a gradient could be asked, though nobody takes it: on the way
        back TensorFlow adds its zero."""
        taken = {*self._taken()}
        loops = [op for op in self.ops if op.type in WHILES and op.name in self.runs]
        return [
            tensor for op in loops for tensor in floats(op, self.library) if tensor not in taken
        ]

    def _live(self, matched: Mapping[str, Gradient]) -> tuple[set[str], list[str]]:
        """The ops that results and effects need, and the gradients that they need."""
        made = {op.name: op for op in self.ops}
        todo = [(tensor, False) for tensor in self.results]
        for op in self.ops:
            if op.name in self.runs and effects.changes(op, self.library, besides=effects.OF_A_RUN):
                todo += [(tensor, False) for tensor in op.inputs]
        live: set[str] = set()
        stops: dict[str, None] = {}
        while todo:
            tensor, by_backward = todo.pop()
            # On its way back a tape passes gradients of all kinds; those are no one's aim.
            if tensor in matched and (
                matched[tensor].source in self.scene.variables or not by_backward
            ):
                stops[tensor] = None
                continue
            name = node_of(tensor)
            if name in live or name not in made or tensor in self.scene.given:
                continue
            live.add(name)
            passes = made[name].type in effects.ALIASES  # for whoever takes it
            backward = by_backward if passes else self._is_backward(name)
            todo += [(each, backward) for each in made[name].inputs]
        return live, list(stops)

    def _replace(
        self,
        losses: tuple[str, ...],
        needed: Sequence[Op],
        gives: Mapping[str, Gradient],
        dead: set[str],
        were: set[str],
        by: str,
    ) -> bool:
        gone = dead | {node_of(tensor) for tensor in gives}
        for each in self.ops:  # what was only there to be asked about goes with what it takes
            lacks = any(node_of(t) in gone and t not in gives for t in each.inputs)
            if lacks and each.name not in self.runs:
                gone.add(each.name)
        order = {op.name: n for n, op in enumerate(self.ops)}
        gives = dict(sorted(gives.items(), key=lambda item: order[node_of(item[0])]))
        variables = {name: n for n, name in enumerate(self.scene.variables)}
        asked = dict.fromkeys(each.source for each in gives.values())
        sources = tuple(sorted(asked, key=lambda name: variables.get(name, len(variables))))
        name = f"{TYPE} {len(self.tapes)} of {node_of(losses[0])}"
        # All tapes as early as the first, if they can: they then open and close together.
        tapes = [name for name, tape in self.tapes.items() if tape.by == by == TAPE]
        index = min(self.ops[order[each]].index for each in [*tapes, *map(node_of, gives)])
        dtypes = {tensor: self.scene.dtypes[tensor] for tensor in gives}
        found = with_tape(
            self.ops, name, (*losses, *sources), dtypes, gone, were, index, self._is_backward
        )
        if found is None:
            return False
        self.ops = found
        told = watched(self.scene, needed, sources) if by == TAPE else ()
        inside = frozenset(on_tape(self.scene, needed, told) if by == TAPE else ())
        loops = {op.name for op in needed if op.type in WHILES}
        held = tuple(tensor for tensor in self.idle if node_of(tensor) in loops)
        self.tapes[name] = Tape(losses, sources, tuple(gives.items()), inside, told, by, held)
        return True


def _shapes(scene: Scene, parts: Sequence[Part]) -> Callable[[str], Shape]:
    """Also of what is in a loop of TF1, whose graph knew it."""
    homes = {
        name: (part.function, own)
        for part in parts
        if part.function in scene.frames
        for name, own in part.own.items()
    }

    def shape(tensor: str) -> Shape:
        if tensor not in homes:
            return scene.shape(tensor)
        function, own = homes[tensor]
        return scene.shapes(function)(own)

    return shape
