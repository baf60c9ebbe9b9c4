"""The course on GPU:0: whether each part holds there, its steady step, and how busy the GPU is."""

from __future__ import annotations

import datetime
import json
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

from benchmarks import ROOT, Cost, Row, in_turns, observed, quiet_tensorflow, recorded, row

TOLD = ROOT / "docs" / "gpu.json"
ROUNDS = 5
STEPS = 240  # of the training of 4.6, against the same loop called bare


def measure() -> Iterator[Row]:
    """A row for each part and way, its steady step against that on CPU:0; what recording costs
    there; and docs/gpu.json, of which `make docs` makes the README's table.

    Where there is no GPU nothing is measured, and nothing is written.
    """
    quiet_tensorflow()
    from graphlab import devices
    from graphlab.course import document, outline

    devices.share_gpus()
    if "GPU:0" not in devices.available():
        print(f"no GPU here ({devices.no_gpu()}): nothing is measured, {TOLD.name} stays as it is")
        return
    every = [part for lesson in outline.lessons() for part in lesson.parts]
    for part in every:  # one may ask for more devices, which are made before the first op of any
        outline.load(part)
    parts: list[dict[str, Any]] = []
    for part in every:
        yield from _part(part, parts)
    yield row("4.6:graph, steady step on GPU:0, by itself", _steady(), "wall", 1.05)
    yield from _recording()
    found = {
        "card": devices.gpu_facts()[0],
        "date": datetime.date.today().isoformat(),
        "versions": document.versions(),
        "parts": parts,
    }
    TOLD.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _part(part: Any, parts: list[dict[str, Any]]) -> Iterator[Row]:
    """The ways of a part on both devices; what came out on the GPU is added to `parts`."""
    from graphlab.course import outline, run

    chosen = outline.ways_of(part)
    try:
        there, here = (
            run.run_part(part, chosen, place, None, lambda *_: None) for place in ("GPU:0", "CPU:0")
        )
    except Exception as error:  # one part that fails is told, and the others are measured
        first, *_ = str(error).strip().splitlines() or [""]
        said = f"{part.name}: {type(error).__name__}: {first}"
        print(said)
        parts.append({"part": part.name, "ok": False, "complaints": [said], "ways": {}})
        return
    parts.append(told(there))
    for way, result in there.ways.items():
        ours, theirs = result.steady_ms, here.ways[way].steady_ms
        if ours and theirs:
            times = (f"{ours:.3g} ms", f"{theirs:.3g} ms")
            yield Row(f"{part.name}:{way}, steady step, GPU:0 by CPU:0", *times, ours / theirs)


def told(report: Any) -> dict[str, Any]:
    """A part on the GPU: whether all holds, and of each way its step and the share of computing."""
    from graphlab.course.report import main_run, worst_text
    from visualize.busy import busy

    shares = {}
    for way, result in report.ways.items():
        main = main_run(result)
        shares[way] = [round(each.share, 4) for each in busy(main)][:1] if main else []
    return {
        "part": report.part.name,
        "ok": report.ok,
        "agreement": worst_text(report.agreement),
        "drift": report.drift,
        "complaints": report.complaints(),
        "ways": {
            way: {
                "steady_ms": result.steady_ms,
                "share_computing": shares[way][0] if shares[way] else None,
            }
            for way, result in report.ways.items()
        },
    }


def _steady() -> list[tuple]:
    """Pairs of a steady step of 4.6's graph way: in a lesson, and in the same loop called bare."""
    from graphlab.course import outline, ways

    module = outline.load(outline.find("4.6")[0])

    def lesson() -> Cost:
        with ways.lesson_on("GPU:0"):
            steady = ways.run_way(module, "graph", "GPU:0", steps=STEPS).steady_ms
        return Cost((steady or 0.0) / 1000, 0.0)

    def bare() -> Cost:
        with ways.lesson_on("GPU:0"):
            return _bare(module, STEPS, "GPU:0")

    return in_turns(lesson, bare, ROUNDS)


def _bare(module: ModuleType, steps: int, device: str) -> Cost:
    """The median step of a graph way that nobody watches, but for the first, which also traces."""
    from graphlab.course import ways
    from graphlab.lesson import Cases

    times: list[float] = []

    class Timed(Cases):
        def __iter__(self) -> Iterator[Any]:
            for case in super().__iter__():
                started = time.perf_counter()
                yield case
                times.append(time.perf_counter() - started)

    cases = ways.cases_of(module, steps=steps)
    module.graph(Timed(cases, **cases.start), device)
    return Cost(statistics.median(times[1:]), 0.0)


def _recording() -> Iterator[Row]:
    """What it costs to record a call and to watch those that are not: TensorFlow puts on the GPU
    whatever names no device."""
    for each in recorded.measure():
        yield replace(each, what=f"{each.what}, GPU:0")
    for each in observed.measure():  # a step of less than 1 ms promises nothing
        wanted = None if each.theirs.endswith("µs") else 1.03
        yield replace(each, what=f"{each.what}, GPU:0", wanted=wanted)
