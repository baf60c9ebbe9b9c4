"""Lesson 2.4's three training loops, and nothing of graphlab around them."""

from lessons.lesson_02_logistic_regression import part_4_logistic_regression as part

for way in (part.graph, part.eager, part.function):
    results = way(part.cases(), "CPU:0")
    print(way.__name__, results["loss"][-1], results["accuracy"])
