"""The way "xla" of a part: its function way, each `tf.function` of it compiled by XLA."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from graphlab import devices
from graphlab.course.outline import FUNCTION, XLA
from graphlab.errors import GraphlabError

# The name of the variable, without the number that it has in its process.
_ELSEWHERE = re.compile(
    r"Trying to access resource (\S+)/\d+ .*located in device (\S+) from device (\S+)"
)
_NO_KERNEL = re.compile(
    r"(\w+) \(No registered '\1' OpKernel for XLA[^\n]*"
    r"(?:\n\t \(OpKernel was found, but attributes didn't match\)[^\n]* T=(\w+))?"
)
_REFUSED = "tf2xla conversion failed"  # stands in whatever XLA refuses, and in nothing else


@contextmanager
def called_as(module: ModuleType, way: str) -> Iterator[Callable[..., Any]]:
    """The function of the module that is the way, and all that it needs while it is called.

    GraphlabError where XLA does not take what it is given; every other error passes through.
    """
    if way != XLA:
        yield getattr(module, way)
        return
    import tensorflow as tf

    with _every_function_compiled():
        try:
            yield getattr(module, FUNCTION)
        except tf.errors.OpError as error:
            why = _refusal(error.message or "")
            if not why:
                raise
            name = (module.__doc__ or "").partition(":")[0] or module.__name__
            raise GraphlabError(
                f"XLA does not compile {name}: {why}; the nearest way is {FUNCTION}"
            ) from error


@contextmanager
def _every_function_compiled() -> Iterator[None]:
    """Give each `tf.function(...)` that is written meanwhile a `jit_compile=True`.

    One that says itself whether it is compiled is left as it is. Those of TensorFlow's own
    library are made without this name and stay what they are.
    """
    import tensorflow as tf

    original = tf.function

    def function(*args: Any, **options: Any) -> Any:
        return original(*args, **{"jit_compile": True, **options})

    tf.function = function
    try:
        yield
    finally:
        tf.function = original


def _refusal(message: str) -> str:
    """What XLA says that it cannot compile, in one line; "" where it is not XLA that refuses."""
    elsewhere = _ELSEWHERE.match(message)
    if elsewhere is not None:
        name, there, here = elsewhere.groups()
        return f"{name} is on {devices.short(there)}, and a call on {devices.short(here)} reads it"
    if _REFUSED not in message:
        return ""
    found = _NO_KERNEL.finditer(message)
    lacking = dict.fromkeys(f"{m[1]} of {m[2]}" if m[2] else m[1] for m in found)
    if lacking:
        return f"it has no kernel for {', '.join(lacking)}"
    return message.splitlines()[0].strip().rstrip(".")[:300]
