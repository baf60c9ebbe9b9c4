"""`graphlab course --jobs`: the same course by several processes, which end with the command."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pytest

from graphlab.commands.course_run import CourseRun, together
from graphlab.course import outline
from graphlab.errors import GraphlabError
from graphlab.exercises import exercise


def parts(*names):
    return tuple(part for name in names for part in outline.find(name))


def course(*arguments, **options):
    command = [sys.executable, "-m", "graphlab", "course", *arguments]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


def test_two_at_a_time_tell_what_one_after_the_other_tell(tmp_path):
    run = CourseRun(parts("1.2", "2.1"), exercise.exercises()[:1], tmp_path, "CPU:0", steps=3)
    told = list(together(run, 2))
    assert [entry.part for entry in told] == ["1.2", "2.1"]
    assert {path.name for path in tmp_path.iterdir()} == {
        "1.2.html",
        "2.1.html",
        "exercise-1.html",
    }
    alone = [run.write_part(number, lambda *_: None) for number in range(2)]
    assert [(e.agreement, e.claims_held, e.complaints) for e in told] == [
        (e.agreement, e.claims_held, e.complaints) for e in alone
    ]
    assert multiprocessing.active_children() == []


def test_the_index_says_how_many_were_at_work(tmp_path):
    asked = course("-o", str(tmp_path / "site"), "--jobs", "2", "1.1", "1.2")
    out, err = asked.communicate()
    assert (asked.returncode, err) == (0, "")
    assert [line.split("  ")[0] for line in out.splitlines()[:2]] == ["✓ 1.1", "✓ 1.2"]
    assert json.loads((tmp_path / "site" / "course.json").read_text())["jobs"] == 2
    assert ", 2 parts at a time." in (tmp_path / "site" / "index.html").read_text()


def test_ctrl_c_ends_all_of_them_and_leaves_the_folder_as_it_was(tmp_path):
    place = tmp_path / "site"
    asked = course("-o", str(place), "--jobs", "2", "1.1", "4.6", "8.5", start_new_session=True)
    assert asked.stdout.readline().startswith("✓ 1.1")
    os.killpg(asked.pid, signal.SIGINT)  # as a terminal does
    _, err = asked.communicate()
    stopped = "stopped by Ctrl-C in part 4.6, 2 of 3; 1.1 done"
    assert asked.returncode == 130
    assert err == f"graphlab: {stopped}; {place} is as it was\n"
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ProcessLookupError):  # nobody of its group is left for long
        for _ in range(600):
            os.killpg(asked.pid, 0)
            time.sleep(0.1)


def test_a_process_that_is_killed_is_told(tmp_path):
    entries = together(CourseRun(parts("1.1", "4.6"), (), tmp_path, "CPU:0"), 1)
    assert next(entries).part == "1.1"
    for process in multiprocessing.active_children():
        process.kill()
    with pytest.raises(GraphlabError, match=r"^--jobs 1: a process was killed, .* ask for fewer$"):
        next(entries)
    assert multiprocessing.active_children() == []
