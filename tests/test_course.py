"""Lessons are read from their files, and held to the contract of a part."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from graphlab.course import outline
from graphlab.course.contract import complaints
from graphlab.errors import GraphlabError

GOOD = (
    '''"""Lesson 2.2: a number is doubled.

{prose}
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises

CASES = [np.ones(2, np.float32)]
RTOL = 0.0  # one Add in each way: bit-equal
ATOL = 0.0


# A graph is built first.
# Only then it runs.
def graph(cases, device):
    # inputs
    with tf.Graph().as_default() as g, tf.device(device):
        x = tf.compat.v1.placeholder(tf.float32, [2])
        # model
        y = x + x
        # run
        with tf.compat.v1.Session(graph=g) as session:
            # Arithmetic starts here.
            return {{"y": [session.run(y, {{x: case}}) for case in cases]}}


# Each line runs where it stands.
# There is no graph.
def eager(cases, device):
    # inputs
    ys = []
    # model
    double = lambda x: x + x
    # run
    for case in cases:
        ys.append(double(tf.constant(case)))
    return {{"y": ys}}


# The first call traces the body.
# The others run its graph.
def function(cases, device):
    # inputs
    text = "# model"
    # model
    double = tf.function(lambda x: x + x)
    # run
    return {{"y": [double(case) for case in cases]}}


def claim_a_word_cannot_be_a_number():
    """A word is no number."""
    with raises(ValueError):
        float("word")


def quiz_what_is_one_doubled():
    """What is the double of 1?

    - 2
    - 1

    It is added to itself.
    """
    return str(int(eager(CASES, "CPU:0")["y"][0][0]))
