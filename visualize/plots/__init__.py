"""Numbers become pictures: curves, images, heat maps, points; as SVG, PNG or braille dots."""
