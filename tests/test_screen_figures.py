"""The figures of lessons in a terminal, with colours and without, and where they come from."""

from __future__ import annotations

import io
import math
from types import SimpleNamespace

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console

from graphlab.course.figures import shown
from graphlab.figure import Heat, Images, Lines, Points
from graphlab.screen.console import Plain
from graphlab.screen.figures import figure
from graphlab.screen.plots import marks

RNG = np.random.default_rng(0)
HOSTILE = "[bold]\x1b[31m$x$ <b>\n:smile: 漢字漢字"
FASHION = "T-shirt trouser pullover dress coat sandal shirt sneaker bag boot".split()
WORDS = "show me flights from new york to san francisco on monday morning".split()
TAGS = "O O O O B-from I-from O B-to I-to O B-day B-time".split()
FIGURES = {
    "filters": Images("Filters", "Edges.", [RNG.normal(size=(64, 11, 11, 3))]),
    "maps": Images(
        "Maps", "Soles.", [RNG.random((1, 28, 28)), RNG.random((32, 14, 14))], each=True
    ),
    "beside": Images("Codes", "Blurred.", RNG.random((2, 10, 28, 28)), ["in", "out"], FASHION),
    "large": Images("Photograph", "", [[RNG.random((227, 227, 3))]]),
    "signed": Images("Signed", "", [RNG.normal(size=(8, 3, 3))], signed=True),
    "lines": Lines("f", "", np.arange(9.0), {"f": np.arange(9), "g": -np.arange(9.0)}, "x", "y"),
    "spans": Lines("f", "", [-1, 0, 1], {"f": [0, 0, 1]}, spans=[(-1, 0, "dead"), (0, 1, "lives")]),
    "points": Points("Codes", "", RNG.normal(size=(300, 2)), np.arange(300) % 10, FASHION),
    "gates": Heat("Gates", "", RNG.random((4, 12)), ["i", "f", "o", "g"], WORDS, TAGS),
    "confusion": Heat("C", "", RNG.integers(0, 99, (10, 10)), FASHION, FASHION, numbers=True),
    "weights": Heat("Weights", "", RNG.normal(size=(784, 100)), signed=True),
    "hostile": Heat(HOSTILE, HOSTILE, [[1.0]], [HOSTILE], [HOSTILE], [HOSTILE]),
    "hostile images": Images(HOSTILE, HOSTILE, [[[[1.0]]]], [HOSTILE], [HOSTILE]),
    "hostile lines": Lines(HOSTILE, "", [1], {HOSTILE: [1]}, HOSTILE, HOSTILE, [(0, 1, HOSTILE)]),
    "hostile points": Points(HOSTILE, "", [[1, 2]], np.array([0]), [HOSTILE], HOSTILE, HOSTILE),
}


def printed(one, width: int = 80, **options) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, width=width, markup=False, emoji=False, highlight=False, **options)
    console.print(figure(one, width))
    return out.getvalue().splitlines()


def coloured(one, width: int = 80) -> list[str]:
    return printed(one, width, force_terminal=True, color_system="truecolor")


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("name", FIGURES)
def test_every_line_fits_with_colours_and_without(name, width):
    without = printed(FIGURES[name], width)
    assert max(map(cell_len, without)) <= width
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=True, color_system="truecolor")
    lines = console.render_lines(figure(FIGURES[name], width), pad=False)
    assert max(sum(segment.cell_length for segment in line) for line in lines) <= width


@pytest.mark.parametrize("name", [name for name in FIGURES if name.startswith("hostile")])
def test_names_cannot_colour_or_move_the_terminal(name):
    assert not [line for line in printed(FIGURES[name]) if "\x1b" in line or "\r" in line]
    assert any("[bold]␛[31m$x$ <b>" in line for line in printed(FIGURES[name], 200))


def test_two_pixels_share_a_character_in_colours():
    lines = coloured(Images("", "", [[np.tile([[0, 1], [1, 0]], (20, 20))]]))
    assert lines[3].startswith("\x1b[38;2;0;0;0;48;2;255;255;255m▀")
    assert lines[3].count("▀") == 40 and len([line for line in lines if "▀" in line]) == 20


