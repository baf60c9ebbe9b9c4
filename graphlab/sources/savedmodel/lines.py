"""The lines of Python that made a model's ops: debug/saved_model_debug_info.pb of a SavedModel.

TensorFlow writes it where the model is saved with `save_debug_info=True`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphlab.errors import GraphlabError
from graphlab.model import Graph, Source
from graphlab.sources import messages, read

PLACE = Path("debug") / "saved_model_debug_info.pb"
MOST_INFO = 256 << 20
MODULE = "<module>"  # what Python calls the outermost frame
# The libraries of the machine that wrote the file, wherever they were.
_LIBRARY = re.compile(
    r"(^|/)(site-packages|dist-packages|tensorflow/python|tensorflow/core|(tf_)?keras/src)/"
    r"|/lib/python3\.\d+/|^<(?!ipython)|__autograph_generated_file"
)


def source_lines(folder: Path) -> Mapping[tuple[str, str], Source]:
    """The user's own line of each op, by function ("" for the graph itself) and node.

    {} where the model was saved without. GraphlabError where the file cannot be read.
    """
    path = folder / PLACE
    if not read.is_file(path):
        return {}
    data = read.whole(path, "the debug information of a SavedModel", MOST_INFO)
    try:
        info = messages.parse(messages.GraphDebugInfo, data)
    except messages.DecodeError as error:
        raise GraphlabError(f"{path} is no GraphDebugInfo; it may be damaged") from error
    library = [_LIBRARY.search(file.replace("\\", "/")) is not None for file in info.files]
    return dict(_lines(info, library))


def _lines(info: Any, library: list[bool]) -> Iterable[tuple[tuple[str, str], Source]]:
    frames, traces = info.frames_by_id, info.traces_by_id
    by_trace: dict[int, Source | None] = {}  # many ops have one and the same
    for name in sorted(info.name_to_trace_id):
        number = info.name_to_trace_id[name]
        if number not in by_trace:
            ids = traces[number].frame_id if number in traces else ()
            listed = [frames[each] for each in ids if each in frames]
            by_trace[number] = _user_line(info.files, library, listed)
        line = by_trace[number]
        if line is not None:
            yield _place(name), line
    for name in sorted(info.traces):  # as TensorFlow wrote it until 2.15
        line = _user_line(info.files, library, info.traces[name].file_line_cols)
        if line is not None:
            yield _place(name), line


def _place(name: str) -> tuple[str, str]:
    """`"node@function"` as function and node."""
    node, _, function = name.partition("@")
    return function, node


def _user_line(files: Any, library: list[bool], frames: Any) -> Source | None:
    """The innermost line that is no library's."""
    frames = list(frames)
    # Which end is the outermost has changed between versions of TensorFlow.
    outermost_first = not frames or frames[-1].func != MODULE
    for frame in reversed(frames) if outermost_first else frames:
        if 0 <= frame.file_index < len(library) and not library[frame.file_index]:
            return files[frame.file_index], frame.line
    return None


def with_lines(graph: Graph, lines: Mapping[tuple[str, str], Source]) -> Graph:
    """The graph and its functions with the line that made each node."""
    if not lines:
        return graph
    functions = {name: _lined(body, name, lines) for name, body in graph.functions.items()}
    return Graph(_lined(graph, "", lines).nodes, functions)


def _lined(body: Graph, function: str, lines: Mapping[tuple[str, str], Source]) -> Graph:
    return Graph(
        tuple(
            replace(node, source=lines.get((function, node.name))) if node.source is None else node
            for node in body.nodes
        ),
        body.functions,
    )
