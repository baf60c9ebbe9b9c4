"""Exercise 9: fool a checker that feeds full rows.

The roles are turned round. The original is that of exercise 8: a recurrent cell over chunks, a
state that a variable carries, zeros after the end of a row. The weak checker compares every fetch,
outputs and all, to five digits, which looks strict; but it asks for one call only, and all its rows
are full.

    def weak(sides):
        sides.write({"kernel": ..., "bias": ...})
        lengths = np.array([4, 4, 4], np.int32)
        mine, theirs = sides.call("train_step", {"x": x, "lengths": lengths, "y": y})
        return all(np.allclose(mine[name], theirs[name], rtol=1e-5) for name in mine)

Your port begins as a right one. Break it so that the weak checker is content and the nine probes
are not. There are at least two ways.
"""

TURNED = True
OF = 8  # whose program it is
LESSON = "6.2"
HINTS = (
    "What does a program do at the end of a row that ends with the chunk?",
    "Look at `tf.where` and at `lengths`; or at `assign`, which only a second call would miss.",
    "Lesson 6.2: sequences of unequal lengths, and what comes after their ends.",
)
