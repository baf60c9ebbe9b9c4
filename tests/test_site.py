"""The course as a site: what its index and its numbers tell, and what a stopped run leaves."""

from __future__ import annotations

import base64
import gzip
import html
import html.parser
import json
import math

import pytest

from graphlab.cli import main
from graphlab.course import outline, run
from graphlab.course.goals import GOALS, Goal
from graphlab.output import index, plain_page, site
from graphlab.output.entry import Agreed, Entry, Measured, entry_of, line

PARTS = {part.name: part for lesson in outline.lessons() for part in lesson.parts}
ENTRY = Entry(
    part="2.4",
    title="real pictures",
    ok=True,
    agreement=Agreed(True, "bit-equal"),
    keras=Agreed(True, "within 1e-05"),
    claims_held=3,
    claims=3,
    unchecked=0,
    measure="accuracy",
    goal="≥ 0.84",
    goal_met=True,
    ways={"graph": Measured(12.25, 0.85), "keras": Measured(9.0, 0.8512)},
    complaints=(),
)


class Elements(html.parser.HTMLParser):
    """All elements of a page with their attributes; the text inside of them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found, self.said = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.said.append(data)

    def links(self, rel=None):
        """The addresses of the links."""
        return [a["href"] for tag, a in self.found if tag == "a" and rel in (None, a.get("rel"))]


def code_of(*arguments: str) -> int:
    """The exit code of a command."""
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    return left.value.code


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The site of three short parts."""
    path = tmp_path_factory.mktemp("course") / "site"
    assert code_of("course", "-o", str(path), "2.1", "1.2", "1.3") == 0
    return path


def test_a_site_has_an_index_its_numbers_and_a_page_a_part(folder):
    assert sorted(path.name for path in folder.iterdir()) == [
        "1.2.html",
        "1.3.html",
        "2.1.html",
        "course.json",
        "index.html",
        "words.html",
    ]


def test_the_index_tells_of_every_part_in_the_order_of_the_course(folder):
    page = Elements((folder / "index.html").read_text(encoding="utf-8"))
    assert page.links() == ["words.html", "1.2.html", "1.3.html", "2.1.html"]
    said = " ".join("".join(page.said).split())
    assert "In all 3 parts the ways agree, and 11 claims held." in said
    assert "2.1 a perceptron learns from its mistakes" in said


def test_the_words_lead_to_the_parts_that_are_there(folder):
    page = Elements((folder / "words.html").read_text(encoding="utf-8"))
    assert set(page.links()) == {"index.html", "1.2.html", "1.3.html", "2.1.html"}
    said = " ".join("".join(page.said).split())
    assert "A placeholder is a node without a number: it states a type and a shape" in said
    assert "tf.while_loop6.1 a recurrence is a loop in the graph" in said
    assert not {"script", "link", "img"} & {tag for tag, _ in page.found}


def test_claims_that_were_not_checked_are_not_counted_as_held(tmp_path, capsys):
    assert code_of("course", "-o", str(tmp_path / "site"), "2.1", "--steps", "1") == 0
    page = Elements((tmp_path / "site" / "index.html").read_text(encoding="utf-8"))
    said = " ".join("".join(page.said).split())
    told = json.loads((tmp_path / "site" / "course.json").read_text(encoding="utf-8"))["parts"][0]
    assert (told["claims_held"], told["unchecked"]) == (1, 2)
    assert "the ways agree, and 1 claim held; 2 more speak of all that is run, and" in said
    told = capsys.readouterr()
    assert ", 1 of 1 claim, 2 not checked, " in told.out + told.err


def test_the_index_runs_and_loads_nothing(folder):
    page = Elements((folder / "index.html").read_text(encoding="utf-8"))
    assert not {"script", "link", "img"} & {tag for tag, _ in page.found}
    (policy,) = [a["content"] for _, a in page.found if "http-equiv" in a]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


@pytest.mark.parametrize(
    ("page", "prev", "following"),
    [
        ("1.2", [], ["1.3.html"]),
        ("1.3", ["1.2.html"], ["2.1.html"]),
        ("2.1", ["1.3.html"], []),
    ],
)
def test_a_page_leads_to_the_one_before_the_one_after_and_the_index(folder, page, prev, following):
    text = (folder / f"{page}.html").read_text(encoding="utf-8")
    nav = Elements(text.partition("<nav")[1] + text.partition("<nav")[2].partition("</nav>")[0])
    assert (nav.links("prev"), nav.links("next")) == (prev, following)
    assert nav.links("up") == [f"index.html#part-{page}"]


def test_a_link_goes_to_a_part_of_the_index_that_is_there(folder):
    page = Elements((folder / "index.html").read_text(encoding="utf-8"))
    ids = {a["id"] for _, a in page.found if "id" in a}
    assert {"part-1.2", "part-1.3", "part-2.1"} <= ids


