"""What a GPU did, kernel by kernel and copy by copy, as the runtime's witnesses tell of it.

Two witnesses, as for ops: the streams in a session's StepStats name the node of each kernel; in a
profile a kernel names its node where it is in a function, and else the launch that it came from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphlab.devices import is_gpu, short
from graphlab.model import Kernel


@dataclass(frozen=True, slots=True)
class Found:
    """A kernel in the times of its witness, and what that says of whom it was for."""

    kernel: Kernel
    node: str = ""  # "" where it does not say
    op: str = ""  # the node's
    execution: str = ""  # the same for all kernels of one execution of the node
    thread: str = ""  # which launched it


# A stream by its number: "/device:GPU:0/stream:14<MemcpyH2D>". Without one, what was neither a
# kernel nor a copy. The entries "stream:all" and "memcpy" say the same things again.
_STREAM = re.compile(r"(.*)/stream:(\d*)(?:<\w+>)?$")

OTHER = "Memset or the like"  # TensorFlow keeps no name, stream or size of it


def is_stream(entry: str) -> bool:
    """Whether an entry of StepStats tells of a GPU's streams, or of the host that waits for one,
    not of a device's ops."""
    return "/stream:" in entry or entry.endswith(("/memcpy", "/sync"))


def of_stats(step_stats: Any, zero_ns: int) -> list[Found]:
    """All that the streams of a session's StepStats tell of, in the order of its starts.

    Times are in µs from `zero_ns` of the system's clock on. A kernel's length is in whole µs: the
    runtime keeps no more of it.
    """
    found = []
    for entry in step_stats.dev_stats:
        match = _STREAM.match(entry.device)
        if match is None:
            continue
        for stats in entry.node_stats:
            start = (stats.all_start_micros * 1000 - zero_ns) / 1000
            name, details = _label(stats.timeline_label)
            kernel = Kernel(
                name if match[2] else OTHER,
                short(match[1]),
                match[2],
                round(start + stats.op_start_rel_micros, 3),
                round(start + stats.op_end_rel_micros, 3),
                **(_details(details) if match[2] else {"bytes": 0}),
            )
            node, _, op = stats.node_name.rpartition(":")
            found.append(Found(kernel, node, op))
    return sorted(found, key=lambda each: each.kernel.start_us)


def of_trace(trace: Any) -> tuple[Found, ...]:
    """All that a profile's planes of GPUs tell of, in the order of its starts.

    `trace` is what `_private.profile_events` gives. Times are in µs of the profile's clock.
    """
    gpus = {number: entry.name for number, entry in trace.devices.items() if _gpu(entry.name)}
    if not gpus:
        return ()
    names = threads(trace)
    launches = {}
    for event in trace.trace_events:
        if event.device_id not in gpus and "correlation_id" in event.args:
            launches[event.args["correlation_id"]] = event
    found = []
    for event in trace.trace_events:
        if event.device_id not in gpus or "correlation_id" not in event.args:
            continue
        args = event.args
        launch = launches.get(args["correlation_id"])
        details = next((args[key] for key in _DETAILS if key in args), "")
        kernel = Kernel(
            _named(event.name),
            _gpu(gpus[event.device_id]),
            str(event.resource_id),
            *_times(event),
            _times(launch) if launch is not None else None,
            made_from=args.get("name") or args.get("hlo_op", ""),
            **_details(details),
        )
        where = (launch.device_id, launch.resource_id) if launch is not None else None
        node, _, op = args.get("tf_op", "").rpartition(":")
        execution = args.get("scope_range_id", "")
        found.append(Found(kernel, node, op, execution, names.get(where, "")))
    return tuple(sorted(found, key=lambda each: each.kernel.start_us))


_DETAILS = ("kernel_details", "memcpy_details", "Memset_details")


def threads(trace: Any) -> Mapping[Any, str]:
    """The names of a profile's threads, by their device and number in it."""
    return {
        (device, resource.resource_id): resource.name
        for device, entry in trace.devices.items()
        for resource in entry.resources.values()
    }


def _times(event: Any) -> tuple[float, float]:
    start = event.timestamp_ps / 1e6
    return start, start + event.duration_ps / 1e6


def _gpu(plane: str) -> str:
    """`"GPU:0"` of the plane `"/device:GPU:0"`, `""` of a host's."""
    return short(plane) if is_gpu(short(plane)) else ""


def _label(label: str) -> tuple[str, str]:
    """The name of a kernel, which may have blanks in it, and the details behind it.

    >>> _label("void f<int, 2>(int*) regs:16 grid:3,1,1")
    ('void f<int, 2>(int*)', 'regs:16 grid:3,1,1')
    """
    match = re.search(r" (?=(?:regs|kind_src|kind):)", label)
    name, details = (label[: match.start()], label[match.end() :]) if match else (label, "")
    return _named(name), details


def _named(name: str) -> str:
    """A kernel's name; a Memset has the number of the kind of memory behind its own."""
    return "Memset" if name.startswith("Memset ") else name


def _details(text: str) -> dict[str, Any]:
    """The fields of a Kernel that are in its details: `"regs:16 static_shared:0 grid:3,1,1"`."""
    told = dict(part.split(":", 1) for part in text.split() if ":" in part)
    fields: dict[str, Any] = {}
    for key in ("size", "num_bytes"):
        if key in told:
            fields["bytes"] = int(told[key])
    if "kind_src" in told:
        fields["memory"] = (told["kind_src"], told.get("kind_dst", ""))
    elif "bytes" in fields:
        fields["memory"] = (told.get("kind", ""),)
    for key in ("grid", "block"):
        if key in told:
            fields[key] = tuple(int(size) for size in told[key].split(","))
    if "regs" in told:
        fields["registers"] = int(told["regs"])
    if "static_shared" in told:
        fields["shared_bytes"] = int(told["static_shared"]) + int(told.get("dynamic_shared", 0))
    if "occ_pct" in told:
        fields["occupancy"] = float(told["occ_pct"])
    return fields


def since(kernel: Kernel, zero_us: float) -> Kernel:
    """The kernel in times that count from another start."""
    launch = kernel.launch
    return replace(
        kernel,
        start_us=round(kernel.start_us - zero_us, 3),
        end_us=round(kernel.end_us - zero_us, 3),
        launch=launch and (round(launch[0] - zero_us, 3), round(launch[1] - zero_us, 3)),
    )