'''.replace("{prose}", "Five words to a line. " * 12)
    .replace("{{", "{")
    .replace("}}", "}")
)

BROKEN = [
    ("Lesson 2.2: a number", "About a number", 'must begin with "Lesson 2.2: "'),
    ("Five words to a line. " * 12, "Short.", "the prose has 1 words"),
    ("Five words to a line. " * 12, "Far too long. " * 90, "the prose has 270 words"),
    ("import numpy as np", "import numpy as np\nimport os", "imports os"),
    ("CASES =", "SOME =", "give the steps to run"),
    ("CASES =", "def cases(seed):\n    return []\n\n\nCASES =", "`def cases(seed=0)`"),
    ("ATOL = 0.0\n", "", "state ATOL"),
    ("  # one Add in each way: bit-equal", "", "say in a comment at RTOL or ATOL why"),
    ("CASES = ", "ON_GPU = Drift(9)\nCASES = ", "say in a comment at ON_GPU why"),
    ("ATOL = 0.0", "ATOL = 0.0\nW = tf.zeros([2])", "calls TensorFlow while the part is imported"),
    ("def eager(", "def slow(", "write the way eager(cases, device)"),
    ("def eager(cases, device)", "def eager(cases)", "give all ways one signature"),
    ("# There is no graph.\n", "", "the comment above eager has 1 lines"),
    ("    # model\n    double = tf", "    double = tf", "function has the sections inputs, run"),
    ("    for case in cases:", "    len([c for c in cases])\n    for case in cases:", "2 times"),
    ("    ys = []", "    ys = []  " + "# Far" * 20, "break it at 76"),
    ("# Arithmetic starts here", "# arithmetic starts here", "begin the comment with a capital"),
    ("def claim_", "def not_a_claim_", "claim something"),
    ("    with raises(ValueError):\n        float", "    assert str", "show one failure"),
    ('    """A word is no number."""\n', "", "give it a docstring"),
    ("number():", "number(anything):", "exactly one of `results` and `runs`"),
    ("    with raises(ValueError):\n        float", "    float", "assert something"),
    ("def claim_", "\n" * 150 + "def claim_", "make two parts of it"),
    ("double of 1?", "double of 1.", "a paragraph that asks, to a `?`"),
    ("    It is added to itself.\n", "", "say in the last paragraph of its docstring why"),
    ("    - 1\n", "", "give two choices or more"),
    ("doubled():", "doubled(results):", "a question takes nothing"),
    ('str(int(eager(CASES, "CPU:0")["y"][0][0]))', '"2"', "never a typed answer"),
]

KERAS = """KERAS_RTOL = 0.0  # the same kernels
KERAS_ATOL = 0.0


# Keras has a layer for it.
# It is the same Add.
def keras(cases, device):
    # model
    double = tf.keras.layers.Lambda(lambda x: x + x)
    # run
    return {"y": [double(case) for case in cases]}


def claim_"""
BROKEN += [
    ("def claim_", KERAS.replace("KERAS_RTOL = 0.0  # the same kernels\n", ""), "KERAS_RTOL"),
    ("def claim_", KERAS.replace("  # the same kernels", ""), "at KERAS_RTOL or KERAS_ATOL why"),
    ("def claim_", KERAS.replace("# model", "# train"), "keras has the sections train, run"),
    ("def claim_", KERAS.replace("def claim_", "\n" * 210 + "def claim_"), "stay under 250"),
    ("def claim_", "def figures(results, way):\n    pass\n\n\ndef claim_", "def figures(results)"),
    ("CASES =", 'DATA = "cats"\nCASES =', "DATA names what --data may replace"),
]


@pytest.fixture
def write(tmp_path):
    """Write a lesson with one part of the given text, and give the part."""
    folder = tmp_path / "lesson_02_small"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""Lesson 2: Small things.\n\nWhat is small.\n"""\n')

    def part(text: str) -> outline.Part:
        (folder / "part_2_double.py").write_text(text)
        return outline.find("2.2", tmp_path)[0]

    return part


def test_a_lesson_is_read_from_its_folder(write):
    part = write(GOOD)
    (lesson,) = outline.lessons(part.path.parent.parent)
    assert (lesson.number, lesson.title, lesson.about) == (2, "Small things", "What is small.")
    assert [each.name for each in lesson.parts] == ["2.2"]
    assert part.title == "a number is doubled"
    assert part.shared.splitlines()[0] == "import numpy as np"
    assert part.shared.splitlines()[-1] == "ATOL = 0.0"


def test_a_way_is_cut_at_its_section_comments(write):
    way = write(GOOD).ways["graph"]
    assert way.prose == "A graph is built first.\nOnly then it runs."
    assert way.signature == "(cases, device)"
    assert [section.title for section in way.sections] == ["inputs", "model", "run"]
    assert way.sections[1].code == "    y = x + x"
    assert way.sections[2].code.splitlines()[1] == "        # Arithmetic starts here."


def test_a_section_knows_its_line(write):
    part = write(GOOD)
    lines = part.path.read_text().splitlines()
    for way in part.ways.values():
        for section in way.sections:
            assert section.code.splitlines()[0] in lines[section.line - 1]


def test_a_string_that_looks_like_a_section_comment_is_none(write):
    section = write(GOOD).ways["function"].sections[0]
    assert section.code == 'text = "# model"'


def test_code_before_the_first_section_comment_has_no_title(write):
    part = write(GOOD.replace("    # inputs\n    ys", "    before = 1\n    # inputs\n    ys"))
    first = part.ways["eager"].sections[0]
    assert (first.title, first.code) == ("", "before = 1")


def test_a_good_part_has_no_complaints(write):
    assert complaints(write(GOOD)) == []


@pytest.mark.parametrize(("good", "bad", "complaint"), BROKEN)
def test_a_broken_part_is_told_what_to_do(write, good, bad, complaint):
    assert good in GOOD
    told = complaints(write(GOOD.replace(good, bad)))
    assert any(complaint in each for each in told), told


def test_a_part_that_is_no_python_is_named_with_its_line(write):
    part = write('"""Lesson 2.2: x."""\n\ndef graph(:\n')
    assert part.title == "x"
    with pytest.raises(GraphlabError, match=r"part_2_double.py:3: .*; mend the line first"):
        complaints(part)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("7", r"there is no lesson 7; try 2, or see: graphlab lessons"),
        ("2.5", r"lesson 2 has no part 2.5; it has 2.2"),
        ("two", r"'two' is not a lesson; write a number"),
    ],
)
def test_what_does_not_exist_is_answered_with_the_nearest(write, target, message):
    folder = write(GOOD).path.parent.parent
    with pytest.raises(GraphlabError, match=message):
        outline.find(target, folder)


def test_a_target_may_name_a_way():
    assert outline.split_target("2.3:graph") == ("2.3", "graph")
    assert outline.split_target("2.3") == ("2.3", None)
    with pytest.raises(GraphlabError, match=r"'grph' in '2.3:grph' is not a way; try graph"):
        outline.split_target("2.3:grph")


COURSE = [part for lesson in outline.lessons() for part in lesson.parts]


@pytest.mark.parametrize("part", COURSE, ids=lambda part: part.name)
def test_every_part_of_the_course_keeps_the_contract(part):
    assert complaints(part) == []


def test_every_lesson_of_the_course_has_a_title_and_says_what_it_teaches():
    lacking = [each.number for each in outline.lessons() if not (each.title and each.about)]
    assert lacking == []


def test_reading_the_course_imports_no_tensorflow():
    code = (
        "import sys; from graphlab.course import outline; outline.lessons();"
        "print([m for m in ('tensorflow', 'numpy', 'networkx') if m in sys.modules])"
    )
    root = Path(outline.__file__).parent.parent
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root)
    assert (out.stdout.strip(), out.stderr) == ("[]", "")


def test_claims_are_held_also_where_python_leaves_assertions_out():
    """`python -O` removes what claims are made of: they would hold whatever was computed."""
    code = (
        "from graphlab.course import outline, ways\n"
        "part = outline.load(outline.find('1.3')[0])\n"
        "part.tf = None\n"  # so that nothing a claim looks at can come out
        "print([claim.ok for claim in ways.check_claims(part, {}, {})])\n"
        "print(bool(part.__doc__), all(c.text for c in ways.check_claims(part, {}, {})))\n"
        "exec(compile('assert False', 'asserted', 'exec'))"
    )
    for option in ("-O", "-OO"):
        ran = subprocess.run([sys.executable, option, "-c", code], capture_output=True, text=True)
        held, told = ran.stdout.splitlines()
        assert ran.returncode == 0, "this Python does not leave assertions out"
        assert "True" not in held
        assert told == "True True"
