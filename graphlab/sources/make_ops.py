"""`python -m graphlab.sources.make_ops` writes ops.json from the TensorFlow that is installed."""

from __future__ import annotations

from graphlab import startup
from graphlab.sources import fitting, ops


def text() -> str:
    """What ops.json must be for the installed TensorFlow."""
    startup.start_tensorflow()
    import tensorflow as tf

    from graphlab import _private

    version = ".".join(tf.__version__.split(".")[:2])
    return ops.document(
        _private.all_op_defs(),
        _private.ops_with_kernels(),
        version,
        tf.version.GRAPH_DEF_VERSION,
        fitting.written,
    )


def main() -> None:
    """Write the table."""
    ops.TABLE.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