@pytest.fixture(scope="module")
def practised(tmp_path_factory):
    """The site of two parts that exercises are about, and of one that none is."""
    path = tmp_path_factory.mktemp("practised") / "site"
    assert code_of("course", "-o", str(path), "20.1", "22.1", "1.3", "--steps", "3") == 0
    return path


def nav_of(file):
    """The links above a page, by what they are."""
    text = file.read_text(encoding="utf-8")
    nav = Elements(text.partition("<nav")[1] + text.partition("<nav")[2].partition("</nav>")[0])
    return [(a["rel"], a["href"]) for tag, a in nav.found if tag == "a"]


def test_a_site_has_a_page_for_each_exercise_that_its_parts_teach(practised):
    assert sorted(path.name for path in practised.glob("exercise-*")) == [
        "exercise-1.html",
        "exercise-11.html",
        "exercise-12.html",
    ]
    page = Elements((practised / "index.html").read_text(encoding="utf-8"))
    assert page.links()[4:] == [
        *("exercise-1.html", "20.1.html"),
        *("exercise-11.html", "22.1.html"),
        *("exercise-12.html", "20.1.html"),
    ]
    ids = {a["id"] for _, a in page.found if "id" in a}
    assert {"exercise-1", "exercise-11", "exercise-12"} <= ids


def test_a_part_leads_to_its_exercises_and_they_lead_back(practised):
    assert nav_of(practised / "20.1.html") == [
        ("prev", "1.3.html"),
        ("up", "index.html#part-20.1"),
        ("glossary", "words.html"),
        ("next", "22.1.html"),
        ("related", "exercise-1.html"),
        ("related", "exercise-12.html"),
    ]
    assert nav_of(practised / "exercise-11.html") == [
        ("prev", "exercise-1.html"),
        ("up", "index.html#exercise-11"),
        ("glossary", "words.html"),
        ("next", "exercise-12.html"),
        ("related", "22.1.html"),
    ]


def test_the_numbers_are_those_of_every_way(folder):
    told = json.loads((folder / "course.json").read_text(encoding="utf-8"))
    perceptron = told["parts"][-1]
    assert (told["device"], told["steps"]) == ("CPU:0", None)
    assert (perceptron["part"], perceptron["measure"]) == ("2.1", "accuracy")
    values = {way: numbers["value"] for way, numbers in perceptron["ways"].items()}
    assert values == dict.fromkeys(("graph", "eager", "function"), 10 / 12)
    assert all(numbers["seconds"] > 0 for numbers in perceptron["ways"].values())


def test_each_part_tells_how_far_its_function_is_from_itself_compiled_by_xla(folder):
    told = json.loads((folder / "course.json").read_text(encoding="utf-8"))
    assert [part["xla"]["ok"] for part in told["parts"]] == [True, True, True]
    index = Elements((folder / "index.html").read_text(encoding="utf-8"))
    said = " ".join(index.said)
    assert all(f"{part['xla']['text']} in xla" in said for part in told["parts"])


def test_a_page_has_the_program_that_xla_made(folder):
    text = (folder / "2.1.html").read_text(encoding="utf-8")
    packed = text.partition('x-gzip-base64">')[2].partition("<")[0]
    document = json.loads(gzip.decompress(base64.b64decode(packed)))
    (part,) = document["lesson"]["parts"]
    made = part["compiled"]
    program = document["graphs"][made["graph"]]
    assert document["runs"][made["run"]]["way"] == "XLA"
    entry = program["functions"][program["calls"]["0"][0]]
    assert {"parameter", "fusion"} <= set(entry["ops"])
    assert made["text"].startswith("in the first 20 steps ")
    assert part["columns"] == ["graph", "eager", "function"]  # those are of all steps
    assert not made["refused"] and made["steady_ms"] > 0


def test_a_long_part_is_compiled_for_its_first_steps_and_compared_in_those():
    report = run.run_part(
        PARTS["2.4"], ("function",), "CPU:0", None, lambda *_: None, 30, compiled=True
    )
    made = report.compiled
    assert (made.steps, made.result.steps, report.ways["function"].steps) == (20, 20, 30)
    assert made.agreement.ok and made.text().startswith("in the first 20 steps ")
    assert "xla" not in report.results  # which are of all steps
    entry = entry_of(report)
    assert (entry.xla_steps, list(entry.ways)) == (20, ["function"])
    assert f"{entry.xla.text} in xla, 20 steps" in html.unescape(index._row(entry, ["function"]))


def test_a_way_with_many_steps_is_executed_again_for_a_live_page_alone(monkeypatch):
    """Of 1.3's steps there are few: so few are made the most that a page without values has."""
    monkeypatch.setattr(run, "MOST_STEPS", 1)
    part = PARTS["1.3"]
    told = [
        run.run_part(part, ("graph",), "CPU:0", None, lambda *_: None, values=True, live=live)
        for live in (False, True)
    ]
    assert [bool(each.ways["graph"].replays) for each in told] == [False, True]


