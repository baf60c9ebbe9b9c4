"""The ops of a graph or of a function as statements, one after another.

What changes a variable is a line by itself; what cannot be written is a call that raises.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence

from graphlab.engine.kernels.nodes import Op
from graphlab.errors import GraphlabError
from graphlab.model import Shape
from graphlab.port import (
    arrays,
    asserts,
    calls,
    composed,
    constants,
    effects,
    exact,
    lists,
    patterns,
    recurrent,
    rows,
    sequential,
    steps,
    tables,
    updates,
    variables,
    whiles,
)
from graphlab.port.beneath import Beneath, blocks
from graphlab.port.exact import Given
from graphlab.port.expression import Call, Expression, Tensor
from graphlab.port.file import File
from graphlab.port.hints import hints
from graphlab.port.lines import Line, Lines
from graphlab.port.lowered import WHILES
from graphlab.port.names import Names
from graphlab.port.order import in_order
from graphlab.port.scene import Tape
from graphlab.port.statements import Statements
from graphlab.port.updates import Updates
from graphlab.port.values import Values


class Writer:
    """Writes one body. `names` are those of its scope; `given` are what its arguments are called,
    by tensor; `handles` are its variables, by the tensor of the handle: `self.w`; `name_of`
    gives a name of the graph for a tensor."""

    def __init__(
        self,
        file: File,
        names: Names,
        given: Mapping[str, str],
        handles: dict[str, str],
        shape: Callable[[str], Shape],
        name_of: Callable[[str], str],
        indent: int = 8,
    ) -> None:
        self.file = file
        self.shape = shape
        self.indent = indent
        self.values = Values(file.library, given, handles)
        self.lines = Lines(self.values, names, shape, name_of, indent, named=dict(given))
        self.statements = Statements(self.values, self.lines, file.constant)
        self.updates = Updates(self.lines)
        self.raw: list[str] = []  # ops that have no public name
        self.tapes: Mapping[str, Tape] = {}  # by their ops
        self.is_converted = False  # by AutoGraph: what tf.cond and tf.while_loop call is not
        self.makers: Mapping[str, Op] = {}  # by the first tensor that each gives
        self.steps: Mapping[str, steps.Steps] = {}  # of cells, by the ops that stand for them

    @property
    def done(self) -> list[Line]:
        """What is written."""
        return self.lines.done

    def write(self, ops: Sequence[Op], results: Iterable[str], within: str = "") -> None:
        """All statements; `within` is the scope that the body is of. GraphlabError where the ops
        are in no order."""
        ordered = in_order(ops)
        for op in ordered:
            self.values.know(op)
        results = [self.values.resolved(tensor) for tensor in results]
        ordered, self.steps = steps.stepped(ordered, results, self.values)
        self.lines.lists |= {each.whole for each in self.steps.values()}
        self.makers = {op.outputs[0]: op for op in ordered if op.outputs}
        live = self.values.live(ordered, results)
        self.values.hints |= hints(live, within, self._variable) | steps.hints_of(self.steps)
        beneath = Beneath(self.lines, self.statements, self.tapes, blocks(live, self.tapes))
        for place, op in enumerate(live):
            beneath.before(place)
            if op.name in self.tapes:
                self.values.left.subtract(map(self.values.resolved, op.inputs))
                beneath.write(op)
            else:
                self._op(op)

    @functools.cached_property
    def handed_on(self) -> Mapping[str, Sequence[str]]:
        """The tensors that only hand one on, by that one; when all ops are known."""
        found: dict[str, list[str]] = {}
        for outside, inside in self.values.alias.items():
            found.setdefault(inside, []).append(outside)
        return found

    def ends(self, tensors: Iterable[str]) -> tuple[str, ...]:
        """The ops that stand in what is returned."""
        owners = self.statements.owners
        found = [owners.get(self.values.resolved(tensor), []) for tensor in tensors]
        return tuple(dict.fromkeys(op for ops in found for op in ops))

    def _variable(self, tensor: str) -> str:
        """The name of the variable whose handle a tensor is."""
        return self.values.variables.get(self.values.resolved(tensor), "").rpartition(".")[2]

    def results(self, tensors: Iterable[str], whole: bool = True) -> list[Expression]:
        """What is returned: by names, or as a `whole`."""
        return self.statements.results(tensors, whole)

    def _op(self, op: Op) -> None:
        values = self.values
        if op.outputs and op.outputs[0] in values.reading:
            self.statements.read.add(op.outputs[0])
            return
        if self._folded(op):
            return
        loop = self.file.chain(op)
        if loop is not None:
            values.left.subtract(op.inputs)
            self.statements.write_loop(op, loop)
            return
        if op.name in self.steps:
            self.file.rule(self.steps[op.name].last.type)
            values.left.subtract(map(values.resolved, op.inputs))
            steps.write(self.steps[op.name], self.statements)
            return
        if self.is_converted and op.type in WHILES and whiles.write(op, self):
            return
        handles = [values.variables.get(values.resolved(tensor), "") for tensor in op.inputs]
        changing = effects.changes(op, self.file.library)
        is_call = effects.is_call(op, self.file.library)
        try:
            expression, given = self._expression(op, handles)
        except GraphlabError as error:
            method = self.file.unported(op, str(error))
            expression = Call(method, tuple(map(Tensor, dict.fromkeys(op.inputs))))
            given = Given(len(op.outputs), len(op.outputs) > 1)
        if isinstance(expression, Call) and expression.function.startswith("tf.raw_ops."):
            self.raw.append(op.name)
        taken = {values.resolved(tensor) for tensor in op.inputs}
        wrote = set(filter(None, handles)) if changing else set()
        if is_call and effects.assigns(op, self.file.library):
            # What it takes may be read in a lambda, when it has changed.
            self.statements.keep_values_before(set(), taken)
        values.left.subtract(values.resolved(tensor) for tensor in op.inputs)
        if wrote and not is_call:
            self.statements.keep_values_before(wrote, taken)
        if isinstance(expression, Call) and expression.function in updates.NAMES:
            self._update(op, expression)
            return
        if isinstance(expression, Call) and expression.function == patterns.CLIP:
            held, ops = self.statements.held(op, expression)
            assert isinstance(held, Call)
            self.lines.write_listed(patterns.WORDS[patterns.CLIP], op.outputs, held, ops)
            return
        waits = not changing and not is_call
        if sequential.is_sequential(op):  # what it reads is not seen in its call
            waits = sequential.never_changes(op)
        self.statements.write(op, expression, given, waits)

    def _update(self, op: Op, call: Call) -> None:
        by_kernel = call.function in updates.KERNELS.values()
        self.raw += [op.name] * by_kernel
        called = [updates.ONCE] * rows.is_of_rows(op) + [updates.STEP] * by_kernel
        for rule in (*called, call.function):
            self.file.rule(rule)
        held = [self.statements.held(op, each) for each in call.arguments]
        ops = list(dict.fromkeys(name for _, names in held for name in names))
        slots = sum(arg.is_ref or arg.type == updates.RESOURCE for arg in op.definition.input_arg)
        self.updates.write(call.function, [each for each, _ in held], slots, ops)

    def _folded(self, op: Op) -> bool:
        """Whether it is arithmetic with written constants, as TensorFlow does with shapes; then
        its output is one. To assert what comes out true in it is nothing."""
        known = self.values.constants_of(op)
        if op.type == "Assert" and op.inputs[0] in known:
            return bool(known[op.inputs[0]].all())
        if len(op.outputs) != 1 or op.definition.is_stateful or not op.inputs:
            return False
        if arrays.is_array(op) or composed.is_composed(op) or sequential.is_sequential(op):
            return False
        if len(known) < len(op.distinct) or any(v.size > constants.MOST for v in known.values()):
            return False
        value = exact.computed(op, known)
        if value is None or constants.literal_of(value) is None:
            return False
        self.values.known[op.outputs[0]] = value
        return True

    def _expression(self, op: Op, handles: list[str]) -> tuple[Expression, Given]:
        whole = Given(len(op.outputs), len(op.outputs) > 1)
        if not any(self.values.uses[tensor] for tensor in op.outputs):
            asserted = asserts.expression_of(op, self.file.library, self.values.resolved)
            if asserted is not None:
                return asserted, Given(0, False)
        if effects.is_call(op, self.file.library):
            outputs = len([tensor for tensor in op.outputs if tensor not in self.values.alias])
            listed = outputs > 1 or "While" in op.type
            return calls.expression_of(op, self.file, self.shape), Given(outputs, listed)
        if arrays.is_array(op):
            return arrays.expression_of(op, self.values.constants_of(op)), Given(1, False)
        if self.file.has_arrays and lists.is_list(op):
            return lists.expression_of(op, self.values.constants_of(op), self.shape), whole
        if composed.is_composed(op):
            if op.type in recurrent.WORDS:
                self.file.rule(op.type)
            return composed.expression_of(op), whole
        if sequential.is_sequential(op):
            return Call(self.file.layers(op), (Tensor(op.inputs[0]),)), whole
        if any(handles) and (op.definition.is_stateful or op.takes_reference):
            known = self.values.constants_of(op)
            taken = [
                (constants.bare(known[each.name]) if each.name in known else None) or each
                for each in map(Tensor, op.inputs)
            ]
            of_rows = rows.is_of_rows(op)
            rule = updates.rule_of(op, known, self.shape, of_rows)
            if rule is not None:
                given = rows.with_slices(op, taken) if of_rows else taken
                return Call(rule, tuple(given)), whole
            return variables.expression_of(op, taken, handles), whole
        if op.type in effects.OF_TABLES and self.values.resolved(op.inputs[0]) in self.values.given:
            return tables.expression_of(op), whole
        effects.check_portable(op)
        needed = max((n for n, t in enumerate(op.outputs, 1) if self.values.uses[t]), default=0)
        known = self.values.constants_of(op)
        return self.file.translator.call(op, known, self._rank, needed)

    def _rank(self, tensor: str) -> int | None:
        shape = self.shape(tensor)
        return None if shape is None else len(shape)
