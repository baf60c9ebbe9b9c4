"""The figures of lessons as SVG and PNG."""

import math
import xml.etree.ElementTree as ElementTree
from io import BytesIO

import numpy as np
import pytest
from matplotlib import image
from matplotlib.colors import to_rgba_array
from matplotlib.text import Text

from graphlab.figure import Heat, Images, Lines, Points, problem
from visualize.plots import shades
from visualize.plots.canvas import MARGIN
from visualize.plots.figures import alternative, draw
from visualize.plots.heat import GROUPS, heat
from visualize.plots.mosaic import mosaic
from visualize.plots.style import settings

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "$\\frac{1}{2}$ <script>alert(1)</script>\n</svg> & \x00\ud800 _x^2"
RNG = np.random.default_rng(0)
STEPS = [[0.0, 0.5], [0.75, 1.0]]
NOISE, SMALL = RNG.normal(size=(6, 5, 5)), RNG.random((33, 7, 7))
H = HOSTILE
FIGURES = {
    "images": Images("Filters", "Edges.", [NOISE, NOISE], ["a", "b"], signed=True),
    "colours": Images("Filters", "Edges.", [RNG.normal(size=(64, 11, 11, 3))]),
    "maps": Images("Maps", "Shoes.", [RNG.random((1, 28, 28)), SMALL], each=True),
    "lines": Lines("f", "It bends.", [0, 1, 2], {"f": [1, 2, 4]}, spans=[(0, 1, "flat")]),
    "points": Points("Codes", "", RNG.normal(size=(24, 2)), np.arange(24) % 12, "abcdefghijkl"),
    "heat": Heat("Gates", "Open.", SMALL[0, :2, :3], ["i", "f"], ["to", "new", "york"], "OBI"),
    "numbers": Heat("Map", "One.", [[1.0, -1.0]], signed=True, numbers=True),
    "nothing finite": Images("NaN", "", [[np.full((2, 2), math.nan)]]),
    "gone wrong": Heat("NaN", "", [[math.nan, math.inf, -math.inf, 1.0]], numbers=True),
    "one number": Heat("One", "", [[3.0]]),
    "huge": Lines("Huge", "", [0, 1, 2], {"f": [1e308, -1e308, math.nan]}),
    "long": Heat("Weights", "", RNG.normal(size=(2000, 3))),
    "hostile": Heat(H, H, [[1.0]], [H], [H], [H]),
    "hostile images": Images(H, H, [[[[1.0]]]], [H], [H]),
    "hostile lines": Lines(H, H, [1], {H: [1]}, H, H, [(0, 1, H)]),
    "hostile points": Points(H, H, [[1, 2]], np.array([0]), [H], H, H),
}


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.filterwarnings("error")
def test_the_same_figure_gives_the_same_bytes_which_open(name):
    figure = FIGURES[name]
    assert draw(figure, "svg") == draw(figure, "svg")
    assert ElementTree.fromstring(draw(figure, "svg")).tag == f"{SVG}svg"
    assert draw(figure, "png") == draw(figure, "png")
    assert image.imread(BytesIO(draw(figure, "png"))).ndim == 3


@pytest.mark.parametrize("name", [name for name in FIGURES if name.startswith("hostile")])
def test_names_are_writing_and_no_markup(name):
    tags = {each.tag for each in ElementTree.fromstring(draw(FIGURES[name])).iter()}
    assert not tags & {f"{SVG}script", "script"}


def blocks(figure, titled=False):
    with settings():
        drawn = heat(figure, titled) if isinstance(figure, Heat) else mosaic(figure, titled)
    (shown,) = drawn.axes[0].get_images()
    return np.asarray(shown.get_array())


def test_each_pixel_is_a_square_of_its_own_shade():
    """Read back from the sheet: four squares, from black over the greys to white."""
    pixels = blocks(Images("", "", [[STEPS]]))
    side = 140  # of the picture, so that two by two fill the largest place
    inner = pixels[MARGIN + 1 :, MARGIN + 1 :][: 2 * side, : 2 * side, 0]
    assert sorted(set(inner.ravel().tolist())) == [0, 128, 191, 255]
    assert (inner[:side, :side] == 0).all() and (inner[side:, side:] == 255).all()


def test_pictures_share_one_scale_unless_each_has_its_own():
    dim, bright = np.array([[0.0, 0.25]]), np.array([[0.0, 1.0]])
    shared = blocks(Images("", "", [[dim, bright]]))
    own = blocks(Images("", "", [[dim, bright]], each=True))
    row = MARGIN + 5
    left = slice(MARGIN + 1, MARGIN + 281)
    assert sorted(set(shared[row, left, 0].tolist())) == [0, 64]
    assert sorted(set(own[row, left, 0].tolist())) == [0, 255]


def test_signed_numbers_are_coloured_by_their_distance_from_0():
    of = shades.scale([[-1.0, 0.5]], signed=True)
    below, middle, half, above = shades.rgb([-1.0, 0.0, 0.5, 1.0], of, shades.DIVERGING).tolist()
    assert [below, middle, above] == [list(c) for c in (shades.DIVERGING[k] for k in (0, 3, 6))]
    assert half[0] > half[2] and below[2] > below[0]


