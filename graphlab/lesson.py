"""The two things a lesson part needs that are not TensorFlow.

Plain enough for Python 3.7, so that the graph way of every part also runs beside the real
TensorFlow 1.15.5.
"""

from __future__ import annotations

import re
from pathlib import Path


class raises:
    """Show a failure: the block must raise `kind`, with a message that `match` is found in.

    >>> with raises(ValueError, match="invalid literal") as failure:
    ...     int("one")
    >>> type(failure.error).__name__
    'ValueError'

    Leaves the error in `.error`. AssertionError where the block raises nothing, or a message
    without `match` (a regular expression); an error of another kind passes through.
    """

    def __init__(self, kind, match=""):
        self.kind = kind
        self.match = match
        self.error = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if error is None:
            raise AssertionError(f"expected {self.kind!r}, and nothing was raised")
        if not isinstance(error, self.kind):
            return False
        self.error = error
        if not re.search(self.match, str(error)):
            raise AssertionError(f"{self.match!r} is not in the message: {error}") from error
        return True


def data_file(name):
    """The path of a file in lessons/data, as text."""
    import lessons

    return str(Path(lessons.__file__).parent / "data" / name)
