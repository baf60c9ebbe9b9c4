"""Calls that TensorFlow 1.15.5 takes, to be tried on whatever TensorFlow is installed.

A name that `tensorflow.compat.v1` has may still fail when it is called. Each is run by itself, in
a graph, after `disable_v2_behavior()`; `tf` is `tensorflow.compat.v1` and `np` is NumPy.
"""

from __future__ import annotations

SNIPPETS = {
    "tf.nn.dynamic_rnn": (
        "cell = tf.keras.layers.GRUCell(3)\n"
        "tf.nn.dynamic_rnn(cell, tf.zeros([2, 4, 5]), dtype=tf.float32)"
    ),
    "tf.nn.static_rnn": (
        "cell = tf.keras.layers.LSTMCell(3)\n"
        "tf.nn.static_rnn(cell, [tf.zeros([2, 5])], dtype=tf.float32)"
    ),
    "tf.nn.bidirectional_dynamic_rnn": (
        "cell = tf.keras.layers.GRUCell(3)\n"
        "tf.nn.bidirectional_dynamic_rnn(cell, cell, tf.zeros([2, 4, 5]), dtype=tf.float32)"
    ),
    "tf.get_variable": (
        "tf.get_variable('w', [2], regularizer=tf.keras.regularizers.l2(0.1), use_resource=False)"
    ),
    "tf.keras.Model.fit": (
        "model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])\n"
        "model.compile('sgd', 'mse')\n"
        "model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)"
    ),
    "tf.keras.Model.updates": (
        "x = tf.keras.Input((2,))\n"
        "tf.keras.Model(x, tf.keras.layers.BatchNormalization()(x)).updates"
    ),
    "tf.keras.layers.Dense": (
        "y = tf.keras.layers.Dense(3)(tf.ones([2, 2]))\n"
        "with tf.Session() as session:\n"
        "    session.run(tf.global_variables_initializer())\n"
        "    session.run(y)"
    ),
    "tf.keras.backend.get_session": "tf.keras.backend.get_session()",
    "tf.layers.dense": "tf.layers.dense(tf.ones([2, 2]), 3)",
    "tf.layers.conv2d": "tf.layers.conv2d(tf.ones([1, 4, 4, 1]), 2, 3)",
    "tf.layers.batch_normalization": (
        "tf.layers.batch_normalization(tf.ones([2, 2]), training=True)"
    ),
    "tf.layers.dropout": "tf.layers.dropout(tf.ones([2, 2]), 0.5, training=True)",
    "tf.nn.rnn_cell.BasicLSTMCell": "tf.nn.rnn_cell.BasicLSTMCell(3)",
    "tf.nn.rnn_cell.GRUCell": "tf.nn.rnn_cell.GRUCell(3)",
    "tf.estimator.LinearRegressor": (
        "tf.estimator.LinearRegressor([tf.feature_column.numeric_column('x')])"
    ),
    "tf.feature_column.input_layer": (
        "column = tf.feature_column.numeric_column('x')\n"
        "tf.feature_column.input_layer({'x': tf.ones([2, 1])}, [column])"
    ),
    "tf.feature_column.linear_model": (
        "column = tf.feature_column.numeric_column('x')\n"
        "tf.feature_column.linear_model({'x': tf.ones([2, 1])}, [column])"
    ),
    "tf.placeholder": "tf.placeholder(tf.float32, [None])",
    "tf.train.AdamOptimizer": (
        "tf.train.AdamOptimizer().minimize(tf.square(tf.get_variable('w', [2])))"
    ),
    "tf.train.Saver": "tf.get_variable('w', [2])\ntf.train.Saver()",
    "tf.train.string_input_producer": "tf.train.string_input_producer(['a'])",
    "tf.train.shuffle_batch": "tf.train.shuffle_batch([tf.ones([2])], 2, 8, 4)",
    "tf.train.MonitoredTrainingSession": (
        "step = tf.train.get_or_create_global_step()\n"
        "with tf.train.MonitoredTrainingSession() as session:\n"
        "    session.run(step)"
    ),
    "tf.data.Dataset.make_one_shot_iterator": (
        "tf.data.Dataset.range(3).make_one_shot_iterator().get_next()"
    ),
    "tf.summary.scalar": "tf.summary.scalar('loss', tf.constant(1.0))",
    "tf.while_loop": "tf.while_loop(lambda i: i < 3, lambda i: i + 1, [tf.constant(0)])",
    "tf.py_func": "tf.py_func(lambda x: x, [tf.constant(1.0)], tf.float32)",
    "tf.losses.mean_squared_error": "tf.losses.mean_squared_error([1.0], tf.constant([2.0]))",
    "tf.metrics.accuracy": "tf.metrics.accuracy([1], tf.constant([1]))",
    "tf.distributions.Normal": "tf.distributions.Normal(0.0, 1.0).sample()",
}
