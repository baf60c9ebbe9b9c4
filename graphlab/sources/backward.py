"""Which ops are of a backward graph, and of whose: their names say it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def backward_scopes(ops: Iterable[str]) -> dict[str, dict[str, None]]:
    """The scopes of backward graphs, as `gradients/`, among ops of these names, and the ops whose
    gradients are in each."""
    names = dict.fromkeys(ops)
    found: dict[str, dict[str, None]] = {}
    for name in names:
        words = name.split("/")
        if "gradient_tape" in words:
            at = words.index("gradient_tape")
            found.setdefault("/".join(words[: at + 1]) + "/", {})
            continue
        for scope, forward in _readings(words):
            if forward in names:
                found.setdefault(f"{scope}/", {})[forward] = None
                break
    return found


def _readings(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """How the name of an op may be read: `train/gradients/layer/MatMul_grad/MatMul` is in the scope
    `train/gradients` and of the op `layer/MatMul`, or of `train/layer/MatMul`."""
    for end, word in enumerate(words[:-1]):
        if not word.endswith("_grad"):
            continue
        last = word.removesuffix("_grad")
        for start in range(1, end + 1):
            for outside in range(start):
                path = [*words[:outside], *words[start:end], last]
                yield "/".join(words[:start]), "/".join(path)
