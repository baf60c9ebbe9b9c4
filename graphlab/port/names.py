"""Names for the file, made from the graph's own: unique, short, no keywords, always Python.

names = Names()
names.new("layer_1/MatMul")      # "matmul"
names.new("layer_2/MatMul")      # "layer_2_matmul"
"""

from __future__ import annotations

import builtins
import keyword
import re

LONGEST = 30
_RULES = "momentum nesterov adam adamax adagrad adagrad_v2 adadelta rms_prop centered_rms_prop ftrl"
_OURS = "self tf np stored Model pathlib match"
_TAKEN = frozenset([*dir(builtins), *_OURS.split(), *_RULES.split()])


class Names:
    """What is taken so far in one scope of the file."""

    def __init__(self, taken: frozenset[str] = frozenset()) -> None:
        self.taken = set(taken)
        self.counts: dict[str, int] = {}

    def new(self, graphs: str) -> str:
        """A name for what the graph names so. The last word, more of them where it is taken."""
        # "read" says more than "read_variable_op", and what reads a value is the value.
        graphs = graphs.replace("ReadVariableOp", "read")
        words = [word for word in map(identifier, graphs.split("/")) if word]
        base = words[-1] if words else "value"
        for used in (1, 2):
            name = _cut("_".join(words[-used:])) or base
            if self._is_free(name):
                break
        base = name
        while not self._is_free(name):  # counted from where the last one stopped
            self.counts[base] = self.counts.get(base, 1) + 1
            name = f"{base}_{self.counts[base]}"
        self.taken.add(name)
        return name

    def _is_free(self, name: str) -> bool:
        return name not in self.taken and name not in _TAKEN and not keyword.iskeyword(name)


def identifier(text: str) -> str:
    """A text in small letters, digits and underscores; "" where nothing of it is left.

    >>> identifier("MatMul"), identifier("dense-1"), identifier("2nd"), identifier("!")
    ('matmul', 'dense_1', 'n2nd', '')
    """
    text = text[: 4 * LONGEST]
    plain = re.sub(r"[^0-9A-Za-z]+", "_", text)
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", "_", plain).strip("_").lower()
    plain = plain.replace("mat_mul", "matmul")
    if plain[:1].isdigit():
        plain = f"n{plain}"
    return _cut(plain)


def _cut(name: str) -> str:
    return name[:LONGEST].rstrip("_")
