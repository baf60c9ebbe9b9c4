"""The Module as the text of a file, and the arrays of the file beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from graphlab.model import Shape
from graphlab.port import brought, tables
from graphlab.port.classes import Argument, Class, Member, Method, Module, Unported
from graphlab.port.explained import comment
from graphlab.port.expression import Call, Expression, Listing, Literal, Name, literal, text
from graphlab.port.layout import statement

# What gives layers of Keras their weights. Those of `layers.0.kernel.value` are the kernel's.
LOAD = """def load(model, stored, name):
    for n, layer in enumerate(model.layers):
        names = [f"{name}.layers.{n}.{weight.name}.value" for weight in layer.weights]
        layer.set_weights([stored[each] for each in names])""".splitlines()
INPUT, ANSWER = "input ", "answer "  # what the arrays' names begin with


@dataclass(frozen=True)
class Written:
    """A file's text, and which tensors its lines give."""

    text: str
    lines: Mapping[int, tuple[tuple[str, str], ...]]  # by line number: tensors and their names


def written(
    module: Module,
    about: Sequence[str],
    beside: str,
    packed: Mapping[str, str],
    sources: Mapping[str, str] | None = None,
) -> Written:
    """The text. `about` are the lines of its docstring, `beside` is the name of the file of
    arrays, of which those in `packed` are serialised tensors. Its `__main__` holds it against the
    recorded answers. With `sources`, the lines of a program by op, each statement has the ops that
    it stands for above it."""
    head = [
        f'"""{about[0]}',
        *(["", *about[1:]] if about[1:] else []),
        '"""',
        "",
        "import pathlib",
        "",
        *(["import keras"] if module.layers else []),
        "import numpy as np",
        "import tensorflow as tf",
        "",
        f"BESIDE = pathlib.Path(__file__).with_name({literal(beside)})",
        *(["", "", *LOAD] if module.layers else []),
        *(line for each in module.rules for line in ("", "", *brought.source(each))),
    ]
    if len(about) == 1:
        head[:2] = [f'"""{about[0]}"""']
    lines = head
    places: dict[int, tuple[tuple[str, str], ...]] = {}
    for function in module.functions:
        lines += ["", "", *_method(function, 0, len(lines) + 2, {}, sources)]
    for lost in module.lost:
        lines += ["", "", *_lost(lost, 0)]
    firsts = _firsts(module)
    for each in module.classes:
        lines += ["", "", f"class {each.name}(tf.Module):"]
        model = each is module.classes[-1]
        lines += _begin(each, firsts.get(each.name, ""), model, packed)
        for number, method in enumerate(each.methods):
            lines.append("")
            called = model and number == 0
            lines += _signature(module.arguments) if called else []
            lines += _method(method, 4, len(lines), places if called else {}, sources)
        for lost in each.unported:
            lines += ["", *_lost(lost, 4)]
    lines += ["", "", *_main(module, packed)]
    return Written("\n".join(lines) + "\n", places)


def _method(
    method: Method, indent: int, above: int, places: dict, sources: Mapping[str, str] | None
) -> list[str]:
    """A function as lines, below so many others; notes which of them give which tensors."""
    lines = _head(method, indent)
    for line in method.lines:
        if sources is not None and line.lines:
            within = len(line.lines[0]) - len(line.lines[0].lstrip())  # of a tape's `with`, too
            lines += comment(within, line.ops, sources)
        if line.tensors:
            places[above + len(lines) + 1] = line.tensors
        lines += line.lines
    lines += [] if sources is None else comment(indent + 4, method.ends, sources)
    return [*lines, *method.returned]


def _lost(lost: Unported, indent: int) -> list[str]:
    parameters = "*inputs" if not indent else "self, *inputs"
    reason = _broken(Literal(lost.reason[:1000]))
    raised = statement(indent + 4, "raise ", Call("NotImplementedError", (reason,)))
    return [f"{' ' * indent}def {lost.method}({parameters}):", *raised]


def _firsts(module: Module) -> dict[str, str]:
    """Where the first object of each class is, by the class."""
    classes = {each.name: each for each in module.classes}
    found: dict[str, str] = {}
    todo = [(module.classes[-1], "")]
    while todo:
        each, path = todo.pop()
        for member in each.members:
            if member.kind in classes and member.kind not in found:
                number = ".0" if member.count else ""
                found[member.kind] = f"{path}{member.name}{number}."
                todo.append((classes[member.kind], found[member.kind]))
    return found


