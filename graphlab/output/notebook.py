"""In a notebook, graphs and runs show themselves: the offline page, in a frame.

    %load_ext graphlab
    graph                # a Graph as a page: open groups, search, trace
    %%observe            # a cell run under observation: its runs, stepped through

Where a notebook shows no HTML it gets the picture (SVG) or the text.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, get_args

from graphlab import startup
from graphlab.errors import GraphlabError
from graphlab.figure import FigureData
from graphlab.model import Graph, Run
from graphlab.output import pages
from visualize.diagram.build import diagram

HEIGHT_PX = 640


def frame(page: str, height: int = HEIGHT_PX) -> str:
    """A page as an element of another one, from which it cannot reach out."""
    return (
        f'<iframe title="graphlab" sandbox="allow-scripts" srcdoc="{html.escape(page)}"'
        f' width="100%" height="{height}" style="border: 1px solid #ccc; border-radius: 8px">'
        "</iframe>"
    )


def graph_html(graph: Graph) -> str:
    """A graph as a frame."""
    return frame(pages.page_of_graph(graph, f"graph of {len(graph)} ops"))


def run_html(run: Run) -> str:
    """A run, its graphs and its timeline as a frame."""
    return frame(pages.page_of_runs([run], f"{run.name}, call {run.call}"))


def seen_html(seen: Any) -> str:
    """All runs of an observed block as a frame; the last one with values, where they are known.

    Where it cannot be executed again, the page says why.
    """
    again, notes = [], []
    try:
        again = [replay.as_written() for replay in seen.replays[-1:]]
    except GraphlabError as error:
        notes.append(f"no values: {error}")
    return frame(pages.page_of_runs([*seen.runs, *again], "observed", notes))


def graph_svg(graph: Graph) -> str:
    """A graph as a picture that does not move."""
    from visualize.layout import graphviz
    from visualize.pictures.dot import dot
    from visualize.pictures.picture import picture

    def drawn() -> bytes:
        try:
            return picture(dot(diagram(graph)), "svg")
        finally:
            graphviz.close()

    # A kernel runs cells in an event loop, in which the layout's engine refuses to wait.
    with ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(drawn).result().decode()


def figure_png(figure: FigureData) -> tuple[bytes, dict[str, str]]:
    """A figure of a lesson as a picture, and for whoever cannot see it what is drawn."""
    from visualize.plots.figures import alternative, draw

    return draw(figure, "png"), {"alt": f"{alternative(figure)} {figure.caption}"}


def load_ipython_extension(ipython: Any) -> None:
    """Teach a notebook to show graphs, runs, observed blocks and figures, and `%%observe`."""
    startup.start_tensorflow()
    from graphlab.watch.seen import Seen

    shown: dict[type, Callable] = {Graph: graph_html, Run: run_html, Seen: seen_html}
    formatters = ipython.display_formatter.formatters
    for kind, show in shown.items():
        formatters["text/html"].for_type(kind, show)
    formatters["image/svg+xml"].for_type(Graph, graph_svg)
    for kind in get_args(FigureData):
        formatters["image/png"].for_type(kind, figure_png)
        formatters["text/plain"].for_type(kind, _figure_text)
    ipython.register_magic_function(_magic(ipython), "cell", "observe")


def _figure_text(figure: FigureData, printer: Any, cycle: bool) -> None:
    printer.text(f"{figure.title}: {figure.caption}")


def _magic(ipython: Any) -> Callable[[str, str], Any]:
    def observe(line: str, cell: str) -> Any:
        """Run the cell under observation; `%%observe values` also takes down values.

        The cell's result is what was seen, and is kept under the name `seen`.
        """
        from graphlab.watch.observer import observe as observed

        with observed(values="values" in line.split()) as seen:
            result = ipython.run_cell(cell)
        ipython.user_ns["seen"] = seen
        result.raise_error()
        return seen

    return observe
