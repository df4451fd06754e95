"""The findings as pictures: SVG that a page can recolour, and PNG. Pure: values in, bytes out.

Needs matplotlib (the extra `costcraft[evaluate]`), which is loaded when the first picture is drawn. No screen, no
global figure, no date: the same findings give the same bytes.
"""

from costcraft.evaluate.findings.plots.drawing import Picture, drawable, pictures

__all__ = ["Picture", "drawable", "pictures"]
