"""Real servers on loopback, in a process of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from graphlab.errors import GraphlabError
from graphlab.targets.cluster import check_reachable, parse

TESTS = Path(__file__).parent


@pytest.fixture(scope="module")
def told():
    """What tests/cluster_trial.py saw."""
    found = subprocess.run(
        [sys.executable, str(TESTS / "cluster_trial.py"), "nobody"],
        env={**os.environ, "PYTHONPATH": str(TESTS.parent)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert found.returncode == 0, found.stderr[-2000:]
    return json.loads(found.stdout)


def test_a_program_that_knows_no_cluster_trains_on_one_as_it_does_alone(told):
    assert told["tasks"] == ["ps:0", "worker:0"]
    assert told["together"] == told["alone"]
    assert told["alone"][0] == 9.0


def test_variables_live_on_ps_and_arithmetic_runs_on_the_worker(told):
    devices = told["devices"]
    assert devices["W"] == "ps:0/CPU:0"
    assert devices["GradientDescent/update_W/ResourceApplyGradientDescent"] == "ps:0/CPU:0"
    assert devices["y"] == devices["gradients/y_grad/MatMul_1"] == "worker:0/CPU:0"


def test_what_the_servers_sent_each_other_is_known_to_the_byte(told):
    weights = 3 * 2 * 4
    sent = {tensor: rest for tensor, *rest in told["sent"]}
    assert sent["y/ReadVariableOp:0"] == ["ps:0/CPU:0", "worker:0/CPU:0", weights]
    assert sent["gradients/y_grad/MatMul_1:0"] == ["worker:0/CPU:0", "ps:0/CPU:0", weights]


def test_every_op_of_a_clusters_graph_has_a_verdict_that_agrees_with_its_steps(told):
    assert told["unmatched"] == []
    assert told["contradictions"] == []


def test_a_cluster_whose_ps_is_down_is_said_at_once(told):
    error, _ = told["no ps"]
    assert error.startswith("no server answers at grpc://127.0.0.1:")
    assert "start it first" in error


def test_a_server_that_is_not_there_is_given_up_within_ten_seconds(told):
    error, seconds = told["nobody"]
    assert "did not answer within 8 s" in error
    assert seconds < 10


@pytest.mark.parametrize("text", ["", "ps", "ps=0", "ps=1,ps=1", "ps=1;worker=1", "ps=99"])
def test_a_cluster_that_cannot_be_meant_is_named(text):
    with pytest.raises(GraphlabError, match="cluster"):
        parse(text)


@pytest.mark.parametrize("target", ["", "grpc://127.0.0.1", "localhost:22", "grpc://127.0.0.1:1"])
def test_a_target_where_nobody_listens_is_named(target):
    with pytest.raises(GraphlabError, match="server"):
        check_reachable(target)
