"""A graph becomes TensorFlow 2 code that a colleague can read and that computes the same.

ported = port(call)                     # call: what a program recorded, with its answers
ported.text                             # the file: a tf.Module, its weights beside it
prove(ported, call)                     # run in a process of its own: bit-equal, or how far

What comes in is a graph to run as the engine reads it; what goes out is text and arrays. Each step
is by itself: which ops there are (`graphlab.port.body`), what each is in TensorFlow's public
names (`table`, and `exact` that asks TensorFlow whether it is), how things are named (`names`) and
laid out (`expression`, `layout`), and whether all of it is true (`proof`).
"""
