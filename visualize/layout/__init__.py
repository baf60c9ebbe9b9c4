"""Where boxes and lines go: Graphviz says so, one and the same for pictures and pages.

    graphviz.laid_out(dot_source, "svg")    a picture, or the places of all that is in it
    viz.viz()                               the same Graphviz for a page, which runs it itself

Graphviz comes along as WebAssembly, in `vendor/`, as its package has it.
"""
