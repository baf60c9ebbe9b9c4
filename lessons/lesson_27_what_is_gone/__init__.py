"""Lesson 27: What is gone.

`tf.contrib`, `tf.layers` and Estimators are not in TensorFlow any more, and each has something that
seems to be the same. What they did beyond their name was a default: an activation, a divisor, a
count that a checkpoint kept. It goes unless you bring it along.
"""
