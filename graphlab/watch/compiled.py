"""What a compiler made one kernel of: then no op of it runs by itself, on no device of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import tensorflow as tf

from graphlab import _private
from graphlab.errors import GraphlabError
from graphlab.model import Graph, Node, Run, Step
from graphlab.sources.hlo import read_hlo
from graphlab.watch.claims import with_kernels
from graphlab.watch.profile import Span

LOCAL = "/job:localhost/replica:0/task:0/device:"


def compiled_by(function: Any) -> str:
    """`"XLA"` for a function of `tf.function(jit_compile=True)`, `""` for any other.

    `function` is concrete: `f.get_concrete_function(...)`, or what the runtime has of it.
    """
    return "XLA" if _private.must_compile_with_xla(function) else ""


def program_of(
    function: Any, args: Sequence[Any], device: str, known: dict[tuple, Graph]
) -> Graph | None:
    """The program that XLA makes of a function for the arguments of a call, which may not be run
    for it; None where XLA does not tell. `device` is a short name.

    To compile takes longest, so of calls for which XLA begins with the same it is done once: what
    came out of it is kept in `known`.
    """
    place = f"{LOCAL}{device}"
    try:
        key = function.name, place, _private.compiled_program(function, args, place, "hlo")
        if key not in known:
            known[key] = read_hlo(_private.compiled_program(function, args, place))
        return known[key]
    except (tf.errors.OpError, GraphlabError, TypeError, ValueError):
        return None  # then the call is all that is known


def one_kernel(
    run: Run,
    function: str,
    device: str,
    program: Graph | None = None,
    timed: Sequence[Span] = (),
) -> Run:
    """The run of a compiled function as what it was: one kernel of the runtime's, on the device
    that gave its results. On a GPU that runs several kernels of the GPU's.

    `function` is the runtime's name of it, under which the kernel is timed where it was. What the
    recording of such a call has besides are the compiler's own small ops. The kernel calls the
    `program` where that is known; `timed` are its instructions in the profile's clock.
    """
    own = next((step for step in run.steps if step.node == function), Step("", "", ""))
    step = replace(own, node=run.name, op=function, device=device)
    step = step if step.kernels else with_kernels(step, ())
    node = Node(run.name, function, outputs=step.outputs, device=device)
    executed = Graph((node,))
    if program is not None:
        entry = Graph(tuple(_with_lines(program, run.built)))
        executed = Graph(
            (replace(node, calls=(function,)),), {function: entry, **program.functions}
        )
    run = replace(run, executed=executed, steps=(step,), compiled_by="XLA")
    if program is None or not timed:
        return run
    return replace(run, instructions=tuple(_instructions(program, run.name, device, timed)))


def _instructions(program: Graph, call: str, device: str, timed: Sequence[Span]) -> Iterator[Step]:
    """Those of the program itself; what runs inside of its loops and calls is part of those."""
    zero = timed[0].start_us
    for span in timed:
        node = program.by_name.get(span.name)
        if node is not None:
            start, end = round(span.start_us - zero, 3), round(span.end_us - zero, 3)
            yield Step(f"{call}/{node.name}", node.op, device, start, end, thread=span.thread)


def _with_lines(program: Graph, built: Graph | None) -> Iterator[Node]:
    """The instructions, each with the user's line that wrote the op that it was made from."""
    lines = {} if built is None else {node.name: node.source for node in built.nodes}
    for node in program.nodes:
        yield replace(node, source=lines.get(str(node.attrs.get("op_name"))))
