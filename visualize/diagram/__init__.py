"""What is drawn: a Hierarchy opened as far as a reader takes in, with what a run says of it.

    build.diagram(graph, run=run).members

`drawn` has the data, frozen and plain: groups, boxes, bundled edges. Any layout may take it.
"""
