"""The checker is not fooled, and says in one line what is wrong with a request.

What is about the command is asked of a process as a reader's is. Elsewhere the command is called
here, and the programs run in processes that are forked, for TensorFlow is slow to start.
"""

import json
import py_compile
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from asked import Forked

from graphlab.cli import main
from graphlab.exercises import ladder, sides
from graphlab.exercises.exercise import exercise

ONE = exercise(1)
SOLUTION = ONE.solution.read_text(encoding="utf-8")
STEP = '        return {"centred": centred, "before": before}\n'
ASSIGN = "        self.m.assign_add(0.1 * (tf.reduce_mean(x, axis=0) - before))\n"


def check(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "graphlab", "check", *arguments, "--seed", "7"]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=900)


def with_port(folder: Path, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "port.py").write_text(text, encoding="utf-8")
    return check("port.py", *arguments, folder=folder)


@dataclass
class Ran:
    """What a command left, as `subprocess.CompletedProcess` has it."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def quick(monkeypatch, capsys, tmp_path):
    """`with_port` without a process for the command, and without where programs part."""
    monkeypatch.setattr(sides, "Process", Forked)
    monkeypatch.setattr(ladder, "parting", lambda *given: "")
    monkeypatch.chdir(tmp_path)

    def asked(text: str, *arguments: str) -> Ran:
        (tmp_path / "port.py").write_text(text, encoding="utf-8")
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(["check", "port.py", *arguments, "--seed", "7"])
        return Ran(left.value.code, *capsys.readouterr())

    return asked


def changed(old: str, new: str) -> str:
    assert old in SOLUTION
    return SOLUTION.replace(old, new)


def rungs(ran: subprocess.CompletedProcess[str] | Ran) -> dict[str, tuple[str, str]]:
    return {
        each["name"]: (each["outcome"], each.get("detail", ""))
        for each in json.loads(ran.stdout)["rungs"]
    }


def test_a_right_port_leaves_with_0_and_is_remembered(tmp_path):
    ran = with_port(tmp_path, SOLUTION)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.count("✓") == 10
    kept = json.loads((tmp_path / ".graphlab-exercises.json").read_text())
    assert kept == {"1": {"solved": True, "hints": 0, "asked": False}}


def test_a_wrong_port_leaves_with_1_and_the_first_probe_that_breaks_says_why(tmp_path):
    ran = with_port(tmp_path, ONE.start.read_text(encoding="utf-8"), "--json", "--timeout", "600")
    found = rungs(ran)
    assert ran.returncode == 1
    assert found["forward"][0] == "holds" and found["first state"] == ("not tried", "")
    assert found["first call"][0] == "breaks"
    assert found["first call"][1].startswith("train_step: centred is ")
    (parts,) = [each["parts"] for each in json.loads(ran.stdout)["rungs"] if "parts" in each]
    assert parts == "They part at `sub_1` (exercise_01_tf1.py:17) and `sub` (port.py:14)."


def test_the_same_seed_says_the_same(quick):
    start = ONE.start.read_text(encoding="utf-8")
    assert quick(start, "--json") == quick(start, "--json")


# Ports that would rather be taken for right than be right: where, what, and what is said.
CHEATS = {
    "an object that says it is equal": (
        STEP,
        "        return {'centred': Liar(x), 'before': Liar(x)}\n",
        "class Liar:\n    def __init__(self, x): self.x = x\n"
        "    def __eq__(self, other): return True\n"
        "    def __array__(self, *a, **k): return (self.x * 0).numpy()\n\n\n",
        "first call",
    ),
    "answers that are kept": (
        "        return x - self.m\n",
        "        KEPT.setdefault('x', x - self.m)\n        return KEPT['x'] + 0 * x[:1]\n",
        "KEPT = {}\n\n\n",
        "forward",
    ),
    "a port that looks for the original": (
        "        return x - self.m\n",
        "        import glob, os, graphlab.exercises.exercise as e\n"
        "        return open(glob.glob(str(e.PROGRAMS / '*' / 'original.py'))[0]).read()\n",
        "",
        "forward",
    ),
    "a port that has another process look": (
        "        return x - self.m\n",
        "        import subprocess\n        return subprocess.run(['true'])\n",
        "",
        "forward",
    ),
    "a port with a Session inside": (
        "        return x - self.m\n",
        "        m = self.m.numpy()\n"
        "        with tf.Graph().as_default(), tf.compat.v1.Session() as session:\n"
        "            return session.run(tf.constant(x) - m)\n",
        "",
        "accounting",
    ),
    "a Session that is run by its base class": (
        "        return x - self.m\n",
        "        m = self.m.numpy()\n"
        "        with tf.Graph().as_default(), tf.compat.v1.Session() as session:\n"
        "            base = next(c for c in type(session).__mro__[1:] if 'run' in vars(c))\n"
        "            return base.run(session, tf.constant(x) - m)\n",
        "",
        "accounting",
    ),
    "a port that changes what looks at its paths": (
        "        return x - self.m\n",
        "        import glob, os, graphlab.exercises.exercise as e\n"
        "        os.path.realpath = lambda path, **how: 'x'\n"
        "        open(glob.glob(str(e.PROGRAMS / '*' / 'original.py'))[0]).read()\n"
        "        return x - self.m\n",
        "",
        "forward",
    ),
    "a port that expects the draws of its first seeds": (
        "        return x - self.m\n",
        "        for seed in range(100):\n"
        "            random = np.random.RandomState(seed)\n"
        "            if np.allclose(random.randn(*x.shape) + 2, x):\n"
        "                return x * 0\n"
        "        return x * 0 + self.m\n",
        "import numpy as np\n\n\n",
        "forward",
    ),
}


@pytest.mark.parametrize("name", CHEATS)
def test_a_checker_is_not_fooled(name, quick):
    old, new, before, probe = CHEATS[name]
    text = changed(old, new).replace("@tf.function\n    def train_step", "def train_step")
    ran = quick(text.replace("class Port", before + "class Port"), "--json")
    assert ran.returncode == 1, ran.stderr
    assert [each for each, (outcome, _) in rungs(ran).items() if outcome == "breaks"] == [probe]


# What a port does that is none, or breaks: the text, the exit code, and what is said of it.
BROKEN = {
    "no build": (SOLUTION.replace("def build", "def make"), 2, "has no build()"),
    "no object": (SOLUTION.replace("return Port()", "return 3"), 2, "without train_step()"),
    "no Python": ("Exercise 1 is hard\n", 2, "SyntaxError at line 1"),
    "a module that is missing": ("# Exercise 1\nimport nowhere\n", 2, "at line 2: No module"),
    "it leaves": (
        changed("        centred = x", "        raise SystemExit(3)\n        centred = x"),
        1,
        "ends its process, with exit code 3",
    ),
    "another signature": (
        changed("def predict(self, x)", "def predict(self, x, y)"),
        1,
        "missing 1 required positional argument: 'y'",
    ),
    "it raises": (
        changed("        centred = x - self.m\n", "        centred = tf.matmul(x, x)\n"),
        1,
        "at line 15",
    ),
    "NaN": (changed("centred = x - self.m", "centred = x - self.m + float('nan')"), 1, "is NaN"),
    "a fetch is left out": (changed(', "before": before', ""), 1, "before is not given"),
    "no variable": (changed("[self.m]", "[]"), 2, "has no variable for m of shape [3]"),
    "no array": (changed("        return x - self.m", "        return object()"), 1, "a object"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_port_is_told_in_one_line(name, quick):
    text, code, said = BROKEN[name]
    ran = quick(text, "--json")
    assert ran.returncode == code, (ran.stdout, ran.stderr)
    if code == 2:
        assert ran.stdout == "" and ran.stderr.count("\n") == 1 and said in ran.stderr
    else:
        assert said in dict(rungs(ran).values())["breaks"]


def test_an_error_of_the_checkers_own_is_told_as_it_is():
    both = sides.Sides.__new__(sides.Sides)
    both.original, both.port = "original", "port"

    def ask(side):
        if side == "original":
            raise SystemError("no answer was read")

    with pytest.raises(SystemError, match="no answer was read"):
        both._both(ask)


def test_what_a_port_prints_disturbs_nothing(tmp_path):
    text = changed(
        "        return x - self.m\n", "        print('so far')\n        return x - self.m\n"
    )
    ran = with_port(tmp_path, text, "--json")
    assert ran.returncode == 0 and "so far" in ran.stderr
    assert {outcome for outcome, _ in rungs(ran).values()} == {"holds"}


def test_a_port_that_does_not_end_is_ended(quick):
    text = changed("        return x - self.m\n", "        while True:\n            pass\n")
    ran = quick(text, "--json", "--timeout", "10")
    assert ran.returncode == 1
    assert rungs(ran)["forward"] == (
        "breaks",
        "the port does not come to an end; --timeout gives it more time",
    )


def test_of_which_exercise_a_port_is_must_be_known(quick, capsys):
    ran = quick(SOLUTION.replace("Exercise 1", "My port"))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "does not say of which exercise" in ran.stderr
    assert "there is no exercise 99" in quick(SOLUTION, "99").stderr
    with pytest.raises(SystemExit):
        main(["check", "nowhere.py"])
    assert capsys.readouterr().err == (
        "graphlab: cannot read nowhere.py: No such file or directory; give a Python file\n"
    )


def test_any_program_is_checked_against_any_other(tmp_path, quick):
    (tmp_path / "old.py").write_text(ONE.original.read_text(encoding="utf-8"))
    feeds = (
        "\n\ndef feeds(random, size, call):\n"
        '    return {"x": random.randn(4, 3).astype("float32")}\n'
    )
    ran = quick(SOLUTION + feeds, "--against", "old.py", "--json")
    assert ran.returncode == 0, ran.stderr
    assert rungs(ran)["special inputs"] == ("does not apply", "there are no special inputs")
    ran = quick(SOLUTION, "--against", "old.py")
    assert ran.returncode == 2 and "has feeds(random, size, call)" in ran.stderr


FEEDS = """

