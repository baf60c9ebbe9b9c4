"""Lesson 0.1: what is on this machine.

TensorFlow is two things: an interface to write a computation down, and a runtime that carries
it out on the devices it finds. So before we compute anything, we ask what it found.

A device has a kind and a number, `CPU:0` or `GPU:1`. `CPU:0` is the whole processor with all
its cores: a machine with eight cores has one. Each graphics card is a `GPU` of its own.

We ask for two kinds and get, in each way, `count` (how many of each kind) and `names`. A
session knows its devices, the TF2 runtime knows its own, and a function can only be asked to
run somewhere; see that all three tell of the same machine. `graphlab doctor` prints it with
every version.

The ways are those of the whole course. **graph** is TensorFlow 1, whose interface lives on in
TensorFlow 2 as `tf.compat.v1`; **eager** is TensorFlow 2 as it runs when you type a line;
**function** is TensorFlow 2 turned back into a graph by `@tf.function`.
"""

import numpy as np
import tensorflow as tf

from graphlab.lesson import raises

tf1 = tf.compat.v1
CASES = ["CPU", "GPU"]

RTOL = ATOL = 0.0  # Names and counts are equal or they are not.


# In TF1 the session stands between Python and the devices, so we ask it. Its
# names are long, `/job:localhost/replica:0/task:0/device:CPU:0`, because some
# devices may be of another machine. We keep the end. (`device`, which every
# way is given, has nothing to place yet.)
def graph(cases, device):
    # run
    with tf1.Session(graph=tf.Graph()) as session:
        devices = session.list_devices()
    # results
    names, count = [], []
    for kind in cases:
        found = [d.name for d in devices if d.device_type == kind]
        names += [name.rpartition("device:")[2] for name in found]
        count.append(len(found))
    return {"count": count, "names": np.array(names)}


# In TF2 there is no session to ask: the runtime starts with the first op, or
# with this question. When TF1 code is ported, `list_devices` becomes
# `tf.config.list_logical_devices`.
def eager(cases, device):
    # run
    devices = tf.config.list_logical_devices()
    # results
    names, count = [], []
    for kind in cases:
        found = [d.name for d in devices if d.device_type == kind]
        names += [name.rpartition("device:")[2] for name in found]
        count.append(len(found))
    return {"count": count, "names": np.array(names)}


# A function has no list to show, but a tensor knows where it was computed. So
# we call it on number 0, 1, 2 ... of a kind, until the answer comes from
# somewhere else: TF2 does not refuse, it moves the work to a device it has.
def function(cases, device):
    # run
    @tf.function
    def three():
        return tf.add(1.0, 2.0)

    # results
    names, count = [], []
    for kind in cases:
        count.append(0)
        while True:
            asked = f"{kind}:{count[-1]}"
            with tf.device(asked):
                seen = three().device
            if not seen.endswith("device:" + asked):
                break
            names.append(asked)
            count[-1] += 1
    return {"count": count, "names": np.array(names)}


def claim_this_is_tensorflow_2_with_keras_3_and_tf1_inside():
    """This TensorFlow is a 2, its Keras is a 3, and TF1's session and placeholder are on board."""
    assert tf.__version__.startswith("2.")
    assert tf.keras.__version__.startswith("3.")
    assert callable(tf1.Session) and callable(tf1.placeholder)


def claim_every_list_names_the_runtimes_devices(results):
    """Every way found the devices of the runtime's list, in its order, and no other."""
    devices = [d for d in tf.config.list_logical_devices() if d.device_type in CASES]
    names = [d.name.rpartition("device:")[2] for d in devices]
    for way in results:
        assert list(results[way]["names"]) == names
        assert sum(results[way]["count"]) == len(names)


def claim_a_logical_device_stands_on_a_physical_one():
    """A physical device is hardware; a logical one is the runtime's share of it. No kind without
    hardware, and one processor may be cut into several, which is how `--device CPU:1` works."""
    physical = tf.config.list_physical_devices()
    logical = tf.config.list_logical_devices()
    assert {d.device_type for d in logical} <= {d.device_type for d in physical}
    assert len(logical) >= len({d.device_type for d in physical if d.device_type == "CPU"})


def claim_a_tf1_session_refuses_a_device_that_is_not_there():
    """Place an op on `GPU:99`, and a session with TF1's settings names the op, the device and
    those there are."""
    with tf.Graph().as_default() as g, tf.device("GPU:99"):
        three = tf.add(1.0, 2.0, name="three")
    failure = raises(tf.errors.InvalidArgumentError, match="three.*GPU:99.*available.*CPU:0")
    tf1_settings = tf1.ConfigProto(allow_soft_placement=False)
    with tf1.Session(graph=g, config=tf1_settings) as session, failure:
        session.run(three)


def claim_tf2_moves_the_work_and_says_nothing():
    """Eager TensorFlow takes the same request without a word and computes elsewhere. In a TF2
    program even a session does, unless it is given settings. Look at `.device` when it matters."""
    with tf.device("GPU:99"):
        three = tf.add(1.0, 2.0)
    assert three.numpy() == 3.0
    assert "GPU:99" not in three.device
    with tf.Graph().as_default() as g, tf.device("GPU:99"):
        three = tf.add(1.0, 2.0)
    with tf1.Session(graph=g) as session:
        assert session.run(three) == 3.0


def quiz_how_many_cpus_has_a_processor_with_many_cores():
    """A processor has eight cores, or two, or yours. How many devices of kind `CPU` does TensorFlow
    find in it?

    `CPU:0` is the whole processor. Its cores share the work inside of it: an operation may use
    several, and several operations may run at a time.
    """
    return len(tf.config.list_physical_devices("CPU"))


def quiz_what_becomes_of_a_device_that_is_not_there():
    """Eager code computes `1 + 2` under `tf.device("GPU:99")`. What do you get?

    - an error that names `GPU:99`
    - 3, computed somewhere else

    TensorFlow 2 takes `tf.device` for a wish. Only the tensor's `.device` says where it was.
    """
    try:
        with tf.device("GPU:99"):
            three = tf.add(1.0, 2.0)
    except tf.errors.InvalidArgumentError:
        return "an error that names `GPU:99`"
    return f"{three.numpy():.0f}, computed {'on' if 'GPU:99' in three.device else 'somewhere else'}"
