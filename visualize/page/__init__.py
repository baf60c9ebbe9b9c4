"""One offline page: a document of plain data, and its viewer.

    html.page({"title": "x", "graphs": [columns.graph_columns(graph)], "runs": []})

The viewer's modules are in `static/`: `graph/` draws and opens, `replay/` has the steps of a run
and their values, `timeline/` a run on a time axis, `lesson/` a part to be read; the rest is the
frame.
"""
