"""The words of the course: where each is taught, and in which sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from graphlab import cli
from graphlab.course import glossary, outline
from graphlab.course.constructs import TAUGHT
from graphlab.output.words_page import words_page


def lesson(*proses: str) -> outline.Lesson:
    """A lesson of parts with these texts."""
    code = outline.Code({}, "")
    parts = (
        outline.Part(1, number, "a title", prose, Path("part.py"), code)
        for number, prose in enumerate(proses, 1)
    )
    return outline.Lesson(1, "A title", "", tuple(parts))


def test_a_word_is_told_by_the_sentence_that_sets_it_in_bold():
    made = lesson(
        "Nothing yet. A **tensor** is what flows along an edge from one op to the next one."
    )
    assert glossary.words([made]) == (
        glossary.Word(
            "tensor",
            "1.1",
            "A **tensor** is what flows along an edge from one op to the next one.",
        ),
    )


def test_a_sentence_that_leads_to_a_formula_ends_without_it():
    """`So they are squashed, as a sigmoid squashes a score:` led to nothing."""
    made = lesson(
        "Lengths come in any size, so all of them are **squashed**, as scores are:\n\n    v"
    )
    (word,) = glossary.words([made])
    assert word.sentence.endswith("as scores are.")


def test_a_long_name_of_tensorflow_may_go_on_below_behind_its_signs():
    """On a phone it was broken in mid-word, `with_l` above `ogits`."""
    page = words_page(outline.lessons(), ())
    assert "tf.<wbr>nn.<wbr>softmax_<wbr>cross_<wbr>entropy_<wbr>with_<wbr>logits" in page


def test_the_first_part_that_says_a_word_is_its_part():
    made = lesson(
        "Here is a **tensor** of rank two, as every matrix of this part.", "A **Tensor**."
    )
    assert [(word.name, word.part) for word in glossary.words([made])] == [("tensor", "1.1")]


def test_a_short_sentence_comes_with_the_one_before_it():
    made = lesson("The rest stays on paper.\nThis is **pruning**.\n\nThat is a **plan**.")
    assert {word.name: word.sentence for word in glossary.words([made])} == {
        "plan": "This is **pruning**. That is a **plan**.",
        "pruning": "The rest stays on paper. This is **pruning**.",
    }


def test_an_item_of_a_list_is_no_part_of_the_sentence_before_it():
    made = lesson(
        "There are two estimators of what a picture holds, and neither of them counts.\n\n"
        "- The **first** sees the whole of a picture, [48, 48, 1], and all\n"
        "  of it at once.\n"
        "- The **second** sees a quarter of it, and nothing else of the picture."
    )
    assert {word.name: word.sentence for word in glossary.words([made])} == {
        "first": "The **first** sees the whole of a picture, [48, 48, 1], and all of it at once.",
        "second": "The **second** sees a quarter of it, and nothing else of the picture.",
    }


def test_a_word_that_begins_its_sentence_is_written_small_unless_it_is_a_name():
    made = lesson(
        "**As executed** it may be another plan, and often it is one of far fewer operations.",
        "**Adam** keeps two means for each weight, and `adam` is what a file of it is called.",
        "What is drawn is the plan **as executed**.",
    )
    assert [word.name for word in glossary.words([made])] == ["Adam", "as executed"]
    course = [word.name for word in glossary.words(outline.lessons())]
    large = {name for name in course if name[0].isupper()}
    assert {"as executed", "dropout", "pooling"} <= set(course)
    assert {"Adam", "Keras", "U-Net"} <= large


def test_every_name_of_tensorflow_that_is_taught_has_a_part_that_is_there():
    names = glossary.names(outline.lessons())
    assert {name.name: name.part for name in names} == TAUGHT


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_the_words_fit_a_terminal(columns):
    ran = CliRunner(env={"COLUMNS": columns}).invoke(cli.graphlab, ["lessons", "--words"])
    assert ran.exit_code == 0
    assert max(map(len, ran.output.splitlines())) <= int(columns)
    told = " ".join(ran.output.split())
    for word in ("checkpoint", "minibatch", "kernel"):
        assert re.search(rf"\b{word}\b", told)
    assert "**" not in told
