"""A While or an If without the values that nobody needs: what a gradient that became a tape's had
it keep, and the count of turns that TensorFlow adds to each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Sequence
from dataclasses import dataclass, field, replace

from tensorflow.core.framework import function_pb2, node_def_pb2

from graphlab.engine.kernels.functions import called
from graphlab.engine.kernels.nodes import Body, Library, Op
from graphlab.engine.plan import prune
from graphlab.model import Shape, node_of
from graphlab.port.calls import invariants
from graphlab.port.lowered import IFS, WHILES, needed
from graphlab.port.order import in_order

Shapes = Callable[[str], Callable[[str], Shape]]  # of a body by its name: shapes by tensor


@dataclass
class Slim:
    """The functions that are made; `origins` says of which each is a part."""

    library: Library
    made: Container[str]  # functions that loops of TF1 have become: of one loop each
    variables: Collection[str]  # handles that every function has by itself
    origins: dict[str, str] = field(default_factory=dict)
    dropped: list[Op] = field(default_factory=list)  # what is in no function any more
    is_done: bool = False

    def smallest(self, ops: Sequence[Op], results: Iterable[str]) -> list[Op]:
        """The ops, which are in order, with each While as small as it may be: what one needs no
        more another may have given."""
        results, ops, left = list(results), list(ops), -1
        while not self.is_done or len(ops) != left:
            self.is_done, left = True, len(ops)
            ops = self.ops(ops, results)
        return ops

    def shapes(self, of: Shapes) -> Shapes:
        """Those of functions, and of the parts that are made of them."""
        return lambda name: of(self.origins.get(name, name))

    def ops(self, ops: Sequence[Op], results: Iterable[str]) -> list[Op]:
        """The ops, which are in order, with each While without what nobody needs."""
        taken, left = set(results), set[str]()
        found = []
        for op in reversed(ops):
            if not left.isdisjoint(op.outputs) and taken.isdisjoint(op.outputs):
                left.update(op.inputs)  # nobody but a While needed it
                continue
            if op.type in WHILES:
                before = op.inputs
                op = self._loop(op, taken)
                left.update(before)
            elif op.type in IFS and called(op)[0] in self.made:
                before = op.inputs
                op = self._condition(op, taken)
                left.update(before)
            taken.update(op.inputs)
            found.append(op)
        return found[::-1]

    def _loop(self, op: Op, taken: set[str]) -> Op:
        functions = called(op)
        test, body = (self.library.body(name, op) for name in functions)
        fixed = invariants(op, self.library)
        asked = [n for n, tensor in enumerate(op.outputs) if tensor in taken]
        kept = needed(asked, fixed, test, body)
        if not kept:
            return op
        results = [body.results[number] for number in kept]
        test, body = self._slimmed(test, test.results), self._slimmed(body, results)
        used = {*self._used(test, test.results), *self._used(body, results)}
        numbers = [
            n
            for n, argument in enumerate(zip(test.arguments, body.arguments, strict=True))
            if n in kept or (fixed[n] and (n in asked or not used.isdisjoint(argument)))
        ]
        parts = test, body
        if len(numbers) == len(op.inputs) and self._are_as_before(functions, parts, op):
            return op
        results = [body.results[number] for number in numbers]
        names = [
            self._function(functions[0], test, numbers, test.results),
            self._function(functions[1], body, numbers, results),
        ]
        node = node_def_pb2.NodeDef()
        node.CopyFrom(op.node)
        for key, name in zip(("cond", "body"), names, strict=True):
            node.attr[key].func.name = name
        if len(op.attr("output_shapes").list.shape) == len(op.inputs):
            shapes = [op.attr("output_shapes").list.shape[number] for number in numbers]
            node.attr["output_shapes"].list.ClearField("shape")
            node.attr["output_shapes"].list.shape.extend(shapes)
        _keep(node, "T", numbers)
        return _with(op, node, [op.inputs[number] for number in numbers], numbers)

    def _condition(self, op: Op, taken: set[str]) -> Op:
        """An If of TF1 without the results that nobody takes."""
        parts = {name: self.library.body(name, op) for name in called(op)}
        kept = [n for n, tensor in enumerate(op.outputs) if tensor in taken]
        if not kept:
            return op
        used: set[str] = set()
        for name, body in parts.items():
            results = [body.results[n] for n in kept]
            parts[name] = self._slimmed(body, results)
            used |= self._used(parts[name], results)
        arguments = next(iter(parts.values())).arguments
        held = [n for n, argument in enumerate(arguments) if argument in used]
        is_whole = len(kept) == len(op.outputs) and len(held) == len(arguments)
        if is_whole and self._are_as_before([*parts], [*parts.values()], op):
            return op
        for name, body in parts.items():
            self._function(name, body, held, [body.results[n] for n in kept])
        node = node_def_pb2.NodeDef()
        node.CopyFrom(op.node)
        _keep(node, "Tin", held)
        _keep(node, "Tout", kept)
        return _with(op, node, [op.inputs[0], *(op.inputs[n + 1] for n in held)], kept)

    def _function(
        self, whole: str, body: Body, numbers: Sequence[int], results: Sequence[str]
    ) -> str:
        """The name of a part of a function, of which only these arguments are needed."""
        number, name = 1, whole
        while name in self.library.definitions and whole not in self.made:
            number += 1
            name = f"{whole}_{number}"
        if name != whole:
            self.origins[name] = self.origins.get(whole, whole)
        definition = function_pb2.FunctionDef()
        definition.CopyFrom(self.library.definitions[whole])
        definition.signature.name = name
        arguments = [definition.signature.input_arg[number] for number in numbers]
        definition.signature.ClearField("input_arg")
        definition.signature.input_arg.extend(arguments)
        self.library.definitions[name] = definition
        taken = tuple(body.arguments[number] for number in numbers)
        ops = {each.name: each for each in self._pruned(body, results)}
        every = self._pruned(self.library.bodies[whole], body.results)
        self.dropped += [each for each in every if each.name not in ops]
        where = body.name if name == whole else name  # a loop of TF1 stays in its graph
        self.library.bodies[name] = Body(where, ops, taken, tuple(results), body.finals)
        self.is_done = False
        return name

    def _slimmed(self, body: Body, results: Sequence[str]) -> Body:
        """A function with the loops and conditions inside of it without what these results do not
        need."""
        inner = self.ops(self._pruned(body, results), results)
        found = {op.name: op for op in inner}
        return replace(body, ops={name: found.get(name, op) for name, op in body.ops.items()})

    def _are_as_before(self, names: Sequence[str], parts: Sequence[Body], op: Op) -> bool:
        """Whether nothing inside of these functions has changed."""
        were = (self.library.body(name, op) for name in names)
        return all(
            part.ops[name] is inner
            for was, part in zip(were, parts, strict=True)
            for name, inner in was.ops.items()
        )

    def _used(self, body: Body, results: Sequence[str]) -> set[str]:
        """The tensors that these results of a function, and its effects, hang on."""
        ops = self._pruned(body, results)
        return {*results, *(tensor for op in ops for tensor in op.inputs)}

    def _pruned(self, body: Body, results: Sequence[str]) -> list[Op]:
        return in_order(prune(body, results, body.finals, {*body.arguments, *self.variables}))


def _keep(node: node_def_pb2.NodeDef, attr: str, numbers: Sequence[int]) -> None:
    """Of the types in an attr these alone."""
    kinds = [node.attr[attr].list.type[number] for number in numbers]
    node.attr[attr].list.ClearField("type")
    node.attr[attr].list.type.extend(kinds)


def _with(op: Op, node: node_def_pb2.NodeDef, inputs: Sequence[str], kept: Sequence[int]) -> Op:
    """The op with these inputs and of its outputs those that are kept."""
    return replace(
        op,
        node=node,
        inputs=tuple(inputs),
        outputs=tuple(op.outputs[number] for number in kept),
        dtypes=tuple(op.dtypes[number] for number in kept),
        before=tuple(dict.fromkeys(map(node_of, inputs))),
        distinct=tuple(dict.fromkeys(inputs)),
    )


def of_parts(ops: Iterable[Op], library: Library) -> list[Op]:
    """All ops of the functions that the loops and conditions among these ops call, and of those
    inside of them."""
    return [op for body in bodies_of(ops, library).values() for op in body.ops.values()]


def bodies_of(ops: Iterable[Op], library: Library) -> dict[str, Body]:
    """The functions that the loops and conditions among these ops call, and those inside of them,
    by name."""
    todo = [op for op in ops if op.type in WHILES | IFS]
    found: dict[str, Body] = {}
    while todo:
        op = todo.pop()
        for name in called(op):
            if name not in found:
                found[name] = library.body(name, op)
                todo += [inner for inner in found[name].ops.values() if inner.type in WHILES | IFS]
    return found
