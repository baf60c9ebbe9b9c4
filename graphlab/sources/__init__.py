"""Ways in: whatever can be read becomes a `graphlab.model.Graph`.

    files.read_model(Path("exported/1")).graph     a file or folder, without TensorFlow
    live.from_graph(tf.get_default_graph())        a graph that TensorFlow holds

In come files of every kind that graphlab reads and live graphs; out come Graphs and what stands
beside them: signatures, variables, versions. To read a new file format, add a file here and name
it in `files.py`. Files are material: reading runs nothing of theirs.
"""