def sizes(random):
    return {"rows": random.randint(2, 5)}


def feeds(random, size, call):
    return {"x": random.randn(size["rows"], 3).astype("float32")}


def special(random, size):
    x = random.randn(1, 3).astype("float32")
    yield "one row, twice", {"m": x[0]}, [{"x": x}, {"x": x}]
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import graphlab.exercises.probes as p\np.equal = lambda *a: None\n", "first call"),
        ("import sys\nsys.exit(0)\n", ""),
        ("import old\nbuild = lambda: old.build()\n", ""),
    ],
)
def test_a_port_has_no_hand_in_what_it_is_checked_by(tmp_path, text, said, quick):
    (tmp_path / "old.py").write_text(ONE.original.read_text(encoding="utf-8"))
    py_compile.compile(str(tmp_path / "old.py"))  # as any program does that has imported it
    start = ONE.start.read_text(encoding="utf-8")
    ran = quick(start + FEEDS + "\n\n" + text, "--against", "old.py", "--json")
    if said:
        assert ran.returncode == 1 and rungs(ran)[said][0] == "breaks"
    else:
        assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)


def test_a_program_draws_in_a_process_of_its_own(tmp_path, quick):
    (tmp_path / "old.py").write_text(ONE.original.read_text(encoding="utf-8") + FEEDS)
    ran = quick(SOLUTION + "\n\nprint('so far')\n", "--against", "old.py", "--json")
    assert ran.returncode == 0, ran.stderr
    assert rungs(ran)["special inputs"] == ("holds", "one row, twice")