def _broken(reason: Literal) -> Literal:
    """A reason cut to what a line holds."""
    room = 80
    value = str(reason.value)
    while len(literal(value)) > room:
        value = value[: len(value) - max(1, (len(literal(value)) - room) // 4)]
    return Literal(value)


def _begin(each: Class, first: str, model: bool, packed: Mapping[str, str]) -> list[str]:
    """`__init__`: the weights, the constants, and what has others. `first` is where the first
    object of the class is, with the dot behind it."""
    head = "    def __init__(self, stored):" if model else "    def __init__(self, stored, name):"
    lines = [head, "        super().__init__()"]
    for member in each.members:
        path = literal(member.name) if model else f'f"{{name}}.{member.name}"'
        if member.layers:
            sequential = Call(member.kind, (Listing(member.layers),))
            lines += statement(8, f"self.{member.name} = ", sequential)
            lines += [f"        load(self.{member.name}, stored, {path})"]
            continue
        if member.count:
            lines += _list(member, "" if model else "{name}.")
            continue
        if member.given:
            keys, values = (
                _stored(literal(f"{member.name}.{each}"), packed.get(f"{member.name}.{each}"))
                for each in ("keys", "values")
            )
            lines += tables.made(f"self.{member.name}", member, keys, values)
            continue
        if member.kind in ("tf.Variable", "tf.constant"):
            value = _stored(path, packed.get(first + member.name))
            written = Call(member.kind, (value,))
        else:
            written = Call(member.kind, (Name("stored"), Name(path)))
        lines += statement(8, f"self.{member.name} = ", written)
    return lines


def _list(member: Member, before: str) -> list[str]:
    """`self.layers = [Layer(stored, f"layers.{n}") for n in range(4)]`."""
    made = f'{member.kind}(stored, f"{before}{member.name}.{{n}}")'
    turns = f"for n in range({member.count})"
    one = f"        self.{member.name} = [{made} {turns}]"
    if len(one) <= 100:
        return [one]
    inner = f"            {made} {turns}"
    inside = [inner] if len(inner) <= 100 else [f"            {made}", f"            {turns}"]
    return [f"        self.{member.name} = [", *inside, "        ]"]


def _stored(path: str, dtype: str | None) -> Expression:
    """An array of the file beside; one that NumPy cannot store is parsed."""
    array = f"stored[{path}]"
    if dtype is None:
        return Name(array)
    return Call("tf.io.parse_tensor", (Call(f"{array}.tobytes"), Name(f"tf.{dtype}")))


def _signature(arguments: Sequence[Argument]) -> list[str]:
    specs = [
        Call(
            "tf.TensorSpec",
            (_shape(each.shape), Name(f"tf.{each.dtype}")),
            (("name", Literal(each.name)),),
        )
        for each in arguments
    ]
    one = f"    @tf.function(input_signature={text(Listing(tuple(specs)))})"
    if len(one) <= 100:
        return [one]
    inner = f"        input_signature={text(Listing(tuple(specs)))}"
    if len(inner) <= 100:
        return ["    @tf.function(", inner, "    )"]
    return [
        "    @tf.function(",
        "        input_signature=[",
        *(f"            {text(spec)}," for spec in specs),
        "        ]",
        "    )",
    ]


def _shape(shape: Shape) -> Literal:
    return Literal(None if shape is None else tuple(shape))


def _head(method: Method, indent: int) -> list[str]:
    space = " " * indent
    parameters = [*(["self"] if indent else []), *method.parameters]
    one = f"{space}def {method.name}({', '.join(parameters)}):"
    if len(one) <= 100:
        return [one]
    together = f"{space}    {', '.join(parameters)}"
    if len(together) <= 100:
        return [f"{space}def {method.name}(", together, f"{space}):"]
    broken = [f"{space}    {each}," for each in parameters]
    return [f"{space}def {method.name}(", *broken, f"{space}):"]


def _main(module: Module, packed: Mapping[str, str]) -> list[str]:
    inputs = [
        _stored(literal(INPUT + each.name), packed.get(INPUT + each.name))
        for each in module.arguments
    ]
    serialised = [
        "            if found.dtype == object:",
        "                found = np.frombuffer(tf.io.serialize_tensor(answer).numpy(), np.uint8)",
    ]
    return [
        'if __name__ == "__main__":',
        "    # Grappler may add numbers in another order; without it all is computed as written.",
        '    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})',
        "    with np.load(BESIDE) as stored:",
        "        model = Model(stored)",
        *statement(8, "answers = ", Call("model", tuple(inputs))),
        "        for name, answer in answers.items():",
        '            recorded = stored["answer " + name]',
        "            found = np.asarray(answer)",
        *(serialised if any(name.startswith(ANSWER) for name in packed) else []),
        "            if found.tobytes() == recorded.tobytes():",
        '                print(name, "bit-equal")',
        '            elif found.shape == recorded.shape and found.dtype.kind == "f":',
        '                print(name, "apart by", np.abs(found - recorded).max())',
        "            else:",
        '                print(name, "another")',
    ]


def arrays(
    module: Module,
    weights: Mapping[str, np.ndarray],
    inputs: Mapping[str, np.ndarray],
    answers: Mapping[str, np.ndarray],
) -> dict[str, np.ndarray]:
    """What the file beside holds, by name; what NumPy cannot store is still as it was."""
    found = {name: np.asarray(weights[own]) for own, name in module.variables.items()}
    found |= module.constants
    found |= {INPUT + name: value for name, value in inputs.items()}
    return found | {ANSWER + name: value for name, value in answers.items()}


def packed(arrays: Mapping[str, np.ndarray]) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The arrays, those that NumPy cannot store as TensorFlow serialises them; and the types of
    those by name."""
    found, types = {}, {}
    for name, array in arrays.items():
        if array.dtype.kind in "biufc" and array.dtype.isbuiltin == 1:
            found[name] = array
            continue
        tensor = tf.constant(array)
        types[name] = tensor.dtype.name
        found[name] = np.frombuffer(tf.io.serialize_tensor(tensor).numpy(), np.uint8)
    return found, types
