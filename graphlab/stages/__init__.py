"""The lives of a graph, from what was written to what the devices were given."""
