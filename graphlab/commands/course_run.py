"""What `graphlab course` runs, in this process or in several, and the pages that come of it.

run = CourseRun(parts, exercises, folder, "CPU:0")
run.begin(); entry = run.write_part(0, tick); run.write_exercise(0)
for entry in together(run, 2): ...        # the same, two at a time
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Generator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graphlab import devices, startup
from graphlab.course import outline
from graphlab.errors import GraphlabError

if TYPE_CHECKING:  # they import TensorFlow or NumPy
    from graphlab.course.run import Tick
    from graphlab.exercises.exercise import Exercise
    from graphlab.output.entry import Entry


@dataclass(frozen=True)
class CourseRun:
    """Parts and exercises, where and how they are run, and the folder of their pages."""

    parts: tuple[outline.Part, ...]
    exercises: tuple[Exercise, ...]
    folder: Path
    device: str
    seed: int | None = None
    steps: int | None = None  # only so many of each part; None: all

    def begin(self) -> str:
        """The device, once it is there and TensorFlow has started; needed once in a process."""
        startup.start_tensorflow()
        devices.share_gpus()
        place = devices.prepare(self.device)
        for part in self.parts:  # one may ask for more devices: made before the first op of any
            outline.load(part)
        return place

    def write_part(self, number: int, tick: Tick) -> Entry:
        """Run a part, write its page, and say what the index tells of it."""
        from graphlab.course import run
        from graphlab.output import site
        from graphlab.output.entry import entry_of

        part = self.parts[number]
        told = run.run_part(
            part,
            outline.ways_of(part),
            self.device,
            self.seed,
            tick,
            self.steps,
            values=True,
            compiled=True,
        )
        site.write_part(self.folder, told, site.links_of(self.parts, number, self.exercises))
        return entry_of(told, whole=self.steps is None)

    def write_exercise(self, number: int) -> None:
        """Run the programs of an exercise, and write its page."""
        from graphlab.exercises import watched
        from graphlab.output import site

        one = self.exercises[number]
        with devices.float32():
            programs = watched.programs(one, self.seed or 0)
        links = site.links_of_exercise(self.exercises, number, self.parts)
        site.write_exercise(self.folder, one, programs, links)


def together(run: CourseRun, jobs: int) -> Generator[Entry, None, None]:
    """What the index tells of each part, in the order of the course, with `jobs` parts or exercises
    at work at a time, each in a process that has its share of the cores.

    GraphlabError where a process is killed, as by a system without memory. What a part raises
    passes through. The processes end with the iterator, whatever ends it.
    """
    context = multiprocessing.get_context("spawn")  # what has started TensorFlow cannot fork
    cores = max(1, (os.cpu_count() or 1) // jobs)
    with ProcessPoolExecutor(jobs, context, _begin, (run, cores)) as pool:
        try:
            entries = pool.map(_write_part, range(len(run.parts)))
            exercises = pool.map(_write_exercise, range(len(run.exercises)))
            yield from entries
            deque(exercises, maxlen=0)  # what one raised is raised here
        except BrokenProcessPool:
            raise GraphlabError(
                f"--jobs {jobs}: a process was killed, as happens where memory runs out; ask for"
                " fewer"
            ) from None
        finally:
            for process in multiprocessing.active_children():
                process.terminate()


_run: CourseRun  # of this process, where it is one of those


def _begin(run: CourseRun, cores: int) -> None:
    global _run
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that began this one
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", str(cores))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _run = run
    run.begin()


def _end_with_parent() -> None:
    """One that is killed tells nobody, and this process would work on for nobody."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _write_part(number: int) -> Entry:
    return _run.write_part(number, lambda *_: None)


def _write_exercise(number: int) -> None:
    _run.write_exercise(number)
