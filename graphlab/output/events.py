"""What was watched as event files that TensorBoard opens.

write(Path("logs"), watched)      then: tensorboard --logdir logs

Each graph is a run of TensorBoard's, a folder with one file: the GraphDef, and the RunMetadata of
every recorded call of it.
"""

from __future__ import annotations

import io
import math
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tensorboard.compat.proto.event_pb2 import Event, TaggedRunMetadata
from tensorboard.summary.writer.record_writer import RecordWriter

from graphlab.errors import GraphlabError
from graphlab.model import Run
from graphlab.output import files
from graphlab.targets.target import Watched

FILE = "events.out.tfevents.graphlab"  # always the same: a second trace takes the first's place
LONGEST = 80  # characters of a folder's name


def write(folder: Path, watched: Watched) -> list[Path]:
    """Write the event files of all that has a TensorFlow graph; where they are.

    GraphlabError where nothing has one, or the folder cannot be written.
    """
    graphs: dict[int, tuple[Any, list[Run]]] = {}
    for run in watched.runs:
        live = watched.live(run)
        if live is not None:
            graphs.setdefault(id(live), (live, []))[1].append(run)
    if not graphs:
        raise GraphlabError(
            f"{watched.target.text} has no graph for TensorBoard: it ran no session and called no"
            " tf.function"
        )
    written: list[Path] = []
    for live, runs in graphs.values():
        place = folder / _unused(runs[0].name, {path.parent.name for path in written}) / FILE
        data = event_file(_graph_def(live), _tagged(runs, watched))
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise GraphlabError(f"cannot write {place.parent}: {error.strerror}") from error
        files.write_whole(place, data)
        written.append(place)
    return written


def event_file(graph_def: Any, metadata: Mapping[str, Any]) -> bytes:
    """The bytes of an event file: a GraphDef and, by tag, RunMetadata."""
    now = time.time()
    events = [
        Event(wall_time=now, file_version="brain.Event:2"),
        Event(wall_time=now, graph_def=graph_def.SerializeToString()),
    ]
    events += [
        Event(
            wall_time=now,
            step=number,
            tagged_run_metadata=TaggedRunMetadata(tag=tag, run_metadata=each.SerializeToString()),
        )
        for number, (tag, each) in enumerate(metadata.items(), 1)
    ]
    file = io.BytesIO()
    writer = RecordWriter(file)
    for event in events:
        writer.write(event.SerializeToString())
    return file.getvalue()


def _graph_def(live: Any) -> Any:
    try:
        return live.as_graph_def(add_shapes=True)
    except ValueError as error:  # over 2 GB
        raise GraphlabError(f"the graph has no GraphDef: {error}") from error


def _tagged(runs: Sequence[Run], watched: Watched) -> dict[str, Any]:
    """The RunMetadata of runs, by a tag that says which call it was."""
    tagged: dict[str, Any] = {}
    for run in runs:
        metadata = watched.metadata(run)
        if metadata is None:
            continue
        if not metadata.step_stats.dev_stats:
            _add_times(metadata, run)
        tag = f"{run.name}, call {run.call}" + (f", step {run.step}" if run.step else "")
        where = f", line {run.source[1]}" if run.source and tag in tagged else ""
        tagged[_unused(tag + where, tagged, "{} ({})")] = metadata
    return tagged


def _add_times(metadata: Any, run: Run) -> None:
    """The kernels' times as the profiler saw them: the call of a tf.function has no StepStats."""
    devices: dict[str, Any] = {}
    for step in run.steps:
        if step.start_us is None or step.end_us is None:
            continue
        if step.device not in devices:
            name = f"/job:localhost/replica:0/task:0/device:{step.device}"
            devices[step.device] = metadata.step_stats.dev_stats.add(device=name)
        # TensorBoard draws whole µs, and an op of none as one that was not run.
        took_us = max(1, math.ceil(step.end_us - step.start_us))
        devices[step.device].node_stats.add(
            node_name=step.node,
            all_start_micros=int(step.start_us),
            op_end_rel_micros=took_us,
            all_end_rel_micros=took_us,
            timeline_label=f"{step.node} = {step.op}",
        )


def _unused(name: str, taken: Any, form: str = "") -> str:
    """A name that is not taken; without a form, one that a folder can have."""
    if not form:
        name, form = re.sub(r"[^\w.-]+", "_", name)[:LONGEST].strip("._") or "graph", "{}-{}"
    names = (form.format(name, number) if number > 1 else name for number in range(1, 1 << 30))
    return next(each for each in names if each not in taken)
