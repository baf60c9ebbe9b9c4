"""A While without the values that nobody needs: what a gradient that became a tape's had it keep,
and the count of turns that TensorFlow adds to each."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field, replace

from tensorflow.core.framework import function_pb2, node_def_pb2

from graphlab.engine.kernels.functions import called
from graphlab.engine.kernels.nodes import Body, Library, Op
from graphlab.engine.plan import prune
from graphlab.model import Shape, node_of
from graphlab.port.calls import invariants
from graphlab.port.lowered import WHILES, needed

Shapes = Callable[[str], Callable[[str], Shape]]  # of a body by its name: shapes by tensor


@dataclass
class Slim:
    """The functions that are made; `origins` says of which each is a part."""

    library: Library
    keep: Container[str]  # functions that stay as they are
    origins: dict[str, str] = field(default_factory=dict)
    dropped: list[Op] = field(default_factory=list)  # what is in no function any more

    def shapes(self, of: Shapes) -> Shapes:
        """Those of functions, and of the parts that are made of them."""
        return lambda name: of(self.origins.get(name, name))

    def ops(self, ops: Sequence[Op], results: Iterable[str]) -> list[Op]:
        """The ops, which are in order, with each While as small as it may be."""
        taken, left = set(results), set[str]()
        found = []
        for op in reversed(ops):
            if not left.isdisjoint(op.outputs) and taken.isdisjoint(op.outputs):
                left.update(op.inputs)  # nobody but a While needed it
                continue
            if op.type in WHILES and not any(name in self.keep for name in called(op)):
                before = op.inputs
                op = self._loop(op, taken)
                left.update(before)
            taken.update(op.inputs)
            found.append(op)
        return found[::-1]

    def _loop(self, op: Op, taken: set[str]) -> Op:
        test, body = (self.library.body(name, op) for name in called(op))
        fixed = invariants(op, self.library)
        asked = [n for n, tensor in enumerate(op.outputs) if tensor in taken]
        kept = needed(asked, fixed, test, body)
        if not kept:
            return op
        results = [body.results[number] for number in kept]
        used = {*_used(test, test.results), *_used(body, results)}
        numbers = [
            n
            for n, argument in enumerate(zip(test.arguments, body.arguments, strict=True))
            if n in kept or (fixed[n] and (n in asked or not used.isdisjoint(argument)))
        ]
        if len(numbers) == len(op.inputs):
            return op
        names = [
            self._function(op, test, numbers, test.results),
            self._function(op, body, numbers, [body.results[number] for number in numbers]),
        ]
        node = node_def_pb2.NodeDef()
        node.CopyFrom(op.node)
        for key, name in zip(("cond", "body"), names, strict=True):
            node.attr[key].func.name = name
        if len(op.attr("output_shapes").list.shape) == len(op.inputs):
            shapes = [op.attr("output_shapes").list.shape[number] for number in numbers]
            node.attr["output_shapes"].list.ClearField("shape")
            node.attr["output_shapes"].list.shape.extend(shapes)
        kinds = [op.attr("T").list.type[number] for number in numbers]
        node.attr["T"].list.ClearField("type")
        node.attr["T"].list.type.extend(kinds)
        inputs = tuple(op.inputs[number] for number in numbers)
        return replace(
            op,
            node=node,
            inputs=inputs,
            outputs=tuple(op.outputs[number] for number in numbers),
            dtypes=tuple(op.dtypes[number] for number in numbers),
            before=tuple(dict.fromkeys(map(node_of, inputs))),
            distinct=tuple(dict.fromkeys(inputs)),
        )

    def _function(self, op: Op, body: Body, numbers: Sequence[int], results: Sequence[str]) -> str:
        """A part of a function, of which only these arguments are needed."""
        number, name = 1, body.name
        while name in self.library.definitions:
            number += 1
            name = f"{body.name}_{number}"
        self.origins[name] = self.origins.get(body.name, body.name)
        definition = function_pb2.FunctionDef()
        definition.CopyFrom(self.library.definitions[body.name])
        definition.signature.name = name
        arguments = [definition.signature.input_arg[number] for number in numbers]
        definition.signature.ClearField("input_arg")
        definition.signature.input_arg.extend(arguments)
        self.library.definitions[name] = definition
        taken = tuple(body.arguments[number] for number in numbers)
        inner = self.ops(prune(body, results, body.finals, body.arguments), results)
        ops = {each.name: each for each in inner}
        whole = prune(body, body.results, body.finals, body.arguments)
        self.dropped += [each for each in whole if each.name not in ops]
        self.library.bodies[name] = Body(name, ops, taken, tuple(results), body.finals)
        return name


def _used(body: Body, results: Iterable[str]) -> set[str]:
    """The tensors that these results of a function, and its effects, hang on."""
    ops = prune(body, results, body.finals, body.arguments)
    return {*results, *(tensor for op in ops for tensor in op.inputs)}


def of_loops(ops: Iterable[Op], library: Library) -> list[Op]:
    """All ops of the functions that the loops among these ops call, and of those inside of them."""
    todo = [(name, op) for op in ops if op.type in WHILES for name in called(op)]
    found: dict[str, Sequence[Op]] = {}
    while todo:
        name, op = todo.pop()
        if name not in found:
            found[name] = list(library.body(name, op).ops.values())
            todo += [(n, each) for each in found[name] if each.type in WHILES for n in called(each)]
    return [op for each in found.values() for op in each]
