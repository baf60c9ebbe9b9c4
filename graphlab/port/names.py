"""Names for the file, made from the graph's own: unique, short, no keywords, always Python.

names = Names()
names.new("layer_1/MatMul")      # "matmul"
names.new("layer_2/MatMul")      # "layer_2_matmul"
"""

from __future__ import annotations

import builtins
import functools
import keyword
import re

LONGEST = 30
_RULES = "momentum nesterov adam adamax adagrad adagrad_v2 adadelta rms_prop centered_rms_prop ftrl"
_SPARSE = "adam momentum nesterov adagrad adagrad_v2 adadelta rms_prop ftrl"
_OTHERS = "lstm_cell gru_cell each_row_once by_kernel"
_OURS = "self tf np stored Model pathlib match keras load"
_SHORTER = {
    "mat_mul": "matmul",
    "sparse_softmax_cross_entropy_with_logits": "cross_entropy",
    "softmax_cross_entropy_with_logits": "cross_entropy",
}
_BROUGHT = [
    *_RULES.split(),
    *(f"{kind}_{name}" for kind in ("sparse", "kernel") for name in _SPARSE.split()),
    *_OTHERS.split(),
]
_TAKEN = frozenset([*dir(builtins), *_OURS.split(), *_BROUGHT])


class Names:
    """What is taken so far in one scope of the file."""

    def __init__(self, taken: frozenset[str] = frozenset()) -> None:
        self.taken = set(taken)
        self.counts: dict[str, int] = {}

    def new(self, graphs: str, longest: int = LONGEST) -> str:
        """A name for what the graph names so. The last word, up to three where it is taken. It is
        no longer than `longest` but for a number behind it."""
        # "read" says more than "read_variable_op", and what reads a value is the value.
        graphs = graphs.replace("ReadVariableOp", "read")
        words = [word for word in map(identifier, graphs.split("/")) if word]
        base = words[-1] if words else "value"
        for used in (1, 2, 3):
            name = _cut("_".join(words[-used:]), longest) or base
            if self.is_free(name):
                break
        base = name
        while not self.is_free(name):  # counted from where the last one stopped
            self.counts[base] = self.counts.get(base, 1) + 1
            name = f"{base}_{self.counts[base]}"
        self.taken.add(name)
        return name

    def new_class(self, graphs: str) -> str:
        """A name for a class, of the last word: `DenseBlock` of "model/dense_block_1"."""
        words = [word for word in map(identifier, graphs.split("/")) if word] or ["scope"]
        parts = [part for part in words[-1].split("_") if not part.isdigit()]
        base = "".join(part.capitalize() for part in parts) or "Scope"
        name, n = base, 1
        while not self.is_free(name):
            n += 1
            name = f"{base}{n}"
        self.taken.add(name)
        return name

    def is_free(self, name: str) -> bool:
        """Whether it means nothing yet, neither here nor to Python."""
        return name not in self.taken and name not in _TAKEN and not keyword.iskeyword(name)


def one_of(scope: str) -> str:
    """What one of several scopes is called.

    >>> one_of("encoder/layer_0/"), several_of("encoder/layer_0/"), several_of("dense/")
    ('layer', 'layers', 'dense_layers')
    """
    words = [word for word in map(identifier, scope.split("/")) if word] or ["scope"]
    return re.sub(r"(_?[0-9]+)+$", "", words[-1]) or "scope"


def several_of(scope: str) -> str:
    """What a list of such scopes is called."""
    one = one_of(scope)
    return f"{one}s" if one[-1] not in "sexyz" else f"{one}_layers"


@functools.lru_cache(maxsize=10_000)  # most names of a graph are made of the same words
def identifier(text: str) -> str:
    """A text in small letters, digits and underscores; "" where nothing of it is left.

    >>> identifier("MatMul"), identifier("dense-1"), identifier("2nd"), identifier("!")
    ('matmul', 'dense_1', 'n2nd', '')
    """
    text = text[: 4 * LONGEST]
    plain = re.sub(r"[^0-9A-Za-z]+", "_", text)
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", "_", plain).strip("_").lower()
    for long, short in _SHORTER.items():
        plain = plain.replace(long, short)
    if plain[:1].isdigit():
        plain = f"n{plain}"
    return _cut(plain)


def _cut(name: str, longest: int = LONGEST) -> str:
    """As many whole words as there is room for."""
    if len(name) <= longest:
        return name
    end = name.rfind("_", 0, longest + 1)
    return name[: end if end > 0 else longest].rstrip("_")
