"""`graphlab exercise`: progress, starters, hints one at a time, a solution once it is earned."""

import json

import pytest
from click.testing import CliRunner

from graphlab.cli import graphlab
from graphlab.errors import GraphlabError
from graphlab.exercises import progress
from graphlab.exercises.exercise import exercise, exercises


@pytest.fixture
def ask(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def asked(*arguments: str):
        return CliRunner().invoke(graphlab, ["exercise", *arguments], standalone_mode=False)

    return asked


def test_the_list_has_every_exercise_and_what_comes_next(ask):
    told = ask()
    assert told.return_value == 0
    for each in exercises():
        assert each.title in " ".join(told.stdout.split())
    assert told.stdout.endswith("The next one: graphlab exercise 1\n")


def test_an_exercise_begins_with_its_start_and_the_program_beside_it(ask, tmp_path):
    told = ask("1")
    assert told.return_value == 0 and exercise(1).title in told.stdout
    assert told.stdout.splitlines()[-2:] == [
        "exercise_01.py  yours; then: graphlab check exercise_01.py",
        "Where you are stuck: graphlab exercise 1 --hint",
    ]
    assert (tmp_path / "exercise_01.py").read_bytes() == exercise(1).start.read_bytes()
    assert (tmp_path / "exercise_01_tf1.py").read_bytes() == exercise(1).original.read_bytes()


def test_what_the_reader_wrote_is_not_written_over_and_reset_keeps_it(ask, tmp_path):
    (tmp_path / "exercise_01.py").write_text("mine\n")
    ask("1")
    assert (tmp_path / "exercise_01.py").read_text() == "mine\n"
    ask("1", "--reset")
    assert (tmp_path / "exercise_01.py").read_bytes() == exercise(1).start.read_bytes()
    assert (tmp_path / "exercise_01.py.old").read_text() == "mine\n"


def test_hints_come_one_at_a_time_and_are_counted(ask, tmp_path):
    for count in (1, 2, 3, 3):
        assert ask("1", "--hint").stdout.count("Hint ") == count
        kept = json.loads((tmp_path / progress.NAME).read_text())
        assert kept["1"]["hints"] == count
    assert "3 of 3 hints" in ask().stdout


def test_a_solution_is_shown_when_it_is_asked_for_twice_or_the_exercise_is_solved(ask, tmp_path):
    first = ask("1", "--solution")
    assert (first.return_value, first.stdout) == (1, "")
    assert ask("1", "--solution").stdout == exercise(1).solution.read_text(encoding="utf-8")
    kept = progress.Progress().solved(1)
    (tmp_path / progress.NAME).write_bytes(kept.as_bytes())
    assert ask("1", "--solution").return_value == 0


def test_what_there_is_none_of_is_told(ask, tmp_path):
    assert "there is no exercise 99" in str(ask("99").exception)
    assert "say of which exercise" in str(ask("--hint").exception)
    (tmp_path / progress.NAME).write_text("[1, 2]")
    error = ask().exception
    assert isinstance(error, GraphlabError) and "remove it to begin anew" in str(error)


def test_every_exercise_has_three_hints_and_a_text():
    for each in exercises():
        assert len(each.hints) == 3 and all(len(hint) > 20 for hint in each.hints)
        assert 30 <= len(each.text.split()) <= 400
        assert each.title and not each.title.endswith(".")
        assert f"Exercise {each.number}" in each.text_of(each.start).splitlines()[0]
        assert f"Exercise {each.number}" in each.text_of(each.solution).splitlines()[0]
