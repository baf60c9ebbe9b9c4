"""Drawing: a Graph or a Run becomes text, DOT, a picture, a timeline, a curve.

Knows `graphlab.model` and nothing else of graphlab, and never TensorFlow.
"""
