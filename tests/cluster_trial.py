"""What tests/test_cluster.py runs in a process of its own: servers cannot be stopped again."""

import json
import socket
import sys
import time

import numpy as np
import tensorflow as tf

from graphlab import stages
from graphlab.errors import GraphlabError
from graphlab.targets.cluster import Cluster, answering, cluster, on_cluster, patient
from graphlab.watch.observer import observe

tf1 = tf.compat.v1


def train(steps):
    """Three steps of gradient descent as a TF1 program that knows nothing of a cluster."""
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, 3], name="x")
        weights = tf1.get_variable("W", [3, 2], initializer=tf1.ones_initializer())
        loss = tf.reduce_mean(tf.square(tf.matmul(x, weights, name="y")), name="loss")
        step = tf1.train.GradientDescentOptimizer(0.1).minimize(loss)
        with tf1.Session() as session:
            session.run(tf1.global_variables_initializer())
            return [
                float(session.run([loss, step], {x: np.ones((2, 3), np.float32)})[0])
                for _ in range(steps)
            ]


def port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def timed(call):
    started = time.perf_counter()
    try:
        call()
    except GraphlabError as error:
        return [str(error), time.perf_counter() - started]
    return ["", time.perf_counter() - started]


def on_a_cluster_without_its_ps():
    worker, ps = port(), port()
    tasks = {"ps": (f"127.0.0.1:{ps}",), "worker": (f"127.0.0.1:{worker}",)}
    server = tf.distribute.Server(tf.train.ClusterSpec(tasks), "worker", 0)
    with on_cluster(Cluster(tasks, server.target, (server,))):
        train(1)


def with_nobody_there():
    target = f"grpc://127.0.0.1:{port()}"
    with (
        answering(target),
        tf.Graph().as_default(),
        tf1.Session(target, config=patient()) as session,
    ):
        session.run(tf.constant(1.0))


def main():
    alone = train(3)
    with cluster("ps=1,worker=1") as servers, on_cluster(servers), observe() as seen:
        together = train(3)
    run = seen.runs[-1]
    told = {
        "alone": alone,
        "together": together,
        "tasks": servers.tasks,
        "devices": {step.node: step.device for step in run.steps},
        "sent": [
            [one.tensor, one.from_device, one.to_device, one.bytes]
            for one in stages.transfers(run.executed, run.steps)
        ],
        "unmatched": [n for n, v in stages.verdicts(run).items() if v.kind == "unmatched"],
        "contradictions": stages.contradictions(run),
        "no ps": timed(on_a_cluster_without_its_ps),
    }
    if "nobody" in sys.argv:
        told["nobody"] = timed(with_nobody_there)
    print(json.dumps(told))


main()
