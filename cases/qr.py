"""The square of dots that a telephone reads: a receipt's address, the secret of a second factor."""

import segno
from django.utils.safestring import mark_safe


def drawn(text):
    """Return the SVG of a text. It stands in the page itself: nothing else is asked for it."""
    square = segno.make(text, error="m", micro=False)
    # Dots alone: nothing of the text stands in the SVG as text.
    svg = square.svg_inline(omitsize=True, svgclass=None, lineclass=None, light="#fff")
    return mark_safe(svg)  # noqa: S308
