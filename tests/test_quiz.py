"""What a part asks is answered by running it, on the terminal, on the page and in a notebook."""

from __future__ import annotations

import builtins
import runpy
from pathlib import Path

import pytest
from rich.console import Console

from graphlab import cli
from graphlab.commands import asking
from graphlab.commands.asking import ask
from graphlab.course import outline, quiz
from graphlab.course.quiz import Answered, Question, answered
from graphlab.output import lesson_notebook
from graphlab.output.lesson_notebook import Asked
from graphlab.screen import quiz as screen

ANSWERS = runpy.run_path(str(Path(__file__).parent / "course" / "questions.py"))["ANSWERS"]
PARTS = {part.name: part for lesson in outline.lessons() for part in lesson.parts}
SMALL = '''"""Lesson 1.2: a number is doubled.

What is small.
"""

CASES = [1.0]
RTOL = ATOL = 0.0


# In a graph.
# As it was.
def graph(cases, device):
    # run
    return {"y": [case + case for case in cases]}


def quiz_how_much():
    """What is twice
    `1`?

    It is added to itself.
    """
    return graph(CASES, "CPU:0")["y"][0]


def quiz_which():
    """Is it a number?

    - no
    - yes, it is
      one

    It was made of one.
    """
    return "yes, it is one" if graph(CASES, "CPU:0")["y"][0] else "no"


def quiz_raises():
    """What is 1 / 0?

    Nobody knows.
    """
    return 1 / len([])


def quiz_no_choice():
    """Which of them?

    - this
    - that

    Neither.
    """
    return str(graph(CASES, "CPU:0")["y"][0])


def quiz_no_number():
    """How many?

    Many.
    """
    return float("nan")
'''


