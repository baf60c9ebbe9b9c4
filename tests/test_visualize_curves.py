"""Numbers as plots."""

import math
import warnings
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from visualize.plots.curves import curve, curve_svg, curve_text

LOSS = {"graph": [4.0, 2.0, 1.0, 0.5], "eager": [4.0, 2.0, 1.0, 0.5]}
ODD = [
    {},
    {"empty": []},
    {"one": [3.0]},
    {"constant": [1.0, 1.0, 1.0]},
    {"gap": [1.0, math.nan, 3.0]},
    {"all nan": [math.nan, math.inf]},
    {"huge": [1e308, -1e308]},
    {"_hidden $\\frac$ <b>": [1.0, 2.0]},
]


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_same_numbers_give_the_same_bytes(kind):
    assert curve(LOSS, "loss", kind) == curve(LOSS, "loss", kind)


@pytest.mark.parametrize("series", ODD)
@pytest.mark.filterwarnings("error")
def test_odd_series_are_plotted(series):
    ElementTree.fromstring(curve_svg(series, "title $"))
    lines = curve_text(series, width=40, height=5)
    assert all(len(line) <= 40 for line in lines)
    assert len(series) == sum(any(name.strip("_") in line for line in lines) for name in series)


def test_what_is_not_drawn_is_counted():
    assert curve_text({"gap": [1.0, math.nan, 3.0]})[-1] == "gap (1 not drawn): first 1, last 3"


def test_a_falling_line_falls():
    high, *_, low = curve_text({"loss": [2.0, 1.0]}, width=20, height=3)[:3]
    assert high.startswith("2 │⠉") or high.startswith("2 │⠑")
    assert low.startswith("1 │ ") and low[-1] in "⢄⣀⡠⠤⢀"


def test_one_value_is_labelled_once_half_way_up():
    lines = curve_text({"c": [1.0, 1.0]}, width=20, height=5)
    assert lines[:2] == ["  │", "  │"]
    assert lines[2] == "1 │" + "⠤" * 17


def test_an_unknown_format_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="'gif': expected svg, png"):
        curve(LOSS, "loss", "gif")


def test_numbers_of_a_single_precision_are_plotted_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        singles = curve_text({"loss": np.float32([2.0, 1.0, np.nan])})
    assert singles == curve_text({"loss": [2.0, 1.0, math.nan]})
