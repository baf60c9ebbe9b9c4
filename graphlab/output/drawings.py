"""A watched target as the bytes of a file: what `render -o` and `trace -o` write."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from graphlab.errors import GraphlabError
from graphlab.model import to_json
from graphlab.output import files
from graphlab.stages import between, diff, find, program, stages, with_fusions
from visualize.pictures.paper import Paper, paper
from visualize.pictures.perfetto import chrome
from visualize.pictures.timeline import gantt

if TYPE_CHECKING:  # the command line asks for the formats, and starts without the model
    from graphlab.model import Graph, Run
    from graphlab.stages import Stage
    from graphlab.targets.target import Watched
    from visualize.diagram.drawn import Diagram


@dataclass(frozen=True)
class View:
    """How much of a graph is to be seen. See `visualize.diagram.diagram`."""

    depth: int | None = None
    focus: str | None = None
    radius: int = 2
    without: tuple[str, ...] = ()
    plain: bool = False  # what a class is taught: see `visualize.diagram.taught`

    @property
    def asked(self) -> bool:
        """Whether anything but the default was asked for."""
        return self != View()


MOST_ROWS = 400  # ops of a text view; a larger graph is shown in groups
GRAPHS = ("svg", "png", "pdf", "dot", "json", "txt")  # what `render -o` writes, by the ending
FITTED = ("svg", "png", "pdf")  # what can be fitted to a slide or a page
TRACES = ("json", "svg")  # what `trace -o` writes
TEXT_WIDTH = 120  # columns of a text view in a file


def format_of(path: Path, formats: tuple[str, ...]) -> str:
    """The format that a file's ending asks for. GraphlabError where it is not one of them."""
    ending = path.suffix.removeprefix(".").lower()
    if ending not in formats:
        raise GraphlabError(
            f"the ending of {path} names no format to write; expected one of"
            f" {', '.join('.' + known for known in formats)}"
            + ("; a page is written by --html" if ending in files.PAGE else "")
        )
    return ending


def stage_of(watched: Watched, stage: str) -> tuple[Graph, Run | None]:
    """The graph of a stage, and the run that it belongs to where there was one.

    `built` is the graph as written, `executed` what the devices were given; the stages between
    them are replayed. GraphlabError where there is no such stage or nobody knows its graph.
    """
    run = watched.main
    if stage == "built" and watched.call_raised:
        # Of the call that was to be looked at there is no run: another's would be misleading.
        graphs = [watched.graph, *(each.built for each in watched.runs if each.way != "eager")]
        built = max((graph for graph in graphs if graph), key=len, default=None)
        if built is not None:
            return built, None
    if run is None:
        if watched.graph is None or stage != "built":
            raise GraphlabError(f"{watched.target.text} has no {stage} graph: {_not_run(watched)}")
        return watched.graph, None
    if stage not in ("built", "executed"):
        found = stages_of(watched)
        return found[find(found, stage)].graph, run
    graph = run.built if stage == "built" else run.executed
    if graph is None:
        raise GraphlabError(
            f"{watched.target.text} has no {stage} graph: the runtime handed none out for"
            f" {run.name}"
        )
    return graph, run


def program_of(run: Run | None, stage: str) -> Graph | None:
    """What stands for an executed graph that is one compiled call: the compiler's program."""
    return program(run) if run is not None and stage == "executed" else None


def _not_run(watched: Watched) -> str:
    if watched.target.model is None:
        return "nothing was run"
    return "a model is read here; graphlab trace MODEL --html FILE runs it and shows its stages"


def stages_of(watched: Watched) -> tuple[Stage, ...]:
    """Every stage of the main run's graph. GraphlabError where it has none: eager ops are run as
    they come."""
    run = watched.main
    live = watched.live(run) if run is not None else None
    if run is None or live is None:
        what = _not_run(watched) if run is None else f"{run.name} has no TensorFlow graph"
        raise GraphlabError(f"{watched.target.text} has no stages: {what}")
    feeds = [spec.name for spec in run.feeds]
    return stages(live, run.fetches, feeds, run, watched.config(run))


def difference(watched: Watched, text: str) -> Graph:
    """Two stages in one graph, `"built:placed"`: each op says in `verdict` what became of it.

    GraphlabError where the text is not two stages, in their order.
    """
    first, colon, last = text.partition(":")
    if not colon:
        raise GraphlabError(f"--diff {text} is not two stages; write it as built:pruned")
    found = stages_of(watched)
    last = found[-1].name if last == "executed" else last
    told = between(found, first, last)
    return diff(found[find(found, first)], found[find(found, last)], told)


