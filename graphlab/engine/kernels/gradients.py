"""SymbolicGradient: a runtime derives the gradient of a function in the graph and runs it.

Eager TensorFlow has no way to ask for that. A session has, so a private one does this one op, with
nothing rewritten.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from graphlab import _private
from graphlab.engine.kernels.dispatch import functions_of
from graphlab.engine.kernels.nodes import Library, Op
from graphlab.engine.kernels.values import tensor_of
from graphlab.engine.state import State
from graphlab.errors import GraphlabError

tf1 = tf.compat.v1


class Symbolic:
    """The op in a session of its own, which is made when it first runs."""

    __slots__ = ("device", "library", "op", "session")

    def __init__(self, op: Op, device: str, library: Library) -> None:
        handles = {tf.resource.as_datatype_enum, tf.variant.as_datatype_enum}
        if handles.intersection([*op.attr("Tin").list.type, *op.attr("Tout").list.type]):
            raise GraphlabError(
                f"{op.title} cannot be run: the function takes a variable or another handle, which"
                " cannot be fed to a session"
            )
        self.op = op
        self.device = device
        self.library = library
        self.session: Any = None

    def __call__(self, op: Op, inputs: list, state: State) -> list:
        if self.session is None:
            self.session = self._begin()
        given = {f"i{i}:0": tensor_of(value).numpy() for i, value in enumerate(inputs)}
        values = self.session.run([f"op:{i}" for i in range(len(op.outputs))], given)
        pairs = zip(values, op.attr("Tout").list.type, strict=True)
        return [_private.eager_tensor(value, tf.as_dtype(number)) for value, number in pairs]

    def _begin(self) -> Any:
        definition = tf1.GraphDef()
        for index, number in enumerate(self.op.attr("Tin").list.type):
            node = definition.node.add(name=f"i{index}", op="Placeholder")
            node.attr["dtype"].type = number
        node = definition.node.add()
        node.CopyFrom(self.op.node)
        node.name, node.device = "op", self.device
        del node.input[:]
        node.input.extend(f"i{index}" for index in range(len(self.op.inputs)))
        node.attr.pop("_class", None)  # it stands beside nothing here
        self._functions(definition)
        with tf.Graph().as_default() as graph:
            tf1.import_graph_def(definition, name="")
        config = tf1.ConfigProto()
        config.graph_options.rewrite_options.disable_meta_optimizer = True
        config.graph_options.optimizer_options.opt_level = tf1.OptimizerOptions.L0
        return tf1.Session(graph=graph, config=config)

    def _functions(self, definition: Any) -> None:
        """The functions that the op needs, with the gradients that the graph names for them."""
        for name in dict.fromkeys(self._needed(functions_of(self.op.node))):
            definition.library.function.append(self.library.definitions[name])
            if name in self.library.gradients:
                gradient = self.library.gradients[name]
                definition.library.gradient.add(function_name=name, gradient_func=gradient)

    def _needed(self, names: list[str]) -> Iterator[str]:
        todo, seen = list(names), set[str]()
        while todo:
            name = todo.pop()
            if name in seen or name not in self.library.definitions:
                continue
            seen.add(name)
            yield name
            todo.append(self.library.gradients.get(name, ""))
            for node in self.library.definitions[name].node_def:
                todo += [node.op, *functions_of(node)]