# Tests of a reader's, of the text alone: any command is one, and this one is quick.
TESTS = """
from pathlib import Path

text = Path("port.py").read_text()
assert "tf.reduce_mean(x, axis=0)" in text
assert text.index("assign_add") < text.index("centred = x")
"""


def test_planted_mistakes_show_what_the_readers_tests_miss(tmp_path, quick):
    (tmp_path / "test_port.py").write_text(TESTS)
    command = f"{sys.executable} test_port.py"
    ran = quick(SOLUTION, "--mutate", "--tests", command, "--json")
    assert ran.returncode == 1, ran.stderr
    found = {each["mistake"]: (each["probe"], each["seen"]) for each in json.loads(ran.stdout)}
    assert found == {
        "a mean becomes a sum": ("first call", True),
        "another axis": ("first call", True),
        "assign_add comes one line too late": ("first call", True),
        "assign_add is lost": ("first call", True),
        "nothing is restored": ("saving", False),
    }
    assert (tmp_path / "port.py").read_text() == SOLUTION


def test_tests_that_fail_by_themselves_say_nothing_of_mistakes(quick):
    ran = quick(SOLUTION, "--mutate", "--tests", f"{sys.executable} -c 1/0")
    assert (ran.returncode, ran.stdout) == (2, "") and "let it pass first" in ran.stderr
    ran = quick(SOLUTION, "--mutate")
    assert ran.returncode == 2 and "go together" in ran.stderr


def test_scripts_without_build_are_compared(tmp_path):
    script = "import tensorflow as tf\nf = tf.function(lambda x: x + {})\nf(tf.constant([1.0]))\n"
    (tmp_path / "old.py").write_text(script.format(1.0))
    (tmp_path / "new.py").write_text(script.format(2.0))
    ran = check("new.py", "--against", "old.py", folder=tmp_path)
    assert ran.returncode == 1 and "new.py" in ran.stdout
