"""The lessons: found, read, checked against their contract, run in their ways, compared.

    part = outline.find("2.3")[0]
    told = run.run_part(part, ["graph", "eager"], "CPU:0", None, tick)
    told.agreement, told.claims

In come the files of `lessons/`; out come Parts (what a file says, without importing it) and
Reports (what came out when it ran).
"""
