"""Lesson 4, parts 4.6 to 4.8, held to what others would compute."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from graphlab.course import outline

ROOT = Path(__file__).parent.parent
MOST_BYTES = 4e9

# Krizhevsky, Sutskever and Hinton 2012, section 3.5: kernels, their size, and how many maps each
# sees; then the full layers.
PAPER_KERNELS = [
    (96, 11 * 11 * 3),
    (256, 5 * 5 * 48),
    (384, 3 * 3 * 256),
    (384, 3 * 3 * 192),
    (256, 3 * 3 * 192),
    (4096, 6 * 6 * 256),
    (4096, 4096),
    (1000, 4096),
]


def part(number):
    (found,) = outline.find(number)
    return outline.load(found)


@pytest.fixture(scope="module")
def seeing():
    return part("4.8")


@pytest.fixture
def trained_a_little(seeing):
    """Weights of 4.8 after a few steps, and a picture, [1, 28, 28, 1]."""
    some = seeing.cases().first(10)
    weights = {name: tf.Variable(value) for name, value in some.start["weights"].items()}
    for case in some:
        seeing.train(weights, *case)
    return weights, some[0][0][:1]


def test_the_scopes_of_alexnet_hold_the_parameters_of_the_paper():
    alexnet = part("4.7")
    expected = {
        layer: count * (fan_in + 1)
        for layer, (count, fan_in) in zip(alexnet.SHAPES, PAPER_KERNELS, strict=True)
    }
    found = dict.fromkeys(alexnet.SHAPES, 0)
    for scope in alexnet.SCOPES:
        shape = alexnet.SHAPES[scope.split("/")[0]]
        found[scope.split("/")[0]] += int(np.prod(shape)) + shape[-1]
    assert found == expected
    assert sum(found.values()) == 60965224


def test_alexnet_runs_in_every_way_within_4_gigabytes():
    code = (
        "import resource; from graphlab.course import outline;"
        "alexnet = outline.load(outline.find('4.7')[0]);"
        "ways = [getattr(alexnet, w) for w in ('graph', 'eager', 'function', 'keras')];"
        "logits = [way(alexnet.cases(), 'CPU:0')['logits'] for way in ways];"
        "print(len(logits), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    ways, peak = ran.stdout.split()
    assert ways == "4"
    assert int(peak) < MOST_BYTES


def test_the_response_normalisation_of_alexnet_is_the_papers_formula():
    x = np.random.RandomState(0).normal(scale=50, size=[1, 2, 2, 8]).astype(np.float32)
    expected = np.empty_like(x)
    for i in range(8):
        near = x[..., max(0, i - 2) : i + 3]
        expected[..., i] = x[..., i] / (2 + 1e-4 * np.sum(near**2, axis=-1)) ** 0.75
    np.testing.assert_allclose(tf.nn.lrn(x, 2, 2.0, 1e-4, 0.75), expected, rtol=1e-5)


def filtered_back(signal, filters):
    """The transposed convolution, SAME and stride 1, by NumPy: each number paints its filter."""
    height, width, channels, _ = filters.shape
    _, rows, columns, _ = signal.shape
    painted = np.zeros([rows + height - 1, columns + width - 1, channels])
    for y, x in np.ndindex(rows, columns):
        painted[y : y + height, x : x + width] += filters @ signal[0, y, x]
    top, left = (height - 1) // 2, (width - 1) // 2
    return painted[None, top : top + rows, left : left + columns]


def unpooled(signal, maps):
    """Each number at the first maximum of its 2 by 2 window, by NumPy."""
    wide = np.zeros(maps.shape)
    for _, y, x, c in np.ndindex(*signal.shape):
        window = maps[0, 2 * y : 2 * y + 2, 2 * x : 2 * x + 2, c]
        dy, dx = np.unravel_index(window.argmax(), window.shape)
        wide[0, 2 * y + dy, 2 * x + dx, c] = signal[0, y, x, c]
    return wide


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_the_deconvnet_is_filters_painted_and_maxima_put_back(seeing, trained_a_little, layer):
    weights, picture = trained_a_little
    maps = [each.numpy() for each in seeing.see(weights, picture)[0]]
    signal = expected = maps[layer]
    for k in range(layer, -1, -1):
        expected = filtered_back(np.maximum(expected, 0), weights[f"W{k}"].numpy())
        if k:
            expected = unpooled(expected, maps[k - 1])
    found, _ = seeing.reach(weights, picture, layer, signal)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_the_slope_of_a_unit_is_what_a_nudge_of_the_picture_gives(seeing, trained_a_little, layer):
    weights, picture = trained_a_little
    maps = seeing.see(weights, picture)[0][layer].numpy()
    unit = np.where(maps == maps.max(), np.float32(1), np.float32(0))
    _, slope = seeing.reach(weights, picture, layer, unit)

    def height(pixels):
        return float(np.sum(seeing.see(weights, pixels)[0][layer].numpy() * unit, dtype=np.float64))

    y, x = np.unravel_index(np.abs(slope[0, ..., 0]).argmax(), [28, 28])
    nudge = np.zeros_like(picture)
    nudge[0, y, x, 0] = 0.002
    measured = (height(picture + nudge) - height(picture - nudge)) / 0.004
    assert measured == pytest.approx(float(slope[0, y, x, 0]), rel=0.02)
