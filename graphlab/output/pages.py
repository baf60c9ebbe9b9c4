"""Pages of what was watched: the document that `visualize.page` makes an HTML file of.

page_of_graph(graph, "model.pb"), page_of_watched(watched), page_of_reports([report])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from graphlab.course import report
from graphlab.course.document import plain
from graphlab.course.report import Report
from graphlab.errors import GraphlabError
from graphlab.figure import FigureData
from graphlab.model import Graph, Run
from graphlab.stages.verdict import Stage, Verdict
from graphlab.stages.whole import verdicts
from graphlab.targets.target import Watched
from visualize.page.columns import graph_columns, runs_columns
from visualize.page.html import Link, page

if TYPE_CHECKING:  # it imports TensorFlow
    from graphlab.watch.replay import Replay

MOST_SHOWN = 4  # numbers of a result in a table
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


def page_of_graph(graph: Graph, title: str, notes: Sequence[str] = ()) -> str:
    """The HTML text of a page of one graph that nobody ran."""
    graphs = [{"stage": "built", "label": title} | graph_columns(graph)]
    return page({"title": title, "graphs": graphs, "runs": [], "notes": list(notes)})


def page_of_runs(runs: Sequence[Run], title: str) -> str:
    """The HTML text of a page of runs, with what became of each op that was built."""
    graphs: list[dict[str, Any]] = []
    packed = runs_columns(runs, graphs)
    told = {"title": title, "graphs": graphs, "runs": packed}
    shown = _two_stages(runs, packed)
    return page(told | ({"stages": shown} if shown else {}))


def page_of_watched(watched: Watched, stages: Sequence[Stage] = ()) -> str:
    """The HTML text of a page of all that was seen of a target.

    `stages` are those of its main run; without them, what became of each built op is shown.
    """
    return page(document(watched, stages))


def document(watched: Watched, stages: Sequence[Stage] = ()) -> dict[str, Any]:
    """The document of `page_of_watched`."""
    graphs: list[dict[str, Any]] = []
    runs = [run for run in watched.runs if run.steps or run.built]
    notes = [note for note in (watched.note, watched.failure) if note]
    runs += _replayed(watched, notes)
    packed = runs_columns(runs, graphs)
    if not graphs and watched.graph is not None:
        graphs.append({"stage": "built", "label": "built, not run"} | graph_columns(watched.graph))
    told: dict[str, Any] = {
        "title": watched.target.text,
        "graphs": graphs,
        "runs": packed,
        "notes": notes,
    }
    shown = _stages(stages, graphs) if stages else _two_stages(runs, packed)
    return told | ({"stages": shown} if shown else {})


def _replayed(watched: Watched, notes: list[str]) -> list[Run]:
    """The main run once more, op by op as written, with values; why not is added to the notes."""
    return _again(watched.main, watched.replays, notes)


def _again(main: Run | None, replays: Sequence[Replay], notes: list[str]) -> list[Run]:
    found = [
        replay
        for replay in replays
        if main
        and (replay.run.name, replay.run.call, replay.run.source)
        == (main.name, main.call, main.source)
    ]
    try:
        again = [replay.as_written() for replay in found[:1]]
    except GraphlabError as error:
        notes.append(f"no values: {error}")
        return []
    # What was built anew for the replay is the same graph, but for counters in functions' names:
    # one of them is enough for the page.
    return [
        replace(run, built=main.built) if main and _names(run) == _names(main) else run
        for run in again
    ]


def _names(run: Run) -> list[str]:
    return [] if run.built is None else [node.name for node in run.built.nodes]


def _with_values(mains: Mapping[str, Run | None], part: Report, notes: list[str]) -> list[Run]:
    """The main run of each way once more, with values, where it can be."""
    return [
        run for way, main in mains.items() for run in _again(main, part.ways[way].replays, notes)
    ]


def page_of_report(part: Report) -> str:
    """The HTML text of a page of one part of a lesson."""
    return page_of_reports([part])


def page_of_reports(parts: Sequence[Report], title: str = "", links: Sequence[Link] = ()) -> str:
    """The HTML text of a page of several parts: to be read, with the graph of each way.

    Above it stand links to other pages, where there are any.
    """
    graphs: list[dict[str, Any]] = []
    runs: list[dict[str, Any]] = []
    stages: list[dict[str, Any]] = []
    lessons = []
    notes: list[str] = []
    for part in parts:
        mains = {way: report.main_run(result) for way, result in part.ways.items()}
        every = [run for run in mains.values() if run is not None]
        every += _with_values(mains, part, notes)
        first = len(runs)
        offset = len(graphs)
        more: list[dict[str, Any]] = []
        packed = runs_columns(every, more)
        stages += _two_stages(every, packed, first, offset)
        for run in packed:
            for key in ("built", "executed"):
                run[key] = None if run[key] is None else run[key] + offset
        graphs += more
        runs += packed
        numbers = {id(run): first + k for k, run in enumerate(every)}
        lessons.append(_lesson(part, mains, numbers, runs))
    name = title or f"{parts[0].part.name}  {parts[0].part.title}"
    told = {"title": name, "graphs": graphs, "runs": runs, "lesson": {"parts": lessons}}
    told |= {"notes": list(dict.fromkeys(notes))}
    return page(told | ({"stages": stages} if stages else {}), links)


def _stages(stages: Sequence[Stage], graphs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    told = []
    for stage in stages:
        told.append(
            {
                "name": stage.name,
                "graph": len(graphs),
                "verdicts": _verdicts(stage.verdicts),
                "note": stage.note,
            }
        )
        graphs.append({"stage": stage.name, "label": stage.name} | graph_columns(stage.graph))
    return told


def _two_stages(
    runs: Sequence[Run], packed: Sequence[Mapping[str, Any]], first: int = 0, offset: int = 0
) -> list[dict[str, Any]]:
    """As written and as executed, for each run that has both."""
    told: list[dict[str, Any]] = []
    for number, (run, columns) in enumerate(zip(runs, packed, strict=True)):
        built, executed = columns["built"], columns["executed"]
        if built is None or executed is None:
            continue
        call = (built, run.call, run.name)
        same = [
            k
            for k, each in enumerate(packed)
            if each["clock"] == "engine" and (each["built"], each["call"], each["name"]) == call
        ]
        which = {"runs": [first + k for k in (number, *same)]}
        found = _verdicts(verdicts(run))
        told.append(
            which | {"name": "as written", "graph": built + offset, "verdicts": found, "note": ""}
        )
        told.append(
            which | {"name": "as executed", "graph": executed + offset, "verdicts": {}, "note": ""}
        )
    return told


def _verdicts(found: Mapping[str, Verdict]) -> dict[str, list[str]]:
    """By node: what kind of verdict it is, all it says, and how we know."""
    return {name: [each.kind, each.text(), each.how] for name, each in found.items()}


def _lesson(
    told: Report,
    mains: Mapping[str, Run | None],
    numbers: Mapping[int, int],
    runs: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    part = told.part
    ways = []
    for way, result in told.ways.items():
        run = mains[way]
        number = -1 if run is None else numbers[id(run)]
        graph = None if run is None else runs[number]["built"]
        if run is not None and graph is None:
            graph = runs[number]["executed"]
        text = part.text_of(way)
        ways.append(
            {
                "way": way,
                "prose": text.prose,
                "sections": [
                    {"title": s.title, "code": s.code, "line": s.line} for s in text.sections
                ],
                "run": number,
                "graph": graph,
                "traces": result.traces,
                "calls": result.calls,
                "first_ms": result.first_ms,
                "steady_ms": result.steady_ms,
            }
        )
    return {
        "name": part.name,
        "title": part.title,
        "prose": part.prose,
        "file": f"{part.path.parent.name}/{part.path.name}",
        "shared": part.shared,
        "ways": ways,
        "columns": ["NumPy" if way == "numpy" else way for way in told.results],
        "results": [_row(row, told) for row in report.rows(told.results)],
        "agreement": {"ok": told.agreement.ok, "text": report.worst_text(told.agreement)},
        "keras": None
        if told.keras is None
        else {"ok": told.keras.ok, "text": report.worst_text(told.keras)},
        "left_out": list(told.left_out),
        "claims": [
            {"text": claim.text or claim.name, "ok": claim.ok, "error": claim.error}
            for claim in told.claims
        ],
        "losses": {
            way: [plain(float(f"{x:.6g}")) for x in values]
            for way, values in report.losses(told.ways).items()
        },
        "figures": [_figure(name, figure) for name, figure in told.figures.items()],
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
    apart = _apart([far for other, far in row.differences.items() if other != "keras"])
    if "keras" in row.differences:  # it has a tolerance of its own
        apart = ", ".join(filter(None, (apart, f"keras {_apart([row.differences['keras']])}")))
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
