"""Lesson 1: TensorFlow operations.

Four nouns build everything that follows: operation, variable, placeholder, session. We meet
them one by one on the way to one layer of a network, `h = ReLU(Wx + b)`, as TensorFlow 1 wrote
it, and see beside it what TensorFlow 2 made of each. Two parts then look on while a session
works: what it does with a plan, and what becomes of the plan on the way; the last two ask what is
another on a GPU, and when a compiler has been at it. The line of thought, here and in the lessons
after it, is that of a workshop of 2018, *The Path to Deep Learning with TensorFlow + Keras*; where
a slide of it errs, a claim says so.
"""
