"""A checker that looks at the loss of one call."""

import numpy as np

W, B = np.array([1, -2, 3], np.float32), np.float32(0.5)
X, Y = np.array([[1, 2, 3], [3, 1, 2]], np.float32), np.array([1, 2], np.float32)


def weak(sides):
    sides.write({"w": W, "b": B})
    mine, theirs = sides.call("train_step", {"x": X, "y": Y})
    return bool(np.allclose(mine["loss"], theirs["loss"], rtol=1e-5))
