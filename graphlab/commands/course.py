"""graphlab course."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphlab.commands import options, talk
from graphlab.course import outline as reader
from graphlab.output import files

if TYPE_CHECKING:
    from graphlab.commands.course_run import CourseRun
    from graphlab.output.entry import Entry


@click.command()
@click.argument("targets", nargs=-1, metavar="[LESSONS]...")
@click.option(
    "-o", "output", required=True, type=click.Path(path_type=Path), help="The folder to write."
)
@click.option("--device", default="CPU:0", show_default=True, help="CPU:0, CPU:1, ..., GPU:0, ...")
@options.seed
@options.steps
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Run so many parts at a time, which takes from the times that they show.",
)
def course(
    targets: tuple[str, ...],
    output: Path,
    device: str,
    seed: int | None,
    steps: int | None,
    jobs: int,
) -> int:
    """Run the course, or some lessons and parts of it, and write it as a site: an index, a page a
    part and a page an exercise, to be opened from disk without a server or a network.

    With LESSONS the exercises are those that their parts teach.

    Each part with a function way is also compiled by XLA, where XLA takes it: its page has the
    program that was made, and how far its numbers are from the function's.

    The folder also gets course.json with all that was measured. It is written when all parts
    have run, or not at all.

    \b
    Examples:
      graphlab course -o site
      graphlab course -o look --steps 20 2 3.1
      graphlab course -o site --jobs 2
    """
    from graphlab.commands.course_run import CourseRun, together
    from graphlab.exercises import exercise as known

    chosen = {part.name for target in targets for part in reader.find(target)}
    lessons = reader.lessons()
    parts = tuple(p for each in lessons for p in each.parts if not targets or p.name in chosen)
    exercises = tuple(each for each in known.exercises() if not targets or each.lesson in chosen)
    talk.start_tensorflow()
    from graphlab.commands import teaching
    from graphlab.output import site
    from graphlab.output.entry import line

    progress, answer, reached = talk.stderr(), talk.stdout(), teaching.Reached()
    entries: dict[str, Entry] = {}

    def told(number: int) -> str:
        """What is at work when so many parts are done."""
        if number == len(parts):
            return "in the exercises"
        return f"in part {parts[number].name}, {number + 1} of {len(parts)}"

    def alone(run: CourseRun) -> Generator[Entry, None, None]:
        for number in range(len(parts)):
            reached.losses.clear()
            with teaching.bars(progress, reached) as tick:
                entry = run.write_part(number, tick)
            yield entry
        for number in range(len(exercises)):
            run.write_exercise(number)

    try:
        with files.whole_folder(output, "-o") as folder:
            run = CourseRun(parts, exercises, folder, device, seed, steps)
            run = replace(run, device=run.begin())
            reached.now = told(0)
            with closing(alone(run) if jobs == 1 else together(run, jobs)) as written:
                for entry in written:
                    entries[entry.part] = entry
                    reached.done.append(entry.part)
                    reached.now = told(len(entries))
                    answer.print(line(entry), soft_wrap=True)
                    for complaint in entry.complaints:
                        progress.print(f"graphlab: {complaint}", soft_wrap=True)
            site.write_index(folder, lessons, entries, run.device, steps, exercises, jobs)
    except KeyboardInterrupt:
        return talk.complain(f"{reached}; {output} is as it was", 130)
    answer.print(str(output / site.INDEX), soft_wrap=True)
    return 0 if all(entry.ok for entry in entries.values()) else 1
