"""Every test process has two logical CPU devices, made before TensorFlow starts; and where there is
a GPU, it takes no more of its memory than it needs."""

import signal
from collections.abc import Iterator

import pytest

from graphlab import devices
from graphlab.startup import start_tensorflow

start_tensorflow()
devices.share_gpus()
devices.prepare("CPU:1")

# A shell that runs the tests in the background has them ignore Ctrl-C, and so all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def control_flow() -> Iterator[None]:
    """Loops and conditions are built as TensorFlow 2 does it, whatever a program before has chosen,
    which a test has run in this process."""
    import tensorflow as tf  # it has been told how to start

    tf.compat.v1.enable_control_flow_v2()
    yield


def pytest_make_parametrize_id(config: object, val: object, argname: str) -> str | None:
    """Bytes are named by their number: what is packed may hold the time, and a name must not."""
    return f"{len(val)}-bytes" if isinstance(val, bytes) else None
