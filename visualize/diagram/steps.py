"""The steps from a Graph to a Diagram, in their order; each may be left out by its name."""

STEPS = {
    "functions": "function bodies under the ops that call them",
    "embed": "constants, variable reads and identities drawn on their one consumer",
    "series": "five or more like ops side by side folded into one",
    "wide": "scopes with too many members cut into pieces",
    "templates": "groups that are the same inside known as such",
    "hubs": "what is joined with too much drawn apart, with stubs in place of lines",
    "late": "gradients, savers and mere variables closed where the picture is large without them",
}


def checked(without: object) -> frozenset[str]:
    """The names of steps to be left out. ValueError names one that there is not."""
    names = frozenset(without)  # type: ignore[call-overload]
    for name in sorted(names - set(STEPS)):
        raise ValueError(f"there is no step {name!r} to leave out; there are {', '.join(STEPS)}")
    return names
