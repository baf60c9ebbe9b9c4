"""What a compiler made one kernel of: then no op of it runs by itself, on no device of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from graphlab import _private
from graphlab.model import Graph, Node, Run, Step
from graphlab.watch.claims import with_kernels


def compiled_by(function: Any) -> str:
    """`"XLA"` for a function of `tf.function(jit_compile=True)`, `""` for any other.

    `function` is concrete: `f.get_concrete_function(...)`, or what the runtime has of it.
    """
    return "XLA" if _private.must_compile_with_xla(function) else ""


def one_kernel(run: Run, function: str, device: str) -> Run:
    """The run of a compiled function as what it was: one kernel of the runtime's, on the device
    that gave its results. On a GPU that runs several kernels of the GPU's.

    `function` is the runtime's name of it, under which the kernel is timed where it was. What the
    recording of such a call has besides are the compiler's own small ops.
    """
    timed = next((step for step in run.steps if step.node == function), Step("", "", ""))
    step = replace(timed, node=run.name, op=function, device=device)
    step = step if step.kernels else with_kernels(step, ())
    executed = Graph((Node(run.name, function, outputs=step.outputs, device=device),))
    return replace(run, executed=executed, steps=(step,), compiled_by="XLA")
