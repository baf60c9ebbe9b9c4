"""Start TensorFlow without the chatter of its C++ side, and without looking for garbage."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress


def start_tensorflow() -> None:
    """Import TensorFlow; only its errors are heard from then on.

    What an import that fails had written to file 2 is let out, for it may say why.
    """
    if "tensorflow" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Lines written before absl is initialised ask for no level, so the environment cannot stop
    # them, and they go to file 2 itself, so sys.stderr cannot either.
    with uncollected(), _held_back():
        import tensorflow as tf
    gc.freeze()  # what there is now stays
    tf.get_logger().setLevel("ERROR")


@contextmanager
def uncollected() -> Iterator[None]:
    """Without Python's garbage collector. It goes on afterwards, unless it was off before.

    Importing TensorFlow, reading a model and planning a graph make objects by the million, none of
    which is garbage. The collector looks through all of them each time there are some more, so that
    a large graph costs more per op than a small one.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextmanager
def _held_back() -> Iterator[None]:
    """Keep what is written to file 2 inside the block; let it out if the block raises."""
    import tempfile  # with it come the archives of shutil, of which a list of lessons needs none

    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # there is no file 2
        yield
        return
    try:
        place = tempfile.TemporaryFile()  # noqa: SIM115 - the next line closes it
    except OSError:  # no folder takes one: then the chatter is heard
        os.close(kept)
        yield
        return
    with place as written:
        os.dup2(written.fileno(), 2)
        said = b""
        try:
            yield
        except Exception:  # but not Ctrl-C
            sys.stderr.flush()
            written.seek(0)
            said = written.read()
            raise
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            with suppress(OSError):
                os.write(2, said)
