"""The pictures of `--out DIR`: each graph, each loss curve and each figure of a part, as SVG and as
PNG, and each trace as SVG."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from graphlab.course.report import Report, losses, main_run
from graphlab.output import files
from graphlab.stages import with_fusions
from visualize.diagram.build import diagram
from visualize.pictures.timeline import gantt

FORMATS = ("svg", "png")


def write(report: Report, folder: Path) -> None:
    """Write the pictures of one part: `2.4-graph.svg` and `2.4-graph.png`, `2.4-graph-trace.svg`,
    `2.4-loss.svg` and `2.4-loss.png`.

    A figure of the name `filters` is in `4.6-filters.svg` and `4.6-filters.png`.
    """
    from visualize.plots import figures

    for name, picture in draw(report):
        files.put(folder / f"{report.part.name}-{name}", picture)
    for name, figure in report.figures.items():
        for format in FORMATS:
            file = folder / f"{report.part.name}-{name}.{format}"
            files.put(file, figures.draw(figure, format))


def draw(report: Report) -> Iterator[tuple[str, bytes]]:
    """The name, `graph.png`, and the bytes of each picture of a part."""
    from visualize.pictures.dot import dot
    from visualize.pictures.picture import drawn, written
    from visualize.plots.curves import curve

    for way, result in report.ways.items():
        run = main_run(result)
        if run is None:
            continue
        if run.built is not None and len(run.built):
            svg = drawn(dot(diagram(with_fusions(run.built, run), run=run)))
            yield from ((f"{way}.{format}", written(svg, format)) for format in FORMATS)
        if run.steps:
            yield f"{way}-trace.svg", gantt(run).encode()
    series = losses(report.ways)
    if series:
        title = f"{report.part.name}  {report.part.title}"
        for format in FORMATS:
            yield f"loss.{format}", curve(series, title, format, y_label="loss")