def test_more_ink_is_more_where_there_are_no_colours():
    picture = np.repeat([[0.0, 0.5, 1.0]], 6, axis=0)
    assert printed(Images("", "", [[picture]]), 12)[3] == "    ++++@@@@"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"force_terminal": True, "color_system": "standard"},
        {"force_terminal": True, "color_system": "truecolor", "no_color": True},
    ],
)
def test_pictures_are_characters_where_shades_cannot_be_told_apart(options):
    text = "\n".join(printed(Images("", "", [[np.eye(9)]]), **options))
    assert "▀" not in text and "    @@@@    " in text


def test_signs_can_be_read_without_colours():
    lines = printed(Heat("", "", [[-1.0, 0.0, 1.0, math.nan, math.inf]], signed=True))
    assert lines[3] == "OO  ##??^^"
    assert lines[5] == "-1 'Oo- +*#' 1   ? NaN (1)   ^ inf (1)"


def test_a_poor_encoding_gets_characters_that_it_has():
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    console = Plain(out)
    console.width = 80
    for one in FIGURES.values():
        console.print(figure(one, 80))
    out.seek(0)
    assert "@" in out.read()


def test_pictures_stand_in_their_rows_under_their_names():
    rows = [[np.zeros((4, 4)), np.ones((4, 4))], [np.ones((4, 4)), np.ones((4, 4))]]
    lines = printed(Images("", "", rows, ["a", "b"], ["c", "d"]))
    c, d = (lines[3].index(name) for name in "cd")
    upper, lower = (line for line in lines if line[:1] in ("a", "b"))
    assert [upper[c], upper[d], lower[c], lower[d]] == [" ", "@", "@", "@"]


def test_so_many_pictures_that_not_all_are_shown_are_counted():
    many = Images("", "", [RNG.random((300, 28, 28))])
    said = next(line for line in printed(many) if "pictures" in line)
    assert said.endswith(" of 300 pictures; all of them are in the files of --out")
    assert 0 < int(said.split()[0]) < 300
    assert len(printed(many)) < 80


def test_every_row_keeps_a_picture_where_not_all_are_shown():
    rows = [RNG.random((1, 28, 28)), RNG.random((128, 14, 14)), RNG.random((256, 7, 7))]
    text = "\n".join(printed(Images("", "", rows, ["input", "conv1", "conv2"])))
    assert [name in text for name in ("input", "conv1", "conv2")] == [True] * 3


def test_lines_without_colours_have_characters_of_their_own():
    lines = printed(FIGURES["lines"])
    top, bottom = lines[4], lines[4 + 13]
    assert top.rstrip().endswith("*") and bottom.rstrip().endswith("o")
    assert lines[-1] == "* f   o g"


def test_the_height_of_0_is_written_where_lines_cross_it():
    sides = [line.partition("│")[0].strip() for line in printed(FIGURES["lines"]) if "│" in line]
    assert sides == ["8", *[""] * 6, "0", *[""] * 5, "-8"]


def test_thousands_at_the_ends_of_an_axis_are_written_out():
    grown = Lines("f", "", [10.0, 2000.0], {"f": [0.0, 1.0]})
    assert [line for line in printed(grown) if line.endswith("2000")]


@pytest.mark.parametrize("width", [40, 80])
def test_what_the_characters_mean_is_told_at_every_width(width):
    told = " ".join(" ".join(printed(FIGURES["maps"], width)).split())
    assert "each picture by itself, from its smallest number to its largest: ' .:-=+*#%@'" in told


def test_spans_are_marked_below_the_axis_where_they_are():
    """The plot is 37 columns wide, after `1 │`; 0 is in its middle."""
    lines = [line for line in printed(FIGURES["spans"], 40) if "==" in line or "~" in line]
    assert lines == [f"{'':3}{'=' * 19} dead", f"{'':21}{'~' * 19}", f"{'':3}~ lives"]


