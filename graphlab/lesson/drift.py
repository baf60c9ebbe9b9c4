"""What a part that trains for long promises on a GPU."""

from __future__ import annotations


class Drift:
    """On a GPU the ways part by their last bits, and a long training carries these far: there the
    first losses are held to the tolerance, and the named results at the end to a band.

    >>> Drift(20, accuracy=0.02).text("Keras drifts away")
    'On a GPU Keras drifts away: held are the first 20 losses, and accuracy to 0.02'
    """

    def __init__(self, steps, **bands):
        self.steps = steps  # of which the losses agree
        self.bands = bands  # by result: how far apart the ways may end

    def text(self, drifts="cuDNN picks other algorithms in each way, which drift apart"):
        """What is held, in a sentence without its end."""
        bands = "".join(f", and {name} to {band:g}" for name, band in self.bands.items())
        return f"On a GPU {drifts}: held are the first {self.steps} losses{bands}"
