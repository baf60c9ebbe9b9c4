"""An execution stepped through, forward and back, by keys or by a script.

    stepper = Stepper(replays)
    stepper.do("break op MatMul")
    stepper.do("continue").said

In comes whatever can be executed again (a Replay, or an Engine's steps); out come moments: what
ran, what is ready, what is live, as data (`motions`) and as rich renderables (`panels`). `app` is
the full screen. Nothing here prints.
"""