def test_a_part_that_xla_does_not_take_says_why_and_holds_all_the_same(monkeypatch):
    from lessons.lesson_01_operations import part_3_placeholders as part

    function = part.function

    def refused(cases, device):
        import tensorflow as tf

        tf.function(lambda: tf.strings.length(tf.strings.as_string(tf.random.uniform(()))))()
        return function(cases, device)

    monkeypatch.setattr(part, "function", refused)
    chosen = outline.ways_of(PARTS["1.3"])
    report = run.run_part(PARTS["1.3"], chosen, "CPU:0", None, lambda *_: None, compiled=True)
    entry = entry_of(report)
    assert report.ok and entry.ok and entry.xla is None and "xla" not in entry.ways
    assert entry.refused.startswith("XLA does not compile Lesson 1.3: it has no kernel for ")
    assert entry.refused in html.unescape(index._row(entry, ["graph"]))


def test_what_xla_makes_of_it_is_no_part_of_what_a_part_promises(monkeypatch):
    from lessons.lesson_01_operations import part_3_placeholders as part

    function = part.function

    def other(cases, device):
        import tensorflow as tf

        told = function(cases, device)
        compiled = tf.function is not original  # it is another while XLA compiles
        return {name: [each + compiled for each in told[name]] for name in told}

    import tensorflow

    original = tensorflow.function
    monkeypatch.setattr(part, "function", other)
    chosen = outline.ways_of(PARTS["1.3"])
    report = run.run_part(PARTS["1.3"], chosen, "CPU:0", None, lambda *_: None, compiled=True)
    entry = entry_of(report)
    assert report.ok and entry.xla == Agreed(False, "1 apart")
    assert "1 apart in xla" in index._row(entry, ["graph"])


def test_a_course_that_is_stopped_leaves_the_folder_as_it_was_and_says_what_was_done(
    tmp_path, monkeypatch, capsys
):
    run_part = run.run_part

    def stopped(part, *arguments, **options):
        if part.name == "1.3":
            raise KeyboardInterrupt
        return run_part(part, *arguments, **options)

    monkeypatch.setattr(run, "run_part", stopped)
    path = tmp_path / "site"
    assert code_of("course", "-o", str(path), "1.2", "1.3") == 130
    said = capsys.readouterr().err.strip()
    assert said == f"graphlab: stopped by Ctrl-C in part 1.3, 2 of 2; 1.2 done; {path} is as it was"
    assert not path.exists()


def test_a_part_that_does_not_hold_is_told_and_the_exit_code_is_1(tmp_path, monkeypatch, capsys):
    from lessons.lesson_01_operations import part_3_placeholders as part

    monkeypatch.setattr(
        part, "expected", lambda cases: {"y": [case @ part.W + 1 for case in cases]}
    )
    assert code_of("course", "-o", str(tmp_path), "1.3") == 1
    out, err = capsys.readouterr()
    assert out.startswith("✗ 1.3  a placeholder is a promise: 3 ways 1 apart, 4 of 4 claims")
    assert "1.3: the ways disagree" in err
    page = Elements((tmp_path / "index.html").read_text(encoding="utf-8"))
    assert "Of 1 part, 1 did not go well: 1.3" in " ".join("".join(page.said).split())


def test_a_part_in_one_line():
    assert line(ENTRY) == (
        "✓ 2.4  real pictures: 2 ways bit-equal, 3 of 3 claims, accuracy 0.85 0.8512 (≥ 0.84), "
        "21.2 s"
    )


def test_a_number_that_is_none_any_more_is_told_by_its_name():
    bad = Entry(**{**vars(ENTRY), "ways": {"graph": Measured(1.0, math.nan)}})
    (part,) = json.loads(json.dumps(site.numbers([bad], "CPU:0", 3), allow_nan=False))["parts"]
    assert part["ways"]["graph"] == {"seconds": 1.0, "value": "NaN"}
    assert "accuracy nan" in line(bad)


@pytest.mark.parametrize(
    ("goal", "met", "missed", "text"),
    [
        (Goal("accuracy", least=0.84), 0.84, 0.8399, "≥ 0.84"),
        (Goal("mse", most=0.015), 0.015, 0.0151, "≤ 0.015"),
    ],
)
def test_a_goal_is_met_or_missed(goal, met, missed, text):
    assert (goal.met(met), goal.met(missed), str(goal)) == (True, False, text)


@pytest.mark.parametrize("number", sorted(set(GOALS) & set(PARTS)))
def test_a_part_with_a_goal_gives_the_result_that_it_is_of(number):
    text = PARTS[number].path.read_text(encoding="utf-8")
    assert f'"{GOALS[number].result}"' in text


def test_titles_are_text_and_code_is_code():
    assert plain_page.inline("a < b, `c < d`, *The Path*") == (
        "a &lt; b, <code>c &lt; d</code>, <em>The Path</em>"
    )
