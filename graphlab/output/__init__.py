"""What is written: pictures, pages, the site, notebooks, event files.

    drawings.graph_file(graph, run, "svg")       the bytes of a picture
    pages.page_of_watched(watched)               the text of a page
    files.write_whole(path, data)                a file, whole or not at all

In come Graphs, Runs, Watcheds and Reports; out come bytes, and files written whole.
"""
