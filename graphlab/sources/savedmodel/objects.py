"""The objects of a TF2 model (a SavedObjectGraph): where each hangs, and which functions it has.

A concrete function is called by the path to it, as `loaded.emb._pre` is `emb/_pre`; where several
are called by one path, the values of their arguments say which is meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from graphlab.errors import GraphlabError
from graphlab.model import Graph, TensorSpec
from graphlab.sources.modelfile import Part, Port, Signature, written
from graphlab.sources.outside import Start
from graphlab.sources.savedmodel import structured
from graphlab.sources.savedmodel.structured import Leaf

ROOT = 0
MOST_NAMES = 16 << 20  # characters of all paths, and of all functions with their arguments
SIGNATURES = "signature_map"  # the object that holds the signatures, which are listed as such
# Functions of a table or another resource, which a loader calls by itself.
OF_LOADERS = ("_create_resource", "_initialize", "_destroy_resource")


def paths(objects: Any) -> dict[int, tuple[str, ...]]:
    """The shortest way to each object from the root, by its number: the names of children.

    None leads to what has a name of its own elsewhere or is for loaders alone. GraphlabError where
    the names on the ways are longer together than any model's.
    """
    found: dict[int, tuple[str, ...]] = {ROOT: ()} if objects.nodes else {}
    sizes = dict.fromkeys(found, 0)
    left, room = list(found), MOST_NAMES
    for number in left:  # it grows: the nearest first
        node = objects.nodes[number]
        if node.HasField("function") or node.user_object.identifier == SIGNATURES:
            continue
        for child in node.children:
            other, name = child.node_id, child.local_name
            if not 0 <= other < len(objects.nodes) or other in found or name in OF_LOADERS:
                continue
            sizes[other] = sizes[number] + len(name) + 1
            room -= sizes[other]
            if room < 0:
                raise GraphlabError(
                    f"the paths to its objects have more than {MOST_NAMES:,} characters; the file"
                    " is damaged"
                )
            found[other] = (*found[number], name)
            left.append(other)
    return found


def functions(objects: Any, graph: Graph) -> tuple[Signature, ...]:
    """Every concrete function that an object has, the nearest to the root first.

    Left out are what the signatures call, and what loaders call: savers, initialisers of tables.
    GraphlabError where they are told of more often than any model's.
    """
    found: list[Signature] = []
    known = Concretes(objects, graph)
    told: set[str] = set()
    room = MOST_NAMES
    for number, path in paths(objects).items():
        node = objects.nodes[number]
        if node.HasField("function"):
            names, spec = list(node.function.concrete_functions), node.function.function_spec
        elif node.HasField("bare_concrete_function"):
            names = [node.bare_concrete_function.concrete_function_name]
            spec = node.bare_concrete_function.function_spec
        else:
            continue
        python = _names(spec)
        for index, name in enumerate(names):
            if name not in known:
                continue
            made = known.signature(name, path, index, python)
            if made.name in told:
                made = replace(made, name=f"{made.name} #{index + 1}")
            told.add(made.name)
            room -= len(made.name) + known.size(name)
            if room < 0:
                raise GraphlabError(
                    f"its functions and arguments have more than {MOST_NAMES:,} characters; the"
                    " file is damaged"
                )
            found.append(made)
    return tuple(found)


def loading(objects: Any, graph: Graph) -> tuple[Start, ...]:
    """What is run when the model is loaded: functions that make, fill or restore its resources."""
    known = Concretes(objects, graph)
    numbers = [
        number
        for node in objects.nodes
        for number in (
            *(child.node_id for child in node.children if child.local_name in OF_LOADERS),
            *_of_savers(node),
        )
        if 0 <= number < len(objects.nodes)
    ]
    names = [
        name
        for number in dict.fromkeys(numbers)
        for name in objects.nodes[number].function.concrete_functions
    ]
    return tuple(Start(function=n, own=known.own_files(n)) for n in dict.fromkeys(names))


def _of_savers(node: Any) -> list[int]:
    """The functions with which an object saves and restores itself; a loader calls both."""
    savers = [node.saveable_objects[name] for name in sorted(node.saveable_objects)]
    return [each for saver in savers for each in (saver.save_function, saver.restore_function)]


class Concretes:
    """The concrete functions of a model, each looked at once."""

    def __init__(self, objects: Any, graph: Graph) -> None:
        self._objects, self._graph = objects, graph
        self._ports: dict[str, tuple[tuple[Port, ...], tuple[Port, ...]]] = {}
        self._composites: dict[str, list[Port]] = {}
        self._sizes: dict[str, int] = {}
        self._own: dict[str, frozenset[str]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._objects.concrete_functions and name in self._graph.functions

    def ports(self, name: str) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
        """The inputs and the outputs of one."""
        if name not in self._ports:
            concrete = self._objects.concrete_functions[name]
            taken, given = _ends(self._graph.functions[name])
            taken = taken[: max(len(taken) - len(concrete.bound_inputs), 0)]
            inputs = structured.leaves(concrete.canonicalized_input_signature)
            outputs = structured.leaves(concrete.output_signature)
            self._ports[name] = (
                _ports(list(inputs), taken),
                _ports(list(outputs), given, _output_key),
            )
        return self._ports[name]

    def composites(self, name: str) -> list[Port]:
        """The inputs that are handed over in parts."""
        if name not in self._composites:
            self._composites[name] = [port for port in self.ports(name)[0] if port.kind]
        return self._composites[name]

    def size(self, name: str) -> int:
        """How much there is to tell of the inputs and outputs: tensors, with their dimensions."""
        if name not in self._sizes:
            given = [tensor for ports in self.ports(name) for p in ports for tensor in p.tensors]
            self._sizes[name] = sum(1 + len(tensor.shape or ()) for tensor in given)
        return self._sizes[name]

    def own_files(self, name: str) -> frozenset[str]:
        """Which of its arguments hold the name of an asset of the model, as tensors."""
        if name not in self._own:
            self._own[name] = self._bound_assets(name) if name in self else frozenset()
        return self._own[name]

    def _bound_assets(self, name: str) -> frozenset[str]:
        bound = self._objects.concrete_functions[name].bound_inputs
        arguments = [node for node in self._graph.functions[name].nodes if node.op == "_Arg"]
        pairs = zip(arguments[::-1], bound[::-1], strict=False)
        assets = [argument for argument, number in pairs if self._is_asset(number)]
        return frozenset(f"{argument.name}:0" for argument in assets)

    def _is_asset(self, number: int) -> bool:
        nodes = self._objects.nodes
        return 0 <= number < len(nodes) and nodes[number].HasField("asset")

    def signature(
        self, name: str, path: tuple[str, ...], number: int, python: tuple[list[str], str]
    ) -> Signature:
        """One as it is called by the path to it; `python` is what `_names` gives."""
        concrete = self._objects.concrete_functions[name]
        arguments = tuple(_arguments(concrete.canonicalized_input_signature, *python))
        inputs, outputs = self.ports(name)
        return Signature(
            f"{written(path)}({', '.join(arguments)})",
            inputs,
            outputs,
            function=name,
            path=path,
            number=number,
            arguments=arguments,
            own_files=self.own_files(name),
        )


def _ends(body: Graph) -> tuple[list[tuple[str, TensorSpec]], list[tuple[str, TensorSpec]]]:
    """What a body takes and what it gives, in order, each by its name."""
    tensors = {spec.name: spec for node in body.nodes for spec in node.outputs}
    taken = [(node.name, node.outputs[0]) for node in body.nodes if node.op == "_Arg"]
    given = [
        (str(index), tensors[node.inputs[0]] if node.inputs else TensorSpec("", ""))
        for index, node in enumerate(node for node in body.nodes if node.op == "_Retval")
    ]
    return taken, given


def _ports(
    found: list[Leaf], tensors: list[tuple[str, TensorSpec]], key_of: Any = None
) -> tuple[Port, ...]:
    """Nested inputs or outputs, with the flat tensors that they are handed over as, by name.

    The tensors one by one where the two do not fit together.
    """
    count = sum(len(leaf.roles) for leaf in found)
    if count != len(tensors) or any(
        not leaf.kind and leaf.dtype != tensors[at][1].dtype for at, leaf in _placed(found)
    ):
        return tuple(Port(name, spec) for name, spec in tensors)
    return tuple(
        _port(leaf, tensors[at : at + len(leaf.roles)], key_of) for at, leaf in _placed(found)
    )


def _placed(found: list[Leaf]) -> Iterator[tuple[int, Leaf]]:
    """Each leaf with the number of its first tensor."""
    at = 0
    for leaf in found:
        yield at, leaf
        at += len(leaf.roles)


def _port(leaf: Leaf, tensors: list[tuple[str, TensorSpec]], key_of: Any) -> Port:
    key = key_of(leaf) if key_of else tensors[0][0] if tensors else "/".join(leaf.path)
    if not leaf.kind:
        return Port(key, tensors[0][1])
    parts = tuple(
        Part(role, spec, name) for role, (name, spec) in zip(leaf.roles, tensors, strict=True)
    )
    return Port(key, TensorSpec("", leaf.dtype, leaf.shape), leaf.kind, parts)


def _output_key(leaf: Leaf) -> str:
    """An output's key as a signature would have it: `output_0` where it has no name."""
    if not leaf.path or leaf.path[0].isdigit():
        return "/".join((f"output_{leaf.path[0] if leaf.path else 0}", *leaf.path[1:]))
    return "/".join(leaf.path)


def _arguments(signature: Any, names: list[str], rest: str) -> Iterator[str]:
    """The arguments as they are written in a call: `"x=float32[?,2]"`, `"training=True"`."""
    halves = list(signature.tuple_value.values)
    if len(halves) != 2:
        return
    for index, value in enumerate(halves[0].tuple_value.values):
        name = names[index] if index < len(names) else f"{rest}[{index - len(names)}]"
        # Two functions may differ in nothing but what their tensors are called.
        called = value.tensor_spec_value.name
        prefix = f"{called}:" if called and called != name and index < len(names) else ""
        yield f"{name}={prefix}{structured.text(value)}"
    fields: Mapping[str, Any] = halves[1].dict_value.fields
    for name in sorted(fields):
        yield f"{name}={structured.text(fields[name])}"


def _names(spec: Any) -> tuple[list[str], str]:
    """The names of a Python function's arguments, and of what takes all further ones."""
    fields = {each.key: each.value for each in spec.fullargspec.named_tuple_value.values}
    names = [each.string_value for each in fields["args"].list_value.values] if fields else []
    rest = fields["varargs"].string_value if "varargs" in fields else ""
    return names[1:] if spec.is_method else names, rest or "argument"
