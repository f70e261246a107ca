"""The square that a phone reads on a receipt: where to look the letter up, and its number."""

import segno
from django.conf import settings
from django.urls import reverse
from django.utils.safestring import mark_safe


def of_receipt(receipt):
    """Return the SVG of the look-up's address with a receipt, never with a query code.

    The receipt stands after a #, which a browser sends to no server: it is in no log.
    """
    address = f"{settings.SITE_URL}{reverse('mailbox:follow')}#{receipt}"
    drawn = segno.make(address, error="m", micro=False)
    # Nothing in it is typed by anyone: a receipt has letters, digits and dashes alone.
    svg = drawn.svg_inline(omitsize=True, svgclass=None, lineclass=None, light="#fff")
    return mark_safe(svg)  # noqa: S308
