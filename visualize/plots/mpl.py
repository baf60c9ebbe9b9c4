"""matplotlib, imported so that no setting of the machine and no folder it lacks is in the way.

Whatever of matplotlib draws a plot comes from here.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress

# It says at length that it may not write its cache; drawing only takes a little longer for it.
logging.getLogger("matplotlib").setLevel(logging.ERROR)

# An MPLBACKEND that there is not makes the import itself fail, and no plot here needs a backend:
# it is set afterwards, as matplotlib would, for whoever opens a window in this process.
_backend = os.environ.pop("MPLBACKEND", None)

import matplotlib  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg  # noqa: E402
from matplotlib.colors import to_rgb  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.font_manager import FontProperties  # noqa: E402
from matplotlib.layout_engine import ConstrainedLayoutEngine  # noqa: E402
from matplotlib.patches import Patch  # noqa: E402
from matplotlib.ticker import MaxNLocator  # noqa: E402

if _backend is not None:
    os.environ["MPLBACKEND"] = _backend
    with suppress(ValueError):
        matplotlib.rcParams["backend"] = _backend

__all__ = [
    "Axes",
    "ConstrainedLayoutEngine",
    "Figure",
    "FigureCanvasAgg",
    "FontProperties",
    "MaxNLocator",
    "Patch",
    "RendererAgg",
    "matplotlib",
    "to_rgb",
]
