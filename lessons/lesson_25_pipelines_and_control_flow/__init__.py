"""Lesson 25: Pipelines and control flow.

TF1 reads its data through queues, and decides and repeats with operations of the graph. Ported by
the look of it, such a program still runs, with other batches, other counts and other gradients:
what is in an epoch, what a `cond` runs besides its branch, and what a loop hands on.
"""
