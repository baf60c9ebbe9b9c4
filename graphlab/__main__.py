"""`python -m graphlab` is `graphlab`."""

import contextlib
import sys
from pathlib import Path

# `-m` puts the working folder first on the path, the command does not. A folder that has a
# `lessons` or a `visualize` of its own would hide ours.
with contextlib.suppress(FileNotFoundError):  # a working folder may be gone
    HERE = Path.cwd()
    if sys.path[0] == str(HERE) and not HERE.samefile(Path(__file__).parents[1]):
        del sys.path[0]

from graphlab.cli import main

main()
