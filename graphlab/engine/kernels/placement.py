"""On which device an op runs: that which it asks for, if it is here and has a kernel for it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graphlab import _private
from graphlab.devices import available, short
from graphlab.engine.kernels.nodes import Op
from graphlab.errors import GraphlabError


@dataclass(frozen=True)
class Where:
    """Where ops are to run, and whether they have run before."""

    device: str | None = None  # for ops that ask for none, or for one that is not here
    soft: bool = False  # an op may be moved to a device that can run it, as a session may allow
    again: bool = False  # of a call that was made: what it did outside is not done once more


_devices: dict[str, tuple[str, ...]] = {}
_places: dict[tuple[str, str, Where], str] = {}


def kernel_devices(kind: str) -> tuple[str, ...]:
    """The device types with a kernel for an op type."""
    if kind not in _devices:
        _devices[kind] = _private.kernel_devices(kind)
    return _devices[kind]


def place_of(op: Op, where: Where) -> str:
    """The full name of the device on which an op runs.

    A graph may name another machine's task; the engine runs all of it on this one, and on CPU:0
    what asks for a CPU that is not here. GraphlabError where the device is not here, unless `where`
    says what to take instead.
    """
    key = (op.device, op.type if where.soft or where.device else "", where)
    if key not in _places:
        _places[key] = f"/job:localhost/replica:0/task:0/device:{_chosen(op, where)}"
    return _places[key]


def _chosen(op: Op, where: Where) -> str:
    found = re.search(r"(CPU|GPU|TPU):(\d+|\*)", op.device.upper())
    asked = found[0].replace("*", "0") if found else where.device or "CPU:0"
    if not found and not _has_kernel(op, asked):
        return "CPU:0"  # a GPU has none for texts: an op that asks for no device goes where it can
    there = available()
    if where.soft and not (asked in there and _has_kernel(op, asked)):
        preferred = sorted(there, key=lambda device: device.startswith("CPU"))
        able = [device for device in preferred if _has_kernel(op, device)]
        return where.device or (able[0] if able else "CPU:0")
    if asked in there:
        return asked
    if where.device is None and asked.startswith("CPU"):
        return (
            "CPU:0"  # a session may have more of them than the process; all have the same kernels
        )
    if where.device is None:
        raise GraphlabError(
            f"{op.title} asks for device {short(op.device)}, which is not on this machine;"
            f" there are {', '.join(there)}; say which to take instead"
        )
    return where.device


def _has_kernel(op: Op, device: str) -> bool:
    kinds = kernel_devices(op.type)
    return device.partition(":")[0] in kinds or "DEFAULT" in kinds
