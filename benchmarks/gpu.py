"""The course on GPU:0: whether each part holds there, its steady step, and how busy the GPU is."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from typing import Any

from benchmarks import ROOT, Cost, Row, in_turns, quiet_tensorflow, row, stretch

TOLD = ROOT / "docs" / "gpu.json"
ROUNDS = 5
STEPS = 240  # of the training of 4.6, against the same loop called bare


def measure() -> Iterator[Row]:
    """A row for each part and way, its steady step against that on CPU:0; and docs/gpu.json.

    Where there is no GPU nothing is measured, and nothing is written.
    """
    quiet_tensorflow()
    from graphlab import devices
    from graphlab.course import document, outline, run, ways

    devices.share_gpus()
    if "GPU:0" not in devices.available():
        print(f"no GPU here ({devices.no_gpu()}): nothing is measured, {TOLD.name} stays as it is")
        return
    parts = []
    for part in (part for lesson in outline.lessons() for part in lesson.parts):
        chosen = outline.ways_of(part)
        there, here = (
            run.run_part(part, chosen, place, None, lambda *_: None) for place in ("GPU:0", "CPU:0")
        )
        parts.append(_told(there))
        for way, result in there.ways.items():
            ours, theirs = result.steady_ms, here.ways[way].steady_ms
            if ours and theirs:
                told = (f"{ours:.3g} ms", f"{theirs:.3g} ms")
                yield Row(f"{part.name}:{way}, steady step, GPU:0 by CPU:0", *told, ours / theirs)
    module = outline.load(outline.find("4.6")[0])

    def lesson() -> Cost:
        with ways.lesson_on("GPU:0"):
            return stretch(lambda: ways.run_way(module, "graph", "GPU:0", steps=STEPS))

    def bare() -> Cost:
        with ways.lesson_on("GPU:0"):
            return stretch(lambda: module.graph(ways.cases_of(module, steps=STEPS), "GPU:0"))

    yield row("4.6:graph on GPU:0, by itself", in_turns(lesson, bare, ROUNDS), "wall", 1.05)
    found = {
        "card": devices.gpu_facts()[0],
        "date": datetime.date.today().isoformat(),
        "versions": document.versions(),
        "parts": parts,
    }
    TOLD.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _told(report: Any) -> dict[str, Any]:
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
        "complaints": report.complaints(),
        "ways": {
            way: {
                "steady_ms": result.steady_ms,
                "share_computing": shares[way][0] if shares[way] else None,
            }
            for way, result in report.ways.items()
        },
    }