def test_what_is_no_number_has_a_colour_that_no_number_has():
    values = [math.nan, math.inf, -math.inf, *np.linspace(0, 1, 99)]
    of = shades.scale([values])
    for ramp in (shades.GREYS, shades.BLUES, shades.DIVERGING):
        odd, numbers = np.split(shades.rgb(values, of, ramp), [3])
        assert odd.tolist() == [list(colour) for colour in shades.ODD.values()]
        assert not {tuple(c) for c in odd.tolist()} & {tuple(c) for c in numbers.tolist()}


def test_a_block_with_a_nan_is_not_averaged_away():
    values = np.ones((4, 4))
    values[1, 2] = math.nan
    assert np.isnan(shades.shrunk(values, 2, 2)).tolist() == [[False, True], [False, False]]
    assert shades.shrunk(np.arange(4.0).reshape(1, 4), 1, 2).tolist() == [[0.5, 2.5]]


def test_the_names_above_small_pictures_are_not_torn():
    """Over 11.3's ten kinds of clothing stood `trou` above `sers`."""
    kinds = "T-shirt trousers pullover dress coat sandal shirt sneaker bag boot".split()
    sheet = mosaic(Images("", "", RNG.random((8, 10, 28, 28)), column_names=kinds))
    written = {each.get_text() for each in sheet.findobj(Text)}
    assert set(kinds) <= written


def test_words_have_the_colour_of_their_group_which_the_legend_names():
    tagged = Heat("", "", np.zeros((1, 3)), column_names=["to", "new", "york"], column_groups="OBB")
    pixels = blocks(tagged)
    wide = {
        colour: (pixels[..., :3] == to_rgba_array(colour)[0, :3] * 255).all(axis=2).sum(axis=1)
        for colour in GROUPS[:3]
    }
    # Three columns of 51 pixels, two of them of the group B; and a swatch for each group.
    assert [sorted(set(w.tolist())) for w in wide.values()] == [[0, 22, 49], [0, 22, 98], [0]]


def test_bare_pictures_let_the_page_shine_through_and_have_no_title():
    figure = FIGURES["images"]
    corner = image.imread(BytesIO(draw(figure, "png", bare=True)))[2, 2]
    assert corner[3] == 0
    assert image.imread(BytesIO(draw(figure, "png")))[2, 2].tolist() == [1, 1, 1, 1]
    assert len(draw(figure, bare=True)) < len(draw(figure))


def test_many_pictures_fill_a_slide_and_not_a_strip():
    """64 filters and 32 maps: neither side of the sheet is more than three times the other."""
    for name in ("colours", "maps"):
        height, width, _ = blocks(FIGURES[name]).shape
        assert max(height, width) < 3 * min(height, width) and width < 1500


def test_a_figure_tells_those_who_cannot_see_it_what_is_drawn():
    assert alternative(FIGURES["images"]) == "Filters: 2 rows of 6 pictures: a; b."
    assert alternative(FIGURES["maps"]) == "Maps: 2 rows of 1 to 33 pictures."
    assert alternative(FIGURES["lines"]) == "f: 1 curve: f; flat from 0 to 1."
    assert alternative(FIGURES["heat"]) == "Gates: 2 rows of 3 cells: i; f."
    root = ElementTree.fromstring(draw(FIGURES["heat"]))
    assert root.findtext(f"{SVG}title") == "Gates"
    assert "Gates: 2 rows of 3 cells: i; f. Open." in "".join(root.itertext())


WRONG = {
    "picture 1 of row 0 is [2]; give [height, width]": Images("", "", [[[[1]], [1, 2]]]),
    "it has no pictures": Images("", "", [[]]),
    "row_names has 2; give 1 or none": Images("", "", [[[[1]]]], ["a", "b"]),
    "line 'f' is [3]; x is [2], give as many": Lines("", "", [1, 2], {"f": [1, 2, 3]}),
    "span (2, 1, 'x') is none": Lines("", "", [1], {"f": [1]}, spans=[(2, 1, "x")]),
    "points is [1, 3]; give [n, 2]": Points("", "", [[1, 2, 3]], [0], "a"),
    "groups run from 0 to 3 and names has 1": Points("", "", [[1, 2]] * 2, np.array([0, 3]), "a"),
    "column_groups has 1; give 2 or none": Heat("", "", [[1, 2]], column_groups=["O"]),
    "column_names are [1]; give a list of texts": Heat("", "", [[1]], column_names=[1]),
    "names are array(['a'": Points("", "", [[1, 2]], np.array([0]), np.array(["a"])),
    "title and caption are [None, '']": Heat(None, "", [[1]]),
    "values is [2]; give [rows, columns]": Heat("", "", [1, 2]),
    "its data are no arrays of numbers": Heat("", "", [["a"]]),
    "it is str; give one of Images, Lines, Points, Heat": "picture",
}


@pytest.mark.parametrize("said", WRONG)
def test_what_cannot_be_drawn_is_refused_with_the_reason(said):
    assert said in problem(WRONG[said])
    with pytest.raises(ValueError, match="this figure cannot be drawn"):
        draw(WRONG[said])


def test_an_unknown_format_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="'gif': expected svg, png"):
        draw(FIGURES["heat"], "gif")


def test_a_name_over_a_column_is_not_torn_in_a_word():
    """`trousers` over a narrow picture was `trouser` and `s`."""
    names = "T-shirt trousers pullover dress coat sandal shirt sneaker bag boot".split()
    drawn = mosaic(Images("", "", np.zeros((7, 10, 28, 28)), ["r"] * 7, names))
    written = {text.get_text() for text in drawn.findobj(Text)}
    assert set(names) <= written
