"""SavedModels and MetaGraphs: their signatures, functions, variables and source lines.

    metagraph.from_saved_model(message, folder, tags)

In comes the message of a saved_model.pb or of a .meta file; out comes a ModelFile. Besides it only
the checkpoint's index and the file of debug information are read. Assets are never opened.
"""