@pytest.fixture
def small(tmp_path) -> outline.Part:
    folder = tmp_path / "lesson_01_of_a_test"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""Lesson 1: Small things.\n\nWhat is small.\n"""\n')
    (folder / "part_2_double.py").write_text(SMALL)
    return outline.find("1.2", tmp_path)[0]


@pytest.fixture
def replies(monkeypatch):
    """Reply with these lines, one after the other; behind the last the input ends."""

    def reply_with(*lines: str | type[BaseException]) -> None:
        waiting = iter(lines)

        def read(prompt: str) -> str:
            line = next(waiting, EOFError)
            if isinstance(line, str):
                return line
            raise line

        monkeypatch.setattr(builtins, "input", read)

    return reply_with


def told(part: outline.Part, replying: bool, width: int = 80) -> tuple[str, tuple[Answered, ...]]:
    console = Console(width=width, color_system=None)
    with console.capture() as taken:
        found = ask(part, console, replying)
    return taken.get(), found


@pytest.mark.parametrize("name", PARTS)
def test_what_a_part_asks_is_answered_by_its_code(name):
    part = PARTS[name]
    found = [answered(part, question) for question in quiz.questions(part)]
    assert [each.error for each in found] == [""] * len(found)
    assert {each.question.name: each.text for each in found} == ANSWERS.get(name, {})


def test_a_lesson_asks_in_each_of_its_parts():
    assert [name for name in PARTS if not quiz.questions(PARTS[name])] == []


def test_a_question_is_read_from_its_docstring(small):
    first, second, *_ = quiz.questions(small)
    assert first == Question("quiz_how_much", "What is twice `1`?", (), "It is added to itself.")
    assert second.choices == ("no", "yes, it is one")


def test_an_answer_is_what_the_code_gave_and_why_there_is_none_is_told(small):
    found = [answered(small, question) for question in quiz.questions(small)]
    assert [(each.text, each.error) for each in found] == [
        ("2", ""),
        ("yes, it is one", ""),
        ("", "ZeroDivisionError: division by zero"),
        ("", "it gave '2.0', which is none of its choices"),
        ("", "it gave 'nan', which is no number, and has no choices"),
    ]


@pytest.mark.parametrize(
    ("reply", "meant"), [("b", "that"), (" A) ", "this"), ("c", None), ("that", None), ("1", None)]
)
def test_a_choice_is_meant_by_its_letter(reply, meant):
    assert Question("q", "Which?", ("this", "that"), "So.").understood(reply) == meant


@pytest.mark.parametrize(
    ("reply", "answer", "right"),
    [
        ("3", "3", True),
        ("3.0", "3", True),
        ("1,000", "1000", True),
        ("999", "1000", False),
        ("2.3", "2.31", True),
        ("2", "2.31", False),
        ("-1", "-1", True),
        ("three", "3", None),
        ("nan", "3", None),
        ("", "3", None),
    ],
)
def test_a_whole_number_must_be_met_and_another_nearly(reply, answer, right):
    question = Question("q", "How many?", (), "So.")
    meant = question.understood(reply)
    assert right == (None if meant is None else Answered(question, answer).is_right(meant))


def test_what_is_piped_shows_each_question_and_what_came_out(small, monkeypatch):
    monkeypatch.setattr(builtins, "input", lambda prompt: pytest.fail("it asked"))
    text, found = told(small, False)
    assert len(found) == 5
    for line in (
        "1. What is twice `1`?",
        "   2\n   It is added to itself.",
        "   a) no\n   b) yes, it is one",
        "   b) yes, it is one\n   It was made of one.",
        "quiz_raises has no answer: ZeroDivisionError: division by zero",
    ):
        assert line in "\n".join(each.rstrip() for each in text.splitlines())
    assert "✓" not in text and "✗" not in text


def test_a_reader_replies_before_the_answer_is_run(small, replies, monkeypatch):
    order = []
    replies("x", "3", "b", "", "", "")
    run = quiz.answered
    monkeypatch.setattr(
        asking.quiz, "answered", lambda *asked: order.append(asked[1].name) or run(*asked)
    )
    text, found = told(small, True)
    assert "write a number, or nothing to be told" in text
    assert "✗ 2" in text and "✓ b) yes, it is one" in text
    assert order == [each.question.name for each in found]


def test_the_end_of_the_input_leaves_quietly(small, replies):
    replies("2")
    text, found = told(small, True)
    assert [each.text for each in found] == ["2"]
    assert "Is it a number?" in text and "It was made of one." not in text


@pytest.mark.parametrize("width", [20, 32, 200])
def test_a_question_fits_the_terminal(small, width):
    text, _ = told(small, False, width)
    assert max(len(line.rstrip()) for line in text.splitlines()) <= min(width, 92)


def code(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        cli.main(list(arguments))
    return left.value.code


def test_a_lesson_asks_at_the_end_of_a_part(capsys):
    assert code("lesson", "1.3", "--quiz") == 0
    out, err = capsys.readouterr()
    text = " ".join(out.split())
    for question in quiz.questions(PARTS["1.3"]):
        assert question.text in text and question.why in text
    assert out.index("Questions") > out.index("The ways agree")
    assert err == ""


def test_a_lesson_asks_only_when_it_is_told_to(capsys):
    assert code("lesson", "1.3") == 0
    assert "Questions" not in capsys.readouterr().out


def test_ctrl_c_at_a_question_leaves_one_line(capsys, replies, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    replies(KeyboardInterrupt)
    assert code("lesson", "1.3", "--quiz", "--no-pause") == 130
    err = capsys.readouterr().err
    assert err == "graphlab: stopped by Ctrl-C after part 1.3; 1.3 done\n"


def test_a_question_without_an_answer_is_a_complaint(capsys, monkeypatch):
    monkeypatch.setattr(
        asking.quiz, "answered", lambda part, question: Answered(question, "", "ValueError: no")
    )
    assert code("lesson", "1.3", "--quiz") == 1
    name = quiz.questions(PARTS["1.3"])[0].name
    assert f"graphlab: 1.3: {name}: ValueError: no\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--json",), "--quiz asks on the terminal, and --json writes one document; leave out one"),
        (("--notebook", "x.ipynb"), "leave out --quiz"),
    ],
)
def test_what_cannot_ask_is_refused(capsys, arguments, line):
    assert code("lesson", "1.3", "--quiz", *arguments) == 2
    assert line in capsys.readouterr().err
    assert not Path("x.ipynb").exists()


def test_a_notebook_asks_in_cells_whose_output_is_folded():
    pytest.importorskip("nbformat")
    part = PARTS["1.3"]
    lesson = next(each for each in outline.lessons() if each.number == part.lesson)
    cells = {c.id: c for c in lesson_notebook.written(lesson, [part], Asked()).cells}
    asked, cell, why = (cells[f"part-1-3-quiz-{name}"] for name in ("1-prose", "1", "1-why"))
    first = quiz.questions(part)[0]
    assert asked.source == f"{first.text}\n\n" + "\n".join(f"- {each}" for each in first.choices)
    assert cell.source.endswith(f"print({first.name}())") and first.text not in cell.source
    assert cell.metadata == {"jupyter": {"outputs_hidden": True}}
    assert first.why in why.source and why.source.startswith("<details>")


def test_a_question_that_was_not_replied_to_has_no_mark():
    console = Console(width=80, color_system=None)
    with console.capture() as taken:
        console.print(screen.answer(Answered(Question("q", "How many?", (), "So."), "3")))
    assert [line.strip() for line in taken.get().splitlines()] == ["3", "So."]
