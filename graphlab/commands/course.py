"""graphlab course."""

from __future__ import annotations

from pathlib import Path

import click

from graphlab import devices
from graphlab.commands import options, talk
from graphlab.course import outline as reader
from graphlab.output import files


@click.command()
@click.argument("targets", nargs=-1, metavar="[LESSONS]...")
@click.option(
    "-o", "output", required=True, type=click.Path(path_type=Path), help="The folder to write."
)
@click.option("--device", default="CPU:0", show_default=True, help="CPU:0, CPU:1, ..., GPU:0, ...")
@options.seed
@options.steps
def course(
    targets: tuple[str, ...], output: Path, device: str, seed: int | None, steps: int | None
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
    """
    chosen = {part.name for target in targets for part in reader.find(target)}
    lessons = reader.lessons()
    parts = [p for each in lessons for p in each.parts if not targets or p.name in chosen]
    talk.start_tensorflow()
    from graphlab.commands import teaching
    from graphlab.course import run
    from graphlab.exercises import exercise as known
    from graphlab.exercises import watched
    from graphlab.output import site
    from graphlab.output.entry import Entry, entry_of, line

    exercises = [each for each in known.exercises() if not targets or each.lesson in chosen]

    devices.share_gpus()
    click.get_current_context().with_resource(devices.float32())
    place = devices.prepare(device)
    for part in parts:  # one may ask for more devices, which are made before the first op of any
        reader.load(part)
    progress, answer, reached = talk.stderr(), talk.stdout(), teaching.Reached()
    entries: dict[str, Entry] = {}
    try:
        with files.whole_folder(output, "-o") as folder:
            for number, part in enumerate(parts):
                reached.now = f"in part {part.name}, {number + 1} of {len(parts)}"
                reached.losses.clear()
                with teaching.bars(progress, reached) as tick:
                    told = run.run_part(
                        part,
                        reader.ways_of(part),
                        place,
                        seed,
                        tick,
                        steps,
                        values=True,
                        compiled=True,
                    )
                site.write_part(folder, told, site.links_of(parts, number, exercises))
                entry = entries[part.name] = entry_of(told, whole=steps is None)
                reached.done.append(part.name)
                answer.print(line(entry), soft_wrap=True)
                for complaint in entry.complaints:
                    progress.print(f"graphlab: {complaint}", soft_wrap=True)
            for number, one in enumerate(exercises):
                reached.now = f"in exercise {one.number}"
                links = site.links_of_exercise(exercises, number, parts)
                site.write_exercise(folder, one, watched.programs(one, seed or 0), links)
            site.write_index(folder, lessons, entries, place, steps, exercises)
    except KeyboardInterrupt:
        return talk.complain(f"{reached}; {output} is as it was", 130)
    answer.print(str(output / site.INDEX), soft_wrap=True)
    return 0 if all(entry.ok for entry in entries.values()) else 1
