"""Exercise 6: fool a checker that looks at losses only.

The roles are turned round again. The original is that of exercise 5: a convolution, fused batch
normalisation over four axes, moving averages. The weak checker is one that many people write: it
gives both programs the same weights, trains both for eight calls, each with another batch, and is
content when all eight losses are equal.

    def weak(sides):
        random = np.random.RandomState(0)
        sides.write(weights(random))
        losses = [sides.call("train_step", batch(random)) for _ in range(8)]
        return all(np.allclose(a["loss"], b["loss"], rtol=1e-5) for a, b in losses)

Your port begins as a right one. Break it so that the weak checker is content and the nine probes
are not: what does training never read?
"""

TURNED = True
OF = 5  # whose program it is
LESSON = "20.3"
HINTS = (
    "Eight losses are equal when eight times the same weights meet the same batch.",
    "In training batch normalisation reads the batch: nothing reads `moving_mean`.",
    "Lesson 20.3: `UPDATE_OPS`, and what is missed in inference only.",
)
