"""A cell that is called again and again, each time with the state that it gave before: a loop.

c, h = zeros, zeros_1
for step in unstack:
    c, h = lstm_cell(step, c, h, self.kernel, self.bias, 1.0)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from graphlab.engine.kernels.nodes import Op
from graphlab.errors import GraphlabError
from graphlab.port import composed, effects, layout
from graphlab.port.expression import Call, Name, Tensor, text
from graphlab.port.lines import Line
from graphlab.port.order import in_order
from graphlab.port.recurrent import WORDS
from graphlab.port.statements import Statements
from graphlab.port.values import Values

LEAST = 4  # calls; three are as short as a loop
TYPE = "steps"  # of the op that stands for them


@dataclass(frozen=True)
class Steps:
    """The calls, one behind the other."""

    calls: tuple[Op, ...]
    kept: tuple[int, ...]  # of what each gives: what others take of those before the last, too
    whole: tuple[str, ...]  # all that an op gives, where the steps are that

    @property
    def words(self) -> tuple[str, ...]:
        """What the parts of the state are called."""
        return WORDS[self.calls[0].type]

    @property
    def last(self) -> Op:
        """The call whose state is left."""
        return self.calls[-1]


def stepped(
    ops: Sequence[Op], results: Iterable[str], values: Values
) -> tuple[list[Op], dict[str, Steps]]:
    """The ops, which are in order, with one in place of the steps of each cell, and these by the
    op's name."""
    ops, found, resolved = list(ops), dict[str, Steps](), values.resolved
    asked = {*map(resolved, results)}
    lists = {op.outputs for op in ops}
    for calls in _runs(ops, values):
        taken = tuple(resolved(op.inputs[0]) for op in calls)
        kept = tuple(_kept(ops, calls, asked, resolved))
        whole = next((each for each in (taken, taken[::-1]) if each in lists), ())
        steps = Steps(calls, kept, whole)
        try:
            merged = in_order(_merged(ops, steps))
        except GraphlabError:  # what a call takes hangs on what the one before it gave
            continue
        if not _changes_between(merged, steps, values):
            ops = merged
            found[steps.last.name] = steps
    return ops, found


def _runs(ops: Sequence[Op], values: Values) -> Iterator[tuple[Op, ...]]:
    resolved = values.resolved
    makers = {tensor: op for op in ops if op.type in WORDS for tensor in op.outputs}
    after: dict[str, Op] = {}
    follows: set[str] = set()
    for op in ops:
        if op.type not in WORDS:
            continue
        size = len(WORDS[op.type])
        state = [resolved(tensor) for tensor in op.inputs[1 : 1 + size]]
        first = makers.get(state[0])
        if first is None or first.name in after or (*state,) != first.outputs:
            continue
        if _besides(first, values) == _besides(op, values):
            after[first.name] = op
            follows.add(op.name)
    for op in ops:
        if op.name in after and op.name not in follows:
            calls = [op]
            while calls[-1].name in after:
                calls.append(after[calls[-1].name])
            if len(calls) >= LEAST:
                yield tuple(calls)


def _besides(op: Op, values: Values) -> tuple:
    """What a call takes but for its step and its state: of a variable any value."""
    weights = map(values.resolved, op.inputs[1 + len(WORDS[op.type]) :])
    told = tuple(values.reading.get(tensor, tensor) for tensor in weights)
    return op.type, op.node.attr[composed.CALL].s, op.controls, told


def _changes_between(ops: Sequence[Op], steps: Steps, values: Values) -> bool:
    """Whether a variable may change between what two of the calls read of it."""
    reads = {values.resolved(tensor) for op in steps.calls for tensor in op.inputs}
    reads &= values.reading.keys()
    places = [n for n, op in enumerate(ops) if not reads.isdisjoint(op.outputs)]
    between = ops[min(places) : max(places)] if places else ()
    return any(effects.changes(op, values.library) for op in between)


def _kept(
    ops: Sequence[Op], calls: Sequence[Op], asked: set[str], resolved: Callable[[str], str]
) -> Iterator[int]:
    inside = {op.name for op in calls}
    taken = {
        resolved(tensor)
        for op in ops
        if op.name not in inside and op.type not in effects.ALIASES
        for tensor in op.inputs
    }
    for number in range(len(calls[0].outputs)):
        if any(op.outputs[number] in taken | asked for op in calls[:-1]):
            yield number


