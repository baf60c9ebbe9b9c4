"""The pictures of `--out DIR`: each graph, each trace and each curve of a part, as SVG; what it
shows besides, its figures, as SVG and as PNG."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graphlab.course.report import Report, losses, main_run
from graphlab.errors import GraphlabError
from visualize.diagram.build import diagram
from visualize.pictures.timeline import gantt


@contextmanager
def whole_folder(folder: Path, option: str = "--out") -> Iterator[Path]:
    """A place to write to, whose files are in `folder` once the block is through.

    If the block raises, the folder is as it was before. GraphlabError before the block where
    the folder cannot be written.
    """
    made = None
    try:
        made = _make(folder)
        place = Path(tempfile.mkdtemp(prefix=".graphlab-", dir=folder))
    except OSError as error:
        _forget(made)
        raise GraphlabError(
            f"cannot write to the folder {folder}: {error.strerror}; choose another with {option}"
        ) from error
    try:
        yield place
        for file in sorted(place.iterdir()):
            file.replace(folder / file.name)
        made = None
    finally:
        shutil.rmtree(place, ignore_errors=True)
        _forget(made)


def write(report: Report, folder: Path) -> None:
    """Write the pictures of one part: `2.4-graph.svg`, `2.4-graph-trace.svg`, `2.4-loss.svg`.

    A figure of the name `filters` is in `4.6-filters.svg` and `4.6-filters.png`.
    """
    from visualize.plots import figures

    for name, picture in draw(report):
        (folder / f"{report.part.name}-{name}.svg").write_bytes(picture)
    for name, figure in report.figures.items():
        for format in ("svg", "png"):
            file = folder / f"{report.part.name}-{name}.{format}"
            file.write_bytes(figures.draw(figure, format))


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
            yield way, picture(dot(diagram(run.built, run=run)), "svg")
        if run.steps:
            yield f"{way}-trace", gantt(run).encode()
    series = losses(report.ways)
    if series:
        title = f"{report.part.name}  {report.part.title}"
        yield "loss", curve(series, title, y_label="loss")


def _make(folder: Path) -> Path | None:
    """Make the folder; the topmost one that had to be made, None where it was there."""
    lacking = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return lacking[-1] if lacking else None


def _forget(made: Path | None) -> None:
    if made is not None:
        shutil.rmtree(made, ignore_errors=True)
