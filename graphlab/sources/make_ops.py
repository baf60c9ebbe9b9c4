"""`python -m graphlab.sources.make_ops` writes ops.json from the TensorFlow that is installed."""

from __future__ import annotations

from graphlab import files, quiet


def text() -> str:
    """What ops.json must be for the installed TensorFlow."""
    quiet.start_tensorflow()
    import tensorflow as tf

    from graphlab import _private
    from graphlab.sources import ops

    version = ".".join(tf.__version__.split(".")[:2])
    return ops.document(_private.all_op_defs(), _private.ops_with_kernels(), version)


def main() -> None:
    """Write the table."""
    from graphlab.sources import ops

    files.write_whole(ops.TABLE, text().encode())


if __name__ == "__main__":
    main()
