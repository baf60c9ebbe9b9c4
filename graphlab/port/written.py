"""The Module as the text of a file, and the arrays of the file beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from graphlab.model import Shape
from graphlab.port import updates
from graphlab.port.expression import Call, Expression, Listing, Literal, Name, literal, text
from graphlab.port.layout import statement
from graphlab.port.module import Argument, Method, Module

INPUT, ANSWER = "input ", "answer "  # what the arrays' names begin with


@dataclass(frozen=True)
class Written:
    """A file's text, and which tensors its lines give."""

    text: str
    lines: Mapping[int, tuple[tuple[str, str], ...]]  # by line number: tensors and their names


def written(
    module: Module, about: Sequence[str], beside: str, packed: Mapping[str, str]
) -> Written:
    """The text. `about` are the lines of its docstring, `beside` is the name of the file of
    arrays, of which those in `packed` are serialised tensors. Its `__main__` holds it against the
    recorded answers."""
    head = [
        f'"""{about[0]}',
        *(["", *about[1:]] if about[1:] else []),
        '"""',
        "",
        "import pathlib",
        "",
        "import numpy as np",
        "import tensorflow as tf",
        "",
        f"BESIDE = pathlib.Path(__file__).with_name({literal(beside)})",
        *(line for rule in module.rules for line in ("", "", *updates.source(rule))),
        "",
        "",
        "class Model(tf.Module):",
    ]
    if len(about) == 1:
        head[:2] = [f'"""{about[0]}"""']
    lines = [*head, *_begin(module, packed), "", *_signature(module.arguments)]
    places: dict[int, tuple[tuple[str, str], ...]] = {}
    for number, method in enumerate(module.methods):
        lines += [] if number == 0 else [""]
        lines += _head(method)
        for line in method.lines:
            if number == 0 and line.tensors:
                places[len(lines) + 1] = line.tensors
            lines += line.lines
        lines += method.returned
    for lost in module.unported:
        lines += ["", f"    def {lost.method}(self, *inputs):"]
        reason = Literal(lost.reason[:1000])
        lines += statement(8, "raise ", Call("NotImplementedError", (_broken(reason),)))
    lines += ["", "", *_main(module, packed)]
    return Written("\n".join(lines) + "\n", places)


def _broken(reason: Literal) -> Literal:
    """A reason cut to what a line holds."""
    room = 80
    value = str(reason.value)
    while len(literal(value)) > room:
        value = value[: len(value) - max(1, (len(literal(value)) - room) // 4)]
    return Literal(value)


def _begin(module: Module, packed: Mapping[str, str]) -> list[str]:
    """`__init__`: the weights and the constants."""
    lines = ["    def __init__(self, stored):", "        super().__init__()"]
    for name in module.variables.values():
        lines += statement(8, f"self.{name} = ", Call("tf.Variable", (_stored(name, packed),)))
    for name in module.constants:
        lines += statement(8, f"self.{name} = ", Call("tf.constant", (_stored(name, packed),)))
    return lines


def _stored(name: str, packed: Mapping[str, str]) -> Expression:
    array = f"stored[{literal(name)}]"
    if name not in packed:
        return Name(array)
    return Call("tf.io.parse_tensor", (Call(f"{array}.tobytes"), Name(f"tf.{packed[name]}")))


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


def _head(method: Method) -> list[str]:
    parameters = ["self", *method.parameters]
    one = f"    def {method.name}({', '.join(parameters)}):"
    if len(one) <= 100:
        return [one]
    together = f"        {', '.join(parameters)}"
    if len(together) <= 100:
        return [f"    def {method.name}(", together, "    ):"]
    return [f"    def {method.name}(", *(f"        {each}," for each in parameters), "    ):"]


def _main(module: Module, packed: Mapping[str, str]) -> list[str]:
    inputs = [_stored(INPUT + each.name, packed) for each in module.arguments]
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
