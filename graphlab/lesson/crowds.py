"""Crowds that lesson 8 draws: people on a square before trees, and where each of them stands.

Plain enough for Python 3.7, as all that a part imports.
"""

from __future__ import annotations

import functools

import numpy as np

SIDE = 48  # pixels


def crowds(count, seed):
    """So many crowds, the same for the same seed: pictures and where the heads are.

    The pictures are [count, 48, 48, 1] float32 from 0 to 1. Of each picture the heads are [n, 2]
    int64, row and column, 4 to 149 of them, also those that others hide. Nothing can be written
    into either: each way is given the same.
    """
    pictures, heads = _drawn(count, seed)
    return pictures, list(heads)


@functools.lru_cache(maxsize=4)  # the parts ask for three, in every way; of 1,200 it takes seconds
def _drawn(count, seed):
    random = np.random.RandomState(seed)
    drawn = [_crowd(random) for _ in range(count)]
    pictures = np.stack([picture for picture, _ in drawn])[..., np.newaxis]
    heads = [places for _, places in drawn]
    for each in (pictures, *heads):
        each.setflags(write=False)
    return pictures, heads


def densities(heads):
    """The density map of each crowd, [count, 48, 48, 1] float32: its sum is the number of heads.

    As part 8.1 makes it: a head is a bell of 9 by 9 pixels, of which what falls off the picture
    comes to what stays.
    """
    maps = [_bells(places[:, 0]).T @ _bells(places[:, 1]) for places in heads]
    return np.array(maps, np.float32)[..., np.newaxis]


def _bells(middles):
    """A bell along one axis around each place: [n, 48], each row sums to 1."""
    away = np.arange(SIDE) - middles[:, np.newaxis]
    bells = np.exp(-(away**2) / (2 * 1.5**2)) * (abs(away) <= 4)
    return bells / bells.sum(axis=1, keepdims=True)


def _crowd(random):
    """A picture, [48, 48], and its heads: the camera looks down on a square with trees behind."""
    horizon = random.randint(10, 26)
    near = random.uniform(2.5, 4.5)  # radius of a head at the lower edge
    people = int(np.exp(random.uniform(np.log(4), np.log(150))))
    # On the ground people stand evenly; far rows show more ground, and so more people.
    depth = random.uniform(size=people)
    far = 0.8 / near
    share = far * depth / (1 - (1 - far) * depth)
    rows = np.int64(horizon + share * (SIDE - horizon))
    middle, spread = random.uniform(8, SIDE - 8), random.uniform(8, 40)
    columns = np.int64(middle + spread * random.uniform(-1, 1, size=people)) % SIDE
    radii = 0.8 + (near - 0.8) * (rows - horizon) / (SIDE - horizon)
    order = np.argsort(rows, kind="stable")  # who stands nearer is drawn over the others
    heads = np.stack([rows, columns], 1)[order]

    leaves = random.randint(0, 100)
    begin, width = random.uniform(0, SIDE), random.uniform(10, 35)
    hang = np.stack(
        [
            random.uniform(0, horizon - 1, leaves),
            (begin + random.uniform(0, width, leaves)) % SIDE,
        ],
        1,
    )
    discs = np.concatenate([hang, heads])
    sizes = np.concatenate([random.uniform(0.8, 2, leaves), radii[order]])
    greys = random.uniform(0.45, 1, leaves + people)

    y, x = np.mgrid[:SIDE, :SIDE]
    picture = np.where(y < horizon, 0.9, 0.3)
    tree = ((x - begin) % SIDE < width) & (y < horizon)
    picture[tree] = 0.3
    away = (y - discs[:, 0, None, None]) ** 2 + (x - discs[:, 1, None, None]) ** 2
    away = away / sizes[:, None, None] ** 2  # 1 at the rim of a disc
    covered = away <= 1.2
    last = len(discs) - 1 - np.argmax(covered[::-1], axis=0)  # who is seen at each pixel
    own = np.take_along_axis(away, last[None], axis=0)[0]
    picture = np.where(covered.any(axis=0), greys[last] * (1 - 0.5 * own), picture)
    picture += random.normal(scale=0.03, size=picture.shape)
    return np.float32(np.clip(picture, 0, 1)), heads
