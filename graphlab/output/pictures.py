"""The pictures of `--out DIR`: each graph, each trace and each curve of a part, as SVG; what it
shows besides, its figures, as SVG and as PNG."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from graphlab.course.report import Report, losses, main_run
from graphlab.output import files
from graphlab.stages import with_fusions
from visualize.diagram.build import diagram
from visualize.pictures.timeline import gantt


def write(report: Report, folder: Path) -> None:
    """Write the pictures of one part: `2.4-graph.svg`, `2.4-graph-trace.svg`, `2.4-loss.svg`.

    A figure of the name `filters` is in `4.6-filters.svg` and `4.6-filters.png`.
    """
    from visualize.plots import figures

    for name, picture in draw(report):
        files.put(folder / f"{report.part.name}-{name}.svg", picture)
    for name, figure in report.figures.items():
        for format in ("svg", "png"):
            file = folder / f"{report.part.name}-{name}.{format}"
            files.put(file, figures.draw(figure, format))


def draw(report: Report) -> Iterator[tuple[str, bytes]]:
    """The name and the SVG of each picture of a part."""
    from visualize.pictures.dot import dot
    from visualize.pictures.picture import picture
    from visualize.plots.curves import curve

    for way, result in report.ways.items():
        run = main_run(result)
        if run is None:
            continue
        if run.built is not None and len(run.built):
            yield way, picture(dot(diagram(with_fusions(run.built, run), run=run)), "svg")
        if run.steps:
            yield f"{way}-trace", gantt(run).encode()
    series = losses(report.ways)
    if series:
        title = f"{report.part.name}  {report.part.title}"
        yield "loss", curve(series, title, y_label="loss")
