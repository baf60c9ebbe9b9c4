"""Pages of what was watched: the document that `visualize.page` makes an HTML file of.

page_of_graph(graph, "model.pb"), page_of_watched(watched), page_of_reports([report])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlab.course import outline, report, source
from graphlab.course.document import plain
from graphlab.course.report import Report
from graphlab.course.run import MOST_STEPS
from graphlab.errors import GraphlabError
from graphlab.figure import FigureData
from graphlab.model import Graph, Run
from graphlab.output.gathered import (
    Again,
    Gathered,
    Shown,
    again,
    tell_fusions,
    two_stages,
    verdict_columns,
)
from graphlab.output.knobs import knobs
from graphlab.output.live import live_columns, signatures
from graphlab.stages.verdict import Stage
from graphlab.targets.target import Watched
from visualize.page.columns import graph_columns, runs_columns
from visualize.page.html import Link, page

if TYPE_CHECKING:  # they import TensorFlow
    from graphlab.course.ways import WayResult
    from graphlab.watch.replay import Replay

MOST_SHOWN = 4  # numbers of a result in a table
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


def page_of_graph(graph: Graph, title: str, notes: Sequence[str] = ()) -> str:
    """The HTML text of a page of one graph that nobody ran."""
    graphs = [{"stage": "built", "label": title} | graph_columns(graph)]
    return page({"title": title, "graphs": graphs, "runs": [], "notes": list(notes)})


def page_of_runs(runs: Sequence[Run], title: str, notes: Sequence[str] = ()) -> str:
    """The HTML text of a page of runs, with what became of each op that was built."""
    graphs: list[dict[str, Any]] = []
    packed = runs_columns(runs, graphs)
    tell_fusions(runs, packed)
    told = {"title": title, "graphs": graphs, "runs": packed, "notes": list(notes)}
    shown = two_stages(runs, packed)
    return page(told | ({"stages": shown} if shown else {}))


def page_of_watched(
    watched: Watched, stages: Sequence[Stage] = (), values_first: bool = True, live: bool = False
) -> str:
    """The HTML text of a page of all that was seen of a target.

    `stages` are those of its main run; without them, what became of each built op is shown. It
    opens on the call with values, op by op, or else on the main run as the runtime timed it.
    `live`: it executes that call itself. GraphlabError where there is none with values.
    """
    return page(document(watched, stages, values_first or live, live))


def document(
    watched: Watched, stages: Sequence[Stage] = (), values_first: bool = True, live: bool = False
) -> dict[str, Any]:
    """The document of `page_of_watched`."""
    graphs: list[dict[str, Any]] = []
    runs = [run for run in watched.runs if run.steps or run.built]
    notes = [note for note in (watched.note, watched.failure) if note]
    replayed = _replayed(watched, notes)
    packed = runs_columns([*runs, *(each.run for each in replayed)], graphs)
    for each, columns in zip(replayed, packed[len(runs) :], strict=True):
        each.tell(columns)
    runs += [each.run for each in replayed]
    tell_fusions(runs, packed)
    if not graphs and watched.graph is not None:
        graphs.append({"stage": "built", "label": "built, not run"} | graph_columns(watched.graph))
    told: dict[str, Any] = {
        "title": watched.target.title,
        "graphs": graphs,
        "runs": packed,
        "notes": notes,
    }
    shown = _stages(stages, graphs, runs, packed) if stages else two_stages(runs, packed)
    first = replayed[0].run if replayed and values_first else watched.main
    if first is not None:
        told["opens"] = next(k for k, run in enumerate(runs) if run is first)
    if live:
        told["live"] = _live(told["opens"] if replayed else -1, replayed, watched)
    return told | ({"stages": shown} if shown else {})


def _replayed(watched: Watched, notes: list[str]) -> list[Again]:
    """The main run once more, op by op as written, with values; why not is added to the notes."""
    return again(watched.main, watched.replays, notes)


def _live(number: int, replayed: Sequence[Again], watched: Watched) -> dict[str, Any]:
    if number < 0 or replayed[0].run.built is None:
        raise GraphlabError(
            f"{watched.target.text} has no call with values that a page could execute; expected a"
            " graph that ran and can run again; leave --live out"
        )
    return _live_columns(number, replayed[0])


def _live_columns(number: int, again: Again) -> dict[str, Any]:
    return live_columns(number, again.start, again.run, signatures(again.run, again.replay))


def page_of_report(part: Report) -> str:
    """The HTML text of a page of one part of a lesson."""
    return page_of_reports([part])


def page_of_reports(
    parts: Sequence[Report], title: str = "", links: Sequence[Link] = (), live: bool = False
) -> str:
    """The HTML text of a page of several parts: to be read, with the graph of each way.

    Above it stand links to other pages, where there are any. `live`: it executes the graph way's
    call of the first part that has one with values, and has knobs beside the pictures of parts;
    where no part has either, the page is as without.
    """
    gathered = Gathered()
    lessons, turned = [], []
    for part in parts:
        mains = {way: report.main_run(result) for way, result in part.ways.items()}
        replays = {way: _replays_shown(result) for way, result in part.ways.items()}
        compiled = part.compiled.result if part.compiled is not None else None
        if compiled is not None:
            mains[outline.XLA], replays[outline.XLA] = report.main_run(compiled), ()
        shown = gathered.add(mains, replays)
        program = shown.pop(outline.XLA, Shown()).run
        turned += [knobs(part, shown["graph"].graph)] if live and "graph" in shown else []
        lessons.append(_lesson(part, shown) | {"compiled": _compiled(part, program, gathered.runs)})
    name = title or f"{parts[0].part.name}  {parts[0].part.title}"
    told = gathered.document(name, lessons)
    lively = _first_live(parts, gathered.runs) if live else {}
    panels = [panel for panel in turned if panel is not None]
    return page(told | lively | ({"knobs": panels} if panels else {}), links)


def at_rest(parts: Sequence[Report]) -> str:
    """Why a live page of these parts executes no call of theirs, in a line; "" where it does."""
    found = []
    for part in parts:
        result = part.ways.get("graph")
        main = None if result is None else report.main_run(result)
        if result is not None and _replays_shown(result):
            return ""
        if main is not None and len(main.steps) > MOST_STEPS:
            ops = f"{len(main.steps):,} ops"
            found.append(f"{part.part.name}'s call has {ops}, and a page executes {MOST_STEPS:,}")
        else:
            found.append(f"{part.part.name} has no call of the graph way that was kept with values")
    return f"--live: no whole call is executed on this page: {'; '.join(found)}"


def _replays_shown(result: WayResult) -> Sequence[Replay]:
    """The replays of a way, unless its main run has more steps than a page shows with values."""
    main = report.main_run(result)
    return result.replays if main is not None and len(main.steps) <= MOST_STEPS else ()


def _first_live(parts: Sequence[Report], packed: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """`live` of a document: the first part's graph way that was executed again with values."""
    for part in parts:
        result = part.ways.get("graph")
        main = None if result is None else report.main_run(result)
        found = again(main, () if result is None else _replays_shown(result), [])
        if not found or found[0].run.built is None:
            continue
        run = found[0].run
        told = (run.name, run.call, list(run.source) if run.source else None)
        for number, each in enumerate(packed):
            if each["clock"] == "engine" and (each["name"], each["call"], each["source"]) == told:
                return {"live": _live_columns(number, found[0])}
    return {}


