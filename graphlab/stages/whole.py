"""A whole run: what became of each op that was built, and what the devices sent one another."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from graphlab.model import Graph, Kernel, Node, Run, Step, TensorSpec, node_of
from graphlab.stages import compiled
from graphlab.stages.match import match
from graphlab.stages.verdict import Verdict

SENDS = ("_Send", "_HostSend")
RECVS = ("_Recv", "_HostRecv")
_NONE: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Transfer:
    """One tensor that went from one device to another."""

    tensor: str  # "W/read:0"
    from_device: str
    to_device: str
    bytes: int | None  # None: the runtime did not say how large it was
    send: str  # the two nodes
    recv: str
    times: int = 1  # how often it was received: a loop sends in each iteration
    copies: tuple[Kernel, ...] = ()  # that a GPU made for it, by the device's own clock
    stands_for: str = ""  # the feed or fetch that it is: "feed images:0"


def verdicts(run: Run) -> dict[str, Verdict]:
    """What became of each op of `run.built` in `run.executed`, in the order of `built`.

    What the graph says is held against what ran: an op that stands in the executed graph and
    has no step (behind a `Switch`, it may be dead) is said to have had none. Empty where the
    runtime did not hand out the executed graph, unless a compiler made one kernel of it all. Of
    what is inside of the functions that it calls `graphlab.stages.inside` tells.
    """
    if run.built is None:
        return {}
    if run.compiled_by:
        return compiled.verdicts(run)
    if run.executed is None:
        return {}
    feeds, results = ends(run)
    return match(run.built, run.executed, run.fetches, feeds, results)


def ends(run: Run) -> tuple[dict[str, str], dict[str, str]]:
    """Where the executed graph takes the feeds and hands out the fetches, by tensor name.

    A session names them after the tensor (`_arg_x_0_1`; on a cluster `_recv_x_0`), a function
    numbers them.
    """
    assert run.executed is not None
    arguments = [node for node in run.executed.nodes if node.op in ("_Arg", *RECVS)]
    returns = [n for n in run.executed.nodes if n.op in ("_Retval", *SENDS) and n.inputs]
    if run.way == "graph":
        feeds = {s.name: _end(arguments, _flat(s.name), "_arg_", "_recv_") for s in run.feeds}
        results = {f: _end(returns, _flat(f), "_retval_", "_send_") for f in run.fetches}
    else:
        numbered = {node.attrs.get("index"): node.name for node in arguments}
        feeds = {spec.name: numbered.get(i, "") for i, spec in enumerate(run.feeds)}
        numbered = {node.attrs.get("index"): node.name for node in returns}
        results = {name: numbered.get(i, "") for i, name in enumerate(run.fetches)}
    taken = {node.name: node.inputs[0] for node in returns}
    return (
        {tensor: f"{name}:0" for tensor, name in feeds.items() if name},
        {tensor: taken[name] for tensor, name in results.items() if name},
    )


def _end(nodes: Iterable[Node], flat: str, local: str, remote: str) -> str:
    """The node that a session made for a feed or fetch, "" where it made none.

    The number behind the name of a local one is the session's own.
    """
    start = f"{local}{flat}_"
    for node in nodes:
        numbered = node.name.startswith(start) and node.name[len(start) :].isdigit()
        if numbered or node.name == remote + flat:
            return node.name
    return ""


def _flat(tensor: str) -> str:
    """`"x:0"` as a session writes it: `"x_0"`."""
    name, _, index = tensor.rpartition(":")
    return f"{name}_{index}" if name else f"{tensor}_0"


def contradictions(run: Run) -> tuple[str, ...]:
    """Where the verdicts say other than the steps, one line each; none is as it should be."""
    if run.executed is None or run.compiled_by:
        return ()
    ran = {step.node for step in run.steps}
    said = []
    for name, verdict in verdicts(run).items():
        gone = verdict.lives and verdict.other and verdict.other not in ran
        if gone and not _may_be_dead(run.executed):
            said.append(f"{name} {verdict.text()}, but {verdict.other} has no step")
        if verdict.other != name and name in ran:
            said.append(f"{name} {verdict.text()}, but it has a step")
    return tuple(said)


def _may_be_dead(executed: Graph) -> bool:
    return any(re.search("Switch|^_SwitchN$", node.op) for node in executed.nodes)


def feeds_and_fetches(run: Run) -> dict[str, str]:
    """The tensors of the executed graph that are feeds or fetches, and which: "feed x:0"."""
    if run.executed is None:
        return {}
    feeds, results = ends(run)
    named = {tensor: f"fetch {fetch}" for fetch, tensor in results.items()}
    return named | {tensor: f"feed {feed}" for feed, tensor in feeds.items()}


def transfers(
    executed: Graph, steps: Sequence[Step] = (), ends: Mapping[str, str] = _NONE
) -> tuple[Transfer, ...]:
    """What the devices sent one another: each `_Send` with its `_Recv`, matched by tensor name.

    In the order of the executed graph. Bytes are those of the tensor as the steps recorded it,
    at its receiver or where it was made, for all times together; else those that a GPU copied.
    `ends` is what `feeds_and_fetches` says.
    """
    recorded: dict[str, list[Step]] = {}
    for step in steps:
        recorded.setdefault(step.node, []).append(step)
    recvs = {_key(node): node for node in executed.nodes if node.op in RECVS}
    result = []
    for node in executed.nodes:
        recv = recvs.get(_key(node)) if node.op in SENDS else None
        if recv is None:
            continue
        tensor = node.inputs[0] if node.inputs else str(node.attrs["tensor_name"])
        sizes = _sizes(recorded.get(recv.name, []), f"{recv.name}:0")
        sizes = sizes or _sizes(recorded.get(node_of(tensor), []), tensor)
        times = max(len(recorded.get(recv.name, [])), 1)
        devices = (node.device, recv.device)
        total = sum(sizes) if sizes else None
        both = (*recorded.get(node.name, []), *recorded.get(recv.name, []))
        copies = tuple(kernel for step in both for kernel in step.kernels)
        if total is None and copies:
            total = sum(kernel.bytes or 0 for kernel in copies)
        times = max(times, len(copies))
        known = ends.get(tensor) or ends.get(f"{recv.name}:0", "")
        result.append(Transfer(tensor, *devices, total, node.name, recv.name, times, copies, known))
    return tuple(result)


def _sizes(steps: Iterable[Step], tensor: str) -> list[int]:
    """The bytes of a tensor each time; nothing where one is not known."""
    sizes = [_bytes(spec) for step in steps for spec in step.outputs if spec.name == tensor]
    return [size for size in sizes if size is not None] if None not in sizes else []


def _key(node: Node) -> tuple:
    attrs = node.attrs
    return (attrs.get("tensor_name"), attrs.get("send_device"), attrs.get("recv_device"))


_SIZES = {"bool": 1, "complex64": 8, "complex128": 16, "bfloat16": 2}


def _bytes(spec: TensorSpec) -> int | None:
    """The size of a tensor by its type and shape; strings and handles have none."""
    bits = re.search(r"(\d+)(_ref)?$", spec.dtype)
    size = _SIZES.get(spec.dtype) or (int(bits[1]) // 8 if bits else None)
    if size is None or spec.shape is None or None in spec.shape:
        return None
    return size * math.prod(length or 0 for length in spec.shape)
