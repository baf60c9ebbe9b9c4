"""Draw the lessons and every model of a folder into one folder of pages with an index.

python docs/gallery.py [OUTPUT] [MODELS]     by default build/gallery and ../shared/models

This is how the pictures are reviewed. Models are read and not run; one that cannot be read is
listed with what is wrong with it.
"""

from __future__ import annotations

import html
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from graphlab.course.outline import Lesson
    from graphlab.course.report import Report
    from graphlab.model import Graph, Run

ROOT = Path(__file__).parents[1]
OUTPUT = ROOT / "build" / "gallery"
MODELS = ROOT.parent / "shared" / "models"
HEAD = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>graphlab gallery</title>
<style>
:root { color-scheme: light dark }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; padding: 0 1rem; max-width: 84rem }
ul { list-style: none; padding: 0; display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)) }
li { border: 1px solid #8886; border-radius: 6px; padding: .75rem; overflow-wrap: anywhere }
img { display: block; width: 100%; height: 11rem; object-fit: contain; background: #fff;
  border-radius: 3px; margin-bottom: .5rem }
p { margin: .2rem 0 }
.error { border-color: #c33 }
small { opacity: .75 }
</style>
"""


@dataclass(frozen=True)
class Entry:
    """One picture of the index."""

    title: str
    page: str = ""  # files of the folder; "" where there is none
    picture: str = ""
    ops: int = 0
    seconds: float = 0.0
    note: str = ""  # why there is no picture, where there is none to draw
    error: str = ""  # why there is none although there should be


def lesson_entries(lesson: Lesson, folder: Path) -> Iterator[Entry]:
    """Run a lesson and draw its page, and the graph of each way of each part."""
    from graphlab.course import outline, report
    from graphlab.course.run import run_part
    from graphlab.errors import GraphlabError
    from graphlab.output import pages

    page = f"lesson-{lesson.number}.html"
    reports: list[Report] = []
    failed: list[Entry] = []
    took = {}
    for part in lesson.parts:
        started = time.perf_counter()
        chosen = outline.ways_of(part)
        try:
            told = run_part(part, chosen, "CPU:0", None, lambda *_: None, values=True)
            reports.append(told)
        except GraphlabError as error:
            failed.append(Entry(f"{part.name}  {part.title}", error=str(error)))
        took[part.name] = time.perf_counter() - started
    started = time.perf_counter()
    title = f"{lesson.number}  {lesson.title}"
    if reports:
        _write(folder / page, pages.page_of_reports(reports, title).encode())
        yield Entry(f"{title}: page", page, seconds=time.perf_counter() - started)
    for told in reports:
        for way, result in told.ways.items():
            name = f"{told.part.name}:{way}  {told.part.title}"
            run = report.main_run(result)
            graph = None if run is None else run.built or run.executed
            if run is None or graph is None:
                yield Entry(name, page, note="it ran no op that could be drawn")
                continue
            seconds = took[told.part.name] / len(told.ways)
            picture = f"lesson-{told.part.name}-{way}.svg"
            yield _drawn(Entry(name, page, picture, seconds=seconds), graph, run, folder)
    yield from failed


def models(folder: Path) -> list[Path]:
    """The SavedModel folders and the files of graphs under a folder, in order."""
    from graphlab.sources import read

    saved = {path.parent for name in read.SAVED for path in folder.rglob(name)}
    files = [
        path
        for path in folder.rglob("*")
        # A checkpoint's index has no graph, and what is in a SavedModel is a part of it.
        if path.suffix.lower() in read.ENDINGS
        and path.suffix != ".index"
        and path.is_file()
        and not saved & set(path.parents)
    ]
    return sorted([*saved, *files])


def model_entry(path: Path, models: Path, folder: Path, number: int) -> Entry:
    """Draw one model's page and picture; the number tells their files from those of others."""
    from graphlab.errors import GraphlabError
    from graphlab.output import pages
    from graphlab.targets import run
    from graphlab.targets.target import parse

    title = path.relative_to(models).as_posix()
    file = f"model-{number}-" + re.sub(r"[^\w.-]", "_", title)[-80:]
    started = time.perf_counter()
    try:
        watched = run.read_target(parse(str(path)), "")
        assert watched.graph is not None
        notes = [watched.note] if watched.note else []
        _write(
            folder / f"{file}.html",
            pages.page_of_graph(watched.graph, title, notes).encode("utf-8", "surrogatepass"),
        )
        seconds = time.perf_counter() - started
        entry = Entry(title, f"{file}.html", f"{file}.svg", seconds=seconds)
        return _drawn(entry, watched.graph, None, folder)
    except GraphlabError as error:
        return Entry(title, seconds=time.perf_counter() - started, error=str(error))


def _drawn(entry: Entry, graph: Graph, run: Run | None, folder: Path) -> Entry:
    """The entry with its picture written, its ops counted and its time added."""
    from graphlab.output import drawings

    started = time.perf_counter()
    _write(folder / entry.picture, drawings.graph_file(graph, run, "svg"))
    seconds = entry.seconds + time.perf_counter() - started
    return Entry(entry.title, entry.page, entry.picture, len(graph), seconds)


def _write(path: Path, data: bytes) -> None:
    from graphlab.output.files import write_whole

    write_whole(path, data)


def index(sections: dict[str, list[Entry]]) -> str:
    """The text of the index: plain HTML that loads nothing but the pictures beside it."""
    told = [HEAD, "<h1>graphlab gallery</h1>\n"]
    for title, entries in sections.items():
        told.append(f"<h2>{html.escape(title)}</h2>\n<ul>\n")
        told += [_item(entry) for entry in entries]
        told.append("</ul>\n")
    return "".join(told)


def _item(entry: Entry) -> str:
    title = html.escape(entry.title)
    page = quote(entry.page)
    lines = []
    if entry.picture:
        picture = f'<img src="{quote(entry.picture)}" alt="graph of {title}" loading="lazy">'
        lines.append(f'<a href="{quote(entry.picture)}">{picture}</a>')
    lines.append(f'<p><a href="{page}">{title}</a></p>' if page else f"<p>{title}</p>")
    if entry.note:
        lines.append(f"<p>{html.escape(entry.note)}</p>")
    if entry.error:
        lines.append(f"<p><strong>not drawn</strong>: {html.escape(entry.error)}</p>")
    ops = f"{entry.ops:,} ops, " if entry.ops else ""
    lines.append(f"<p><small>{ops}{entry.seconds:.2f} s</small></p>")
    kind = ' class="error"' if entry.error else ""
    return f"<li{kind}>{''.join(lines)}</li>\n"


def gallery(lessons: tuple[Lesson, ...], models_in: Path | None, folder: Path) -> list[Entry]:
    """Draw everything and write the index; all that is in it."""
    folder.mkdir(parents=True, exist_ok=True)
    sections: dict[str, list[Entry]] = {}
    for lesson in lessons:
        title = f"Lesson {lesson.number}: {lesson.title}"
        print(title, file=sys.stderr)
        sections[title] = list(lesson_entries(lesson, folder))
    if models_in is not None:
        print(f"models in {models_in}", file=sys.stderr)
        found = models(models_in)
        sections["Models"] = [
            model_entry(path, models_in, folder, number) for number, path in enumerate(found, 1)
        ]
    _write(folder / "index.html", index(sections).encode("utf-8", "surrogatepass"))
    return [entry for entries in sections.values() for entry in entries]


def main(arguments: list[str]) -> int:
    """Draw the gallery; 1 where something could not be drawn, 2 for a folder that is not there."""
    from graphlab.course.outline import lessons
    from graphlab.startup import start_tensorflow

    folder = Path(arguments[0]) if arguments else OUTPUT
    asked = Path(arguments[1]) if len(arguments) > 1 else None
    if asked is not None and not asked.is_dir():
        print(f"gallery: {asked} is no folder of models", file=sys.stderr)
        return 2
    start_tensorflow()
    where = asked or (MODELS if MODELS.is_dir() else None)
    drawn = gallery(lessons(), where, folder)
    bad = [entry for entry in drawn if entry.error]
    for entry in bad:
        print(f"{entry.title}: {entry.error}", file=sys.stderr)
    print(f"{len(drawn)} entries, {len(bad)} not drawn: {folder / 'index.html'}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
