"""graphlab shows what TensorFlow does.

    from graphlab import observe

    with observe() as seen:
        ...                      # unchanged TensorFlow code
    for run in seen.runs:
        print(run.name, len(run.steps))

Importing this package does not import TensorFlow; `observe`, `compare` and
`run_ways` do when they are first asked for.
"""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = ["Graph", "Node", "Run", "Step", "TensorSpec", "compare", "observe", "run_ways"]


def __getattr__(name: str) -> object:
    """Give the public names on first use, so that `import graphlab` stays quick."""
    if name == "observe":
        from graphlab.watch.observer import observe

        return observe
    if name == "compare":
        from graphlab.comparison.run import compare

        return compare
    if name == "run_ways":
        from graphlab.output.trial import run_ways

        return run_ways
    if name == "load_ipython_extension":  # %load_ext graphlab
        from graphlab.output.notebook import load_ipython_extension

        return load_ipython_extension
    if name in __all__:
        from graphlab import model

        return getattr(model, name)
    raise AttributeError(f"module 'graphlab' has no attribute {name!r}")
