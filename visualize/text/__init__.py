"""A Graph, a Run or a Diagram as text: a row an op, a lane for each tensor that is alive."""
