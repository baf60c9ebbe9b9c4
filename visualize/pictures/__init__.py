"""A Diagram becomes DOT and a picture with a legend; a Run becomes a picture on a time axis."""
