"""Every test process has two logical CPU devices, made before TensorFlow starts."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from graphlab import devices

devices.prepare("CPU:1")