def _stages(
    stages: Sequence[Stage],
    graphs: list[dict[str, Any]],
    runs: Sequence[Run],
    packed: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """The stages, each with the number of its graph: a run's own, or else one that is added."""
    known: dict[int, int | None] = {}
    for run, columns in zip(runs, packed, strict=True):
        known |= {id(run.built): columns["built"], id(run.executed): columns["executed"]}
    told = []
    for stage in stages:
        number = known.get(id(stage.graph))
        if number is None:
            number = len(graphs)
            graphs.append({"stage": stage.name, "label": stage.name} | graph_columns(stage.graph))
        told.append(
            {
                "name": stage.name,
                "graph": number,
                "verdicts": verdict_columns(stage.verdicts),
                "note": stage.note,
            }
        )
    return told


def _lesson(told: Report, shown: Mapping[str, Shown]) -> dict[str, Any]:
    part = told.part
    file = f"{part.path.parent.name}/{part.path.name}"
    ways = []
    for way, result in told.ways.items():
        text = part.text_of(way)
        ways.append(
            {
                "way": way,
                "prose": text.prose,
                "sections": [
                    {"title": s.title, "code": s.code, "line": s.line} for s in text.sections
                ],
                "file": file,
                "program": source.program(part, way, told.device),
                "run": shown[way].run,
                "graph": shown[way].graph,
                "none": "no graph: each op ran at once"
                if way == "eager"
                else "no graph was recorded",
                "traces": result.traces,
                "calls": result.calls,
                "first_ms": result.first_ms,
                "steady_ms": result.steady,
            }
        )
    return {
        "name": part.name,
        "title": part.title,
        "prose": part.prose,
        "shared": part.shared,
        "ways": ways,
        "columns": ["NumPy" if way == "numpy" else way for way in told.results],
        "results": [_row(row, told) for row in report.rows(told.results)],
        "agreement": {
            "ok": told.agreement.ok,
            "text": ". ".join(filter(None, [report.worst_text(told.agreement), told.drift])),
        },
        "keras": None
        if told.keras is None
        else {"ok": told.keras.ok, "text": report.worst_text(told.keras)},
        "left_out": list(told.left_out),
        "claims": [
            {"text": claim.text or claim.name, "ok": claim.ok, "error": claim.error}
            for claim in told.claims
        ]
        + [
            {
                "text": f"A second time, {way} begins with the same losses.",
                "ok": again.ok,
                "error": "" if again.ok else report.worst_text(again),
            }
            for way, again in told.repeats.items()
        ],
        "losses": {
            way: [plain(float(f"{x:.6g}")) for x in values]
            for way, values in report.losses(told.ways).items()
        },
        "figures": [_figure(name, figure) for name, figure in told.figures.items()],
        "quiz": [
            {
                "text": asked.question.text,
                "choices": list(asked.question.choices),
                "answer": asked.text,
                "why": asked.question.why,
                "error": asked.error,
            }
            for asked in told.quiz
        ],
    }


def _compiled(part: Report, run: int, runs: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The function way as XLA compiled it: its program and how far it is from the function's."""
    compiled = part.compiled
    if compiled is None:
        return None
    result = compiled.result
    return {
        "run": run,
        "graph": runs[run]["executed"] if run >= 0 else None,
        "text": compiled.text(),
        "refused": result is None,
        "first_ms": result.first_ms if result is not None else None,
        "steady_ms": result.steady if result is not None else None,
    }


def _figure(name: str, figure: FigureData) -> dict[str, str]:
    from visualize.plots.figures import alternative, draw

    return {
        "name": name,
        "title": figure.title,
        "caption": figure.caption,
        "alt": alternative(figure),
        "svg": draw(figure, "svg", bare=True).decode(),
    }


def _row(row: report.ResultRow, told: Report) -> dict[str, Any]:
    values = [_short(results.get(row.name)) for results in told.results.values()]
    own = ("keras", outline.XLA)  # with a tolerance of its own, and with none
    apart = _apart([far for other, far in row.differences.items() if other not in own])
    for way in filter(row.differences.__contains__, own):
        apart = ", ".join(filter(None, (apart, f"{way} {_apart([row.differences[way]])}")))
    return {
        "name": row.name,
        "shape": None if row.shape is None else list(row.shape),
        "values": values,
        "apart": apart,
    }


def _apart(differences: Sequence[float | None]) -> str:
    if not differences:
        return ""
    known = [far for far in differences if far is not None]
    if not known:
        return "differ in kind"
    return f"{max(known):.3g}" if max(known) else "bit-equal"


def _short(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        first = _short(value[0]) if value else ""  # of arrays whose shapes differ
        return first if first.endswith(ELLIPSIS) else f"{first}, {ELLIPSIS}"
    flat = np.asarray(value).ravel()
    shown = [f"{x:.4g}" if flat.dtype.kind == "f" else str(x) for x in flat[:MOST_SHOWN]]
    return ", ".join(shown) + (f", {ELLIPSIS}" if flat.size > MOST_SHOWN else "")
