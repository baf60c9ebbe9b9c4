"""Asking for a device: what is made, what is there, and what is refused in one line."""

import subprocess
import sys

import pytest

from graphlab import devices
from graphlab.errors import GraphlabError


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("CPU:0", ("CPU", 0)),
        ("cpu:1", ("CPU", 1)),
        ("/device:GPU:3", ("GPU", 3)),
        ("/cpu:0", ("CPU", 0)),
        ("CPU", ("CPU", 0)),
    ],
)
def test_a_device_may_be_written_as_tensorflow_does(asked, name):
    assert devices.parse(asked) == name


@pytest.mark.parametrize("asked", ["", "cpu:x", "CPU:-1", "CPU:1:2", "disk:0", "/job:ps/CPU:0"])
def test_what_is_no_device_is_refused(asked):
    with pytest.raises(GraphlabError, match="is no device name"):
        devices.parse(asked)


def test_logical_cpus_are_made_once_and_listed():
    assert devices.prepare("/device:cpu:1") == "CPU:1"
    assert devices.available()[:2] == ["CPU:0", "CPU:1"]


def test_a_missing_gpu_is_refused_with_the_devices_there_are():
    with pytest.raises(
        GraphlabError, match=r"GPU:7 is not on this machine; there are CPU:0, CPU:1"
    ):
        devices.prepare("GPU:7")


def test_a_cpu_that_comes_too_late_is_refused():
    with pytest.raises(GraphlabError, match="CPU:9 cannot be made any more"):
        devices.prepare("CPU:9")


def test_too_many_cpus_are_refused():
    with pytest.raises(GraphlabError, match="go up to CPU:63"):
        devices.prepare("CPU:64")


def test_a_gpu_is_taken_where_there_is_one(monkeypatch):
    """There is no GPU here: only the choice is tried, on a list that names one."""
    monkeypatch.setattr(devices, "available", lambda: ["CPU:0", "GPU:0"])
    assert devices.prepare("gpu:0") == "GPU:0"


def test_short_names_cover_what_the_runtime_writes():
    full = {
        "/job:localhost/replica:0/task:0/device:CPU:1": "CPU:1",
        "/job:worker/replica:0/task:3/device:GPU:0": "worker:3/GPU:0",
        "/job:ps/task:0": "ps:0",
        "/device:CPU:*": "CPU:*",
        "/gpu:2": "GPU:2",
        "": "",
    }
    assert {name: devices.short(name) for name in full} == full


def test_naming_a_device_needs_no_tensorflow():
    code = (
        "import sys, graphlab.devices as d; d.parse('CPU:1'); sys.exit('tensorflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_what_watches_and_runs_leaves_the_devices_to_be_made_yet():
    code = (
        "from graphlab import devices, engine, observe, run_ways;"
        "from graphlab.course import report; from graphlab.output import notebook, pages;"
        "print(devices.prepare('CPU:1'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("CPU:1\n", 0), done.stderr