def graph_file(
    graph: Graph,
    run: Run | None,
    format: str,
    view: View = View(),
    notes: tuple[str, ...] = (),
) -> bytes:
    """A graph drawn in one of GRAPHS. Devices and times are the run's; a picture says `notes`
    below its legend.

    GraphlabError where the view cannot be had: a focus that is not there.
    """
    if format == "json":
        return _json_bytes(to_json(_shown(graph, view), indent=1) + "\n")
    if format == "txt":
        from visualize.text.rows import rows

        shown = for_text(marked(graph, view, run), view)
        return "\n".join([*rows(shown, TEXT_WIDTH), ""]).encode()
    from visualize.pictures.dot import dot
    from visualize.pictures.picture import picture

    drawn = seen(graph, view, run)
    source = dot(replace(drawn, notes=(*notes, *drawn.notes)))
    return source.encode() if format == "dot" else picture(source, format)


def fitted_file(
    graph: Graph,
    run: Run | None,
    format: str,
    on: Paper,
    view: View = View(),
    notes: tuple[str, ...] = (),
) -> tuple[bytes, str]:
    """A graph drawn in one of FITTED as large as a slide or page lets it, and a complaint where
    its text is too small to be read. Without a depth, as many scopes are open as can be read.

    GraphlabError as of `graph_file`.
    """
    from visualize.pictures.fit import READABLE, fitted
    from visualize.pictures.picture import written

    def draw(most: int, all_lines: int) -> Diagram:
        drawn = seen(graph, view, run, most=most, all_lines=all_lines)
        return replace(drawn, notes=(*notes, *drawn.notes))

    svg, points = fitted(draw, on, closing=view.depth is None)
    if points >= READABLE:
        return written(svg, format), ""
    small = f"the smallest text has {points:.1f} points on {on.name}; {READABLE:g} can be read"
    ways = ("--plain" * (not view.plain), "a smaller --depth" * bool(view.depth), "--focus")
    return written(svg, format), f"{small}. Try {' or '.join(filter(None, ways))}"


def paper_of(text: str | None, output: Path | None) -> Paper | None:
    """The slide or page of `--fit`. GraphlabError where there is none, or no picture for it."""
    if text is None:
        return None
    if output is None or format_of(output, GRAPHS) not in FITTED:
        raise GraphlabError(f"--fit {text} wants a picture: -o FILE.svg, .png or .pdf")
    try:
        return paper(text)
    except ValueError as error:
        raise GraphlabError(str(error)) from error


def seen(graph: Graph, view: View, run: Run | None = None, **room: int) -> Diagram:
    """The diagram of a view. GraphlabError where it cannot be had."""
    from visualize.diagram.build import diagram
    from visualize.diagram.taught import left_out, unmeasured, without_handles

    shown = _shown(graph, view) if view.plain else marked(graph, view, run)
    run = without_handles(run, shown) if view.plain and run is not None else run
    try:
        drawn = diagram(
            shown,
            view.depth,
            run,
            focus=view.focus,
            radius=view.radius,
            without=view.without,
            **room,
        )
    except ValueError as error:
        raise GraphlabError(str(error)) from error
    return unmeasured(drawn, left_out(graph, shown)) if view.plain else drawn


def for_text(graph: Graph, view: View) -> Graph | Diagram:
    """What the text view shows: op by op, or in groups where that was asked for or is too long."""
    shown = _shown(graph, view)
    asked = replace(view, plain=False).asked
    return seen(graph, view) if asked or len(shown) > MOST_ROWS else shown


def marked(graph: Graph, view: View, run: Run | None) -> Graph:
    """The graph that a run built or executed, saying of ops that they ran in one kernel; a class is
    taught nothing of that."""
    return graph if view.plain else with_fusions(graph, run)


def _shown(graph: Graph, view: View) -> Graph:
    """The graph itself, or what a class is taught of it."""
    from visualize.diagram.taught import taught

    return taught(graph) if view.plain else graph


def trace_file(watched: Watched, format: str) -> bytes:
    """The runs in one of TRACES: all of them for Perfetto, the main one as a picture."""
    if watched.main is None:
        raise GraphlabError(f"{watched.target.text} recorded no run; there is nothing to trace")
    if format == "json":
        return _json_bytes(chrome(watched.runs))
    return gantt(watched.main).encode()


def _json_bytes(text: str) -> bytes:
    """JSON as bytes. Half a character, for which UTF-8 has none, is written as JSON writes it."""
    return text.encode("utf-8", "backslashreplace")
