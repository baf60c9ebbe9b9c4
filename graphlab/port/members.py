"""What an object of a class has: its variables, the scopes inside it, its constants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphlab.model import node_of
from graphlab.port import sequential
from graphlab.port.classes import Member
from graphlab.port.expression import Expression
from graphlab.port.names import LONGEST, Names, several_of
from graphlab.port.outline import Template, Use
from graphlab.port.scopes import Scopes
from graphlab.port.tables import Table


class Members:
    """The members of the class of a template, by what they hold."""

    def __init__(self, scopes: Scopes, template: Template, own: Names) -> None:
        self.scopes, self.template, self.own = scopes, template, own
        self.attributes: dict[str, str] = {}  # by path: a handle, or a key of `Scopes.constants`
        self.all: list[Member] = []
        self.calls: dict[str, str] = {}  # the member that a scope or a chain is, by its op
        self.stored: dict[str, str] = {}  # the attribute of a constant, by its key

    def begin(
        self, classes: Mapping[str, tuple[str, Mapping[str, str]]], differing: list[str]
    ) -> dict[str, str]:
        """Name the members; gives what handles and constants are called, by tensor.

        `classes` are the names and attributes of those inside it, by template; `differing` are the
        constants that are others in other scopes.
        """
        called: dict[str, str] = {}
        template = self.template
        variables = [
            tensor
            for tensor in (template.variables if template.type else self.scopes.handles)
            if tensor not in template.homes
        ]
        elsewhere = {self.scopes.handles[tensor]: tensor for tensor in template.homes}
        names: dict[str, str] = {}
        layered = self._layers(called)
        for tensor in variables:
            variable = self.scopes.handles[tensor]
            if variable in layered:
                called[tensor] = layered[variable]
                continue
            if variable in elsewhere:  # another handle of it is a scope's
                continue
            if variable not in names:
                names[variable] = self.own.new(self._slot(variable, names))
                self._member(names[variable], "tf.Variable", tensor)
            called[tensor] = f"self.{names[variable]}"
        chains = {scope: chain for chain in template.chains for scope in chain.scopes}
        turns = {s: n for chain in template.chains for n, s in enumerate(chain.scopes)}
        for scope, use in template.uses.items():
            if use.template not in classes:
                continue
            if use.home:  # that is there already: a scope comes behind the one whose it is
                chain = chains.get(use.home)
                self.calls[scope] = (
                    self.calls[use.home]
                    if chain is None
                    else f"{self.calls[chain.name]}[{turns[use.home]}]"
                )
                continue
            class_, attributes = classes[use.template]
            chain = chains.get(scope)
            if chain is None:
                self.calls[scope] = self.own.new(self._below(scope))
                self.all.append(Member(self.calls[scope], class_))
                path, written = self.calls[scope], f"self.{self.calls[scope]}"
            else:
                if chain.name not in self.calls:
                    self.calls[chain.name] = self.own.new(several_of(chain.scopes[0]))
                    self.all.append(Member(self.calls[chain.name], class_, len(chain.scopes)))
                path = f"{self.calls[chain.name]}.{turns[scope]}"
                written = f"self.{self.calls[chain.name]}[{turns[scope]}]"
            self._hold(use, attributes, path, written, called)
        for tensor in variables:
            if self.scopes.handles[tensor] in elsewhere:
                called[tensor] = called[elsewhere[self.scopes.handles[tensor]]]
        calls = {use.template for use in template.uses.values()}
        taken = {
            tensor
            for op in template.ops
            if op.type not in calls
            for tensor in op.inputs[: 1 if sequential.is_sequential(op) else None]
        }
        for tensor in differing:
            if tensor in taken:
                called[tensor] = self.constant_of(tensor, node_of(tensor))
        return called

    def _layers(self, called: dict[str, str]) -> dict[str, str]:
        """Name the layers of Keras; gives what their variables are called, by name."""
        known: dict[Any, str] = {}
        layered: dict[str, str] = {}
        for op in filter(sequential.is_sequential, self.template.ops):
            same = sequential.identity(op)
            if same not in known:
                name = known[same] = self.own.new(sequential.name_of(op, self.template.scope))
                self.all.append(Member(name, op.type, layers=sequential.layers_of(op)))
                for path, tensor in sequential.weights(op).items():
                    self.attributes[f"{name}.{path}"] = tensor
                    if tensor in self.scopes.handles:
                        variable = self.scopes.handles[tensor]
                        called[tensor] = layered[variable] = f"self.{_indexed(f'{name}.{path}')}"
            self.calls[op.name] = known[same]
        return layered

    def _slot(self, variable: str, names: Mapping[str, str]) -> str:
        """A variable's name as it is seen inside the scope; of an optimizer's slot, which stands
        below its variable, with what that is called here, or with where it is."""
        owner, _, slot = variable.rpartition("/")
        own = self._below(self.scopes.whole(variable))
        if owner not in self.scopes.handles.values():
            return own
        below = self._below(self.scopes.whole(owner))
        called = names.get(owner) or "_".join(below.split("/")[-2:])
        name = f"{called}_{slot}"
        return name if len(name) <= LONGEST else own

    def _below(self, name: str) -> str:
        """A name of the graph as it is seen inside the scope."""
        return name.removeprefix(self.template.scope)

    def _hold(
        self,
        use: Use,
        attributes: Mapping[str, str],
        path: str,
        written: str,
        called: dict[str, str],
    ) -> None:
        """What a scope has is found by way of the member that it is."""
        for below, key in attributes.items():
            key = use.tensors.get(key, key)
            self.attributes[f"{path}.{below}"] = key
            if key in self.scopes.handles:
                called[key] = f"{written}.{_indexed(below)}"

    def _member(self, name: str, kind: str, key: str, given: tuple[Expression, ...] = ()) -> None:
        self.all.append(Member(name, kind, given=given))
        self.attributes[name] = key

    def constant_of(self, key: str, words: str, table: Table | None = None) -> str:
        """The attribute of a constant, or of a table, as `self.table`."""
        if key not in self.stored:
            parts = self._below(words).split("/")
            name = "/".join(parts[-2:]) if parts[-1].startswith("Const") else self._below(words)
            self.stored[key] = self.own.new(name)
            kind, given = ("tf.constant", ()) if table is None else (table.kind, table.given)
            self._member(self.stored[key], kind, key, given)
        return f"self.{self.stored[key]}"


def _indexed(path: str) -> str:
    """`layers[0].w` of the path "layers.0.w"."""
    words = path.split(".")
    return "".join(f"[{w}]" if w.isdigit() else f".{w}" for w in words)[1:]
