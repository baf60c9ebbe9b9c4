"""Clothes in words, in colour and as edges; captions, their pictures, and who tells what they show.

    (words, thing), = captions(np.random.RandomState(0), 1)   # ("a", "small", ...), its thing
    things_seen(worn(random, [("small", "red", "boot")]))     # [("small", "red", "boot")]

Plain enough for Python 3.7, as all that a part imports; NumPy alone, so that it serves all ways.
"""

from __future__ import annotations

import numpy as np

from graphlab.lesson.datasets import data_file, fashion_mnist
from graphlab.lesson.slots import draw_sentence, read_grammar

SLOTS = ("size", "colour", "garment")
SIZES = ("large", "small")
COLOURS = {"red": (1, 0.1, 0.1), "green": (0.1, 1, 0.1), "blue": (0.2, 0.2, 1), "white": (1, 1, 1)}
GARMENTS = {"trousers": 1, "dress": 3, "sneaker": 7, "bag": 8, "boot": 9}  # kinds of Fashion-MNIST
INNER = slice(7, 21)  # where small things are


def captions(random, count):
    """So many captions of the grammar in lessons/data, drawn by `random`: pairs of words and thing.

    Words are a tuple of text, a thing is a tuple of size, colour and garment.
    """
    rules = read_grammar(data_file("clothes_captions.txt"))
    drawn = [draw_sentence(rules, random, "caption") for _ in range(count)]
    named = [(words, dict(zip(tags, words))) for words, tags in drawn]
    return [(words, tuple(by[f"B-{slot}"] for slot in SLOTS)) for words, by in named]


def worn(random, things, split="train"):
    """Such things, drawn from Fashion-MNIST: grey, [n, 28, 28, 1], and light, [n, 1, 1, 3].

    Their product is the coloured picture. What is small has half the side, and black around it.
    """
    images, kinds = fashion_mnist(split)
    rows = {name: np.flatnonzero(kinds == kind) for name, kind in GARMENTS.items()}
    grey = images[[random.choice(rows[garment]) for _, _, garment in things]]
    half = grey.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4))
    for picture, less, thing in zip(grey, half, things):
        if thing[0] == "small":
            picture[:] = 0
            picture[INNER, INNER] = less
    light = np.array([COLOURS[colour] for _, colour, _ in things], np.float32)
    return grey[..., None], light[:, None, None]


def things_seen(pictures):
    """What pictures in colour, [n, 28, 28, 3], show: a list of (size, colour, garment).

    Small is what has 85 of 100 of its light in the inner 14 by 14 pixels. The colour is the one
    whose light is nearest. The garment is what the kept network names, or None for another kind.
    """
    pictures = np.asarray(pictures)
    grey = pictures.max(axis=3)
    inner = grey[:, INNER, INNER]
    small = inner.sum(axis=(1, 2)) > 0.85 * grey.sum(axis=(1, 2))
    near = np.where(small[:, None, None], inner.repeat(2, axis=1).repeat(2, axis=2), grey)
    light = pictures.mean(axis=(1, 2))
    most = np.maximum(light.max(axis=1), 1e-9)  # a black picture is of no colour, and no error
    off = light[:, None] / most[:, None, None] - np.array(list(COLOURS.values()))
    colours = np.abs(off).sum(axis=2).argmin(axis=1)
    by_kind = {kind: name for name, kind in GARMENTS.items()}
    sizes = [SIZES[int(each)] for each in small]
    names = [by_kind.get(int(kind)) for kind in kinds_named(near)]
    return list(zip(sizes, [list(COLOURS)[c] for c in colours], names))


def kinds_named(pictures):
    """The kinds, [n] from 0 to 9, that the network of lesson 4.6 names in pictures, [n, 28, 28].

    It has been trained on real pictures only, and is kept in lessons/data; here it is NumPy.
    """
    with np.load(data_file("clothes_features.npz")) as kept:
        at = dict(kept)
    h = np.asarray(pictures, np.float32)[..., None]
    for name in ("filters1", "filters2"):
        h = _halved(np.maximum(_convolved(h, at[name]) + at["b_" + name], 0))
    return np.argmax(h.reshape(len(h), -1) @ at["W"] + at["b_W"], axis=1)


def edges(pictures):
    """1 where the neighbours of a pixel differ by more than 0.5, else 0; [n, height, width, 1]."""
    wide = np.pad(pictures, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="constant")
    down = wide[:, 2:, 1:-1] - wide[:, :-2, 1:-1]
    across = wide[:, 1:-1, 2:] - wide[:, 1:-1, :-2]
    return np.float32(np.hypot(down, across) > 0.5)


def _convolved(maps, filters):
    """`tf.nn.conv2d(maps, filters, 1, "SAME")` for filters of odd sides."""
    side, height, width = len(filters), maps.shape[1], maps.shape[2]
    edge = side // 2
    padded = np.pad(maps, [(0, 0), (edge, edge), (edge, edge), (0, 0)], mode="constant")
    return sum(
        padded[:, y : y + height, x : x + width] @ filters[y, x]
        for y in range(side)
        for x in range(side)
    )


def _halved(maps):
    """`tf.nn.max_pool2d(maps, 2, 2, "SAME")` of even sides."""
    rows, height, width, channels = maps.shape
    return maps.reshape(rows, height // 2, 2, width // 2, 2, channels).max(axis=(2, 4))