def _merged(ops: Sequence[Op], steps: Steps) -> list[Op]:
    """The ops with one that takes all steps, the first state and the weights, and gives the last
    state and what else is taken."""
    last, names = steps.last, {op.name for op in steps.calls}
    inputs = (*(op.inputs[0] for op in steps.calls), *steps.calls[0].inputs[1:])
    more = [(op, number) for number in steps.kept for op in steps.calls[:-1]]
    waits = dict.fromkeys(name for op in steps.calls for name in op.before if name not in names)
    one = replace(
        last,
        type=TYPE,
        inputs=inputs,
        outputs=(*last.outputs, *(op.outputs[number] for op, number in more)),
        dtypes=(*last.dtypes, *(op.dtypes[number] for op, number in more)),
        before=tuple(waits),
        distinct=tuple(dict.fromkeys(inputs)),
    )

    def instead(waits: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(last.name if name in names else name for name in waits))

    return [
        one
        if op.name == last.name
        else replace(op, before=instead(op.before), controls=instead(op.controls))
        for op in ops
        if op.name == last.name or op.name not in names
    ]


def hints_of(steps: Mapping[str, Steps]) -> dict[str, str]:
    """What the last states are called."""
    pairs = (zip(each.last.outputs, each.words, strict=True) for each in steps.values())
    return {tensor: word for each in pairs for tensor, word in each}


def write(steps: Steps, statements: Statements) -> None:
    """The statements of the loop."""
    lines, values, value = statements.lines, statements.values, statements.value
    size, first = len(steps.words), steps.calls[0]
    taken = [op.inputs[0] for op in steps.calls]
    for tensor in (*taken, *first.inputs[1 + size :]):
        statements.write_out(tensor)
    over = statements.lists.get(tuple(map(values.resolved, taken)))
    over = over or _over([text(value(tensor)) for tensor in taken], bool(steps.whole))
    ops = [name for op in steps.calls for name in composed.stands_for(op)]
    starts = [values.resolved(tensor) for tensor in first.inputs[1 : 1 + size]]
    begins = [value(tensor) for tensor in starts]
    for tensor in starts:
        if statements.pending.pop(tensor, None) is not None:
            ops += statements.owners.pop(tensor, [])
    names = [
        lines.name(tensor) if values.uses[tensor] else lines.names.new(word)
        for tensor, word in zip(steps.last.outputs, steps.words, strict=True)
    ]
    step = lines.names.new("step")
    space = " " * lines.indent
    together = f"{space}{', '.join(names)} = {', '.join(map(text, begins))}"
    written = [together]
    if len(together) > layout.WIDTH:
        pairs = zip(names, begins, strict=True)
        written = [t for n, b in pairs for t in layout.statement(lines.indent, f"{n} = ", b)]
    lists = {number: lines.names.new(f"{steps.words[number]}_each") for number in steps.kept}
    written += [f"{space}{name} = []" for name in lists.values()]
    written.append(f"{space}for {step} in {over}:")
    cell = composed.expression_of(first)
    assert isinstance(cell, Call)
    besides = cell.arguments[1 + size :]
    call = Call(
        first.type,
        (
            Name(step),
            *map(Name, names),
            *(value(each.name) if isinstance(each, Tensor) else each for each in besides),
        ),
    )
    written += layout.statement(lines.indent + 4, f"{', '.join(names)} = ", call)
    written += [f"{space}    {name}.append({names[number]})" for number, name in lists.items()]
    new = dict(zip(steps.last.outputs, names, strict=True))
    for number, name in lists.items():
        each = tuple(op.outputs[number] for op in steps.calls)
        new |= {tensor: f"{name}[{n}]" for n, tensor in enumerate(each[:-1])}
        statements.lists[each] = name
    lines.named |= new
    lines.done.append(Line(tuple(written), tuple(new.items()), tuple(dict.fromkeys(ops))))


def _over(steps: Sequence[str], whole: bool) -> str:
    """The list of the steps: by its name where they are of one, perhaps from its end."""
    name = (steps[0] if steps[0].endswith("[0]") else steps[-1]).rpartition("[")[0]
    places = [f"{name}[{n}]" for n in range(len(steps))]
    part = name if whole else f"{name}[:{len(steps)}]"
    if [*steps] == places:
        return part
    return f"reversed({part})" if [*steps] == places[::-1] else f"({', '.join(steps)})"
