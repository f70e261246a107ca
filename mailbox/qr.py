"""The square that a phone reads on a receipt: where to look the letter up, and its number."""

from django.conf import settings
from django.urls import reverse

from cases import qr


def of_receipt(receipt):
    """Return the SVG of the look-up's address with a receipt, never with a query code.

    The receipt stands after a #, which a browser sends to no server: it is in no log.
    """
    return qr.drawn(f"{settings.SITE_URL}{reverse('mailbox:follow')}#{receipt}")
