"""A lesson that was run as one JSON document: what `graphlab lesson --json` prints."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Any

import numpy as np

from graphlab.agreement import Agreement
from graphlab.course.outline import Lesson
from graphlab.course.report import Report, shape

MOST_VALUES = 4096  # a vector up to this length is told value by value in the document


def document(lesson: Lesson, device: str, reports: Sequence[Report]) -> dict[str, Any]:
    """The document of `--json`: the lesson, and what came out of each of its parts."""
    return {
        "lesson": lesson.number,
        "title": lesson.title,
        "device": device,
        "versions": versions(),
        "parts": [_part(report) for report in reports],
    }


def versions() -> dict[str, str]:
    """The versions that the numbers depend on."""
    import keras
    import tensorflow as tf

    return {
        "graphlab": metadata.version("graphlab"),
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
    }


def _part(report: Report) -> dict[str, Any]:
    return {
        "part": report.part.name,
        "title": report.part.title,
        "ways": {
            way: {
                "results": {name: _result(value) for name, value in result.results.items()},
                "ops_built": result.ops_built,
                "ops_executed": result.ops_executed,
                "traces": result.traces,
                "first_ms": result.first_ms,
                "steady_ms": result.steady_ms,
            }
            for way, result in report.ways.items()
        },
        "agreement": _agreement(report.agreement),
        "keras": None if report.keras is None else _agreement(report.keras),
        "claims": [{"name": claim.name, "ok": claim.ok} for claim in report.claims],
    } | _drift(report)


def _drift(report: Report) -> dict[str, Any]:
    """What was held on a GPU where a training drifts; nothing elsewhere."""
    if not report.drift:
        return {}
    repeats = {way: _agreement(again) for way, again in report.repeats.items()}
    return {"drift": report.drift, "repeats": repeats}


def _agreement(agreement: Agreement) -> dict[str, Any]:
    return {
        "ok": agreement.ok,
        "rtol": agreement.rtol,
        "atol": agreement.atol,
        "worst": _worst(agreement),
    }


def _worst(agreement: Agreement) -> dict[str, Any] | None:
    if agreement.worst is None:
        return None
    fields = {name: plain(getattr(agreement.worst, name)) for name in _WORST}
    return {key: value for key, value in fields.items() if value != ""}


_WORST = (
    "way",
    "other",
    "result",
    "index",
    "value",
    "other_value",
    "absolute",
    "excess",
    "problem",
)


def _result(value: Any) -> dict[str, Any]:
    size = shape(value)
    told: dict[str, Any] = {"shape": None if size is None else list(size)}
    if size is not None and len(size) <= 1 and np.size(value) <= MOST_VALUES:
        told["values"] = plain(value)
    return told


def plain(value: Any) -> Any:
    """The value as JSON has it; a number that JSON has not (NaN, Infinity) by its name."""
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, float) and (value != value or abs(value) > sys.float_info.max):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return value if isinstance(value, bool | int | float | str | None) else str(value)
