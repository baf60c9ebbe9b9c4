"""What a compiler made one kernel of: then no op of it runs by itself, on no device of its own."""

from __future__ import annotations

from typing import Any

from graphlab import _private


def compiled_by(function: Any) -> str:
    """`"XLA"` for a function of `tf.function(jit_compile=True)`, `""` for any other.

    `function` is concrete: `f.get_concrete_function(...)`, or what the runtime has of it.
    """
    return "XLA" if _private.must_compile_with_xla(function) else ""
