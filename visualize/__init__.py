"""Drawing: a Graph or a Run becomes text, DOT, a picture, a timeline, a curve, a page.

    hierarchy   a Graph becomes groups of ops, and what flows between their members
    diagram     a Hierarchy becomes what is drawn: open groups, boxes, bundled edges
    layout      Graphviz: where boxes and lines go
    text        a Graph, Run or Diagram as rows of text with lanes
    pictures    a Diagram as DOT and as a picture; a Run on a time axis
    plots       numbers as pictures: curves, images, heat maps
    page        all of it in one offline HTML file, to be worked with

Knows `graphlab.model` and `graphlab.figure`, nothing else of graphlab, and never TensorFlow. A new
kind of picture is a file in `pictures` (of graphs and runs) or in `plots` (of numbers).
"""