def test_points_are_letters_of_their_groups():
    assert marks(FASHION) == list("trpdcshnbo")
    drawn = printed(Points("", "", [[0, 0], [1, 1], [math.nan, 0]], np.array([0, 1, 1]), FASHION))
    assert drawn[3].endswith("r") and "│t" in drawn[3 + 21]
    assert drawn[-1] == "t T-shirt   r trouser (1 not drawn)"


def test_words_stand_over_their_columns_with_their_tags():
    lines = printed(FIGURES["gates"], 200)
    words, tags = lines[3], lines[4]
    assert words.split() == WORDS and tags.split() == TAGS
    assert [words.index(w) for w in ("new", "york")] == [tags.index("B-from"), tags.index("I-from")]


def test_a_sentence_that_is_too_long_goes_on_below():
    text = printed(FIGURES["gates"], 80)
    assert [word for line in text for word in line.split() if word in WORDS] == WORDS


def test_a_matrix_in_bands_says_which_columns_each_has():
    """4.1's map at 40 columns: nobody saw that the second band went on beside the first."""
    lines = printed(Heat("Map", "", np.arange(140.0, 154).reshape(2, 7), numbers=True), 40)
    assert [line for line in lines if line.startswith("column")] == [
        "columns 0 to 4",
        "columns 5 to 6",
    ]


def test_a_picture_that_is_made_larger_has_its_own_numbers_only():
    """Between two of 4.2's rows stood a third, their mean, where a pixel is five half lines."""
    lines = printed(Images("", "", [[np.eye(size)] * 2 for size in (8, 4, 3)]))
    assert {ink for line in lines if "'" not in line for ink in line} == set("@ ")


def test_numbers_are_written_in_their_cells():
    lines = printed(FIGURES["confusion"])
    row = next(line for line in lines if line.startswith("T-shirt"))
    assert [float(x) for x in row.split()[1:]] == FIGURES["confusion"].values[0].tolist()


def test_without_colours_a_matrix_of_numbers_has_no_key_of_characters_that_it_lacks():
    numbers = Heat("C", "", np.eye(2), ["a", "b"], ["c", "d"], numbers=True)
    inks = Heat("C", "", np.eye(2), ["a", "b"], ["c", "d"])
    assert "from 0 to 1" in printed(numbers)
    assert "0 ' .:-=+*#%@' 1" in printed(inks)


def made(give) -> SimpleNamespace:
    return SimpleNamespace(figures=give)


def test_a_part_s_figures_come_from_the_first_way_that_ran():
    seen = shown(made(lambda results: {"h": Heat("", "", results["h"])}), {"eager": {"h": [[1]]}})
    assert list(seen.figures) == ["h"] and seen.complaints == ()
    assert shown(SimpleNamespace(), {"eager": {}}).figures == {}


def test_what_a_part_s_figures_raise_is_said_and_the_lesson_goes_on():
    seen = shown(made(lambda results: {"h": results["h"]}), {"eager": {}})
    assert seen.figures == {}
    assert seen.complaints == ("figures() could not draw the results of eager: KeyError: 'h'",)
    assert shown(made(lambda results: results["h"]), {"keras": {}}).complaints == ()


def test_figures_that_need_steps_which_were_not_run_are_said_to():
    seen = shown(made(lambda results: {"h": results["h"]}), {"eager": {}}, whole=False)
    assert seen.complaints == ("its figures show all of its steps, and only some were run",)


@pytest.mark.parametrize("name", ["../up", "loss", "graph", "my-trace", "Big", "", "a b", 3])
def test_a_name_that_cannot_be_a_file_s_is_complained_of(name):
    one = Heat("", "", [[1.0]])
    seen = shown(made(lambda results: {name: one, "good": one}), {"graph": {}})
    assert list(seen.figures) == ["good"]
    (said,) = seen.complaints
    assert said.startswith(f"figure {name!r}: its name cannot be a file's")


def test_a_figure_that_cannot_be_drawn_is_complained_of_and_the_others_are_shown():
    part = made(lambda results: {"bad": Heat("", "", [1]), "good": Heat("", "", [[1]])})
    seen = shown(part, {"graph": {}})
    assert seen.complaints == ("figure 'bad': values is [1]; give [rows, columns]",)
    assert list(seen.figures) == ["good"]
